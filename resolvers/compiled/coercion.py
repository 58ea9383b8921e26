"""Variables and arguments, coerced by functions that are made once for a type or a field.

They do what graphql-core does with values that fit, and nothing else: where a value does not, or where it is left out
and something else takes its place, graphql-core is asked, and says what is wrong.
"""

from collections.abc import Callable, Mapping
from functools import cache
from operator import itemgetter
from typing import Any

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    Undefined,
    ValueNode,
    VariableNode,
    coerce_input_literal,
    is_enum_type,
    is_input_object_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_nullable_type,
    is_required_input_field,
    is_specified_scalar_type,
)
from graphql.utilities.coerce_input_value import coerce_default_value

from resolvers.selection import Reading, arguments

Coercion = Callable[[Any], Any]
"""Makes of a JSON value what a resolver gets. Whatever it raises, the value does not fit."""


class Unfit(Exception):  # noqa: N818 (a word for the event)
    """The value is none of the type, or only graphql-core can tell."""


def coercion(kind: GraphQLInputType) -> Coercion:
    """The coercion of values of a type."""
    if not is_non_null_type(kind):
        inner = _coercion(kind)
        return lambda value: None if value is None else inner(value)
    required = _coercion(kind.of_type)
    if is_enum_type(kind.of_type) or (is_leaf_type(kind.of_type) and is_specified_scalar_type(kind.of_type)):
        return required  # Null is none of them anyway.
    return lambda value: required(_not_null(value))


def reading(definition: GraphQLField, node: FieldNode) -> Reading:
    """What reads the arguments of this field from the variables."""
    given = {argument.name.value: argument.value for argument in node.arguments or ()}
    left_out = {name: coerce_default_value(one) for name, one in definition.args.items() if name not in given}
    try:
        made = {name: _literal(value, definition.args[name].type) for name, value in given.items()}
    except Unfit:
        return lambda variables: arguments(definition, node, variables)
    made |= {name: _constant(value) for name, value in left_out.items() if value is not Undefined}
    # An argument is left out where its variable is, unless it is needed or has a default.
    optional = {
        name: value.name.value
        for name, value in given.items()
        if isinstance(value, VariableNode)
        and is_nullable_type(definition.args[name].type)
        and definition.args[name].default is None
    }

    def read(variables: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            return {
                name: make(variables)
                for name, make in made.items()
                if name not in optional or optional[name] in variables
            }
        except (KeyError, Unfit):
            return arguments(definition, node, variables)

    return read


def _coercion(kind: Any) -> Coercion:
    """The coercion of values that are not null."""
    if is_enum_type(kind):
        return {name: kind.coerce_input_value(name) for name in kind.values}.__getitem__
    if is_leaf_type(kind):
        return kind.coerce_input_value
    if is_input_object_type(kind):
        return _object(kind)
    item = coercion(kind.of_type)

    def coerce(value: Any) -> Any:
        return [item(one) for one in value] if isinstance(value, list) else [item(value)]

    return coerce


@cache
def _object(kind: GraphQLInputObjectType) -> Coercion:
    """The coercion of objects of a type, whose own fields may be of the same type."""
    # What has a default needs graphql-core where it is left out.
    inputs = kind.fields.items()
    needed = {name for name, field in inputs if is_required_input_field(field) or field.default is not None}
    fields: dict[str, Coercion] = {}

    def coerce(value: Any) -> Any:
        if not fields:
            fields.update({name: coercion(field.type) for name, field in inputs})
        fits = isinstance(value, dict) and needed <= value.keys() <= fields.keys() and not kind.is_one_of
        if not fits:
            raise Unfit
        return kind.out_type({name: inner(value[name]) for name, inner in fields.items() if name in value})

    return coerce


def _literal(node: ValueNode, kind: Any) -> Callable[[Mapping[str, Any]], Any]:
    """What makes the value of a literal of this type, in which there may be variables; raises `Unfit` if it can't."""
    nullable = not is_non_null_type(kind)
    inner = kind if nullable else kind.of_type
    if isinstance(node, VariableNode):
        name = node.name.value
        if nullable:
            return itemgetter(name)
        return lambda variables: _not_null(variables[name])
    if isinstance(node, ListValueNode) and is_list_type(inner):
        items = [_literal(value, inner.of_type) for value in node.values]
        return lambda variables: [make(variables) for make in items]
    if not isinstance(node, NullValueNode) and is_list_type(inner):
        one = _literal(node, inner.of_type)
        return lambda variables: [one(variables)]
    if isinstance(node, ObjectValueNode) and is_input_object_type(inner) and not inner.is_one_of:
        given = {field.name.value: field.value for field in node.fields}
        made = {name: _literal(given[name], field.type) for name, field in inner.fields.items() if name in given}
        if any(field.default is not None for name, field in inner.fields.items() if name not in given):
            raise Unfit
        return lambda variables: inner.out_type({name: make(variables) for name, make in made.items()})
    # Only a scalar that takes objects or lists may have variables in it here; with none at hand, it does not fit.
    constant = coerce_input_literal(node, kind)
    if constant is Undefined:
        raise Unfit
    return _constant(constant)


def _constant(value: Any) -> Callable[[Mapping[str, Any]], Any]:
    return lambda _: value


def _not_null(value: Any) -> Any:
    if value is None:
        raise Unfit
    return value
