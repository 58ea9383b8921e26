"""The arguments of a connection, as a window of a table's rows."""

from collections.abc import Iterable, Mapping
from typing import Any

from db.declaration import Record
from db.errors import Invalid
from db.keyset import complete, cursor
from db.rows import Sort, Window
from resolvers.derive import USUAL_SIZE
from resolvers.filters import matching, order, relations


def window(record: type[Record], given: Mapping[str, Any], most: int) -> Window:
    """The part that `filter`, `orderBy`, `first`, `after`, `last` and `before` ask for. Raises `Invalid`."""
    first, last = given.get("first"), given.get("last")
    if first is not None and last is not None:
        raise Invalid({"last": ["can't be given together with first"]})
    sorted_by = complete(record, order(record, given.get("orderBy")))
    return Window(
        matching=matching(record, given.get("filter")),
        order=sorted_by,
        size=_size("first", first, most) if last is None else _size("last", last, most),
        after=_cursor("after", given.get("after"), sorted_by),
        before=_cursor("before", given.get("before"), sorted_by),
        backward=last is not None,
    )


def reached(asked: Window) -> Iterable[str]:
    """The names of the records that a window's filter and order reach."""
    yield from relations(asked.matching)
    yield from (sort.relation.target for sort in asked.order if sort.relation)


def _size(argument: str, given: int | None, most: int) -> int:
    size = min(USUAL_SIZE, most) if given is None else given
    if not 1 <= size <= most:
        raise Invalid({argument: [f"must be from 1 to {most:,}"]})
    return size


def _cursor(argument: str, given: str | None, sorted_by: tuple[Sort, ...]) -> tuple[Any, ...] | None:
    if given is None:
        return None
    values = cursor(given, sorted_by)
    if values is None:
        raise Invalid({argument: ["is no cursor of a connection in this order"]})
    return values
