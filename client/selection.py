"""Which fields of a result are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from client.schema import Field, Schema, Type

# The server refuses what nests deeper; the root field is the first level.
DEPTH = 10
NESTING = ("OBJECT", "INTERFACE", "UNION")


def selection(schema: Schema, type_: Type) -> str:
    """The fields to ask for, in braces; nothing for a scalar.

    A record (a type with an `id`) gives its scalars and its lists of objects, as `propertyValues`. Its single objects,
    as `product`, are other records, which need permissions of their own. Any other type (a page, a connection, an edge)
    only wraps records, and gives everything. A field that takes arguments is left out. A list of the type itself, as
    `children`, is followed as deep as the server allows; no other way back to a type that is being shown is followed.
    """
    if type_.core.kind not in NESTING:
        return ""
    return _braces(schema, (type_.core.name,))


def keys(schema: Schema, type_name: str) -> list[str]:
    """The names of the fields that are asked for of an object of this type."""
    return list(_fields(schema, (type_name,)))


def _braces(schema: Schema, path: tuple[str, ...]) -> str:
    if len(path) >= DEPTH:
        return ""
    return " { " + (" ".join(_fields(schema, path).values()) or "__typename") + " }"


def _fields(schema: Schema, path: tuple[str, ...]) -> dict[str, str]:
    """What is asked for of each field, by its name."""
    fields = schema.fields[path[-1]]
    record = any(field.name == "id" for field in fields)
    shown = {field.name: _shown(schema, field, path, record=record) for field in fields}
    return {name: text for name, text in shown.items() if text}


def _shown(schema: Schema, field: Field, path: tuple[str, ...], *, record: bool) -> str:
    core = field.type.core
    if field.parameters:
        return ""
    if core.kind not in NESTING:
        return field.name
    if core.name in path and not (field.type.listed and core.name == path[-1]):
        return ""
    if record and not field.type.listed:
        return ""
    nested = _braces(schema, (*path, core.name))
    return nested and field.name + nested
