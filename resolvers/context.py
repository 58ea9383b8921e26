"""What a request's resolvers work with."""

from dataclasses import dataclass
from typing import TypeVar

import strawberry

from db.declaration import Record
from db.repositories import repository
from db.repository import Repository
from db.session import Session
from resolvers.access import Caller

R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class Context:
    """The caller, and the caller's session with the database."""

    caller: Caller
    session: Session

    def repository(self, record: type[R]) -> Repository[R]:
        """The records of one table."""
        return repository(record, self.session)


Info = strawberry.Info[Context, None]
