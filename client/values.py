"""What a script gives, turned into the JSON values that the schema asks for."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

from client.errors import MesError

if TYPE_CHECKING:
    from collections.abc import Callable

    from client.schema import Parameter

# 19 digits are the most that 64 bits hold. A longer text stays one, and the server says what is wrong with it.
INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
NUMBERS: dict[str, tuple[re.Pattern[str], Callable[[str], float]]] = {
    "Int": (INTEGER, int),
    "Long": (INTEGER, int),
    "Float": (DECIMAL, float),
}


class Values:
    """Values for the inputs of a schema, given as the parameters of each; without any, values stay what they are."""

    def __init__(self, inputs: Mapping[str, tuple[Parameter, ...]] | None = None) -> None:
        self._inputs = inputs or {}

    def json(self, value: Any, type_name: str, name: str) -> Any:
        """The value of what is called `name`, as JSON has it: a numeric text is a number where the type is one."""
        if isinstance(value, Enum):
            return self.json(value.value, type_name, name)
        if isinstance(value, Mapping):
            types = {each.name: each.type.core.name for each in self._inputs.get(type_name, ())}
            return {key: self.json(each, types.get(key, ""), key) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.json(each, type_name, name) for each in value]
        return _scalar(value, type_name, name)


def _scalar(value: Any, type_name: str, name: str) -> Any:
    if isinstance(value, datetime):
        return _instant(value, name)
    if isinstance(value, str):
        return _number(value, type_name)
    if isinstance(value, float) and not math.isfinite(value):
        raise _refused(name, "must be a finite number")
    if value is None or isinstance(value, int | float):
        return value
    raise _refused(name, f"can't be of Python's type {type(value).__name__}")


def _instant(value: datetime, name: str) -> str:
    if value.utcoffset() is None:
        raise _refused(name, "must be a time with an offset, as datetime.now(UTC) is")
    return value.isoformat()


def _number(text: str, type_name: str) -> str | float:
    if type_name not in NUMBERS:
        return text
    pattern, number_of = NUMBERS[type_name]
    number = number_of(text) if pattern.fullmatch(text) else math.inf
    return number if math.isfinite(number) else text


def _refused(name: str, message: str) -> MesError:
    return MesError("BAD_USER_INPUT", "The input is not valid.", violations={name: [message]})
