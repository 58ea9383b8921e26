"""What a statement's text is put together from: numbered rows, tables, joins."""

from __future__ import annotations

from collections.abc import Mapping

from db.declaration import Many, One, Record
from db.records import RECORDS


class Building:
    """One statement in the making: the names of its rows, and where a table's rows are to be read."""

    def __init__(self, instead: Mapping[str, str], most: int) -> None:
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


class Scope:
    """A from clause that grows by a join for each relation that is shown."""

    def __init__(self, building: Building, source: str, beside: str = "") -> None:
        self.building = building
        self.row = building.row()
        self._from = [f"{beside}{source} {self.row}"]
        self._joined: dict[tuple[str, str], str] = {}

    def joined(self, row: str, record: type[Record], relation: One, *, one_by_one: bool = False) -> str:
        """The row at the other end of a relation, joined once however often it is shown.

        Where rows are looked up `one_by_one`, PostgreSQL has no choice of how to join them.
        """
        table, key = self.building.table(RECORDS[relation.target]), (row, relation.column)
        if key not in self._joined:
            other = self._joined[key] = self.building.row()
            refer = refers(row, record, relation, other)
            if one_by_one:
                joined = f"lateral (select * from {table} {other} where {refer} offset 0) {other} on true"
            else:
                joined = f"{table} {other} on {refer}"
            self._from.append(f"left join {joined}")
        return self._joined[key]

    @property
    def grown(self) -> bool:
        """Whether there is a join in it: then PostgreSQL gives the rows in any order."""
        return bool(self._joined)

    def query(self, shown: str, clauses: str = "") -> str:
        """A select of what is shown from these rows."""
        return f"select {shown} from {' '.join(self._from)} {clauses}"


def refers(row: str, record: type[Record], relation: One | Many, other: str) -> str:
    """SQL for whether another row is one to which the relation leads from this one."""
    if isinstance(relation, One):
        return f"{other}.id = {row}.{record.columns[relation.column].stored_as}"
    by, of = RECORDS[relation.target].columns[relation.by], record.columns[relation.of]
    led = f"{other}.{by.stored_as} = {row}.{of.stored_as}"
    if not relation.unless:
        return led
    unless = record.columns[relation.unless].stored_as
    return f"{led} and {row}.{of.stored_as} is distinct from {row}.{unless}"
