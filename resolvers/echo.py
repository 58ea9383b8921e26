"""What of a caller's values is told back: their beginnings."""

from collections.abc import Callable, Mapping
from typing import Any

from graphql import GraphQLError, GraphQLSchema, OperationDefinitionNode, get_variable_values

from db.errors import LONGEST_ECHO

_MOST_ERRORS = 6
_WORDS = {"None": "null", "True": "true", "False": "false"}


def echo(value: Any) -> str:
    """A value of JSON as a sentence tells it."""
    # Not more of it is spelled than is told.
    return spelled(repr(value[: LONGEST_ECHO + 1] if isinstance(value, str) else value))


def spelled(value: str) -> str:
    """A value as a sentence tells it, of Python's or GraphQL's spelling of it."""
    if value.startswith("["):
        return "a list"
    if value.startswith("{"):
        return "an object"
    return beginning(_WORDS.get(value, value))


def beginning(text: str) -> str:
    """As much of a text as is told back."""
    return text if len(text) <= LONGEST_ECHO else f"{text[:LONGEST_ECHO]}…"


def variable_values(
    schema: GraphQLSchema,
    node: OperationDefinitionNode,
    given: Mapping[str, Any],
    uncoerced: Callable[[list[GraphQLError]], Exception],
) -> Mapping[str, Any]:
    """The coerced variables. Raises `uncoerced` with what is wrong with them, in graphql-core's words."""
    definitions = node.variable_definitions or ()

    def values(inputs: dict[str, Any]) -> dict[str, Any]:
        found = get_variable_values(schema, definitions, inputs, max_errors=_MOST_ERRORS, hide_suggestions=True)
        if isinstance(found, list):
            raise uncoerced(found)
        return found.coerced

    # It spells whole texts, and goes over them again: what is wrong does not depend on their ends.
    values(_shortened(given))
    return values(dict(given))


def _shortened(value: Any) -> Any:
    """The value with the beginnings of all texts and names in it: of what any but a text may be, they are none."""
    if isinstance(value, str):
        return value if len(value) <= LONGEST_ECHO else f"{value[: LONGEST_ECHO - 1]}…"
    if isinstance(value, dict):
        return {_shortened(name): _shortened(one) for name, one in value.items()}
    return [_shortened(one) for one in value] if isinstance(value, list) else value
