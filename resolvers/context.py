"""What a request's resolvers work with."""

from dataclasses import dataclass
from typing import Any, TypeVar

import strawberry

from db.declaration import Record
from db.repositories import repository, special
from db.repository import Repository
from db.session import Session
from resolvers.access import Caller

R = TypeVar("R", bound=Record)
S = TypeVar("S", bound=Repository[Any])


@dataclass(slots=True, eq=False)
class Context:
    """The caller, and the caller's session with the database."""

    caller: Caller
    session: Session

    def repository(self, record: type[R]) -> Repository[R]:
        """The records of one table."""
        return repository(record, self.session)

    def special(self, kind: type[S]) -> S:
        """The records of one table, by the repository that knows more of them."""
        return special(kind, self.session)


Info = strawberry.Info[Context, None]
"""What strawberry gives a resolver."""
