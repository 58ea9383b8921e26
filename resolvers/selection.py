"""What a GraphQL operation asks of the rows, and how its answer is read back."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionNode,
    VariableNode,
    VariableValues,
    get_argument_values,
    get_named_type,
    is_interface_type,
    is_object_type,
)

from db.declaration import Many, Member, One, Paged, Record
from db.parts import CONNECTION, EDGE, PAGE, PAGE_INFO, Holds, Part
from db.records import RECORDS
from db.rows import WHOLE, Window
from db.selection import Selected
from resolvers.access import Caller, access
from resolvers.windows import reached, window

if TYPE_CHECKING:
    ResolveInfo = GraphQLResolveInfo[Any]
else:
    ResolveInfo = GraphQLResolveInfo

_CONDITIONS = {"skip": False, "include": True}
_NODE = "Node"
_PARTS = {"Page": PAGE, "Connection": CONNECTION, "Edge": EDGE}
"""What the types show whose names end so, after that of a record."""
KIND = ""
"""The key under which a node tells what it is: no field can have it."""


class Selecting:
    """Reads what is selected under the fields of an operation."""

    def __init__(self, info: ResolveInfo, most: int) -> None:
        self._info = info
        self._most = most

    def under(self, record: type[Record]) -> tuple[Selected, ...]:
        """What is selected under the field that is resolved, of this record or of what its type shows."""
        name = get_named_type(self._info.return_type).name
        members = _PARTS.get(name.removeprefix(record.__name__)) if name != _NODE else None
        type_name = record.__name__ if name == _NODE else name
        return self._selection(record, type_name, members or _members(record), self._info.field_nodes)

    def arguments(self) -> Mapping[str, Any]:
        """The arguments of the field that is resolved, as they are given."""
        (node, *_) = self._info.field_nodes
        return self._arguments(self._info.parent_type, node)

    def _arguments(self, parent: GraphQLObjectType, node: FieldNode) -> Mapping[str, Any]:
        # They are typed as `VariableValues`, and are the coerced ones of these.
        variables = VariableValues({}, cast("dict[str, Any]", self._info.variable_values))
        return get_argument_values(parent.fields[node.name.value], node, variables)

    def _selection(
        self, record: type[Record], type_name: str, members: Mapping[str, Member], nodes: Iterable[FieldNode]
    ) -> tuple[Selected, ...]:
        """The members under these fields, which are merged by response key."""
        fields: dict[str, list[FieldNode]] = {}
        for node in nodes:
            for field in self._fields(node, type_name):
                fields.setdefault(field.alias.value if field.alias else field.name.value, []).append(field)
        shown = {key: (members.get(same[0].name.value), same) for key, same in fields.items()}
        return tuple(
            self._selected(record, type_name, key, member, same) for key, (member, same) in shown.items() if member
        )

    def _selected(
        self, record: type[Record], type_name: str, key: str, member: Member, nodes: list[FieldNode]
    ) -> Selected:
        """One member, with what is selected of the records or parts that it leads to."""
        match member:
            case Paged():
                target = RECORDS[member.target]
                parent = cast("GraphQLObjectType", self._info.schema.type_map[type_name])
                asked = window(target, self._arguments(parent, nodes[0]), self._most)
                inner = self._selection(target, f"{member.target}Connection", CONNECTION, nodes)
                return Selected(key, member, inner, asked)
            case One() | Many():
                target = RECORDS[member.target]
                return Selected(key, member, self._selection(target, member.target, _members(target), nodes))
            case Part(holds=Holds.EDGES):
                return Selected(key, member, self._selection(record, f"{record.__name__}Edge", EDGE, nodes))
            case Part(holds=Holds.PAGE_INFO):
                return Selected(key, member, self._selection(record, "PageInfo", PAGE_INFO, nodes))
            case Part(holds=Holds.RECORD | Holds.RECORDS):
                return Selected(key, member, self._selection(record, record.__name__, _members(record), nodes))
        return Selected(key, member)

    def _fields(
        self, node: FieldNode | InlineFragmentNode | FragmentDefinitionNode, type_name: str
    ) -> Iterator[FieldNode]:
        """The fields under a node, through its fragments, that are neither skipped nor of another type."""
        for inner in node.selection_set.selections if node.selection_set else ():
            if not _included(inner, cast("Mapping[str, Any]", self._info.variable_values)):
                continue
            if isinstance(inner, FieldNode):
                yield inner
                continue
            fragment = self._info.fragments[inner.name.value] if isinstance(inner, FragmentSpreadNode) else inner
            assert isinstance(fragment, FragmentDefinitionNode | InlineFragmentNode)
            # A fragment on the interface is of every record; where there are no records, it is not valid.
            if fragment.type_condition is None or fragment.type_condition.name.value in (type_name, _NODE):
                yield from self._fields(fragment, type_name)


def permitted(selected: tuple[Selected, ...], caller: Caller) -> tuple[Selected, ...]:
    """The selection without the relations that the caller may not see.

    Raises `Forbidden` where a filter or an order reaches such a relation.
    """
    seen = []
    for one in selected:
        if isinstance(one.member, One | Many) and not caller.may(access(RECORDS[one.member.target]).read):
            continue
        if one.window is not WHOLE:
            require_reached(one.window, caller)
        seen.append(replace(one, selection=permitted(one.selection, caller)))
    return tuple(seen)


def require_reached(asked: Window, caller: Caller) -> None:
    """Raise `Forbidden` unless the caller may see what the window of a connection reaches."""
    for name in reached(asked):
        caller.require(access(RECORDS[name]).read)


def answers_by_response_key(schema: GraphQLSchema) -> None:
    """Let the fields of records be read from the answer, whose keys are those the caller asked for."""
    for name, record in RECORDS.items():
        relations = {m.documented: m for m in record.members.values() if isinstance(m, One | Many)}
        for suffix in ("", *_PARTS):
            _read_from_answer(schema, f"{name}{suffix}", relations if not suffix else {})
    _read_from_answer(schema, "PageInfo", {})
    node = schema.type_map[_NODE]
    assert is_interface_type(node)
    node.resolve_type = _kind


def _read_from_answer(schema: GraphQLSchema, name: str, relations: Mapping[str, One | Many]) -> None:
    shown = schema.type_map.get(name)
    if shown is None:
        return
    assert is_object_type(shown)
    shown.is_type_of = None
    for field_name, field in shown.fields.items():
        relation = relations.get(field_name)
        field.resolve = _allowed(RECORDS[relation.target]) if relation else _from_answer


def _kind(source: Mapping[str, Any], info: ResolveInfo, _: Any) -> str:
    """The type of a node; raises `Forbidden` for a caller who may not see it."""
    kind: str = source[KIND]
    info.context.caller.require(access(RECORDS[kind]).read)
    return kind


def _from_answer(source: Mapping[str, Any], info: ResolveInfo, **_: Any) -> Any:
    return source[str(info.path.key)]


def _allowed(target: type[Record]) -> Any:
    """Reads a relation, of which the answer holds nothing for a caller without the permission."""

    def resolve(source: Mapping[str, Any], info: ResolveInfo, **_: Any) -> Any:
        info.context.caller.require(access(target).read)
        return _from_answer(source, info)

    return resolve


def _members(record: type[Record]) -> Mapping[str, Member]:
    return {member.documented: member for member in record.members.values()}


def _included(node: SelectionNode, variables: Mapping[str, Any]) -> bool:
    """What @skip and @include say."""
    for directive in node.directives or ():
        if directive.name.value in _CONDITIONS and directive.arguments:
            value = directive.arguments[0].value
            met = variables.get(value.name.value) if isinstance(value, VariableNode) else getattr(value, "value", None)
            if met is not _CONDITIONS[directive.name.value]:
                return False
    return True
