"""Which rows, and what of them: both become one SQL statement that answers with the finished JSON text.

A root field says which rows (`Rows`), the selection under it says what of them (`Selected`). To-one relations are
joins, to-many relations are sub-selects, and the keys of the JSON objects are those the caller asked for, so the text
needs no further work on its way out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, Generic, TypeVar

from db.declaration import Column, Many, Member, Mixed, One, Record, Through
from db.records import RECORDS
from db.spelling import json_text

R = TypeVar("R", bound=Record)

_MOST_ARGUMENTS = 100
"""A function of PostgreSQL takes no more arguments than these."""


@dataclass(frozen=True)
class Selected:
    """One member to show, under the key that the caller wants it by; a relation with what is wanted of the record."""

    key: str
    member: Member
    selection: tuple[Selected, ...] = ()


@dataclass(frozen=True)
class Rows(Generic[R]):
    """A row of a record's table: what `source` gives, with the table's columns, for the parameters $1, $2, ….

    With a `relation`, what is shown is the list of the records that refer to the row by it. `changes` are the common
    table expressions of a save: `saved` is the row as it is now, `missing` lists the references that lead nowhere.
    """

    record: type[R]
    source: str
    parameters: tuple[Any, ...]
    relation: str = ""
    changes: str = ""

    def related(self, relation: str) -> Rows[R]:
        """The records that refer to this one, by the name of the relation."""
        return replace(self, relation=relation)


def statement(rows: Rows[Any], selection: tuple[Selected, ...]) -> str:
    """The one statement that shows this selection of these rows."""
    scope = _Scope(f"({rows.source})", count(1), rows.record.table if rows.changes else "")
    if rows.relation:
        relation = rows.record.members[rows.relation]
        assert isinstance(relation, Many)
        return f"select ({scope.query(_related(scope, scope.row, relation, selection))}) as answer"
    answer = scope.query(_object(scope, scope.row, rows.record, selection))
    if not rows.changes:
        return f"select ({answer}) as answer"
    return f"with {rows.changes} select ({answer}) as answer, (select array_agg(field) from missing) as missing"


class _Scope:
    """A from clause that grows by a join for each relation that is shown."""

    def __init__(self, source: str, numbers: Iterator[int], changed: str) -> None:
        self.numbers = numbers
        self.row = self._next_row()
        self._changed = changed
        self._from = [f"{source} {self.row}"]
        self._joined: dict[tuple[str, str], str] = {}

    def joined(self, row: str, record: type[Record], relation: One) -> tuple[str, type[Record]]:
        """The row at the other end of a relation, joined once however often it is shown."""
        target, key = RECORDS[relation.target], (row, relation.column)
        if key not in self._joined:
            other = self._joined[key] = self._next_row()
            stored_as = record.columns[relation.column].stored_as
            self._from.append(f"left join {self._rows_of(target)} {other} on {other}.id = {row}.{stored_as}")
        return self._joined[key], target

    def inner(self, record: type[Record]) -> _Scope:
        """The from clause of a sub-select."""
        return _Scope(self._rows_of(record), self.numbers, self._changed)

    def _rows_of(self, record: type[Record]) -> str:
        """The rows of a table as they are after the change: a statement does not see what it stores itself."""
        if record.table != self._changed:
            return record.table
        unchanged = f"select * from {record.table} where id <> all (array(select id from saved))"
        return f"(select * from saved union all {unchanged})"

    def query(self, shown: str, where: str = "") -> str:
        """A select of what is shown from these rows."""
        return f"select {shown} from {' '.join(self._from)}{where}"

    def _next_row(self) -> str:
        return f"r{next(self.numbers)}"


def _object(scope: _Scope, row: str, record: type[Record], selection: tuple[Selected, ...]) -> str:
    """SQL for a JSON object: response keys and the text of their values."""
    parts = ["'{'"]
    for position, selected in enumerate(selection):
        parts.append(f"""'{"," if position else ""}"{selected.key}":'""")
        parts.append(_value(scope, row, record, selected))
    return _concatenated([*parts, "'}'"])


def _value(scope: _Scope, row: str, record: type[Record], selected: Selected) -> str:
    """SQL for the JSON text of one member."""
    match selected.member:
        case Column() | Mixed() as member:
            return json_text(member, row)
        case Through() as member:
            return _value_through(scope, row, record, member.path.split("."))
        case One() as relation:
            other, target = scope.joined(row, record, relation)
            return (
                f"case when {other}.id is null then 'null' else {_object(scope, other, target, selected.selection)} end"
            )
        case Many() as relation:
            return _related(scope, row, relation, selected.selection)
    raise TypeError(selected.member)


def _value_through(scope: _Scope, row: str, record: type[Record], path: list[str]) -> str:
    """SQL for the value at the end of a path of relations; `null` where one of them leads nowhere."""
    *relations, last = path
    for relation in relations:
        member = record.members[relation]
        assert isinstance(member, One)
        row, record = scope.joined(row, record, member)
    return f"coalesce({json_text(record.columns[last], row)}, 'null')"


def _related(scope: _Scope, row: str, relation: Many, selection: tuple[Selected, ...]) -> str:
    """SQL for the list of the records that refer to a row."""
    target = RECORDS[relation.target]
    inner = scope.inner(target)
    shown = _object(inner, inner.row, target, selection)
    order = tuple(target.columns[name].stored_as for name in (relation.order, "id"))
    refers = f" where {inner.row}.{target.columns[relation.by].stored_as} = {row}.id"
    return f"({inner.query(_list(inner.row, shown, order), refers)})"


def _list(row: str, shown: str, order: tuple[str, ...]) -> str:
    ordered = ", ".join(f"{row}.{column}" for column in dict.fromkeys(order))
    return f"coalesce('[' || string_agg({shown}, ',' order by {ordered}) || ']', '[]')"


def _concatenated(parts: list[str]) -> str:
    """The parts one after the other, in calls of no more arguments than PostgreSQL takes."""
    while len(parts) > 1:
        groups = [parts[start : start + _MOST_ARGUMENTS] for start in range(0, len(parts), _MOST_ARGUMENTS)]
        parts = [f"concat({', '.join(group)})" for group in groups]
    return parts[0]
