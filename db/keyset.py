"""Paging by keys: an order that is complete, cursors that hold its values, and the rows on either side of one."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Any

import orjson

from db.declaration import Column, One, Record, documented_name
from db.filters import Kind, kind_of
from db.instant import parsed_instant
from db.rows import Sort
from db.scope import Scope
from db.spelling import comparable, json_text

_PYTHON: dict[Kind, Any] = {Kind.BOOLEAN: bool, Kind.NUMBER: (int, float), Kind.STRING: str}
"""What the values of a column are read as from a cursor."""

MOST_KEYS = 16
"""By how many keys an order may sort: a cursor of it is looked for in twice as many ways."""

Place = tuple[str | None, ...]
"""Where a cursor points: for each key of the order SQL for its value, None for null."""


@dataclass(frozen=True)
class Key:
    """One key of an order, as SQL: its value, and its JSON text for a cursor."""

    sql: str
    json: str
    descending: bool
    nullable: bool

    def ordered(self, *, backward: bool) -> str:
        """The key in an order-by list; null is greater than every value."""
        return f"{self.sql} desc" if self.descending != backward else self.sql


def complete(record: type[Record], order: tuple[Sort, ...]) -> tuple[Sort, ...]:
    """The order, in which the id tells apart what is equal otherwise; a key that comes again tells nothing more."""
    kept: dict[tuple[One | None, Column], Sort] = {}
    for sort in (*order, Sort(record.columns["id"])):
        kept.setdefault((sort.relation, sort.column), sort)
    return tuple(kept.values())


def keys(record: type[Record], order: tuple[Sort, ...], scope: Scope) -> list[Key]:
    """The keys of a complete order of a scope's rows; sorting by a relation joins it."""
    return [_key(record, sort, scope) for sort in order]


def cursor(text: str, order: tuple[Sort, ...]) -> tuple[Any, ...] | None:
    """The values of the order's keys that a cursor holds; None for a text that is no cursor of this order."""
    try:
        values = orjson.loads(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        return None
    if not isinstance(values, list) or len(values) != len(order) + 1 or values[0] != fingerprint(order):
        return None
    read = [_read(sort.column, value) for sort, value in zip(order, values[1:], strict=True)]
    return None if _UNREADABLE in read else tuple(read)


def fingerprint(order: tuple[Sort, ...]) -> str:
    """What tells the cursors of one order from those of another."""
    return ",".join(f"{'-' if sort.descending else ''}{_path(sort)}" for sort in order)


def cursor_sql(order: tuple[Sort, ...], keys: list[Key]) -> str:
    """SQL for the JSON text that the cursor of a row holds."""
    values = " || ',' || ".join(key.json for key in keys)
    return f"""'["{fingerprint(order)}",' || {values} || ']'"""


def beyond(keys: list[Key], place: Place, *, backward: bool) -> list[str]:
    """Conditions for the rows after that place, or before it: apart, so that an index can serve each of them."""
    *past, _ = _ways(keys, place, backward=backward)
    return past


def up_to(keys: list[Key], place: Place, *, backward: bool) -> list[str]:
    """Conditions, as apart as those, for the other rows: the one in that place, and all on its other side."""
    return _ways(keys, place, backward=not backward)


def _ways(keys: list[Key], place: Place, *, backward: bool) -> list[str]:
    """Conditions for the ways to be past that place, and at the end for being there."""
    conditions: list[str] = []
    equal: list[str] = []
    for key, placed in zip(keys, place, strict=True):
        conditions += [" and ".join([*equal, one]) for one in _past(key, placed, backward=backward)]
        equal.append(f"{key.sql} is null" if placed is None else f"{key.sql} = {placed}")
    return [*conditions, " and ".join(equal)]


def _past(key: Key, placed: str | None, *, backward: bool) -> list[str]:
    """Where a key is past a value; `placed` is None for null, which comes last of all."""
    falling = key.descending != backward
    if placed is None:
        return [f"{key.sql} is not null"] if falling else []
    if falling:
        return [f"{key.sql} < {placed}"]
    return [f"{key.sql} > {placed}", *([f"{key.sql} is null"] if key.nullable else [])]


def _key(record: type[Record], sort: Sort, scope: Scope) -> Key:
    row, nullable = scope.row, sort.column.nullable
    if sort.relation:
        nullable = nullable or record.columns[sort.relation.column].nullable
        row = scope.joined(row, record, sort.relation)
    value = comparable(sort.column, f"{row}.{sort.column.stored_as}")
    json = f"to_json({value})::text" if kind_of(sort.column) is Kind.STRING else json_text(sort.column, row)
    return Key(value, f"coalesce({json}, 'null')" if nullable else json, sort.descending, nullable)


def _path(sort: Sort) -> str:
    name = documented_name(sort.column.name)
    return f"{documented_name(sort.relation.name)}.{name}" if sort.relation else name


_UNREADABLE = object()


def _read(column: Column, value: Any) -> Any:
    """The value of a column as a cursor has it; `_UNREADABLE` if it is none of the column's type."""
    kind = kind_of(column)
    if value is None:
        return None
    if kind is Kind.DATE:
        return (parsed_instant(value) if isinstance(value, str) else None) or _UNREADABLE
    readable = isinstance(value, _PYTHON[kind]) and isinstance(value, bool) is (kind is Kind.BOOLEAN)
    return value if readable and "\0" not in str(value) else _UNREADABLE
