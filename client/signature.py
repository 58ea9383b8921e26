"""How a function is called: which value is which argument."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from client.selection import keys

if TYPE_CHECKING:
    from client.schema import Field, Parameter, Schema

# Documented in two forms, of which the longer does not begin as the shorter does.
FORMS = {"getShift": (("id",), ("locationIdOrPath", "name"))}


class Signature:
    """The parameters of a function; where it takes one object, as a save its `input`, the fields of that object.

    A record that was read can be given back to a save: what it shows and a save does not take is left out.
    """

    def __init__(self, field: Field, schema: Schema) -> None:
        only = field.parameters[0].type if len(field.parameters) == 1 else None
        fields = schema.inputs.get(only.core.name, ()) if only else ()
        self._name = field.name
        self._outer = field.parameters
        self._inner = () if only and only.listed else fields
        self._shown_only = _shown_only(schema, only.core.name) if only and fields else set()

    def __str__(self) -> str:
        return f"{self._name}({', '.join(map(str, self._inner or self._outer))})"

    def given(self, args: tuple[Any, ...], keywords: dict[str, Any]) -> dict[str, Any]:
        """The arguments by name; for one object either the object itself or its fields, as positions or keywords."""
        if self._inner:
            (parameter,) = self._outer
            return {parameter.name: self._taken(self._object(parameter.name, args, keywords))}
        given = self._checked(self._named(self._form(args, keywords), args, keywords))
        return {name: self._taken(value) for name, value in given.items()} if self._shown_only else given

    def _taken(self, given: Any) -> Any:
        """What the function takes of an object, or of each in a list of them."""
        if isinstance(given, list | tuple):
            return [self._taken(each) for each in given]
        if not isinstance(given, Mapping):
            return given
        # Of all else the object may hold, the server knows better: it names every field that is wrong or missing.
        return {key: value for key, value in given.items() if key not in self._shown_only}

    def _object(self, name: str, args: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        if not args and keywords.keys() == {name}:
            return keywords[name]
        if len(args) == 1 and isinstance(args[0], Mapping):
            return {**args[0], **keywords}
        return self._named(self._inner, args, keywords)

    def _form(self, args: tuple[Any, ...], keywords: dict[str, Any]) -> tuple[Parameter, ...]:
        """The parameters in the order of the form that the call has."""
        for form in FORMS.get(self._name, ()):
            if len(args) <= len(form) and keywords.keys() == set(form[len(args) :]):
                by_name = {each.name: each for each in self._outer}
                return tuple(by_name[name] for name in form)
        return self._outer

    def _named(
        self, parameters: tuple[Parameter, ...], args: tuple[Any, ...], keywords: dict[str, Any]
    ) -> dict[str, Any]:
        if len(args) > len(parameters):
            raise TypeError(f"{self} was given {len(args)} arguments.")
        positional = {each.name: value for each, value in zip(parameters, args, strict=False)}
        twice = positional.keys() & keywords.keys()
        if twice:
            raise TypeError(f"{self} was given {', '.join(sorted(twice))} twice.")
        return positional | keywords

    def _checked(self, given: dict[str, Any]) -> dict[str, Any]:
        unknown = given.keys() - {each.name for each in self._outer}
        missing = [each.name for each in self._outer if each.required and each.name not in given]
        if unknown:
            raise TypeError(f"{self} has no parameter {', '.join(sorted(unknown))}.")
        if missing:
            raise TypeError(f"{self} needs {', '.join(missing)}.")
        return given


def _shown_only(schema: Schema, input_name: str) -> set[str]:
    """The keys of a record that was read, as `createdDate`, which the input to save it does not have."""
    shown = {key for save in schema.saves(input_name) for key in keys(schema, save.type.core.name)}
    return shown - {each.name for each in schema.inputs[input_name]}
