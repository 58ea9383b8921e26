"""What of the rows: the members to show, under the keys that the caller wants them by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from db.declaration import Many, Member, Paged

_FEW = 4
"""How many records a list is taken to have."""


@dataclass(frozen=True, eq=False)
class Selected:
    """One member to show, and what is wanted of the records or parts that it leads to.

    Under a node it is a record by its name, as which the node may turn out, with what is wanted of it then.
    """

    key: str
    member: Member
    selection: Selection = ()


Selection = tuple[Selected, ...]


def connections(selection: Selection) -> Iterator[Selected]:
    """The connections that are selected, at whatever depth: each needs a window."""
    for selected in selection:
        if isinstance(selected.member, Paged):
            yield selected
        yield from connections(selected.selection)


def fields(selection: Selection) -> int:
    """How many fields are told of one record, with those of the records that it leads to: of a list, a few of them."""
    return sum((_FEW if isinstance(one.member, Many) else 1) * (fields(one.selection) or 1) for one in selection)
