"""What an operation selects: fields under any alias, repeated and merged, in fragments, on conditions."""

from dataclasses import dataclass
from functools import cache

from graphql import (
    ArgumentNode,
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLBoolean,
    GraphQLNonNull,
    InlineFragmentNode,
    SelectionSetNode,
    get_named_type,
    is_interface_type,
    is_leaf_type,
)

from tests.compiled.variables import named, type_named

DEEPEST = 6
CONDITION = GraphQLNonNull(GraphQLBoolean)
NODE = "Node"
LONG = "an_alias_that_is_longer_than_the_sixty_three_bytes_that_postgresql_keeps_of_a_name_and_goes_on"
TYPENAME = "__typename"


@dataclass(frozen=True)
class Chosen:
    """What a response key stands for, so that it can be selected again."""

    parent: object
    name: str
    arguments: tuple
    scope: dict


class Selections:
    """Makes selections; fields that are merged are such as may be merged."""

    def __init__(self, schema, choices, values, variables):
        self.schema = schema
        self.choices = choices
        self.values = values
        self.variables = variables
        self.fragments = {}
        self._spread = {}
        self._numbers = iter(range(10_000))

    def selection(self, parent, scope, depth=0):
        """Some fields of the type, as nodes."""
        most = 3 if depth > 1 else 4
        return tuple(self.one(parent, scope, depth) for _ in range(1 + self.choices.below(most)))

    def one(self, parent, scope, depth):
        """A field of the type, or a fragment with some."""
        kind = self.choices.below(100)
        if kind < 70:
            return self.field(parent, self._name(parent, depth), scope, depth)
        if kind < 78:
            return self.field(parent, TYPENAME, scope, depth)
        if kind < 86 and scope:
            return self._again(parent, scope, depth)
        return self._fragment(parent, scope, depth)

    def field(self, parent, name, scope, depth, inner=None):
        """One field; `inner` selects what is under it."""
        field = self.schema.get_field(parent, name)
        arguments = self._arguments(name, field) if field.args else ()
        key = self._key(parent, name, arguments, scope)
        chosen = scope.setdefault(key, Chosen(parent, name, arguments, {}))
        return self._field_node(key, chosen, depth, inner)

    def _field_node(self, key, chosen, depth, inner=None):
        target = get_named_type(self.schema.get_field(chosen.parent, chosen.name).type)
        select = inner or self.selection
        under = None if is_leaf_type(target) else SelectionSetNode(selections=select(target, chosen.scope, depth + 1))
        return FieldNode(
            alias=named(key) if key != chosen.name else None,
            name=named(chosen.name),
            arguments=chosen.arguments,
            directives=self.conditions(),
            selection_set=under,
        )

    def _name(self, parent, depth):
        """The name of a field; deeper down, more often of one that has none of its own."""
        leaves, others = names(parent)
        if not depth:
            return self.choices.of(list(parent.fields))
        if others and (not leaves or (depth < DEEPEST and self.choices.chance(44 - 5 * depth))):
            return self.choices.of(others)
        return self.choices.of(leaves)

    def _arguments(self, name, field):
        given = self.values.arguments(self.choices, name, field)
        return tuple(
            ArgumentNode(name=named(argument), value=self.variables.spelled(field.args[argument].type, value))
            for argument, value in given.items()
        )

    def _key(self, parent, name, arguments, scope):
        """The response key: one that is free, or one that stands for the same."""
        wanted = name
        if self.choices.chance(25):
            others = [one for one in parent.fields if one != name]
            wanted = self.choices.of([f"a{next(self._numbers)}", LONG, "__typename", *others[:20]])
        there = scope.get(wanted)
        if there is None or (
            there.name == name and not there.arguments and not arguments and self._merges(parent, there)
        ):
            return wanted
        return f"a{next(self._numbers)}"

    def _merges(self, parent, there):
        """Whether fields of two types may have one key: leaves of the same type may, what is under others not."""
        if there.parent is parent:
            return True
        one, other = (self.schema.get_field(type_, there.name).type for type_ in (parent, there.parent))
        return str(one) == str(other) and is_leaf_type(get_named_type(one))

    def _again(self, parent, scope, depth):
        """A field that is selected already, with a selection of its own: both are merged."""
        same = [key for key, chosen in scope.items() if chosen.parent is parent]
        if not same:
            return self.field(parent, TYPENAME, scope, depth)
        key = self.choices.of(same)
        return self._field_node(key, scope[key], depth)

    def _fragment(self, parent, scope, depth):
        condition = self.choices.of(self._conditions_of(parent))
        if condition is None:
            selected = SelectionSetNode(selections=self.selection(parent, scope, depth + 1))
            return InlineFragmentNode(type_condition=None, directives=self.conditions(), selection_set=selected)
        usable = [name for name, spread in self._spread.items() if self._fits(spread, condition, scope)]
        if usable and self.choices.chance(40):
            name = self.choices.of(usable)
            scope.update(self._spread[name][1])
            return FragmentSpreadNode(name=named(name), directives=self.conditions())
        nodes = self.selection(condition, scope, depth + 1)
        selected = SelectionSetNode(selections=nodes)
        on = type_named(condition.name)
        if self.choices.chance(50):
            return InlineFragmentNode(type_condition=on, directives=self.conditions(), selection_set=selected)
        name = f"F{len(self.fragments)}"
        self.fragments[name] = FragmentDefinitionNode(
            name=named(name), type_condition=on, variable_definitions=(), directives=(), selection_set=selected
        )
        self._spread[name] = (condition, {key: scope[key] for key in self._keys(nodes)})
        return FragmentSpreadNode(name=named(name), directives=self.conditions())

    def _conditions_of(self, parent):
        """The types that a fragment may be on; None for no condition."""
        if is_interface_type(parent):
            return [None, parent, *self.schema.get_possible_types(parent)]
        return [None, parent, *parent.interfaces]

    def _fits(self, spread, condition, scope):
        on, chosen = spread
        return on is condition and all(scope.get(key, one) is one for key, one in chosen.items())

    def _keys(self, nodes):
        """The response keys of nodes, through their fragments."""
        for node in nodes:
            if isinstance(node, FieldNode):
                yield node.alias.value if node.alias else node.name.value
            else:
                fragment = self.fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
                yield from self._keys(fragment.selection_set.selections)

    def conditions(self):
        """@skip and @include, or most often neither."""
        if not self.choices.chance(10):
            return ()
        return tuple(self._condition(name) for name in self.choices.of([["include"], ["skip"], ["skip", "include"]]))

    def _condition(self, name):
        met = (name == "include") is not self.choices.chance(30)
        value = self.variables.spelled(CONDITION, met, 60)
        return DirectiveNode(name=named(name), arguments=(ArgumentNode(name=named("if"), value=value),))


@cache
def names(parent):
    """The names of a type's fields: those of leaves, and those of others."""
    leaf = {name: is_leaf_type(get_named_type(field.type)) for name, field in parent.fields.items()}
    return [name for name in leaf if leaf[name]], [name for name in leaf if not leaf[name]]
