"""What a statement's text is put together from: numbered rows and parameters, tables, joins."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from db.declaration import Column, Long, One, Record
from db.errors import Invalid
from db.records import RECORDS
from db.spelling import comparable, parameter, sql_type, stored

_INT64 = range(-(2**63), 2**63)
_MOST_PARAMETERS = 32_000
"""PostgreSQL takes 32,767 of them; some are needed beside the values that a caller compares with."""


class Building:
    """One statement in the making: its parameters, the names of its rows, and where a table's rows are to be read."""

    def __init__(self, parameters: Iterable[Any], instead: Mapping[str, str], most: int) -> None:
        self.parameters = list(parameters)
        self.most = most
        self._instead = instead
        self._rows = 0

    def row(self) -> str:
        """A name that no other row of the statement has."""
        self._rows += 1
        return f"r{self._rows}"

    def table(self, record: type[Record]) -> str:
        """Where the record's rows are read; of a view, perhaps elsewhere than those of the record itself."""
        return self._instead.get(record.__name__) or self._instead.get(record.table, record.table)

    def operand(self, column: Column, row: str) -> str:
        """SQL for a column's value, as it is compared and ordered."""
        return comparable(column, f"{row}.{column.stored_as}")

    def parameter(self, column: Column, value: Any, *, listed: bool = False) -> str:
        """SQL for a parameter that brings a value, or a list of them, to compare the column with."""
        kind, value = _compared_as(column, value)
        number = self._placed([stored(one) for one in value] if listed else stored(value))
        if number > _MOST_PARAMETERS:
            raise Invalid({column.documented: ["is compared too often: give a list of values to IN"]})
        if listed:
            return f"${number}::text[]::{kind}[]" if column.kind is datetime else f"${number}::{kind}[]"
        return parameter(column, number) if column.kind is datetime else f"${number}::{kind}"

    def integer(self, number: int) -> str:
        """SQL for a parameter that brings a count."""
        return f"${self._placed(number)}::bigint"

    def _placed(self, value: Any) -> int:
        """The number of a new parameter with this value."""
        self.parameters.append(value)
        return len(self.parameters)


class Scope:
    """A from clause that grows by a join for each relation that is shown."""

    def __init__(self, building: Building, source: str) -> None:
        self.building = building
        self.row = building.row()
        self._from = [f"{source} {self.row}"]
        self._joined: dict[tuple[str, str], str] = {}

    def joined(self, row: str, record: type[Record], relation: One) -> tuple[str, type[Record]]:
        """The row at the other end of a relation, joined once however often it is shown."""
        target, key = RECORDS[relation.target], (row, relation.column)
        if key not in self._joined:
            other = self._joined[key] = self.building.row()
            stored_as = record.columns[relation.column].stored_as
            self._from.append(f"left join {self.building.table(target)} {other} on {other}.id = {row}.{stored_as}")
        return self._joined[key], target

    def query(self, shown: str, clauses: str = "") -> str:
        """A select of what is shown from these rows."""
        return f"select {shown} from {' '.join(self._from)} {clauses}"


def _compared_as(column: Column, value: Any) -> tuple[str, Any]:
    """The type in PostgreSQL to compare in, and the value: an index on integers serves no number with a point."""
    if column.kind not in (int, Long):
        return ("text" if column.kind is bytes else sql_type(column)), value
    numbers = value if isinstance(value, list) else [value]
    if all(math.isfinite(number) and number == int(number) and int(number) in _INT64 for number in numbers):
        return "bigint", [int(number) for number in value] if isinstance(value, list) else int(value)
    return "double precision", value
