"""What a GraphQL operation asks of the rows: its selection, read for one set of values of its conditions."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from graphql import (
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionNode,
    VariableNode,
    VariableValues,
    Visitor,
    get_argument_values,
    get_named_type,
    visit,
)

from db.change_log import Change
from db.declaration import Fixed, Many, Member, One, Paged, Record
from db.parts import CONNECTION, EDGE, PAGE, PAGE_INFO, REFERENCE, REFERENCES
from db.records import RECORDS
from db.rows import Window
from db.selection import Selected, Selection
from db.statement import Projection
from resolvers.access import Caller, Permission, access
from resolvers.windows import reached, window

NODE = "Node"
_ROWS: Mapping[str, type[Record]] = {**RECORDS, Change.__name__: Change}
SHOWN: Mapping[str, Mapping[str, Member]] = {
    **{name: {member.documented: member for member in record.members.values()} for name, record in _ROWS.items()},
    **{f"{name}Page": PAGE for name in _ROWS},
    **{f"{name}Connection": CONNECTION for name in _ROWS},
    **{f"{name}Edge": EDGE for name in _ROWS},
    "PageInfo": PAGE_INFO,
    "TableReferences": REFERENCES,
    "Reference": REFERENCE,
    NODE: {},
}
"""What is shown of rows: the members of each type, by the names of its fields."""

CONDITIONS = {"skip": False, "include": True}
Reading = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Reads the arguments of a field, by their documented names, from the coerced variables."""
_TYPE_NAMES = {name: Fixed(text=f'"{name}"', description="") for name in SHOWN}
_NODES = [name for name, record in RECORDS.items() if not record.view]


@dataclass(frozen=True, eq=False)
class Related(Selected):
    """What a relation leads to, with the fields that select it."""

    nodes: Sequence[FieldNode] = ()


@dataclass(frozen=True, eq=False)
class Connected(Related):
    """A connection, whose window follows from the arguments of a field: `read` takes them from the variables."""

    read: Reading = dict


@dataclass(frozen=True, eq=False)
class AsKind(Selected):
    """A record of one kind, as which a node may turn out."""


class Selecting:
    """Reads what is selected under the fields of an operation; `variables` are those of @skip and @include."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: Mapping[str, Any],
        reading: Callable[[GraphQLField, FieldNode], Reading],
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._variables = variables
        self._reading = reading

    def fields(self, nodes: Iterable[Any], type_name: str) -> dict[str, list[FieldNode]]:
        """The fields that are selected under these nodes, merged by response key."""
        merged: dict[str, list[FieldNode]] = {}
        visited: set[str] = set()
        for node in nodes:
            for field in self._fields(node, type_name, visited):
                merged.setdefault(response_key(field), []).append(field)
        return merged

    def under(self, nodes: list[FieldNode], type_name: str) -> Selection:
        """What is selected under these fields of what this type shows; of a node, for each record it may be."""
        if type_name == NODE:
            return tuple(AsKind(name, _TYPE_NAMES[name], self.under(nodes, name)) for name in _NODES)
        fields = self.fields(nodes, type_name)
        return tuple(self._selected(type_name, key, same) for key, same in fields.items())

    def _selected(self, type_name: str, key: str, nodes: list[FieldNode]) -> Selected:
        """One member, with what is selected of the records or parts that it leads to."""
        name = nodes[0].name.value
        if name == "__typename":
            return Selected(key, _TYPE_NAMES[type_name])
        definition = cast("GraphQLObjectType", self._schema.type_map[type_name]).fields[name]
        member, inner = SHOWN[type_name][name], get_named_type(definition.type).name
        selection = self.under(nodes, inner) if inner in SHOWN else ()
        if isinstance(member, Paged):
            return Connected(key, member, selection, nodes, self._reading(definition, nodes[0]))
        if isinstance(member, One | Many):
            return Related(key, member, selection, nodes)
        return Selected(key, member, selection)

    def _fields(self, node: Any, type_name: str, visited: set[str]) -> Iterator[FieldNode]:
        """The fields under a node, through its fragments, that are neither skipped nor of another type.

        What a named fragment has is there already when it is spread again.
        """
        for inner in node.selection_set.selections if node.selection_set else ():
            if not _included(inner, self._variables):
                continue
            if isinstance(inner, FieldNode):
                yield inner
                continue
            fragment: Any = inner
            if isinstance(inner, FragmentSpreadNode):
                if inner.name.value in visited:
                    continue
                visited.add(inner.name.value)
                fragment = self._fragments[inner.name.value]
            # A fragment on the interface is of every record; where there are no records, it is not valid.
            if fragment.type_condition is None or fragment.type_condition.name.value in (type_name, NODE):
                yield from self._fields(fragment, type_name, visited)


def response_key(node: FieldNode) -> str:
    """The key under which a field is answered."""
    return node.alias.value if node.alias else node.name.value


def arguments(definition: GraphQLField, node: FieldNode, variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """The coerced arguments of a field, by their documented names; these variables are coerced already."""
    return get_argument_values(definition, node, VariableValues({}, cast("dict[str, Any]", variables)))


def windows(projection: Projection, variables: Mapping[str, Any], most: int, caller: Caller) -> list[Window]:
    """The window of each connection that is selected.

    Raises `Invalid` for arguments that are wrong, and `Forbidden` where a filter or an order reaches what the caller
    may not see.
    """
    asked = []
    for selected in projection.connections:
        assert isinstance(selected, Connected)
        assert isinstance(selected.member, Paged)
        one = window(RECORDS[selected.member.target], selected.read(variables), most)
        require_reached(one, caller)
        asked.append(one)
    return asked


def require_reached(asked: Window, caller: Caller) -> None:
    """Raise `Forbidden` unless the caller may see what the window of a connection reaches."""
    for name in reached(asked):
        caller.require(access(RECORDS[name]).read)


def leads_to(selected: Selected) -> type[Record] | None:
    """The record that a relation leads to, or as which a node is shown: for both the caller needs a permission."""
    if isinstance(selected.member, One | Many):
        return RECORDS[selected.member.target]
    return RECORDS[selected.key] if isinstance(selected, AsKind) else None


def reads(selection: Selection) -> set[Permission]:
    """What a caller needs to see all of it."""
    needed = {access(target).read for selected in selection if (target := leads_to(selected))}
    return needed.union(*(reads(selected.selection) for selected in selection))


def conditions(node: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]) -> tuple[str, ...]:
    """The variables that @skip and @include use, in an operation and in the fragments that it reaches."""
    found, reached = _Conditions(), set[str]()
    visit(node, found)
    while unread := found.spread - reached:
        reached |= unread
        for name in unread:
            visit(fragments[name], found)
    return tuple(sorted(found.names))


class _Conditions(Visitor):
    """Collects the variables of @skip and @include, and the fragments that are spread."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.spread: set[str] = set()

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: Any) -> None:
        """Called for each spread of a fragment."""
        self.spread.add(node.name.value)

    def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
        """Called for each directive."""
        if node.name.value in CONDITIONS:
            values = (argument.value for argument in node.arguments or ())
            self.names |= {value.name.value for value in values if isinstance(value, VariableNode)}


def _included(node: SelectionNode, variables: Mapping[str, Any]) -> bool:
    """What @skip and @include say."""
    for directive in node.directives or ():
        if directive.name.value in CONDITIONS and directive.arguments:
            value = directive.arguments[0].value
            met = variables.get(value.name.value) if isinstance(value, VariableNode) else getattr(value, "value", None)
            if met is not CONDITIONS[directive.name.value]:
                return False
    return True
