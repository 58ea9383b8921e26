"""The GraphQL types that follow from a record: what is shown of it, its draft, its input."""

import functools
import inspect
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Annotated, Any, Optional

import strawberry

from db.declaration import Column, Logged, Many, Member, Mixed, One, Paged, Record, Through, documented_name
from db.enumerations import DESCRIPTIONS
from db.keyset import MOST_KEYS
from db.parts import Holds, Part
from db.records import RECORDS
from db.ulid import Ulid
from resolvers import scalars
from resolvers.access import access, requirement

_MAYBE: Any = strawberry.Maybe
"""Absent, null or a value; of a type that is made at run time."""
_EXPECTED_VERSION = "The version that the record must still have; otherwise nothing is changed."
USUAL_SIZE = 50
"""How many records a connection shows where nobody says how many."""
_IGNORED = "Accepted as `new…` returns it, and ignored: it is only for display."


@strawberry.interface(description="A record of any kind, by its id.")
class Node:
    """What every record is to a client that keeps records by their ids."""

    id: Ulid = strawberry.field(description="Id of the record; the server makes it.")


def shown_type(record: type[Record], *interfaces: type) -> Any:
    """The type of a record as it is shown: its columns, what it shows of others, and its relations."""
    return made_type(
        strawberry.type,
        record.__name__,
        record.__doc__,
        {member.name: (_shown_annotation(record, member), _shown_field(member)) for member in record.members.values()},
        interfaces,
    )


def parts_type(name: str, description: str, parts: Mapping[str, Part], record: str = "") -> Any:
    """The type of what an answer tells beside the records, or around those of this name."""
    fields = {
        part.name: (_part_annotation(record, part), strawberry.field(name=key, description=part.description))
        for key, part in parts.items()
    }
    return made_type(strawberry.type, name, description, fields)


def documented_type(name: str, description: str, fields: Mapping[str, tuple[type[Record], str]]) -> Any:
    """A type of values of several records, each under its documented name; all may be null."""
    members = {key: (record, record.members[member]) for key, (record, member) in fields.items()}
    return made_type(
        strawberry.type,
        name,
        description,
        {
            key: (
                Optional[_value_type(record, member)],
                strawberry.field(name=key, description=member.description),
            )
            for key, (record, member) in members.items()
        },
    )


def _part_annotation(record: str, part: Part) -> Any:
    match part.holds:
        case None:
            return Optional[part.kind] if part.nullable else part.kind
        case Holds.RECORD:
            return later(record)
        case Holds.RECORDS:
            return list[later(record)]  # type: ignore[misc] # Made at run time.
        case Holds.EDGES:
            return list[later(f"{record}Edge")]  # type: ignore[misc] # As above.
        case Holds.PAGE_INFO:
            return later("PageInfo")
        case Holds.REFERENCES:
            return list[later("Reference")]  # type: ignore[misc] # As above.


def draft_type(record: type[Record]) -> Any:
    """The type of what `new…` returns: the documented keys with their defaults."""
    return made_type(
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
    return made_type(
        strawberry.input,
        f"{record.__name__}Input",
        f"The fields of a {record.singular} to save. A field that is left out keeps its value, or takes the default.",
        {
            name: (_MAYBE[Optional[kind]], strawberry.field(description=text, default=None))
            for name, (kind, text) in fields.items()
        },
    )


def changes(record: type[Record], given: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that an input gives, null or a value, without those that are only for display."""
    taken = _taken(record)  # type: ignore[arg-type] # Classes are hashable.
    return {taken[name]: value for name, value in given.items() if name in taken}


@functools.cache
def _taken(record: type[Record]) -> Mapping[str, str]:
    """The fields that are taken from an input, by their documented names."""
    members = [member for member, taken in _accepted(record) if taken]
    return {documented_name(name): name for name in ("expected_version", *(member.name for member in members))}


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
        return Optional[later(member.target)]
    if isinstance(member, Paged):
        return Optional[later(f"{member.target}Connection")]
    if isinstance(member, Many):
        return Optional[list[later(member.target)]]  # type: ignore[misc] # As above: made at run time.
    kind = _value_type(record, member)
    return Optional[kind] if _nullable(record, member) else kind


def _nullable(record: type[Record], member: Member) -> bool:
    """Whether a record may have no value: then a column on the way to it may be null."""
    if isinstance(member, Through):
        return any(column.nullable for column in _path(record, member))
    return not isinstance(member, Column) or member.nullable


def later(target: str) -> Any:
    """A type that may be made later, by its name."""
    return Annotated[target, strawberry.lazy("resolvers.types")]


def _shown_field(member: Member) -> Any:
    told: dict[str, Any] = {"name": member.documented, "description": member.description}
    if isinstance(member, One | Many):
        told["directives"] = [requirement(access(RECORDS[member.target]).read)]
    if isinstance(member, Paged):
        told["resolver"] = paging_resolver(RECORDS[member.target])
    return strawberry.field(**told)


def paging_resolver(record: type[Record], *parameters: inspect.Parameter) -> Any:
    """A function with the arguments of a connection, from which strawberry reads them; it is never called."""

    def page(**_: Any) -> None:
        """Read the answer instead."""

    texts = {
        "filter": (later(f"{record.__name__}Filter"), f"Only {record.singular} records that match."),
        "order_by": (
            list[later(f"{record.__name__}OrderBy")],  # type: ignore[misc] # Made at run time.
            f"What comes first, by {MOST_KEYS} keys at most; the id breaks ties.",
        ),
        "first": (int, f"At most so many, from the beginning; {USUAL_SIZE} without `first` and `last`."),
        "after": (str, "Only what comes after this cursor."),
        "last": (int, "At most so many, up to the end."),
        "before": (str, "Only what comes before this cursor."),
    }
    page.__signature__ = inspect.Signature(  # type: ignore[attr-defined] # Functions may have one.
        [
            *parameters,
            *(
                inspect.Parameter(
                    name,
                    inspect.Parameter.KEYWORD_ONLY,
                    default=strawberry.UNSET,
                    annotation=Annotated[Optional[kind], strawberry.argument(description=text)],
                )
                for name, (kind, text) in texts.items()
            ),
        ]
    )
    return page


def _draft_field(record: type[Record], member: Member) -> tuple[Any, Any]:
    default = member.default if isinstance(member, Column) and member.given and not member.required else None
    kind = _value_type(record, member)
    field = strawberry.field(name=member.documented, description=member.description, default=default)
    return (kind if default is not None else Optional[kind]), field


def _value_type(record: type[Record], member: Member) -> Any:
    """The type of a column, also of one that is reached through relations."""
    if isinstance(member, Mixed):
        return scalars.Mixed
    if isinstance(member, Logged):
        return scalars.JSON
    if isinstance(member, Through):
        *_, member = _path(record, member)
    assert isinstance(member, Column)
    if isinstance(member.kind, type) and issubclass(member.kind, Enum):
        return enumeration(member.kind)
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
def enumeration(kind: type[Enum]) -> Any:
    """The GraphQL type of a closed set of values."""
    made: Any = strawberry.enum(kind, description=kind.__doc__)
    for value in made.__strawberry_definition__.values:
        value.description = DESCRIPTIONS[kind(value.value)]
    return made


def made_type(
    decorate: Any,
    name: str,
    description: str | None,
    fields: Mapping[str, tuple[Any, Any]],
    bases: tuple[type, ...] = (),
) -> Any:
    """A class with these fields, as strawberry's decorators take them."""
    body = {field: declared for field, (_, declared) in fields.items()}
    annotations = {field: annotation for field, (annotation, _) in fields.items()}
    made = type(name, bases, {"__annotations__": annotations, "__module__": __name__, **body})
    return decorate(made, name=name, description=description)
