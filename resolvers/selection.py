"""What a GraphQL operation asks of the rows, and how its answer is read back."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLResolveInfo,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionNode,
    VariableNode,
    get_named_type,
    is_object_type,
)

from db.declaration import Many, Member, One, Record
from db.records import RECORDS
from db.selection import Selected
from resolvers.access import ACCESS, Caller

if TYPE_CHECKING:
    ResolveInfo = GraphQLResolveInfo[Any]
else:
    ResolveInfo = GraphQLResolveInfo

_CONDITIONS = {"skip": False, "include": True}


def selection(info: ResolveInfo) -> tuple[Selected, ...]:
    """What is selected under the field that is resolved."""
    return _selection(RECORDS[get_named_type(info.return_type).name], info.field_nodes, info)


def permitted(selected: tuple[Selected, ...], caller: Caller) -> tuple[Selected, ...]:
    """The selection without the relations that the caller may not see."""
    return tuple(
        replace(one, selection=permitted(one.selection, caller))
        for one in selected
        if not isinstance(one.member, One | Many) or caller.may(ACCESS[RECORDS[one.member.target]].read)
    )


def answers_by_response_key(schema: GraphQLSchema) -> None:
    """Let the fields of records be read from the answer, whose keys are those the caller asked for."""
    for name in RECORDS.keys() & schema.type_map.keys():
        shown = schema.type_map[name]
        assert is_object_type(shown)
        relations = {m.documented: m for m in RECORDS[name].members.values() if isinstance(m, One | Many)}
        for field_name, field in shown.fields.items():
            relation = relations.get(field_name)
            field.resolve = _allowed(RECORDS[relation.target]) if relation else _from_answer


def _from_answer(source: Mapping[str, Any], info: ResolveInfo) -> Any:
    return source[str(info.path.key)]


def _allowed(target: type[Record]) -> Any:
    """Reads a relation, of which the answer holds nothing for a caller without the permission."""

    def resolve(source: Mapping[str, Any], info: ResolveInfo) -> Any:
        info.context.caller.require(ACCESS[target].read)
        return _from_answer(source, info)

    return resolve


def _selection(record: type[Record], nodes: Iterable[FieldNode], info: ResolveInfo) -> tuple[Selected, ...]:
    """The members under these fields, which are merged by response key."""
    members = {member.documented: member for member in record.members.values()}
    fields: dict[str, list[FieldNode]] = {}
    for node in nodes:
        for field in _fields(node, record.__name__, info):
            fields.setdefault(field.alias.value if field.alias else field.name.value, []).append(field)
    shown = {key: (members.get(same[0].name.value), same) for key, same in fields.items()}
    return tuple(Selected(key, member, _under(member, same, info)) for key, (member, same) in shown.items() if member)


def _under(member: Member, nodes: Iterable[FieldNode], info: ResolveInfo) -> tuple[Selected, ...]:
    """What is selected of the records that a relation leads to."""
    return _selection(RECORDS[member.target], nodes, info) if isinstance(member, One | Many) else ()


def _fields(
    node: FieldNode | InlineFragmentNode | FragmentDefinitionNode, type_name: str, info: ResolveInfo
) -> Iterator[FieldNode]:
    """The fields under a node, through its fragments, that are neither skipped nor of another type."""
    for inner in node.selection_set.selections if node.selection_set else ():
        if not _included(inner, cast("Mapping[str, Any]", info.variable_values)):
            continue
        if isinstance(inner, FieldNode):
            yield inner
            continue
        fragment = info.fragments[inner.name.value] if isinstance(inner, FragmentSpreadNode) else inner
        assert isinstance(fragment, FragmentDefinitionNode | InlineFragmentNode)
        if fragment.type_condition is None or fragment.type_condition.name.value == type_name:
            yield from _fields(fragment, type_name, info)


def _included(node: SelectionNode, variables: Mapping[str, Any]) -> bool:
    """What @skip and @include say."""
    for directive in node.directives or ():
        if directive.name.value in _CONDITIONS and directive.arguments:
            value = directive.arguments[0].value
            met = variables.get(value.name.value) if isinstance(value, VariableNode) else getattr(value, "value", None)
            if met is not _CONDITIONS[directive.name.value]:
                return False
    return True
