"""How far into an order a page reaches, as a constant: with it PostgreSQL keeps one plan for all pages as far as that.

Of a limit and an offset in parameters it takes a tenth of the rows for granted, finds that this costs more than what it
would plan with the values, and so plans each page anew: for a page of one order that is most of the work. Of the first
so many rows, a tenth is little.
"""

from __future__ import annotations

from functools import cache

from db.declaration import Record
from db.filters import CONDITIONS, Compared, Either, Every, Filter, Neither, Related
from db.rows import Sort, Window

_LEAST = 16
"""Pages that end before this row are all planned alike: a tenth of more rows would cost more than a page of one."""
_STEP = 4
"""How many times as far the next ones may reach: a tenth for the limit and one for the offset are less than that."""
_SHORT = 512
"""How many fields, or rows that are passed over, take about as long as a statement takes anyway."""
_FEW_PAGES = 4
"""A page after so many others at most is near the beginning."""


def reach(last: int, matching: Filter, *, indexed: bool) -> int | None:
    """One of a few places that is not before `last`, the place of the last row that is needed.

    None where the best way to the rows depends on the values they are to match: of a value that is rare PostgreSQL had
    better find all rows, of one that most rows have the first in their order. No value, no such choice; and none where
    an index has the rows with each value in their order.
    """
    if not indexed and _valued(matching):
        return None
    place = _LEAST
    while place < last:
        place *= _STEP
    return place


def is_near(size: int, offset: int, order: tuple[Sort, ...], *, indexed: bool) -> bool:
    """Whether a page passes over few rows of an index that has all that match in their order.

    Then it reads whole rows sooner than to look each of its own up; where there is more to sort or to pass over, it is
    better off with few columns of them.
    """
    return indexed and offset <= _FEW_PAGES * size and len({sort.descending for sort in order}) == 1


def is_short(given: Window, made: Window, fields: int) -> bool:
    """Whether PostgreSQL shows so many fields of each row of a window in little more time than any statement takes.

    What is `made` of the given one tells that an index has its rows, near to where it begins.
    """
    work = int(given.offset) + int(given.size or 0) * fields
    return made.near and made.reach is not None and work <= _SHORT


def is_indexed(matching: Filter, order: tuple[Sort, ...], record: type[Record]) -> bool:
    """Whether an index has the rows that match in this complete order, whatever the values are."""
    columns = (*_equal(matching), *["" if sort.relation else sort.column.name for sort in order])
    return columns in _indexes(record)  # type: ignore[arg-type] # Classes are hashable.


@cache
def _indexes(record: type[Record]) -> frozenset[tuple[str, ...]]:
    """The columns of the indexes of a record in which its rows are in a complete order."""
    return frozenset([("id",), *((*index, "id") for index in record.indexes)])


def _valued(matching: Filter) -> bool:
    match matching:
        case Compared(_, _, values):
            return bool(values)
        case Every(parts) | Either(parts):
            return any(map(_valued, parts))
        case Neither(part) | Related(_, part):
            return _valued(part)
    raise TypeError(matching)


def _equal(matching: Filter) -> list[str]:
    """The columns that are compared for being equal, with no name for what else is asked."""
    match matching:
        case Compared(column, condition) if condition is CONDITIONS["EQUALS"]:
            return [column.name]
        case Every(parts):
            return [name for part in parts for name in _equal(part)]
    return [""]
