"""An operation, understood: its document is parsed and valid, and it is the one of it that is meant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from graphql import (
    ASTValidationRule,
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    NonNullTypeNode,
    OperationDefinitionNode,
    OperationType,
    Undefined,
    coerce_input_literal,
    parse,
    type_from_ast,
    validate,
)

from resolvers.compiled.coercion import Coercion, coercion
from resolvers.echo import variable_values
from resolvers.kept import unchained
from resolvers.limits import Limits, Measured, check_text, measured
from resolvers.selection import conditions

WHICH = "Give the operationName of one of the document's operations."
NO_SUBSCRIPTIONS = "There are no subscriptions here: send a query or a mutation."
_MOST_ERRORS = 6
Rules = Sequence[type[ASTValidationRule]]


class NotUnderstood(Exception):  # noqa: N818 (a word for the event)
    """The document does not parse, is not valid, or does not say which of its operations is meant."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__(*errors)
        self.errors = errors


class Uncoerced(NotUnderstood):
    """Variables are not of their types."""


@dataclass(frozen=True, eq=False)
class Operation:
    """One operation of a document, with the errors of its validation and what was counted of it."""

    schema: GraphQLSchema
    document: DocumentNode
    node: OperationDefinitionNode
    errors: list[GraphQLError]
    measured: Measured

    @cached_property
    def name(self) -> str | None:
        """Its name, if it has one."""
        return self.node.name.value if self.node.name else None

    @cached_property
    def kind(self) -> str:
        """What it is called: query or mutation."""
        return self.node.operation.value

    @cached_property
    def changing(self) -> bool:
        """Whether it is a mutation."""
        return self.node.operation is OperationType.MUTATION

    @property
    def root(self) -> GraphQLObjectType:
        """The type of its root fields."""
        root = self.schema.get_root_type(self.node.operation)
        assert root
        return root

    @cached_property
    def _coercions(self) -> Mapping[str, Coercion]:
        """The coercions of the variables."""
        definitions = self.node.variable_definitions or ()
        types: dict[str, Any] = {one.variable.name.value: type_from_ast(self.schema, one.type) for one in definitions}
        return {name: coercion(kind) for name, kind in types.items()}

    @cached_property
    def _left_out(self) -> Mapping[str, Any]:
        """What the variables are that are left out and need not be given: their defaults, or Undefined."""
        return {
            one.variable.name.value: coerce_input_literal(one.default_value, type_from_ast(self.schema, one.type))  # type: ignore[arg-type] # It is valid.
            if one.default_value
            else Undefined
            for one in self.node.variable_definitions or ()
            if one.default_value or not isinstance(one.type, NonNullTypeNode)
        }

    @cached_property
    def conditions(self) -> tuple[str, ...]:
        """The variables that @skip and @include use, in it and in the fragments that it reaches."""
        return conditions(self.node, self.fragments)

    @cached_property
    def fragments(self) -> Mapping[str, FragmentDefinitionNode]:
        """The document's fragments by their names."""
        definitions = self.document.definitions
        return {one.name.value: one for one in definitions if isinstance(one, FragmentDefinitionNode)}

    def variables(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """The coerced values of the variables, with the defaults of those that are left out. Raises `Uncoerced`."""
        coercions = self._coercions
        try:
            return {
                name: coerce(given[name]) if name in given else self._left_out[name]
                for name, coerce in coercions.items()
                if name in given or self._left_out[name] is not Undefined
            }
        except Exception:  # noqa: BLE001 (graphql-core says what is wrong, if anything is)
            return variable_values(self.schema, self.node, given, Uncoerced)


def operation(schema: GraphQLSchema, text: str, name: str | None, limits: Limits, rules: Rules) -> Operation:
    """The operation of a document that has this name, or the only one; with the errors that its validation found.

    Raises `NotUnderstood` where there is no such operation, and where it is beyond the limits.
    """
    try:
        check_text(text, limits)
        # The specification has no empty selection sets, which graphql-core takes by itself.
        document = unchained(parse(text, allow_empty_selection_sets=False))
        operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
        meant = [one for one in operations if not name or (one.name and one.name.value == name)]
        if len(meant) != 1:
            raise _unresolved(WHICH)
        if meant[0].operation is OperationType.SUBSCRIPTION:
            raise _unresolved(NO_SUBSCRIPTIONS)
        counted = measured(schema, document, meant[0], limits)
    except GraphQLError as error:
        raise NotUnderstood([error]) from error
    return Operation(
        schema, document, meant[0], validate(schema, document, rules, _MOST_ERRORS, hide_suggestions=True), counted
    )


def _unresolved(message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": "OPERATION_RESOLUTION_FAILURE"})
