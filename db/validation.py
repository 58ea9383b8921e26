"""The checks of an input before it is stored: every violation of it, by field."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from db.declaration import Column, Record, documented_name
from db.labels import label_violations, normalized
from db.records import RECORDS

Violations = dict[str, list[str]]
"""Messages by field, each a phrase that follows the field's name; `documented` gives the documented names."""


def first_of(violations: Violations, most: int, field: str, wrong: str) -> Violations:
    """What is wrong; of more than `most` the first ones, and for the field that it has so many more `wrong` ones."""
    rest = len(violations) - most
    return {**dict(list(violations.items())[:most]), field: [f"have {rest:,} more {wrong}"]} if rest > 0 else violations


def checked(
    record: type[Record], changes: Mapping[str, Any], before: Mapping[str, Any] | None
) -> tuple[dict[str, Any], Violations]:
    """The values to store for these changes, and what is wrong with them; `before` is the stored record, if any.

    The values of a new record are complete, with the defaults of the fields that are left out.
    """
    rules = _rules(record)  # type: ignore[arg-type] # Classes are hashable.
    values = {} if before else {**rules.defaults}
    violations: Violations = {}
    for field, value in changes.items():
        values[field] = value
        if check := _CHECKS.get(type(value)):
            values[field], messages = check(record.columns[field], value)
            if messages:
                violations[field] = messages
    for field in rules.required:
        if values.get(field) is None and (before is None or field in changes):
            violations[field] = ["is required"]
    whole = {**before, **values} if before else values
    for column in rules.bounded:
        if _falls_below(column, whole, violations):
            assert column.not_below
            violations[column.name] = [f"must not be less than {record.columns[column.not_below].documented}"]
    if not violations:
        return values, violations
    # In the order in which the fields are given, then those that are not.
    return values, {field: violations[field] for field in (*changes, *violations) if field in violations}


def without_nulls(record: type[Record], given: Mapping[str, Any]) -> dict[str, Any]:
    """What is given, where null is given for a field that can't be null: as if it were left out."""
    return {
        field: value
        for field, value in given.items()
        if value is not None or field not in record.columns or record.columns[field].nullable
    }


def missing_references(record: type[Record], fields: Iterable[str]) -> Violations:
    """The violations of references that lead nowhere."""
    targets = {field: RECORDS[str(record.columns[field].target)] for field in fields}
    return {field: [f"refers to no {target.singular} that is there"] for field, target in targets.items()}


def documented(violations: Violations) -> Violations:
    """The violations by the documented names of the fields."""
    return {documented_name(field): messages for field, messages in violations.items()}


@dataclass(frozen=True)
class _Rules:
    """What new records take for the fields that are left out, the fields they need, and those that others bound."""

    defaults: Mapping[str, Any]
    required: tuple[str, ...]
    bounded: tuple[Column, ...]


@cache
def _rules(record: type[Record]) -> _Rules:
    columns = record.columns.values()
    return _Rules(
        {column.name: column.default for column in columns if column.given and not column.required},
        tuple(column.name for column in columns if column.required),
        tuple(column for column in columns if column.not_below),
    )


def text_violations(text: str, max_length: int) -> list[str]:
    """What is wrong with a text of several lines."""
    messages = []
    if len(text) > max_length:
        messages.append(f"must have at most {max_length:,} characters")
    # What can be printed is looked at as a whole: to go over the characters takes a hundred times as long.
    if not text.isprintable() and any(
        unicodedata.category(character) in {"Cc", "Cs"} and character not in "\t\n\r" for character in text
    ):
        messages.append("must not contain control characters")
    return messages


def _text(column: Column, text: str) -> tuple[str, list[str]]:
    if not column.label:
        return text, text_violations(text, column.max_length)
    label = normalized(text)
    return label, label_violations(label, column.max_length)


def _number(column: Column, number: float) -> tuple[float, list[str]]:
    if not math.isfinite(number):
        return number, ["must be a finite number"]
    if column.minimum is not None and number < column.minimum:
        return number, [f"must be at least {column.minimum:g}"]
    return number, []


def _list(column: Column, items: list[str]) -> tuple[list[str], list[str]]:
    """A list is stored as comma-separated values."""
    if not items:
        return items, ["must not be empty"]
    messages = [message for item in items for message in label_violations(item.strip(), column.max_length)]
    if any("," in item for item in items):
        messages.append("must not contain commas")
    return items, list(dict.fromkeys(messages))


_CHECKS: dict[type, Callable[[Column, Any], tuple[Any, list[str]]]] = {
    str: _text,
    float: _number,
    int: _number,
    list: _list,
}
"""For values of a type: the value as it is stored, and what is wrong with it. A value of another type is right."""


def _falls_below(column: Column, values: Mapping[str, Any], violations: Violations) -> bool:
    """Whether both bounds are there, are valid, and are the wrong way round."""
    if not column.not_below or violations.get(column.name) or violations.get(column.not_below):
        return False
    lower, upper = values.get(column.not_below), values.get(column.name)
    return lower is not None and upper is not None and upper < lower


def differing(before: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that are not those of the stored record."""
    return {field: value for field, value in values.items() if before[field] != value}
