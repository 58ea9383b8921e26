"""How a function is called: which value is which argument."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from client.schema import Field, Parameter


class Signature:
    """The parameters of a function; where it takes one object, as a save its `input`, the fields of that object."""

    def __init__(self, field: Field, inputs: Mapping[str, tuple[Parameter, ...]]) -> None:
        self._name = field.name
        self._outer = field.parameters
        self._inner = inputs[field.parameters[0].type.core.name] if len(field.parameters) == 1 else ()

    def __str__(self) -> str:
        return f"{self._name}({', '.join(map(str, self._inner or self._outer))})"

    def given(self, args: tuple[Any, ...], keywords: dict[str, Any]) -> dict[str, Any]:
        """The arguments by name; for one object either the object itself or its fields, as positions or keywords."""
        if not self._inner:
            return self._checked(self._named(self._outer, args, keywords))
        (parameter,) = self._outer
        if not args and keywords.keys() == {parameter.name}:
            return keywords
        if len(args) == 1 and isinstance(args[0], Mapping):
            return {parameter.name: {**args[0], **keywords}}
        # What the object may hold, the server knows better: it names every field that is wrong or missing.
        return {parameter.name: self._named(self._inner, args, keywords)}

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
