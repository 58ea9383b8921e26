"""What the API page says of one function."""

from __future__ import annotations

from typing import TYPE_CHECKING

import graphql

from client.signature import FORMS
from docs.api.spelling import blocks, line, link, spelled, table

if TYPE_CHECKING:
    from docs.api.chapters import Example

# The one argument of a function that a script gives the fields of.
_OBJECTS = {"input": "fields", "queryRequest": "queryRequest"}
_WRAPPERS = ("Page", "Draft")


class Functions:
    """The root fields of the schema, by name."""

    def __init__(self, schema: graphql.GraphQLSchema) -> None:
        assert schema.query_type
        assert schema.mutation_type
        self._fields = {**schema.query_type.fields, **schema.mutation_type.fields}

    def scripted(self, module: str, example: Example) -> str:
        """A function of a module: how it is called, what for, with what, what it returns, and to whom."""
        name, field = example.function, self._fields[example.function]
        calls = [f"`system.mes.{module}.{name}({form})`" for form in _forms(name, field)]
        facts = f"{_taken(field)} Returns {_returned(field)}. {_permission(field)}".strip()
        parameters = "" if _taken(field) else _parameters(field)
        return blocks(f"#### {name}", " or ".join(calls), line(field.description), facts, parameters, example.text)

    def native(self, example: Example) -> str:
        """A field for GraphQL alone: what of, to whom, and of a node with what."""
        field = self._fields[example.function]
        kind = graphql.get_named_type(field.type).name
        if "filter" not in field.args:
            told = blocks(line(field.description), _permission(field), _parameters(field))
            return blocks(f"#### {example.function}", told, example.text)
        told = f"A connection of {link(kind.removesuffix('Connection'))}. {_permission(field)}"
        return blocks(f"#### {example.function}", told, example.text)


def _returned(field: graphql.GraphQLField) -> str:
    record, wrapper = _unwrapped(graphql.get_named_type(field.type).name)
    if wrapper == "Page":
        return f"a [page](#pages) of {link(record)}"
    if wrapper == "Draft":
        return f"an object with the fields that a save of {link(record)} takes, and their default values"
    kind = spelled(field.type)
    return f"a {kind}" if kind.startswith("list of") else kind


def _unwrapped(name: str) -> tuple[str, str]:
    wrapper = next((each for each in _WRAPPERS if name.endswith(each)), "")
    return name.removesuffix(wrapper), wrapper


def _forms(name: str, field: graphql.GraphQLField) -> list[str]:
    if name in FORMS:
        return [", ".join(form) for form in FORMS[name]]
    if _taken(field):
        return [f"**{_OBJECTS[key]}" for key in field.args]
    return [", ".join(key if _needed(of) else f"{key}=None" for key, of in field.args.items())]


def _taken(field: graphql.GraphQLField) -> str:
    """What the fields are of that the function takes; nothing if it takes parameters."""
    kinds = [graphql.get_named_type(of.type).name for key, of in field.args.items() if key in _OBJECTS]
    return "".join(f"Takes the fields of {link(kind.removesuffix('Input'))}." for kind in kinds)


def _parameters(field: graphql.GraphQLField) -> str:
    rows = [
        (f"`{key}`", spelled(of.type), "no" if _needed(of) else "yes", line(of.description))
        for key, of in field.args.items()
    ]
    return table(("Parameter", "Type", "May be left out", "Description"), rows)


def _needed(argument: graphql.GraphQLArgument) -> bool:
    return isinstance(argument.type, graphql.GraphQLNonNull)


def _permission(field: graphql.GraphQLField) -> str:
    """What @requiresPermission says."""
    assert field.ast_node
    told = {each.name.value: each.arguments or () for each in field.ast_node.directives or ()}
    value = told["requiresPermission"][0].value
    assert isinstance(value, graphql.StringValueNode)
    return f"Needs `{value.value}`." if value.value else "Open to every known caller."
