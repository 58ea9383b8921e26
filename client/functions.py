"""The functions of the API, each made from a root field of the schema."""

from __future__ import annotations

from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any

from client.schema import INTROSPECTION, schema_of
from client.selection import selection
from client.signature import Signature
from client.values import Values

if TYPE_CHECKING:
    from client.connection import Connection
    from client.schema import Field, Schema


class Functions:
    """All functions by name, read from the server's schema when the first one is needed."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = Lock()
        self._by_name: dict[str, Function] | None = None

    @property
    def by_name(self) -> dict[str, Function]:
        """The functions, read once however many threads ask."""
        with self._lock:
            if self._by_name is None:
                self._by_name = self._read()
            return self._by_name

    def _read(self) -> dict[str, Function]:
        known = schema_of(self._connection.data(INTROSPECTION, {}, "introspection"))
        kinds = {"query": known.queries, "mutation": known.mutations}
        return {
            field.name: Function(self._connection, known, kind, field)
            for kind, fields in kinds.items()
            for field in fields
        }


class Function:
    """One function: arguments by position or by keyword, its result as an object."""

    def __init__(self, connection: Connection, schema: Schema, kind: str, field: Field) -> None:
        self._connection = connection
        self._schema = schema
        self._kind = kind
        self._field = field
        self._signature = Signature(field, schema)
        self.__name__ = field.name
        self.__doc__ = f"{self}\n\n{field.description}"

    @property
    def native(self) -> bool:
        """Whether it is there for GraphQL alone, and no function of the documented modules."""
        return self._field.native

    def __call__(self, /, *args: Any, **keywords: Any) -> Any:
        """The result of the function: an object, a list, a value, or None."""
        given = self._signature.given(args, keywords)
        values = Values(self._schema.inputs)
        variables = {
            each.name: values.json(given[each.name], each.type.core.name, each.name)
            for each in self._field.parameters
            if each.name in given
        }
        return self._connection.data(self.document, variables, self._field.name, partly=True)[self._field.name]

    def __repr__(self) -> str:
        return str(self._signature)

    @cached_property
    def document(self) -> str:
        """The operation with every parameter as a variable: one text for the server to know again."""
        name, parameters = self._field.name, self._field.parameters
        declared = ", ".join(f"${each}" for each in parameters)
        passed = ", ".join(f"{each.name}: ${each.name}" for each in parameters)
        wanted = selection(self._schema, self._field.type)
        if not parameters:
            return f"{self._kind} {name} {{ {name}{wanted} }}"
        return f"{self._kind} {name}({declared}) {{ {name}({passed}){wanted} }}"
