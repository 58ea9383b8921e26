"""The scalars of the schema: each value has one spelling, whichever way it goes."""

from datetime import datetime
from typing import Any, NewType

import strawberry
from graphql import (
    BooleanValueNode,
    FloatValueNode,
    GraphQLError,
    IntValueNode,
    NullValueNode,
    ObjectValueNode,
    StringValueNode,
    ValueNode,
    print_ast,
    value_from_ast_untyped,
)
from strawberry.types.scalar import ScalarDefinition

from db.declaration import Long
from db.instant import parsed_instant
from db.ulid import Ulid, parsed_ulid
from resolvers.echo import echo, spelled

Mixed = NewType("Mixed", object)
JSON = NewType("JSON", object)

_LITERALS = (StringValueNode, IntValueNode, FloatValueNode, BooleanValueNode, NullValueNode)
_INT64 = range(-(2**63), 2**63)


def _ulid(value: Any) -> Ulid:
    parsed = parsed_ulid(value) if isinstance(value, str) else None
    if parsed is None:
        raise GraphQLError(
            f"{echo(value)} is no ULID: it takes 26 of the characters 0-9 and A-Z without I, L, O and U, "
            "with or without dashes, as 01JCH3ENGW-82KJDZDR-JHGYCXQN."
        )
    return parsed


def _instant(value: Any) -> datetime:
    parsed = parsed_instant(value) if isinstance(value, str) else None
    if parsed is None:
        raise GraphQLError(
            f"{echo(value)} is no instant: it takes an ISO 8601 date and time with an offset, as 2024-12-31T19:48:44Z."
        )
    return parsed


def _long(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value not in _INT64:
        raise GraphQLError(f"{echo(value)} is no integer of 64 bits.")
    return value


def _mixed(value: Any) -> Any:
    values = value.values() if isinstance(value, dict) else [value]
    if not all(isinstance(one, str | int | float | bool | None) for one in values):
        raise GraphQLError(f"{echo(value)} is no text, number, boolean or null, and no object of these.")
    return value


def _mixed_literal(node: ValueNode, _variables: Any = None) -> Any:
    """A value that is written into the document; a word without quotes is no text."""
    values = [field.value for field in node.fields] if isinstance(node, ObjectValueNode) else [node]
    if not all(isinstance(one, _LITERALS) for one in values):
        raise GraphQLError(f"{spelled(print_ast(node))} is no text, number, boolean or null, and no object of these.")
    return _mixed(value_from_ast_untyped(node))


def _same(value: Any) -> Any:
    """PostgreSQL has spelled it already."""
    return value


SCALARS: dict[object, ScalarDefinition] = {
    Ulid: strawberry.scalar(
        name="ULID",
        description="Id of a record: 28 characters, as `01JCH3ENGW-82KJDZDR-JHGYCXQN`. Taken with or without dashes.",
        specified_by_url="https://github.com/ulid/spec",
        serialize=_same,
        parse_value=_ulid,
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description="An instant in ISO 8601, shown as `2024-12-31T19:48:44Z`. Taken with any offset, not without.",
        specified_by_url="https://scalars.graphql.org/andimarek/date-time",
        serialize=_same,
        parse_value=_instant,
    ),
    Long: strawberry.scalar(name="Long", description="An integer of 64 bits.", serialize=_same, parse_value=_long),
    Mixed: strawberry.scalar(
        name="Mixed",
        description=(
            "A text, a number, a boolean or null: which, the data type beside it says. `setPropertyValues` takes an "
            "object of these, by the ids or names of the properties."
        ),
        serialize=_same,
        parse_value=_mixed,
        parse_literal=_mixed_literal,
    ),
    JSON: strawberry.scalar(
        name="JSON",
        description=(
            "A JSON object: of the functions `validate…`, a list of messages for each field that is wrong; of a "
            "change, fields of the record with their values, spelled as the record shows them."
        ),
        serialize=_same,
    ),
}
"""For each type of a field that is no standard one: its scalar."""
