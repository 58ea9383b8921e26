"""Filters, turned into SQL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Any

from db.declaration import Column, Long, Many, One, Record
from db.records import RECORDS
from db.scope import Building, refers
from db.spelling import comparable

MOST_CONDITIONS = 500
"""How many conditions one filter may have: the values of IN count as one."""
_HIGHEST = "\U0010ffff"
_LAST = _HIGHEST * 10_001
"""A text that comes after all: none that is stored is as long."""
_SURROGATES = range(0xD800, 0xE000)


class Kind(Enum):
    """What a column's values are compared as."""

    STRING = "string"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"


class Takes(Enum):
    """The values that a condition compares with."""

    NOTHING = auto()
    ONE = auto()
    RANGE = auto()
    LIST = auto()


_ORDERED = frozenset({Kind.STRING, Kind.NUMBER, Kind.DATE})
_ALL = frozenset(Kind)
_TEXT = frozenset({Kind.STRING})
_TRUTH = frozenset({Kind.BOOLEAN})


def _as_given(*values: Any) -> tuple[Any, ...]:
    return values


def _pattern(before: str, after: str) -> Callable[[str], tuple[str, ...]]:
    """A pattern of SQL in which the text stands for itself."""

    def pattern(text: str) -> tuple[str, ...]:
        escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return (f"{before}{escaped}{after}",)

    return pattern


def _prefixed(text: str) -> tuple[str, str]:
    """The first text with this prefix, and the first one after them all: a range that an index can serve."""
    stem = text.rstrip(_HIGHEST)
    if not stem:
        return text, _LAST
    successor = ord(stem[-1]) + 1
    return text, stem[:-1] + chr(_SURROGATES.stop if successor in _SURROGATES else successor)


@dataclass(frozen=True, eq=False)
class Condition:
    """One way to compare: SQL over `{field}` and the values `{0}`, `{1}`, which `values` makes of what is given."""

    sql: str
    takes: Takes
    kinds: frozenset[Kind]
    means: str
    values: Callable[..., tuple[Any, ...]] = _as_given


CONDITIONS: dict[str, Condition] = {
    "EQUALS": Condition("{field} = {0}", Takes.ONE, _ALL, "Is the value."),
    "NOT_EQUALS": Condition("{field} is distinct from {0}", Takes.ONE, _ALL, "Is not the value, or is null."),
    "TRUE": Condition("{field}", Takes.NOTHING, _TRUTH, "Is true."),
    "FALSE": Condition("not {field}", Takes.NOTHING, _TRUTH, "Is false."),
    "CONTAINS": Condition("{field} like {0}", Takes.ONE, _TEXT, "Has the text in it.", _pattern("%", "%")),
    "STARTS_WITH": Condition("{field} >= {0} and {field} < {1}", Takes.ONE, _TEXT, "Begins with the text.", _prefixed),
    "ENDS_WITH": Condition("{field} like {0}", Takes.ONE, _TEXT, "Ends with the text.", _pattern("%", "")),
    "GREATER_THAN": Condition("{field} > {0}", Takes.ONE, _ORDERED, "Is greater, or later."),
    "GREATER_THAN_OR_EQUAL_TO": Condition("{field} >= {0}", Takes.ONE, _ORDERED, "Is the value, greater, or later."),
    "LESS_THAN": Condition("{field} < {0}", Takes.ONE, _ORDERED, "Is less, or earlier."),
    "LESS_THAN_OR_EQUAL_TO": Condition("{field} <= {0}", Takes.ONE, _ORDERED, "Is the value, less, or earlier."),
    "BETWEEN": Condition(
        "{field} between {0} and {1}", Takes.RANGE, _ORDERED - _TEXT, "Is neither below the one nor above the other."
    ),
    "IN": Condition("{field} = any({0})", Takes.LIST, _ORDERED, "Is one of the values."),
    "IS_NULL": Condition("{field} is null", Takes.NOTHING, _ALL, "Has no value."),
    "IS_NOT_NULL": Condition("{field} is not null", Takes.NOTHING, _ALL, "Has a value."),
}
"""Every way to compare, by its documented name. Null is not equal to any value, and fulfils nothing else."""


@dataclass(unsafe_hash=True)  # As an order (`db/rows.py`).
class Compared:
    """Rows in which a column fulfils a condition with these values; in a statement's text, with these parameters."""

    column: Column
    condition: Condition
    values: tuple[Any, ...] = ()


@dataclass(unsafe_hash=True)  # As an order.
class Every:
    """Rows that match every one of these."""

    parts: tuple[Filter, ...]


@dataclass(frozen=True)
class Either:
    """Rows that match at least one of these."""

    parts: tuple[Filter, ...]


@dataclass(frozen=True)
class Neither:
    """Rows that do not match."""

    part: Filter


@dataclass(frozen=True)
class Related:
    """Rows with a related record that matches."""

    relation: One | Many
    part: Filter


Filter = Compared | Every | Either | Neither | Related
EVERYTHING = Every(())


def kind_of(column: Column) -> Kind:
    """What the column's values are compared as."""
    return _KINDS.get(column.kind, Kind.STRING)


_KINDS: dict[Any, Kind] = {
    bool: Kind.BOOLEAN,
    int: Kind.NUMBER,
    Long: Kind.NUMBER,
    float: Kind.NUMBER,
    datetime: Kind.DATE,
}


UNFIT = "must not contain control characters"
"""What is wrong with a value that does not fit."""


def fits(value: Any) -> bool:
    """Whether PostgreSQL can compare with the value, or with every one of a list: it knows no text with a NUL."""
    if isinstance(value, str):
        return "\0" not in value
    return not isinstance(value, list) or all(map(fits, value))


def filter_sql(matching: Filter, row: str, record: type[Record], building: Building) -> str:
    """SQL that is true for the rows that match, and never null under `Neither`."""
    match matching:
        case Compared(column, condition, values):
            return condition.sql.format(*values, field=comparable(column, f"{row}.{column.stored_as}"))
        case Every(parts):
            return _joined(" and ", parts, row, record, building) or "true"
        case Either(parts):
            return _joined(" or ", parts, row, record, building) or "false"
        case Neither(part):
            return f"({filter_sql(part, row, record, building)}) is not true"
        case Related(relation, part):
            return _related(relation, part, row, record, building)
    raise TypeError(matching)


def _joined(word: str, parts: tuple[Filter, ...], row: str, record: type[Record], building: Building) -> str:
    return word.join(f"({filter_sql(part, row, record, building)})" for part in parts)


def _related(relation: One | Many, part: Filter, row: str, record: type[Record], building: Building) -> str:
    target, other = RECORDS[relation.target], building.row()
    inner, led = filter_sql(part, other, target, building), refers(row, record, relation, other)
    return f"exists (select from {building.table(target)} {other} where {led} and ({inner}))"
