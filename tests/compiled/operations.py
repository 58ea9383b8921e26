"""Operations: documents of the whole schema, with what is given for their variables."""

from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
    FieldNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    print_ast,
)
from hypothesis import strategies as st

from tests.compiled.choices import choices
from tests.compiled.selections import Selections
from tests.compiled.values import wrong
from tests.compiled.variables import Variables, named

INTROSPECTION = [
    "__schema { queryType { name } mutationType { name fields { name } } }",
    '__type(name: "Node") { name kind possibleTypes { name } }',
    '__type(name: "Nothing") { name }',
    "s: __schema { directives { name args { name type { kind ofType { name } } } } }",
    '__type(name: "ULIDFilter") { ...T } ... { __type(name: "ULIDFilter") { inputFields { name } } }',
]
SHARED_FRAGMENT = "fragment T on __Type { name description inputFields { name defaultValue } }"
# What makes a document wrong: a text of it, and what is put there instead.
BROKEN = [
    ("}", ""),
    ("{", "{ nothing "),
    ("{", "{ ...Nothing "),
    ("(", "(nothing: 1, "),
    (")", ""),
    ("$", "$$"),
    (": ", ": $undefined"),
    ("{", "{ id "),
    ("query", "subscription"),
    ("query", "query ($unused: Int = 1)"),
    ('"', '\\"'),
    ("@", "@@"),
    ("@", "@nothing "),
    ("...", "... on Int "),
    ("fragment", "fragment Unused on Node { id } fragment"),
    ("name", "nаme"),  # noqa: RUF001 (a letter that is none of a name)
]
_BYTES = 200


@dataclass(frozen=True)
class Operation:
    """What is sent."""

    document: str
    variables: dict | None = field(default_factory=dict)
    name: str | None = None

    def __str__(self):
        return f"{self.document}\n\nvariables: {self.variables!r}\noperationName: {self.name!r}"


class Operations:
    """Strategies for operations on one schema, with these values."""

    def __init__(self, schema, values):
        self._schema = schema
        self._values = values

    def __repr__(self):
        return "<operations>"

    def queries(self):
        """Any that reads."""
        return st.builds(self._query, st.lists(choices(_BYTES), min_size=1, max_size=3), choices(60))

    def mutations(self):
        """Any that changes something."""
        return st.builds(self._mutation, st.lists(choices(_BYTES), min_size=1, max_size=4), choices(60))

    def dressed(self, documents):
        """Those of another strategy, of which only the names of the fields are kept."""
        return st.builds(self._dressed, documents, choices(4 * _BYTES), choices(60))

    def _query(self, parts, form):
        return self._operation(OperationType.QUERY, self._schema.query_type, parts, form)

    def _mutation(self, parts, form):
        return self._operation(OperationType.MUTATION, self._schema.mutation_type, parts, form)

    def _operation(self, kind, root, parts, form):
        made, scope, nodes = self._selections(parts[0]), {}, []
        for part in parts:
            made.choices = made.variables.choices = part
            nodes.append(made.one(root, scope, 0))
        return _finished(kind, made, nodes, form)

    def _dressed(self, document, choices, form):
        made = self._selections(choices)
        (definition,) = document.definitions
        nodes = _again(made, self._schema.query_type, definition.selection_set, {}, 0)
        return _finished(OperationType.QUERY, made, nodes, form)

    def _selections(self, choices):
        return Selections(self._schema, choices, self._values, Variables(choices, wrong))


def _again(made, parent, selected, scope, depth):
    """The fields of a selection, with arguments, aliases, conditions, and more fields beside them."""
    nodes = []
    for node in selected.selections:
        if isinstance(node, FieldNode):

            def inner(target, scope, depth, under=node.selection_set):
                return _again(made, target, under, scope, depth)

            nodes.append(made.field(parent, node.name.value, scope, depth, inner))
        elif isinstance(node, InlineFragmentNode):
            on = made.schema.get_type(node.type_condition.name.value)
            inside = SelectionSetNode(selections=_again(made, on, node.selection_set, scope, depth))
            nodes.append(
                InlineFragmentNode(
                    type_condition=node.type_condition, directives=made.conditions(), selection_set=inside
                )
            )
        if made.choices.chance(25):
            nodes.append(made.one(parent, scope, max(depth, 3)))
    return tuple(nodes)


def _finished(kind, made, nodes, form):
    """The operation with its definitions, sometimes beside others, sometimes not right any more."""
    name = form.of([None, None, "Asked"])
    extra = ""
    if kind is OperationType.QUERY and form.chance(4):
        extra = form.of(INTROSPECTION)
    selected = SelectionSetNode(selections=tuple(nodes))
    operation = OperationDefinitionNode(
        operation=kind,
        name=named(name) if name else None,
        variable_definitions=tuple(made.variables.definitions.values()),
        directives=(),
        selection_set=selected,
    )
    definitions = [operation, *made.fragments.values()]
    if form.chance(20):
        definitions = [*definitions[1:], operation]
    text = print_ast(DocumentNode(definitions=tuple(definitions)))
    return _sent(text, extra, name, made.variables.given, form)


def _sent(text, extra, name, given, form):
    if extra:
        place = text.rindex("}") if "fragment" not in text else None
        text = f"{text[:place]}{extra}{text[place:]}" if place else text
        text += SHARED_FRAGMENT if place and "...T" in extra else ""
    asked = name if form.chance(30) else None
    if name and form.chance(12):
        text += "\nquery Other { __typename }"
        asked = form.of(["Asked", "Asked", "Other", None, "Nobody", ""])
    elif form.chance(2):
        asked = "Nobody"
    if form.chance(5):
        text = _broken(text, form)
    if form.chance(3):
        given = {**given, "unknown": 1}
    return Operation(text, given or form.of([{}, None]), asked)


def _broken(text, form):
    found, instead = form.of(BROKEN)
    places = [place for place in range(len(text)) if text.startswith(found, place)]
    if not places:
        return text[: form.below(len(text))]
    place = form.of(places)
    return f"{text[:place]}{instead}{text[place + len(found) :]}"
