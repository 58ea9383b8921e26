"""How much an operation may ask for: what is counted before any of it is run, and most of it before it is validated."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLSchema,
    GraphQLSyntaxError,
    InlineFragmentNode,
    IntValueNode,
    Lexer,
    ListValueNode,
    NamedTypeNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    Source,
    TokenKind,
    ValueNode,
    VariableNode,
    get_named_type,
    is_composite_type,
    is_list_type,
)
from graphql.utilities.type_from_ast import type_from_ast

from resolvers.derive import USUAL_SIZE
from resolvers.selection import response_key

_BRACKETS = {
    **dict.fromkeys((TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L), 1),
    **dict.fromkeys((TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R), -1),
}
_NUMBERS = (TokenKind.INT, TokenKind.FLOAT)
_MOST_DIGITS_OF_A_NUMBER = 400
"""The longest number that a Float can be has fewer."""
_MOST_DIGITS = 12
"""Of a size, which is refused anyway if it has more."""
_SCHEMA_FIELDS = {"__schema", "__type"}
_SCHEMA_WEIGHT = 5
"""How many root fields a question about the schema counts as: its answer may take a fifth of a second."""
_QUERY = "Query"
_TREE = "Tree"
"""Of a tree a root field gives the first level, which is short."""
_BULK = "inputs"
"""The argument of what saves many records."""
_SUPPOSED_LIST = 4
"""How many records a list is supposed to have of which nobody says how long it is."""
_SUPPOSED_ALL = 1_000
"""The same of a list that is a root field, as all records of a kind: as long as the longest page."""
_SUPPOSED_BRANCHES = 2
"""The same of what is below a record in a tree of its own kind, where all levels together are one table."""

MOST_VALUES = 25_000
"""How many values may be sent at once where not many records are saved: more take longer than others should wait."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The most of each thing that one operation may have; each is the setting `MES_ORDERS_MAX_<NAME>`."""

    characters: int = 15_000
    tokens: int = 1_000
    nesting: int = 100
    depth: int = 10
    aliases: int = 30
    root_fields: int = 10
    fields: int = 2_000
    repetitions: int = 20
    directives: int = 50
    cost: int = 250_000
    values: int = 5_000

    def check(self, limit: str, value: int) -> None:
        """Raise `TooComplex` where there is more of it than may be."""
        most = getattr(self, limit)
        if value > most:
            raise TooComplex(limit, value, most)


class TooComplex(GraphQLError):  # noqa: N818 (a word for the event)
    """An operation asks for more than a limit allows."""

    def __init__(self, limit: str, value: int, most: int) -> None:
        named = limit.replace("_", " ")
        super().__init__(
            f"The operation is too complex: its {named} must be at most {most:,}. Ask for less at a time, or have the "
            f"server's MES_ORDERS_MAX_{limit.upper()} raised.",
            extensions={"code": "QUERY_TOO_COMPLEX", "limit": named, "value": min(value, 2**53), "max": most},
        )


Path = tuple[str, ...]
"""Response keys, and the names of fragments that are spread, from the definition on."""
Met = dict[Path, int]
"""How often there is a field at each path, or a fragment is spread."""
Size = Callable[[Mapping[str, Any]], int]
"""How long a list is at most, by the variables as they are given."""


@dataclass(slots=True, eq=False)
class Cost:
    """A field costs 1; what is under a list costs as much as often as the list is long at most.

    `sized` has what is under lists whose length the variables tell: how often it is there, the length, and the cost.
    """

    fixed: int = 0
    sized: dict[int, tuple[int, Size, "Cost"]] = field(default_factory=dict)

    def add(self, other: "Cost", times: int = 1) -> None:
        """Count another one too, so many times."""
        self.fixed += times * other.fixed
        for key, (count, size, inner) in other.sized.items():
            known = self.sized[key][0] if key in self.sized else 0
            self.sized[key] = known + times * count, size, inner

    def add_sized(self, other: "Cost", size: "int | Size", key: int) -> None:
        """Count what is under a list, which has this key."""
        if isinstance(size, int):
            self.add(other, size)
        else:
            self.sized[key] = 1, size, other

    def total(self, variables: Mapping[str, Any]) -> int:
        """The cost with these variables."""
        return self._total(variables, {}) if self.sized else self.fixed

    def _total(self, variables: Mapping[str, Any], known: dict[int, int]) -> int:
        for key, (_, size, inner) in self.sized.items():
            if key not in known:
                known[key] = max(size(variables), 0) * inner._total(variables, known)  # noqa: SLF001 (of its own kind)
        return self.fixed + sum(count * known[key] for key, (count, *_) in self.sized.items())


@dataclass(slots=True)
class Measured:
    """What was counted of a selection, with all that its fragments bring along each time they are spread."""

    root_fields: int = 0
    fields: int = 0
    depth: int = 0
    aliases: int = 0
    directives: int = 0
    cost: Cost = field(default_factory=Cost)
    introspecting: bool = False
    bulk: bool = False
    """Whether it saves many records with one call."""
    saved: Cost = field(default_factory=Cost)
    """How many records it saves with such calls."""
    limits: Limits = field(default_factory=Limits)

    def check_cost(self, variables: Mapping[str, Any]) -> int:
        """The cost with these variables. Raises `TooComplex`."""
        total = self.cost.total(variables)
        self.limits.check("cost", total)
        return total

    def add(self, other: "Measured") -> None:
        """Count another selection of the same object too."""
        self._take(other, other.depth)
        self.root_fields += other.root_fields
        self.cost.add(other.cost)

    def add_under(self, node: FieldNode, other: "Measured", size: "int | Size") -> None:
        """Count what is selected under a field, of so many records."""
        self._take(other, other.depth + 1)
        self.cost.add_sized(other.cost, size, id(node))

    def _take(self, other: "Measured", depth: int) -> None:
        self.depth = max(self.depth, depth)
        self.fields += other.fields
        self.aliases += other.aliases
        self.directives += other.directives
        self.introspecting |= other.introspecting
        self.bulk |= other.bulk
        self.saved.add(other.saved)


def check_text(text: str, limits: Limits) -> None:
    """Raise `TooComplex` for a document that takes too long to parse; what else is wrong with it, the parser says."""
    limits.check("characters", len(text))
    lexer, tokens, nesting = Lexer(Source(text)), 0, 0
    try:
        while (token := lexer.advance()).kind is not TokenKind.EOF:
            kind = token.kind
            if kind in _NUMBERS and len(token.value or "") > _MOST_DIGITS_OF_A_NUMBER:
                raise GraphQLError("A number has too many digits.", extensions={"code": "GRAPHQL_PARSE_FAILED"})
            tokens += 1
            nesting += _BRACKETS.get(kind, 0)
            limits.check("tokens", tokens)
            limits.check("nesting", nesting)
    except GraphQLSyntaxError:
        return


def measured(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, limits: Limits
) -> Measured:
    """What an operation asks for. Raises `TooComplex`."""
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    measuring = _Measuring(schema, fragments, limits)
    # The other definitions are not run, but they are validated too.
    for one in document.definitions:
        if isinstance(one, OperationDefinitionNode) and one is not operation:
            measuring.operation(one)
    for name in fragments:
        measuring.fragment(name)
    found = measuring.operation(operation)
    limits.check("fields", found.fields)
    limits.check("depth", found.depth)
    limits.check("aliases", found.aliases)
    limits.check("directives", found.directives)
    if not found.cost.sized:
        found.check_cost({})
    return found


def values(given: Any) -> int:
    """How many members of objects and items of lists there are in a value, those inside of others too."""
    if isinstance(given, dict):
        return len(given) + sum(map(values, given.values()))
    return len(given) + sum(map(values, given)) if isinstance(given, list) else 0


class _Measuring:
    """Counts, with one visit to each fragment."""

    def __init__(self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode], limits: Limits) -> None:
        self._schema = schema
        self._fragments = fragments
        self._limits = limits
        self._known: dict[str, tuple[Measured, Met]] = {}

    def operation(self, node: OperationDefinitionNode) -> Measured:
        """What it asks for; its own directives and those of its variables are counted as well."""
        found, _ = self._definition(node.selection_set, self._schema.get_root_type(node.operation))
        variables = node.variable_definitions or ()
        found.directives += len(node.directives or ()) + sum(len(one.directives or ()) for one in variables)
        self._limits.check("root_fields", found.root_fields)
        return found

    def fragment(self, name: str) -> tuple[Measured, Met]:
        """What a fragment asks for, and what is met in it."""
        if name not in self._known:
            # One that leads to itself is not valid: it is enough to come to an end.
            self._known[name] = Measured(), {}
            node = self._fragments.get(name)
            if node:
                found, met = self._definition(node.selection_set, self._kind(node.type_condition))
                found.directives += len(node.directives or ())
                self._known[name] = found, met
        return self._known[name]

    def _definition(self, node: SelectionSetNode, kind: Any) -> tuple[Measured, Met]:
        found, met = Measured(limits=self._limits), Met()
        self._count(found, node, kind, (), met)
        return found, met

    def _count(self, found: Measured, node: SelectionSetNode, kind: Any, path: Path, met: Met) -> None:
        """Count what is selected; `met` is from the definition on.

        To find out whether fields at the same path can be merged takes time that grows with the square of their number.
        """
        for one in node.selections:
            found.directives += len(one.directives or ())
            if isinstance(one, InlineFragmentNode):
                self._count(found, one.selection_set, self._kind(one.type_condition) or kind, path, met)
                continue
            here = (*path, _key(one))
            self._meet(here, met)
            if isinstance(one, FragmentSpreadNode):
                self._spread(found, one.name.value, path, met, again=met[here] > 1)
                continue
            assert isinstance(one, FieldNode)
            self._field(found, one, kind, here, met)

    def _meet(self, path: Path, met: Met, times: int = 1) -> None:
        met[path] = met.get(path, 0) + times
        self._limits.check("repetitions", met[path])

    def _spread(self, found: Measured, name: str, path: Path, met: Met, *, again: bool) -> None:
        """Count what a fragment brings along; what is spread `again` in the same place is the same there."""
        measured, inside = self.fragment(name)
        found.add(measured)
        self._limits.check("fields", found.fields)
        for inner, times in () if again else inside.items():
            self._meet((*path, *inner), met, times)

    def _field(self, found: Measured, node: FieldNode, kind: Any, path: Path, met: Met) -> None:
        """Count a field with all that is under it."""
        found.fields += 1
        found.root_fields += _SCHEMA_WEIGHT if node.name.value in _SCHEMA_FIELDS else 1
        found.aliases += node.alias is not None
        found.depth = max(found.depth, 1)
        found.cost.fixed += 1
        # How deep a question about the schema may go, validation says.
        found.introspecting |= node.name.value in _SCHEMA_FIELDS
        for argument in node.arguments or ():
            if argument.name.value == _BULK:
                found.bulk = True
                found.saved.add_sized(Cost(1), _length(argument.value), id(node))
        if node.selection_set is None or node.name.value in _SCHEMA_FIELDS:
            return
        definition = getattr(kind, "fields", {}).get(node.name.value)
        inner = Measured()
        self._count(inner, node.selection_set, definition and get_named_type(definition.type), path, met)
        found.add_under(node, inner, _size(kind, definition, node) if definition else 1)

    def _kind(self, node: NamedTypeNode | None) -> Any:
        return type_from_ast(self._schema, node) if node else None


def _key(node: SelectionNode) -> str:
    """The response key of a field, or the name of a fragment that is spread."""
    if isinstance(node, FragmentSpreadNode):
        return f"...{node.name.value}"
    assert isinstance(node, FieldNode)
    return response_key(node)


def _size(parent: Any, definition: GraphQLField, node: FieldNode) -> int | Size:  # noqa: PLR0911 (one for each kind of list)
    """How many records a field gives at most: as its arguments say, or as many as lists are supposed to have."""
    given = {argument.name.value: argument.value for argument in node.arguments or ()}
    kind = get_named_type(definition.type).name
    if kind.endswith("Connection"):
        return _larger([_told(given[name], 0) for name in ("first", "last") if name in given])
    if kind.endswith("Page"):
        return _told(given["queryRequest"], USUAL_SIZE, "pageSize") if "queryRequest" in given else USUAL_SIZE
    if not _is_list(definition) or not is_composite_type(get_named_type(definition.type)):
        return 1
    if _BULK in given:
        # There is as much to save already.
        return 1
    for name, argument in definition.args.items():
        if is_list_type(getattr(argument.type, "of_type", argument.type)) and name in given:
            return _length(given[name])
    if kind == parent.name:
        return _SUPPOSED_BRANCHES
    if parent.name == _QUERY and not kind.endswith(_TREE):
        return _SUPPOSED_ALL
    # The records of a page or a connection are counted there.
    return 1 if parent.name.endswith(("Page", "Connection")) else _SUPPOSED_LIST


def _is_list(definition: GraphQLField) -> bool:
    kind: Any = definition.type
    return is_list_type(kind) or is_list_type(getattr(kind, "of_type", None))


def _told(value: ValueNode, otherwise: int, key: str | None = None) -> int | Size:
    """The number that a value is, or that is under the key of it."""
    if isinstance(value, VariableNode):
        name = value.name.value
        return lambda variables: _number(variables.get(name), otherwise, key)
    if isinstance(value, ObjectValueNode) and key:
        inner = next((one.value for one in value.fields if one.name.value == key), None)
        return otherwise if inner is None else _told(inner, otherwise)
    if isinstance(value, IntValueNode):
        return max(0, int(value.value[:_MOST_DIGITS]))
    return otherwise


def _larger(sizes: list[int | Size]) -> int | Size:
    """The largest of what `first` and `last` say; where they say nothing, the usual size."""

    def size(variables: Mapping[str, Any]) -> int:
        return max((one if isinstance(one, int) else one(variables) for one in sizes), default=0) or USUAL_SIZE

    return size if any(callable(one) for one in sizes) else size({})


def _length(value: ValueNode) -> int | Size:
    """How many items a list has; what is no list stands for a list of it alone."""
    if isinstance(value, VariableNode):
        name = value.name.value
        return lambda variables: len(given) if isinstance(given := variables.get(name), list) else 1
    return len(value.values) if isinstance(value, ListValueNode) else 1


def _number(value: Any, otherwise: int, key: str | None) -> int:
    if key is not None and isinstance(value, Mapping):
        value = value.get(key)
    return value if isinstance(value, int) else otherwise
