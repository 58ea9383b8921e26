"""Mixed values: JSON values that are checked and kept by a data type."""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from db.enumerations import DataType
from db.errors import LONGEST_ECHO
from db.instant import parsed_instant
from db.spelling import VALUE_COLUMNS, value_column
from db.validation import text_violations

LEFT_OUT = object()
"""Stands for a value that an input leaves out, since null is a value."""

_LONGEST_TEXT = 10_000
_INT64 = range(-(2**63), 2**63)
_INEXACT = 2**53
"""From here on a float may stand for another integer than the one that was sent."""


class Misfit(Exception):  # noqa: N818 (a word for the event)
    """The value is not of the data type, or breaks a rule of its property: a phrase that follows the field's name."""


def fitting(data_type: DataType, value: Any, rules: Mapping[str, Any]) -> Any:
    """The JSON value as it is kept; `Misfit` if it is not of the data type, or breaks the property's rules."""
    if value is None:
        return None
    kept = _CONVERSIONS[data_type](value)
    if kept is None:
        raise Misfit(_EXPECTED[data_type])
    check_limits(data_type, kept, rules)
    return kept


def columns(data_type: DataType, kept: Any, prefix: str = "") -> dict[str, Any]:
    """The value in the column of its data type, and null in the others."""
    return {f"{prefix}{column}": kept if column == value_column(data_type) else None for column in VALUE_COLUMNS}


def kept_value(data_type: DataType, row: Mapping[str, Any], prefix: str = "") -> Any:
    """What is kept in the column of the data type."""
    return row[prefix + value_column(data_type)]


def check_limits(data_type: DataType, kept: Any, rules: Mapping[str, Any]) -> None:
    """`Misfit` if a number is out of the property's limits, or a value is not one of its options."""
    if data_type in (DataType.Int, DataType.Float):
        if rules["low_limit"] is not None and kept < rules["low_limit"]:
            raise Misfit(f"must be at least {_number(rules['low_limit'])}")
        if rules["high_limit"] is not None and kept > rules["high_limit"]:
            raise Misfit(f"must be at most {_number(rules['high_limit'])}")
    allowed = options(rules["options"])
    if allowed and kept not in [_option(data_type, option) for option in allowed]:
        raise Misfit(f"must be one of {', '.join(allowed)}")


def options(text: str | None) -> list[str]:
    """The values allowed, written `[a, b]` or `a, b`; none: all are."""
    inner = (text or "").strip()
    if inner.startswith("[") and inner.endswith("]"):
        inner = inner[1:-1]
    return [option for option in map(str.strip, inner.split(",")) if option]


def check_options(data_type: DataType, text: str | None) -> None:
    """`Misfit` if one of the options is no value of the data type."""
    wrong = [option for option in options(text) if _option(data_type, option) is None]
    if wrong:
        raise Misfit(f"must hold values of the type {data_type.value}, which {wrong[0][:LONGEST_ECHO]!r} is not")


def _option(data_type: DataType, text: str) -> Any:
    """The value that an option spells; None if it spells none."""
    parse = _OPTIONS.get(data_type, str)
    try:
        return _CONVERSIONS[data_type](parse(text))
    except ValueError:
        return None


def _number(limit: float) -> str:
    """A limit with all its digits, as a person writes it."""
    return str(limit).removesuffix(".0")


def _string(value: Any) -> str | None:
    return value if isinstance(value, str) and not text_violations(value, _LONGEST_TEXT) else None


def _int(value: Any) -> int | None:
    if isinstance(value, float) and value.is_integer() and abs(value) < _INEXACT:
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value in _INT64 else None


def _float(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _boolean(value: Any) -> int | None:
    return int(value) if isinstance(value, bool) else None


def _blob(value: Any) -> bytes | None:
    try:
        kept = base64.b64decode(value, validate=True) if isinstance(value, str) else None
    except (binascii.Error, ValueError):
        return None
    # The decoder takes bits and padding that say nothing; the value that is shown is to be the one that was saved.
    return kept if kept is not None and base64.b64encode(kept).decode() == value else None


_CONVERSIONS: dict[DataType, Callable[[Any], Any]] = {
    DataType.String: _string,
    DataType.Int: _int,
    DataType.Float: _float,
    DataType.Boolean: _boolean,
    DataType.DateTime: lambda value: parsed_instant(value) if isinstance(value, str) else None,
    DataType.Blob: _blob,
}
"""How a JSON value of each data type is kept; None if it is not of that type."""

_EXPECTED = {
    DataType.String: f"must be a text of at most {_LONGEST_TEXT:,} characters, without control characters",
    DataType.Int: "must be an integer of 64 bits",
    DataType.Float: "must be a finite number",
    DataType.Boolean: "must be true or false",
    DataType.DateTime: "must be an ISO 8601 instant with an offset, as 2024-12-31T19:48:44Z",
    DataType.Blob: "must be a text in base64",
}

_OPTIONS: dict[DataType, Callable[[str], Any]] = dict.fromkeys(
    (DataType.Int, DataType.Float, DataType.Boolean), orjson.loads
)
"""How an option, which is a text, becomes the JSON value of a data type; where nothing is said, it is one already."""
