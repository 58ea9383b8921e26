"""The plain way to run an operation: graphql-core asks for each field, and reads it from the answer of its root field.

It is what the compiled way is held against, and what runs where that does not: for root fields that show no rows.
"""

import inspect
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLResolveInfo,
    GraphQLSchema,
    VariableValues,
    execute,
    get_named_type,
    is_interface_type,
    is_object_type,
)

from db.apart import apart
from db.declaration import Many, One, Record
from db.records import RECORDS
from db.rows import Rows
from db.selection import Selected, Selection
from db.statement import Projection
from resolvers.access import Caller, access
from resolvers.selection import NODE, SHOWN, AsKind, Selecting, arguments, leads_to, windows

if TYPE_CHECKING:
    from resolvers.compiled.operation import Operation
    from resolvers.fields import RootField

    ResolveInfo = GraphQLResolveInfo[Any]
else:
    ResolveInfo = GraphQLResolveInfo

_KIND = ""
"""The key under which a node tells what it is: no field can have it."""


async def resolved(info: ResolveInfo, root: "RootField") -> Any:
    """What a root field answers; rows as a tree of what is selected of them, by response keys."""
    context, nodes = info.context, info.field_nodes
    variables = _coerced(info.variable_values)
    definition = info.parent_type.fields[info.field_name]

    async def shown(rows: Rows[Any]) -> Any:
        selection = Selecting(info.schema, info.fragments, variables, partial(partial, arguments)).under(
            nodes, get_named_type(info.return_type).name
        )
        projection = Projection(_permitted(selection, context.caller))
        asked = windows(projection, variables, context.session.page_limit, context.caller)
        text = await context.session.answer(rows, projection, asked, last=root.changing)
        return None if text is None else orjson.loads(text)

    # The fields of a query may run side by side, and none may see into another's transaction.
    async with context.session.turn:
        return await root.resolved(context, arguments(definition, nodes[0], variables), shown)


async def result_of(
    operation: "Operation", document: DocumentNode, context: Any, given: Mapping[str, Any]
) -> ExecutionResult:
    """What graphql-core makes of a document with this operation, and of variables that are not coerced yet."""
    executed = partial(
        execute,
        operation.schema,
        document,
        operation_name=operation.name,
        context_value=context,
        variable_values=dict(given),
    )
    # An answer about the schema takes long; what is to be awaited of other fields beside it, is left to the loop.
    result = await apart(executed) if operation.measured.introspecting else executed()
    return await result if inspect.isawaitable(result) else result


def read_from_answers(schema: GraphQLSchema) -> None:
    """Let what is shown of rows be read from the answer, whose keys are those the caller asked for."""
    for name in SHOWN.keys() - {NODE}:
        shown = schema.type_map.get(name)
        if shown is None:
            continue
        assert is_object_type(shown)
        shown.is_type_of = None
        for field_name, field in shown.fields.items():
            member = SHOWN[name][field_name]
            field.resolve = _allowed(RECORDS[member.target]) if isinstance(member, One | Many) else _from_answer
    node = schema.type_map[NODE]
    assert is_interface_type(node)
    node.resolve_type = _kind


def _coerced(variables: Any) -> Mapping[str, Any]:
    """The values of the variables, which strawberry gives alone, and graphql-core with where they come from."""
    return variables.coerced if isinstance(variables, VariableValues) else variables


def _permitted(selection: Selection, caller: Caller) -> Selection:
    """The selection without what the caller may not see: a node of such a kind is as if it were not there."""
    return tuple(_permitted_under(selected, caller) for selected in selection if _sees(caller, selected))


def _permitted_under(selected: Selected, caller: Caller) -> Selected:
    inner = _permitted(selected.selection, caller)
    return replace(
        selected, selection=(Selected(_KIND, selected.member), *inner) if isinstance(selected, AsKind) else inner
    )


def _sees(caller: Caller, selected: Selected) -> bool:
    target = leads_to(selected)
    return target is None or caller.may(access(target).read)


def _kind(source: Mapping[str, Any], _info: ResolveInfo, _: Any) -> str:
    """The type of a node."""
    kind: str = source[_KIND]
    return kind


def _from_answer(source: Mapping[str, Any], info: ResolveInfo, **_: Any) -> Any:
    return source[str(info.path.key)]


def _allowed(target: type[Record]) -> Any:
    """Reads a relation, of which the answer holds nothing for a caller without the permission."""

    def resolve(source: Mapping[str, Any], info: ResolveInfo, **_: Any) -> Any:
        info.context.caller.require(access(target).read)
        return _from_answer(source, info)

    return resolve
