"""The documented QueryRequest: filters, an order and a page, as a window of a table's rows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from db.declaration import Column, Record
from db.errors import Invalid
from db.filters import CONDITIONS, MOST_CONDITIONS, UNFIT, Compared, Condition, Every, Kind, Takes, fits, kind_of
from db.keyset import MOST_KEYS
from db.rows import Sort, Window
from db.validation import Violations, first_of

_DESCENDING = {"ascending": False, "asc": False, "descending": True, "desc": True}
_TRUTH = {"true": True, "false": False}
_VALUE_KINDS = (Kind.STRING, Kind.NUMBER, Kind.DATE)
_MOST_TOLD = 20
"""How many wrong values are told of, at most: of some, all fields that there are are told too."""
_BETWEEN_WORDS = re.compile(r"[ _]")
_CONDITIONS = {_BETWEEN_WORDS.sub("", name).lower(): condition for name, condition in CONDITIONS.items()}


def window(record: type[Record], request: Mapping[str, Any], most: int) -> Window:
    """The part of a record's rows that a request asks for. Raises `Invalid` with everything that is wrong with it."""
    columns = _columns(record)  # type: ignore[arg-type] # Classes are hashable.
    violations = violations_of_request(request, most, columns)
    if violations:
        raise Invalid(violations)
    size = request.get("pageSize")
    directions = request.get("sortDirections") or []
    fields = request.get("sortFields") or []
    descending = [_DESCENDING[one.lower()] for one in directions] + [False] * (len(fields) - len(directions))
    return Window(
        matching=Every(tuple([_compared(columns[one["field"]], one) for one in request.get("filters") or ()])),
        order=tuple([Sort(columns[name], falls) for name, falls in zip(fields, descending, strict=True)]),
        size=size,
        offset=(size or 0) * (request.get("pageIndex") or 0),
    )


@cache
def _columns(record: type[Record]) -> Mapping[str, Column]:
    """A record's columns, by their documented names."""
    return {column.documented: column for column in record.columns.values()}


def violations_of_request(
    request: Mapping[str, Any], most: int, columns: Mapping[str, Column] | None = None
) -> Violations:
    """What is wrong with a request, by the names in it; what its fields are is checked only for a known record."""
    found = {
        "pageSize": _page_size(request.get("pageSize"), most),
        "pageIndex": _page_index(request.get("pageIndex"), request.get("pageSize")),
        **_sort_violations(request, columns),
    }
    filters = request.get("filters") or []
    if len(filters) > MOST_CONDITIONS:
        return {"filters": [f"must be at most {MOST_CONDITIONS}: give a list of values to IN"]}
    for place, given in enumerate(filters):
        violations = violations_of_filter(given, columns)
        found |= {f"filters[{place}].{name}": messages for name, messages in violations.items()}
    wrong = {name: messages for name, messages in found.items() if messages}
    return first_of(wrong, _MOST_TOLD, "filters", "wrong values")


def violations_of_filter(given: Mapping[str, Any], columns: Mapping[str, Column] | None = None) -> Violations:
    """What is wrong with one filter, by the names in it."""
    if not given.get("field"):
        return {"field": ["is required"]}
    if columns is not None and given["field"] not in columns:
        return {"field": [_unknown(given["field"], columns)]}
    condition = _condition(given.get("condition"))
    if condition is None:
        return {"condition": [f"must be one of {', '.join(CONDITIONS)}"]}
    unfit = {name: [UNFIT] for name, value in given.items() if name not in ("field", "condition") and not fits(value)}
    if unfit or not columns:
        return unfit or _without_a_record(condition, given)
    return _value_violations(condition, given, columns[given["field"]])


def _value_violations(condition: Condition, given: Mapping[str, Any], column: Column) -> Violations:
    """What is wrong with the values of a filter on a column."""
    kind = kind_of(column)
    if kind not in condition.kinds:
        return {"condition": [f"does not compare {column.documented}, whose values are of the kind {kind.value}"]}
    names = _value_names(condition, kind)
    if kind is Kind.BOOLEAN and names and given.get("stringValue") not in _TRUTH:
        return {"stringValue": ["must be true or false; the conditions TRUE and FALSE need no value"]}
    return {name: ["is required for this condition and field"] for name in names if given.get(name) is None}


def _compared(column: Column, given: Mapping[str, Any]) -> Compared:
    condition = _condition(given["condition"])
    assert condition
    kind = kind_of(column)
    values = [given[name] for name in _value_names(condition, kind)]
    return Compared(column, condition, tuple([_TRUTH[value] for value in values] if kind is Kind.BOOLEAN else values))


def _condition(name: str | None) -> Condition | None:
    """The condition of this name, in any case, with a blank, an underscore or nothing between its words."""
    return _CONDITIONS.get(_BETWEEN_WORDS.sub("", name or "").lower())


@cache
def _value_names(condition: Condition, kind: Kind) -> tuple[str, ...]:
    """Where a filter gives the values that a condition compares with."""
    match condition.takes:
        case Takes.NOTHING:
            return ()
        case Takes.ONE if kind is Kind.BOOLEAN:
            return ("stringValue",)
        case Takes.ONE:
            return (f"{kind.value}Value",)
        case Takes.LIST:
            return (f"{kind.value}ListValue",)
        case Takes.RANGE:
            return (f"min{kind.value.capitalize()}Value", f"max{kind.value.capitalize()}Value")


def _without_a_record(condition: Condition, given: Mapping[str, Any]) -> Violations:
    """What is wrong with the values of a filter whose field may be of any kind that the condition compares."""
    choices = [_value_names(condition, kind) for kind in _VALUE_KINDS if kind in condition.kinds]
    if not choices or any(all(given.get(name) is not None for name in names) for names in choices):
        return {}
    return {"condition": [f"needs {' or '.join(' and '.join(names) for names in choices)}"]}


def _sort_violations(request: Mapping[str, Any], columns: Mapping[str, Column] | None) -> Violations:
    """What is wrong with the order."""
    fields, directions = request.get("sortFields") or [], request.get("sortDirections") or []
    many = [name for name, given in (("sortFields", fields), ("sortDirections", directions)) if len(given) > MOST_KEYS]
    if many:
        return {name: [f"must be at most {MOST_KEYS}"] for name in many}
    unknown = [name for name in fields if columns is not None and name not in columns]
    wrong = [name for name in directions if name.lower() not in _DESCENDING]
    return {
        "sortFields": [_unknown(name, columns or {}) for name in unknown],
        "sortDirections": [
            *(f"must be Ascending, Descending, asc or desc, not {name[:64]!r}" for name in wrong),
            *(["are more than the sortFields"] if len(directions) > len(fields) else []),
        ],
    }


def _unknown(name: str, columns: Mapping[str, Column]) -> str:
    return f"has no field {name[:64]!r}; there are {', '.join(columns)}"


def _page_size(size: int | None, most: int) -> list[str]:
    return [] if size is None or 1 <= size <= most else [f"must be from 1 to {most:,}"]


def _page_index(index: int | None, size: int | None) -> list[str]:
    if not index:
        return []
    return ["must be at least 0"] if index < 0 else ["needs a pageSize"] if size is None else []
