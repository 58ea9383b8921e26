"""Values as they stand in a document: spelled there, or given with the request."""

import re
from types import NoneType

from graphql import (
    BooleanValueNode,
    EnumValueNode,
    FloatValueNode,
    GraphQLNonNull,
    IntValueNode,
    ListValueNode,
    NamedTypeNode,
    NameNode,
    NullValueNode,
    ObjectFieldNode,
    ObjectValueNode,
    StringValueNode,
    VariableDefinitionNode,
    VariableNode,
    is_enum_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
    parse_type,
)

NUMBERS = ["1e3", "1.5E+2", "-0", "0.0", "12345678901234567890", "1E400", "-0.0e-0"]
PLAIN = {
    NoneType: lambda _: NullValueNode(),
    bool: lambda value: BooleanValueNode(value=value),
    int: lambda value: IntValueNode(value=str(value)),
    float: lambda value: FloatValueNode(value=repr(value)),
}
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_USED, _BOOLEANS = 22, ("true", "false", "null")


def named(name):
    return NameNode(value=name)


class Variables:
    """The variables of one operation, as they are needed: their definitions, and what is given for them."""

    def __init__(self, choices, wrong):
        self.definitions = {}
        self.given = {}
        self.choices = choices
        self._wrong = wrong
        self._types = {}

    def spelled(self, type_, value, used=_USED):
        """A value for a place of this type: written there, a variable, or with variables in it."""
        if self.choices.chance(used):
            return VariableNode(name=named(self._variable(type_, value)))
        return self.literal(type_, value, lambda inner, one: self.spelled(inner, one, used // 2))

    def literal(self, type_, value, inner=None):
        """A value as it is written; `inner` spells what it holds."""
        inner = inner or self.literal
        if is_non_null_type(type_):
            return self.literal(type_.of_type, value, inner)
        if is_list_type(type_) and isinstance(value, list):
            return self._list(type_.of_type, value, inner)
        if is_input_object_type(type_) and isinstance(value, dict):
            return ObjectValueNode(fields=tuple(self._field(type_, name, one, inner) for name, one in value.items()))
        if is_enum_type(type_) and isinstance(value, str) and _NAME.fullmatch(value) and value not in _BOOLEANS:
            return EnumValueNode(value=value)
        return self._scalar(value)

    def _list(self, type_, values, inner):
        """The values as a list; one value may also stand for a list of it."""
        if len(values) == 1 and values[0] is not None and self.choices.chance(20):
            return self.literal(type_, values[0], inner)
        return ListValueNode(values=tuple(inner(type_, one) for one in values))

    def _field(self, type_, name, value, inner):
        field = type_.fields.get(name)
        node = inner(field.type, value) if field else self._scalar(value)
        return ObjectFieldNode(name=named(name), value=node)

    def _scalar(self, value):
        """A value of which no type says how it is written."""
        if isinstance(value, list):
            return ListValueNode(values=tuple(self._scalar(one) for one in value))
        if isinstance(value, dict):
            fields = ((name, self._scalar(one)) for name, one in value.items() if _NAME.fullmatch(name))
            return ObjectValueNode(fields=tuple(ObjectFieldNode(name=named(name), value=node) for name, node in fields))
        if isinstance(value, str):
            return StringValueNode(value=value, block=self.choices.chance(4) and value.isprintable())
        if isinstance(value, float) and self.choices.chance(10):
            return FloatValueNode(value=self.choices.of(NUMBERS))
        return PLAIN[type(value)](value)

    def _variable(self, type_, value):
        """The name of a variable that may stand in a place of this type, and most often has the value."""
        same = self._types.get(str(type_), [])
        if same and self.choices.chance(30):
            return self.choices.of(same)
        name = f"v{len(self.definitions)}"
        form = self.choices.of(self._forms(type_, value))
        self._define(name, *form)
        self._types.setdefault(str(type_), []).append(name)
        return name

    def _forms(self, type_, value):
        """What a variable may be: its type, whether it has a default, and what is given; nothing, as an empty list."""
        nullable = type_.of_type if is_non_null_type(type_) else type_
        plain = [(type_, None, [value])] * 6
        if value is None:
            return [*plain, (type_, None, []), (type_, [None], [])]
        # A nullable variable may stand in a place that is not, if it has a default; null is told when it is used.
        defaulted = [(nullable, [value], given) for given in ([], [], [value], [None])]
        more = [(GraphQLNonNull(nullable), None, [value]), (GraphQLNonNull(nullable), [value], [])]
        if not is_non_null_type(type_):
            more += [(type_, None, []), (type_, None, [None])]
        wrong = [(type_, None, [self._wrong(self.choices)])] if self.choices.chance(6) else []
        missing = [(type_, None, [])] if self.choices.chance(2) else []
        return [*plain, *defaulted, *more, *wrong * 4, *missing * 4]

    def _define(self, name, type_, default, given):
        self.definitions[name] = VariableDefinitionNode(
            variable=VariableNode(name=named(name)),
            type=parse_type(str(type_)),
            default_value=self.literal(type_, default[0]) if default else None,
            directives=(),
        )
        if given:
            self.given[name] = given[0]


def type_named(name):
    return NamedTypeNode(name=named(name))
