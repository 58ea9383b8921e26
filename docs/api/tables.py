"""What the API page says of the types: records, requests, answers, filters, enumerations and scalars."""

from __future__ import annotations

from enum import Enum
from typing import Any

import graphql

from db.declaration import COMMON, Column, Member, Mixed, Record
from db.filters import CONDITIONS
from db.records import RECORDS
from docs.api.spelling import blocks, line, link, nullable, spelled, table

_ROOTS = ("Query", "Mutation")
_DERIVED = ("Page", "Draft", "Connection", "Edge", "Filter", "OrderBy", "Range")
_FIELD = ("Key", "Type", "Description")
_SAVED = ("Key", "Type", "In a save", "Description")


class Types:
    """The types of the schema, each told once."""

    def __init__(self, schema: graphql.GraphQLSchema, shown: dict[str, list[str]]) -> None:
        """`shown` are the keys of each type that the client's results have."""
        self._types = schema.type_map
        self._shown = shown

    def records(self) -> str:
        """A table of each record, without what all of them have."""
        return blocks(*(self._view(each) if each.view else self._record(each) for each in RECORDS.values()))

    def common(self) -> str:
        """The table of what every record has."""
        record = RECORDS["ProductionOrder"]
        shown = self._saved_table(record, [member for key, member in record.members.items() if key in COMMON])
        taken = self._types["ProductionOrderInput"]
        assert isinstance(taken, graphql.GraphQLInputObjectType)
        version = taken.fields["expectedVersion"]
        return f"{shown}\n| `expectedVersion` | {spelled(version.type)} | optional, not shown | {version.description} |"

    def requests(self) -> str:
        """What a find takes, and the conditions of its filters."""
        conditions = [(f"`{name}`", condition.means) for name, condition in CONDITIONS.items()]
        kinds = map(self._plain, ("QueryRequest", "FilterRequest"))
        return blocks(*kinds, "A condition is one of", table(("Condition", "Description"), conditions))

    def answers(self) -> str:
        """What is returned that is neither a record nor a page."""
        known = {*RECORDS, *_ROOTS, "QueryRequest", "FilterRequest", "PageInfo"}
        return blocks(
            *(
                self._plain(name)
                for name, kind in sorted(self._types.items())
                if isinstance(kind, graphql.GraphQLObjectType)
                and not (name in known or name.startswith("__") or name.endswith(_DERIVED))
            )
        )

    def part(self, name: str) -> str:
        """The table of a type whose like every record has, as pages."""
        rows = [
            (f"`{key}`", _general(field.type), line(field.description)) for key, field in self._fields(name).items()
        ]
        return table(_FIELD, rows)

    def operators(self) -> str:
        """The operators by the type of the field that is compared."""
        rows = [
            (f"`{name.removesuffix('Filter')}`", ", ".join(f"`{key}`" for key in kind.fields))
            for name, kind in sorted(self._types.items())
            if isinstance(kind, graphql.GraphQLInputObjectType) and "equals" in kind.fields and self._scalar(name)
        ]
        return table(("Field of type", "Operators"), rows)

    def paging(self) -> str:
        """The arguments that every connection has."""
        arguments = self._fields("Query")["productionOrders"].args.items()
        rows = [(f"`{key}`", line(of.description).replace("production order ", "")) for key, of in arguments]
        return table(("Argument", "Description"), rows)

    def enumerations(self) -> str:
        """The values of every closed set."""
        return blocks(
            *(
                blocks(f"### {name}", line(kind.description), table(("Value", "Description"), _values(kind)))
                for name, kind in sorted(self._types.items())
                if isinstance(kind, graphql.GraphQLEnumType) and not name.startswith(("__", "OrderDirection"))
            )
        )

    def scalars(self) -> str:
        """What the values of each scalar are."""
        rows = [
            (f"`{name}`", line(kind.description))
            for name, kind in sorted(self._types.items())
            if isinstance(kind, graphql.GraphQLScalarType) and not graphql.is_specified_scalar_type(kind)
        ]
        return table(("Scalar", "Description"), rows)

    def _record(self, record: type[Record]) -> str:
        own = [member for key, member in record.members.items() if key not in COMMON]
        shown = [member for member in own if member.documented in self._shown[record.__name__]]
        return blocks(
            f"### {record.__name__}",
            f"{line(record.__doc__)} And what [every record](#every-record) has.",
            self._saved_table(record, shown),
            self._related(record, [member for member in own if member not in shown]),
        )

    def _saved_table(self, record: type[Record], members: list[Member]) -> str:
        kinds = {key: field.type for key, field in self._fields(record.__name__).items()}
        rows = [
            (f"`{each.documented}`", nullable(kinds[each.documented]), _saved(each), line(each.description))
            for each in members
        ]
        return table(_SAVED, rows)

    def _view(self, record: type[Record]) -> str:
        """A view, by what it adds to the record that it is one of."""
        base = record.__mro__[1].__name__
        fields = self._fields(record.__name__)
        rows = [
            (f"`{key}`", nullable(field.type), line(field.description))
            for key, field in fields.items()
            if key in self._shown[record.__name__] and key not in self._shown[base]
        ]
        return blocks(f"### {record.__name__}", f"{line(record.__doc__)} As {link(base)}, and:", table(_FIELD, rows))

    def _plain(self, name: str) -> str:
        rows = [
            (f"`{key}`", nullable(field.type), line(field.description)) for key, field in self._fields(name).items()
        ]
        return blocks(f"### {name}", line(self._types[name].description), table(_FIELD, rows))

    def _related(self, record: type[Record], members: list[Member]) -> str:
        fields = self._fields(record.__name__)
        related = [f"`{each.documented}` ({_target(fields[each.documented].type)})" for each in members]
        return f"In GraphQL also {', '.join(related)}." if related else ""

    def _fields(self, name: str) -> dict[str, graphql.GraphQLField]:
        kind = self._types[name]
        assert isinstance(kind, graphql.GraphQLObjectType)
        return dict(kind.fields)

    def _scalar(self, name: str) -> bool:
        return isinstance(self._types[name.removesuffix("Filter")], graphql.GraphQLScalarType)


def _saved(member: Member) -> str:
    """What a save takes: required, with a default, or optional; nothing for what it does not take."""
    if isinstance(member, Mixed):
        return "optional"
    if not isinstance(member, Column) or not member.given:
        return "of the record to change" if member.name == "id" else "ignored" if member.drafted else ""
    if member.required:
        return "required"
    return "optional" if member.default is None else f"default `{_json(member.default)}`"


def _json(value: Any) -> str:
    value = value.value if isinstance(value, Enum) else value
    return str(value).lower() if isinstance(value, bool) else str(value)


def _values(kind: graphql.GraphQLEnumType) -> list[tuple[str, ...]]:
    return [(f"`{name}`", line(value.description)) for name, value in kind.values.items()]


def _target(kind: graphql.GraphQLType) -> str:
    name = graphql.get_named_type(kind).name
    if name.endswith("Connection"):
        return f"connection of {link(name.removesuffix('Connection'))}"
    return spelled(kind)


def _general(kind: graphql.GraphQLType) -> str:
    """A type of a page or a connection, whatever it is of."""
    named = graphql.get_named_type(kind)
    if isinstance(named, graphql.GraphQLScalarType):
        return nullable(kind)
    if named.name == "PageInfo":
        return link(named.name)
    return "list of edges: `cursor` and `node`" if named.name.endswith("Edge") else "list of records"
