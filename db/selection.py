"""What of the rows: the members to show, under the keys that the caller wants them by."""

from __future__ import annotations

from dataclasses import dataclass

from db.declaration import Member
from db.rows import WHOLE, Window


@dataclass(frozen=True)
class Selected:
    """One member to show, and what is wanted of the records or parts that it leads to; of a connection, which part."""

    key: str
    member: Member
    selection: tuple[Selected, ...] = ()
    window: Window = WHOLE
