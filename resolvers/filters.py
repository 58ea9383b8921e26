"""Filters and orders of connections: the inputs that follow from a record, and what is given with them."""

import functools
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any, Optional

import strawberry

from db.declaration import Column, Long, Many, Member, One, Record
from db.errors import Invalid
from db.filters import (
    CONDITIONS,
    MOST_CONDITIONS,
    UNFIT,
    Compared,
    Either,
    Every,
    Filter,
    Kind,
    Neither,
    Related,
    Takes,
    fits,
    kind_of,
)
from db.keyset import MOST_KEYS
from db.records import RECORDS
from db.rows import Sort
from db.ulid import Ulid
from resolvers.derive import enumeration, later, made_type

_FEW = ("EQUALS", "NOT_EQUALS", "IN")
"""What ids and members of closed sets are compared by."""
_MOST_LEVELS = 16
"""How deep a filter may be, relations and lists counted."""
_IS_NULL = "isNull"
_NULL_CONDITIONS = {True: "IS_NULL", False: "IS_NOT_NULL"}


class OrderDirection(Enum):
    """Which way an order goes. Null is greater than every value."""

    ASC = "ASC"
    DESC = "DESC"


_DIRECTION: Any = strawberry.enum(OrderDirection, description=OrderDirection.__doc__)
for _value, _text in zip(_DIRECTION.__strawberry_definition__.values, ("Upwards.", "Downwards."), strict=True):
    _value.description = _text


def spelled(condition: str) -> str:
    """The name of a condition in a filter: that of the documents, in camelCase."""
    first, *rest = condition.lower().split("_")
    return first + "".join(map(str.capitalize, rest))


OPERATORS = {spelled(name): condition for name, condition in CONDITIONS.items() if condition.takes is not Takes.NOTHING}
"""The conditions that a filter can give, by their names there."""


def filter_type(record: type[Record]) -> Any:
    """The input by which a connection's records are filtered."""
    name = f"{record.__name__}Filter"
    combined = {
        "and_": (list[later(name)], "and", "Matches every one of these."),  # type: ignore[misc] # Made at run time.
        "or_": (list[later(name)], "or", "Matches at least one of these."),  # type: ignore[misc] # As above.
        "not_": (later(name), "not", "Does not match this."),
    }
    fields = {
        member.name: (_filter_annotation(member), member.documented, member.description)
        for member in record.members.values()
        if isinstance(member, Column | One | Many)
    }
    return _input(name, f"Which {record.singular} records: those that match all that is given.", {**fields, **combined})


def list_filter_type(record: type[Record]) -> Any:
    """The input by which records are filtered through a list of these."""
    inner = later(f"{record.__name__}Filter")
    return _input(
        f"{record.__name__}ListFilter",
        f"Which {record.singular} records a record must have, and which not.",
        {
            "some": (inner, "some", "At least one of them matches."),
            "none": (inner, "none", "None of them matches."),
        },
    )


def order_type(record: type[Record]) -> Any:
    """The input by which a connection's records are sorted."""
    fields = {
        member.name: (
            _DIRECTION if isinstance(member, Column) else later(f"{member.target}OrderBy"),
            member.documented,
            member.description,
        )
        for member in record.members.values()
        if isinstance(member, Column | One)
    }
    description = f"One key of an order of {record.singular} records: give one field of it, or one of a related record."
    return _input(f"{record.__name__}OrderBy", description, fields)


def matching(record: type[Record], given: Mapping[str, Any] | None) -> Filter:
    """What a filter's input says. Raises `Invalid` for null, which could be meant in two ways, and for too much."""
    _check_extent(given or {})
    return _matching(record, given or {}, "filter")


def _check_extent(given: Mapping[str, Any]) -> None:
    """`Invalid` for more conditions, or deeper ones, than a database should be asked for."""
    conditions, level = 0, [given]
    for _ in range(_MOST_LEVELS):
        # One without a condition takes its time as well; a field is counted by what it is compared with.
        inner = [value for one in level for value in one.values()]
        conditions += sum(not one for one in level) + sum(not _compares(value) for value in inner)
        inner += [item for value in inner if isinstance(value, list) for item in value]
        level = [value for value in inner if isinstance(value, dict)]
    if level:
        raise Invalid({"filter": [f"is nested deeper than {_MOST_LEVELS} levels"]})
    if conditions > MOST_CONDITIONS:
        raise Invalid({"filter": [f"has more than {MOST_CONDITIONS} conditions: give a list of values to `in`"]})


def _compares(value: Any) -> bool:
    """Whether this is what a field is compared with, and no filter of something else."""
    return isinstance(value, dict) and bool(value) and not any(map(_holds_filters, value.values()))


def _holds_filters(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(isinstance(item, dict) for item in value))


def _matching(record: type[Record], given: Mapping[str, Any], path: str) -> Filter:
    members = {member.documented: member for member in record.members.values()}
    return Every(tuple(_part(record, members, name, value, f"{path}.{name}") for name, value in given.items()))


def order(record: type[Record], given: Sequence[Mapping[str, Any]] | None) -> tuple[Sort, ...]:
    """What an order's input says. Raises `Invalid` for too many keys, and for more or less than one field of a key."""
    if given and len(given) > MOST_KEYS:
        raise Invalid({"orderBy": [f"must have at most {MOST_KEYS} keys"]})
    return tuple(_sort(record, one, f"orderBy[{place}]") for place, one in enumerate(given or ()))


def relations(part: Filter) -> Iterable[str]:
    """The names of the records that a filter reaches."""
    match part:
        case Related(relation, inner):
            yield relation.target
            yield from relations(inner)
        case Neither(inner):
            yield from relations(inner)
        case Every(parts) | Either(parts):
            for one in parts:
                yield from relations(one)


def _part(record: type[Record], members: Mapping[str, Member], name: str, value: Any, path: str) -> Filter:
    if value is None:
        raise Invalid({path: [f"must not be null: leave it out, or ask for {_IS_NULL}"]})
    match members.get(name):
        case Column() as column:
            return Every(tuple(_compared(column, key, one, f"{path}.{key}") for key, one in value.items()))
        case One() as relation:
            return Related(relation, _matching(RECORDS[relation.target], value, path))
        case Many() as relation:
            return Every(tuple(_listed(relation, key, one, f"{path}.{key}") for key, one in value.items()))
    if name == "not":
        return Neither(_matching(record, value, path))
    parts = tuple(_matching(record, one, f"{path}[{place}]") for place, one in enumerate(value))
    return Every(parts) if name == "and" else Either(parts)


def _compared(column: Column, name: str, value: Any, path: str) -> Filter:
    if value is None:
        raise Invalid({path: [f"must not be null: leave it out, or ask for {_IS_NULL}"]})
    if name == _IS_NULL:
        return Compared(column, CONDITIONS[_NULL_CONDITIONS[value]])
    if not fits(value):
        raise Invalid({path: [UNFIT]})
    condition = OPERATORS[name]
    values = (value["min"], value["max"]) if condition.takes is Takes.RANGE else (value,)
    return Compared(column, condition, values)


def _listed(relation: Many, name: str, value: Any, path: str) -> Filter:
    if value is None:
        raise Invalid({path: ["must not be null: leave it out"]})
    some = Related(relation, _matching(RECORDS[relation.target], value, path))
    return some if name == "some" else Neither(some)


def _sort(record: type[Record], given: Mapping[str, Any], path: str, through: One | None = None) -> Sort:
    if len(given) != 1 or None in given.values():
        raise Invalid({path: ["must have one field: give more keys as more items of the list"]})
    ((name, value),) = given.items()
    member = next(member for member in record.members.values() if member.documented == name)
    if isinstance(member, Column):
        return Sort(member, descending=value is OrderDirection.DESC, relation=through)
    if through:
        raise Invalid({path: ["reaches through one relation at most"]})
    assert isinstance(member, One)
    return _sort(RECORDS[member.target], value, f"{path}.{name}", member)


def _filter_annotation(member: Member) -> Any:
    if isinstance(member, One):
        return later(f"{member.target}Filter")
    if isinstance(member, Many):
        return later(f"{member.target}ListFilter")
    assert isinstance(member, Column)
    if isinstance(member.kind, type) and issubclass(member.kind, Enum):
        return _values_type(member.kind.__name__, enumeration(member.kind), Kind.STRING, _FEW)
    if member.kind is Ulid:
        return _values_type("ULID", Ulid, Kind.STRING, _FEW)
    name, kind = _SCALARS.get(member.kind, ("String", str))
    return _values_type(name, kind, kind_of(member))


@functools.cache
def _values_type(name: str, kind: Any, compared_as: Kind, conditions: tuple[str, ...] = tuple(CONDITIONS)) -> Any:
    """The input that compares with values of a type."""
    fields: dict[str, tuple[Any, str, str]] = {
        f"{spelled(each)}_": (_value_annotation(name, kind, condition.takes), spelled(each), condition.means)
        for each, condition in CONDITIONS.items()
        if each in conditions and compared_as in condition.kinds and condition.takes is not Takes.NOTHING
    }
    fields["is_null"] = (bool, _IS_NULL, "Whether there is no value.")
    return _input(f"{name}Filter", f"How a value of the type {name} is compared: all that is given must hold.", fields)


def _value_annotation(name: str, kind: Any, takes: Takes) -> Any:
    if takes is Takes.LIST:
        return list[kind]
    return _range_type(name, kind) if takes is Takes.RANGE else kind


@functools.cache
def _range_type(name: str, kind: Any) -> Any:
    """The input for two values and what lies between them."""
    fields = {
        "min": (kind, strawberry.field(description="The least value.")),
        "max": (kind, strawberry.field(description="The greatest value.")),
    }
    return made_type(strawberry.input, f"{name}Range", "From one value to another, both included.", fields)


def _input(name: str, description: str, fields: Mapping[str, tuple[Any, str, str]]) -> Any:
    """An input of which every field may be left out."""
    return made_type(
        strawberry.input,
        name,
        description,
        {
            python_name: (
                Optional[kind],
                strawberry.field(name=graphql_name, description=text, default=strawberry.UNSET),
            )
            for python_name, (kind, graphql_name, text) in fields.items()
        },
    )


_SCALARS: dict[Any, tuple[str, Any]] = {
    bool: ("Boolean", bool),
    int: ("Int", int),
    Long: ("Long", Long),
    float: ("Float", float),
    datetime: ("DateTime", datetime),
}
"""For each type of a column its scalar; what is not here is compared as text."""
