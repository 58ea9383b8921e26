"""Values, put apart from the text of a statement: what differs from request to request does not touch the text."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from db.declaration import Column, Long
from db.errors import Invalid
from db.filters import Compared, Either, Every, Filter, Neither, Related, Takes
from db.keyset import complete
from db.labels import respelled
from db.reach import is_indexed, is_near, reach
from db.rows import Sort, Window
from db.spelling import cast, sql_type, stored
from db.ulid import Ulid, parsed_ulid

_INT64 = range(-(2**63), 2**63)
_MOST_PARAMETERS = 32_000
"""PostgreSQL takes 32,767 of them; some are needed beside the values that a caller compares with."""


class Values:
    """The parameters of one statement, each with its number; windows get SQL for theirs.

    Of those `of_several` who share a statement, it is that of a column for each of one's values, in which everybody
    gives a parameter of the same type: `casts` are these types.
    """

    def __init__(self, given: Iterable[Any] = (), *, of_several: bool = False) -> None:
        self.parameters = list(given)
        self.casts: list[str] = []
        self._of_several = of_several

    def window(self, window: Window, record: type[Any]) -> Window:
        """The window of a record's rows, in a complete order, with parameters in the place of its values."""
        order = complete(record, window.order)
        # Where it ends is a value, too: it says how many rows there are to be found.
        ends = (window.after if window.backward else window.before) is not None
        size, offset = int(window.size or 0), int(window.offset)
        last = None if window.size is None or ends else offset + size + 1
        indexed = last is not None and is_indexed(window.matching, order, record)
        return Window(
            matching=self._filter(window.matching),
            order=order,
            size=None if window.size is None else self._integer(window.size),
            offset=0 if window.size is None else self._integer(window.offset),
            after=self._cursor(order, window.after),
            before=self._cursor(order, window.before),
            backward=window.backward,
            reach=None if last is None else reach(last, window.matching, indexed=indexed),
            near=is_near(size, offset, order, indexed=indexed),
        )

    def _filter(self, matching: Filter) -> Filter:
        match matching:
            case Compared(column, condition, values):
                made = condition.values(*[_comparable(column, value) for value in values])
                listed = condition.takes is Takes.LIST
                given = tuple([self._value(column, value, listed=listed) for value in made])
                return Compared(column, condition, given)
            case Every(parts):
                return Every(tuple(map(self._filter, parts)))
            case Either(parts):
                return Either(tuple(map(self._filter, parts)))
            case Neither(part):
                return Neither(self._filter(part))
            case Related(relation, part):
                return Related(relation, self._filter(part))
        raise TypeError(matching)

    def _cursor(self, order: tuple[Sort, ...], values: tuple[Any, ...] | None) -> tuple[str | None, ...] | None:
        if values is None:
            return None
        pairs = zip(order, values, strict=True)
        return tuple(None if value is None else self._value(sort.column, value) for sort, value in pairs)

    def _value(self, column: Column, value: Any, *, listed: bool = False) -> str:
        """SQL for a parameter that brings a value, or a list of them, to compare the column with."""
        kind, value = _compared_as(column, value)
        if len(self.parameters) >= _MOST_PARAMETERS:
            raise Invalid({column.documented: ["is compared too often: give a list of values to IN"]})
        return self._placed([stored(one) for one in value] if listed else stored(value), cast(kind, listed=listed))

    def _integer(self, number: int | str) -> str:
        return self._placed(number, "bigint")

    def _placed(self, value: Any, cast_to: str) -> str:
        """SQL for a new parameter with this value."""
        self.parameters.append(value)
        number = len(self.parameters)
        if self._of_several:
            self.casts.append(cast_to)
            return f"given.value{number}"
        return f"${number}::{cast_to}"


def _comparable(column: Column, value: Any) -> Any:
    """The value as the column has it: an id with its dashes, a label with its letters in one spelling."""
    if isinstance(value, list):
        return [_comparable(column, one) for one in value]
    if not isinstance(value, str):
        return value
    if column.kind is Ulid:
        return parsed_ulid(value) or value
    return respelled(value) if column.label else value


def _compared_as(column: Column, value: Any) -> tuple[str, Any]:
    """The type in PostgreSQL to compare in, and the value: an index on integers serves no number with a point."""
    if column.kind not in (int, Long):
        return ("text" if column.kind is bytes else sql_type(column)), value
    numbers = value if isinstance(value, list) else [value]
    if all(math.isfinite(number) and number == int(number) and int(number) in _INT64 for number in numbers):
        return "bigint", [int(number) for number in value] if isinstance(value, list) else int(value)
    return "double precision", value
