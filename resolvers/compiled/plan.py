"""A plan: the root fields of an operation, each with the way in which it is answered."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

import orjson
from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_nullable_type,
    located_error,
)

from db.rows import Rows
from resolvers.compiled.coercion import reading
from resolvers.compiled.operation import Operation
from resolvers.context import Context
from resolvers.fields import RootField, root_field
from resolvers.plain import result_of
from resolvers.selection import SHOWN, Reading, Selecting, windows
from resolvers.withheld import View, Views

_TYPE_NAME = "__typename"
_NULL = b"null"


@dataclass(slots=True)
class Run:
    """What differs from request to request; the errors of the root fields are added as they come."""

    context: Context
    given: Mapping[str, Any]
    variables: Mapping[str, Any]
    errors: list[GraphQLError] = field(default_factory=list)


class Way(Protocol):
    """How a root field is answered."""

    def text(self, run: Run) -> Awaitable[bytes | None]:
        """The JSON text of the answer; None where the failure of a field leaves no data at all."""


@dataclass(frozen=True)
class Known:
    """An answer that is known beforehand."""

    answer: bytes

    async def text(self, _: Run) -> bytes:
        """The answer."""
        return self.answer


@dataclass(frozen=True)
class Shown:
    """Rows, shown by one statement whose text goes into the response."""

    key: str
    nodes: list[FieldNode]
    read: Reading
    root: RootField
    views: Views

    async def text(self, run: Run) -> bytes | None:
        """What the rows show, or null where the field fails."""
        caller = run.context.caller
        view = self.views.of(caller)
        try:
            given = self.read(run.variables)
            text: bytes | None = await self.root.resolved(run.context, given, partial(self._shown, view, run))
        except Exception as error:  # noqa: BLE001 (as graphql-core has it: whatever happens in a field is told there)
            run.errors.append(located_error(error, self.nodes, [self.key]))
            return _NULL
        if text and view.withheld:
            text, errors = await view.told(text, self.key, run.variables, caller)
            run.errors.extend(errors)
        return text or _NULL

    def _shown(self, view: View, run: Run, rows: Rows[Any]) -> Awaitable[bytes | None]:
        session, shown = run.context.session, view.projection
        asked = windows(shown, run.variables, session.page_limit, run.context.caller) if shown.connections else ()
        return session.answer(rows, shown, asked, last=self.root.changing)


@dataclass(frozen=True)
class Beside:
    """A field that graphql-core runs, alone in an operation."""

    key: str
    operation: Operation
    document: DocumentNode
    introspecting: bool

    async def text(self, run: Run) -> bytes | None:
        """What graphql-core answers."""
        data = await executed(self.operation, self.document, run)
        return None if data is None else orjson.dumps(data[self.key])


@dataclass(frozen=True, eq=False)
class Plan:
    """The root fields, each with what stands before its text in the answer, in the order in which they are answered.

    What only asks for the schema itself, and has no variables, is `always` answered in the same way.
    """

    ways: list[tuple[bytes, Way]]
    always: bool
    operation: Operation


def plan(operation: Operation, conditions: Mapping[str, bool]) -> Plan:
    """The plan of an operation, with these values of the variables that @skip and @include use."""
    selecting = Selecting(operation.schema, operation.fragments, conditions, reading)
    fields = selecting.fields([operation.node], operation.root.name)
    ways = {key: _way(operation, selecting, key, nodes) for key, nodes in fields.items()}
    introspecting = all(isinstance(way, Beside) and way.introspecting for way in ways.values())
    named = [(b'%b"%b":' % (b"," if place else b"", key.encode()), ways[key]) for place, key in enumerate(ways)]
    return Plan(named, introspecting and not operation.node.variable_definitions, operation)


def _way(operation: Operation, selecting: Selecting, key: str, nodes: list[FieldNode]) -> Way:
    name = nodes[0].name.value
    if name == _TYPE_NAME:
        return Known(orjson.dumps(operation.root.name))
    beside = Beside(key, operation, _alone(operation, nodes), name.startswith("__"))
    definition = operation.root.fields.get(name)
    # Rows may always be null, so a failure among them takes nothing else along.
    if definition is None or not is_nullable_type(definition.type):
        return beside
    shown = get_named_type(definition.type).name
    if shown not in SHOWN:
        return beside
    views = Views(selecting.under(nodes, shown))
    return Shown(key, nodes, reading(definition, nodes[0]), root_field(definition), views)


def _alone(operation: Operation, nodes: list[FieldNode]) -> DocumentNode:
    """The operation with this root field and no other."""
    node = operation.node
    alone = OperationDefinitionNode(
        operation=node.operation,
        name=node.name,
        variable_definitions=node.variable_definitions,
        selection_set=SelectionSetNode(selections=tuple(nodes)),
    )
    return DocumentNode(definitions=(alone, *operation.fragments.values()))


async def executed(operation: Operation, document: DocumentNode, run: Run) -> Mapping[str, Any] | None:
    """The data that graphql-core has for an operation."""
    result = await result_of(operation, document, run.context, run.given)
    run.errors.extend(result.errors or ())
    return result.data
