"""What the server can do, as its schema tells by introspection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

# graphql-core's own introspection query nests deeper than the 10 levels that the server allows.
INTROSPECTION = """
query introspection {
  __schema {
    queryType { name }
    mutationType { name }
    types {
      name
      fields { name description args { name defaultValue type { ...typeParts } } type { ...typeParts } }
      inputFields { name defaultValue type { ...typeParts } }
    }
  }
}
fragment typeParts on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }
"""


@dataclass(frozen=True)
class Type:
    """A type as it is used: the name of one, or another within `!` or `[]`."""

    kind: str
    name: str
    of: Type | None

    def __str__(self) -> str:
        if self.of is None:
            return self.name
        return f"[{self.of}]" if self.kind == "LIST" else f"{self.of}!"

    @property
    def core(self) -> Type:
        """The named type, without `!` and `[]`."""
        return self if self.of is None else self.of.core

    @property
    def listed(self) -> bool:
        """Whether there are many of them."""
        return self.kind == "LIST" or (self.of is not None and self.of.listed)


@dataclass(frozen=True)
class Parameter:
    """An argument of a field, or a field of an input."""

    name: str
    type: Type
    default: str | None

    @property
    def required(self) -> bool:
        """Whether it can't be left out."""
        return self.type.kind == "NON_NULL" and self.default is None

    def __str__(self) -> str:
        return f"{self.name}: {self.type}" + ("" if self.default is None else f" = {self.default}")


@dataclass(frozen=True)
class Field:
    """A field of a type: a root field is a function of the API."""

    name: str
    description: str
    parameters: tuple[Parameter, ...]
    type: Type

    @property
    def native(self) -> bool:
        """Whether it is there for GraphQL alone: a node, or a connection of them."""
        return self.type.core.kind == "INTERFACE" or self.type.core.name.endswith("Connection")


@dataclass(frozen=True)
class Schema:
    """The types by name: fields of those that come back, parameters of those that are sent."""

    fields: dict[str, tuple[Field, ...]]
    inputs: dict[str, tuple[Parameter, ...]]
    queries: tuple[Field, ...]
    mutations: tuple[Field, ...]

    def saves(self, input_name: str) -> list[Field]:
        """The functions that store what an input of this type says."""
        return [each for each in self.mutations if any(of.type.core.name == input_name for of in each.parameters)]


def schema_of(introspection: dict[str, Any]) -> Schema:
    """The schema in the answer to `INTROSPECTION`."""
    told = introspection["__schema"]
    fields = {each["name"]: tuple(map(_field, each["fields"] or ())) for each in told["types"]}
    return Schema(
        fields=fields,
        inputs={each["name"]: _parameters(each["inputFields"] or ()) for each in told["types"]},
        queries=fields[told["queryType"]["name"]],
        mutations=fields[told["mutationType"]["name"]] if told["mutationType"] else (),
    )


def _field(told: dict[str, Any]) -> Field:
    return Field(told["name"], told["description"] or "", _parameters(told["args"]), _type(told["type"]))


def _parameters(told: Iterable[dict[str, Any]]) -> tuple[Parameter, ...]:
    return tuple(Parameter(each["name"], _type(each["type"]), each["defaultValue"]) for each in told)


def _type(told: dict[str, Any]) -> Type:
    inner = told.get("ofType")
    return Type(told["kind"], told["name"] or "", _type(inner) if inner else None)
