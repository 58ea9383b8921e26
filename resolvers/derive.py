"""The GraphQL types that follow from a record: what is shown of it, its draft, its input."""

import functools
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Annotated, Any, Optional

import strawberry

from db.declaration import Column, Many, Member, Mixed, One, Record, Through
from db.enumerations import DESCRIPTIONS
from db.records import RECORDS
from resolvers import scalars
from resolvers.access import ACCESS, requirement

_MAYBE: Any = strawberry.Maybe
"""Absent, null or a value; of a type that is made at run time."""
_EXPECTED_VERSION = "The version that the record must still have; otherwise nothing is changed."
_IGNORED = "Accepted as `new…` returns it, and ignored: it is only for display."


def shown_type(record: type[Record]) -> Any:
    """The type of a record as it is shown: its columns, what it shows of others, and its relations."""
    return _made(
        strawberry.type,
        record.__name__,
        record.__doc__,
        {member.name: (_shown_annotation(record, member), _shown_field(member)) for member in record.members.values()},
    )


def draft_type(record: type[Record]) -> Any:
    """The type of what `new…` returns: the documented keys with their defaults."""
    return _made(
        strawberry.type,
        f"{record.__name__}Draft",
        f"A {record.singular} that is not saved yet, with the default values.",
        {member.name: _draft_field(record, member) for member in record.members.values() if member.drafted},
    )


def input_type(record: type[Record]) -> Any:
    """The type of what `save…` takes: every key of the draft. What is left out stays as it is."""
    fields = {
        member.name: (_value_type(record, member), _input_description(member, taken=taken))
        for member, taken in _accepted(record)
    }
    fields["expected_version"] = (int, _EXPECTED_VERSION)
    return _made(
        strawberry.input,
        f"{record.__name__}Input",
        f"The fields of a {record.singular} to save. A field that is left out keeps its value, or takes the default.",
        {
            name: (_MAYBE[Optional[kind]], strawberry.field(description=text, default=None))
            for name, (kind, text) in fields.items()
        },
    )


def changes(record: type[Record], given: object) -> dict[str, Any]:
    """The fields that an input gives, null or a value, without those that are only for display."""
    taken = {"expected_version"} | {member.name for member, taken in _accepted(record) if taken}
    return {name: field.value for name, field in vars(given).items() if field is not None and name in taken}


def _accepted(record: type[Record]) -> Iterator[tuple[Member, bool]]:
    """The members that an input may have, each with whether it is taken or ignored."""
    for member in record.members.values():
        taken = isinstance(member, Mixed) or (isinstance(member, Column) and (member.given or member.name == "id"))
        if taken or member.drafted:
            yield member, taken


def _input_description(member: Member, *, taken: bool) -> str:
    if member.name == "id":
        return "Id of the record to change; without it a new one is created."
    return member.description if taken else _IGNORED


def _shown_annotation(record: type[Record], member: Member) -> Any:
    """Relations may be null, so that a caller who may not see them still sees the rest."""
    if isinstance(member, One):
        return Optional[_later(member.target)]
    if isinstance(member, Many):
        return Optional[list[_later(member.target)]]  # type: ignore[misc] # As above: made at run time.
    kind = _value_type(record, member)
    return Optional[kind] if _nullable(record, member) else kind


def _nullable(record: type[Record], member: Member) -> bool:
    """Whether a record may have no value: then a column on the way to it may be null."""
    if isinstance(member, Through):
        return any(column.nullable for column in _path(record, member))
    return not isinstance(member, Column) or member.nullable


def _later(target: str) -> Any:
    """The shown type of a record that may be declared further down."""
    return Annotated[target, strawberry.lazy("resolvers.types")]


def _shown_field(member: Member) -> Any:
    directives = [requirement(ACCESS[RECORDS[member.target]].read)] if isinstance(member, One | Many) else []
    return strawberry.field(name=member.documented, description=member.description, directives=directives)


def _draft_field(record: type[Record], member: Member) -> tuple[Any, Any]:
    default = member.default if isinstance(member, Column) and member.given and not member.required else None
    kind = _value_type(record, member)
    field = strawberry.field(name=member.documented, description=member.description, default=default)
    return (kind if default is not None else Optional[kind]), field


def _value_type(record: type[Record], member: Member) -> Any:
    """The type of a column, also of one that is reached through relations."""
    if isinstance(member, Mixed):
        return scalars.Mixed
    if isinstance(member, Through):
        *_, member = _path(record, member)
    assert isinstance(member, Column)
    if isinstance(member.kind, type) and issubclass(member.kind, Enum):
        return _enumeration(member.kind)
    return str if member.kind is bytes else member.kind


def _path(record: type[Record], member: Through) -> list[Column]:
    """The columns that lead from a record to a value of another one, and that of the value itself."""
    *relations, last = member.path.split(".")
    columns = []
    for name in relations:
        relation = record.members[name]
        assert isinstance(relation, One)
        columns.append(record.columns[relation.column])
        record = RECORDS[relation.target]
    return [*columns, record.columns[last]]


@functools.cache
def _enumeration(kind: type[Enum]) -> Any:
    """The GraphQL type of a closed set of values."""
    made: Any = strawberry.enum(kind, description=kind.__doc__)
    for value in made.__strawberry_definition__.values:
        value.description = DESCRIPTIONS[kind(value.value)]
    return made


def _made(decorate: Any, name: str, description: str | None, fields: Mapping[str, tuple[Any, Any]]) -> Any:
    """A class with these fields, as strawberry's decorators take them."""
    body = {field: declared for field, (_, declared) in fields.items()}
    annotations = {field: annotation for field, (annotation, _) in fields.items()}
    made = type(name, (), {"__annotations__": annotations, "__module__": "resolvers.types", **body})
    return decorate(made, name=name, description=description)
