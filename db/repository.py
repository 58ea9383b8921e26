"""Reading and saving the records of one table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

import asyncpg

from db import lookup, references, validation
from db.declaration import Record, documented_name
from db.errors import Conflict, InUse, Invalid, NotFound, Unsaved
from db.records import RECORDS
from db.rows import Rows, Shape, Window
from db.session import Session
from db.spelling import parameter, read, stored
from db.statement import Projection
from db.ulid import Ulid, new_ulid, parsed_ulid
from db.validation import Violations, documented, missing_references

R = TypeVar("R", bound=Record)


class Repository(Generic[R]):
    """The records of one table. What reads or saves says which rows; what is shown of them is the caller's business."""

    def __init__(self, record: type[R], session: Session) -> None:
        self.record = record
        self.session = session

    def row(self, source: str, *parameters: Any) -> Rows[R]:
        """The row that this SQL gives, if it gives one."""
        return Rows(self.record, source, parameters)

    def rows(self, source: str, *parameters: Any, order: str = "id") -> Rows[R]:
        """The rows that this SQL gives, in the order of these of its columns; the id breaks ties."""
        return Rows(self.record, source, parameters, Shape.LIST, order if order == "id" else f"{order}, id")

    def all(self) -> Rows[R]:
        """Every record, in the order in which they were created."""
        return self.rows(f"select * from {self.record.table}")

    def page(self, window: Window) -> Rows[R]:
        """A page of the records, with its numbers."""
        return Rows(self.record, shape=Shape.PAGE, window=window)

    def connection(self, window: Window) -> Rows[R]:
        """A part of the records between cursors."""
        return Rows(self.record, shape=Shape.CONNECTION, window=window)

    def by_id(self, record_id: Ulid) -> Rows[R]:
        """The record with this id."""
        return self.row(f"select * from {self.record.table} where id = $1", record_id)

    def by(self, field: str, text: str, argument: str) -> Rows[R]:
        """The record that an argument names by its id, or by a unique field too. Raises `Invalid` for what is no id."""
        if field != "id":
            return self.by_id_or(field, text)
        record_id = parsed_ulid(text)
        if record_id is None:
            raise Invalid({documented_name(argument): ["is no ULID, as 01JCH3ENGW-82KJDZDR-JHGYCXQN"]})
        return self.by_id(record_id)

    async def exists(self, found: Rows[R]) -> bool:
        """Whether there is such a row."""
        row = await self.session.row(f"select exists ({found.source}) as found", *found.parameters)
        return bool(row and row["found"])

    def by_id_or(self, field: str, text: str) -> Rows[R]:
        """The record with this id, or else the one whose unique field (a name, a path) is this text."""
        column = self.record.columns[field].stored_as
        return self.row(
            f"select * from {self.record.table} where id = {lookup.found(self.record, column, 1)}", *lookup.sought(text)
        )

    async def save(self, given: Mapping[str, Any]) -> Rows[R]:
        """Create a record, or change the given fields of the one with the given id.

        Raises `Invalid` with every violation, `NotFound` for an id that is not there and `Conflict` for a version
        that is not the expected one.
        """
        given = dict(given)
        record_id, expected = given.pop("id", None), given.pop("expected_version", None)
        before = await self._before(record_id, expected) if record_id else None
        values, violations = await self._checked(validation.without_nulls(self.record, given), before)
        if expected is not None and before is None:
            violations["expected_version"] = ["needs the id of the record that has it"]
        if violations:
            raise Invalid(documented({**violations, **await self._missing(values)}))
        if before is None:
            return self._insert(values)
        changes = validation.differing(before, values)
        return self._update(before["id"], changes) if changes else self.by_id(before["id"])

    async def stored_as(self, given: Mapping[str, Any], field: str) -> Rows[R] | None:
        """The stored record with the given id or, without one, the given value of a unique field; None if none is."""
        found = self._meant(given, field)
        # It is held, so that it is still there when it is shown.
        held = found and await self.session.row(f"{found.source} for key share", *found.parameters)
        return found if held else None

    async def save_unless_there(self, given: Mapping[str, Any], field: str) -> Rows[R]:
        """A new record, or the one with the same value of a unique field that another caller stored meanwhile."""
        try:
            async with self.session.transaction():
                await self.session.answer(await self.save(given), Projection(()))
        except Conflict:
            found = await self.stored_as(given, field)
            if found is None:
                raise
            return found
        saved = self._meant(given, field)
        assert saved
        return saved

    async def violations(self, given: Mapping[str, Any]) -> Violations:
        """What a save of these fields would refuse, by documented names; nothing of it is kept."""
        try:
            async with self.session.rolled_back():
                await self.session.answer(await self.save(given), Projection(()))
        except Unsaved as refusal:
            return refusal.violations or {"record": [str(refusal)]}
        return {}

    async def delete(self, found: Rows[R]) -> Ulid | None:
        """Delete the record; its id, or None if there is none. Raises `InUse`, which says what refers to it."""
        try:
            async with self.session.transaction():
                row = await self.session.row(
                    f"delete from {self.record.table} where id = (select id from ({found.source}) found) returning id",
                    *found.parameters,
                )
        except Unsaved as refusal:
            if not isinstance(refusal.__cause__, asyncpg.ForeignKeyViolationError):
                raise
            told = f"The {self.record.singular} is in use: {await references.summary(self.session, found)}."
            raise InUse(told) from refusal
        return row["id"] if row else None

    def _meant(self, given: Mapping[str, Any], field: str) -> Rows[R] | None:
        """The record that has the given id or, without one, the given value of a unique field."""
        text = given.get(field)
        if given.get("id"):
            return self.by_id(given["id"])
        # PostgreSQL can't even look for a text with NUL in it, which no record has.
        if not isinstance(text, str) or "\0" in text:
            return None
        column = self.record.columns[field].stored_as
        return self.row(f"select * from {self.record.table} where {column} = $1", validation.normalized(text))

    async def _checked(
        self, changes: dict[str, Any], before: Mapping[str, Any] | None
    ) -> tuple[dict[str, Any], Violations]:
        """The values to store for these changes, and what is wrong with them."""
        return validation.checked(self.record, changes, before)

    async def _before(self, record_id: Ulid, expected: int | None) -> Mapping[str, Any]:
        """The record as it is stored, held until the save ends."""
        before = await self._held(record_id)
        if before is None:
            message = f"There is no {self.record.singular} with the id {record_id}."
            raise NotFound(message, {"id": ["is that of no record"]})
        if expected not in (None, before["version"]):
            raise Conflict(
                f"The {self.record.singular} has version {before['version']}, not {expected}: "
                "somebody else changed it. Read it again before you save.",
                {"expectedVersion": [f"is not the version that it has, {before['version']}"]},
            )
        return before

    async def _held(self, record_id: Ulid) -> Mapping[str, Any] | None:
        """The stored fields of a record, which nobody else can change until the transaction ends."""
        row = await self.session.row(f"select * from {self.record.table} where id = $1 for no key update", record_id)
        return fields(self.record, row) if row else None

    def _insert(self, values: Mapping[str, Any]) -> Rows[R]:
        """A new record with these values, unless one of them refers to nothing."""
        stored_as, parameters = self._parameters({"id": new_ulid(), "created_by": self.session.caller, **values})
        missing = self._missing_sql(values, stored_as)
        return self._changed(
            f"""
            insert into {self.record.table} ({", ".join(stored_as)})
            select {", ".join(stored_as.values())}
            where not exists (select from missing)
            """,
            missing,
            parameters,
        )

    def _update(self, record_id: Ulid, values: Mapping[str, Any]) -> Rows[R]:
        """The record with these values changed, unless one of them refers to nothing."""
        stored_as, parameters = self._parameters({"modified_by": self.session.caller, **values})
        missing = self._missing_sql(values, stored_as)
        changes = ", ".join(f"{column} = {parameter}" for column, parameter in stored_as.items())
        return self._changed(
            f"""
            update {self.record.table}
            set {changes}, modified_date = now(), version = version + 1
            where id = ${len(parameters) + 1} and not exists (select from missing)
            """,
            missing,
            [*parameters, record_id],
        )

    def _changed(self, change: str, missing: str, parameters: list[Any]) -> Rows[R]:
        return Rows(
            self.record,
            "select * from saved",
            tuple(parameters),
            changes=f"missing as ({missing}), saved as ({change} returning *)",
            saving=True,
            instead=((self.record.table, as_changed(self.record.table, "saved")),),
        )

    def _parameters(self, values: Mapping[str, Any]) -> tuple[dict[str, str], list[Any]]:
        """The columns that the values are stored in with a parameter for each, and the parameters' values."""
        columns = [self.record.columns[field] for field in values]
        placed = {column.stored_as: parameter(column, number) for number, column in enumerate(columns, 1)}
        return placed, [stored(value) for value in values.values()]

    def _missing_sql(self, values: Mapping[str, Any], parameters: Mapping[str, str]) -> str:
        """SQL for the fields among these values that refer to nothing."""
        references = [self.record.columns[field] for field, value in values.items() if value is not None]
        queries = [
            f"select '{column.name}' as field where not exists "
            f"(select from {RECORDS[column.target].table} where id = {parameters[column.stored_as]})"
            for column in references
            if column.target
        ]
        return " union all ".join(queries) or "select '' as field where false"

    async def _missing(self, values: Mapping[str, Any]) -> Violations:
        """The violations of references that lead nowhere."""
        references = {field: value for field, value in values.items() if self.record.columns[field].target and value}
        if not references:
            return {}
        stored_as, parameters = self._parameters(references)
        row = await self.session.row(
            f"select array_agg(field) as missing from ({self._missing_sql(references, stored_as)}) as missing",
            *parameters,
        )
        return missing_references(self.record, (row["missing"] if row else None) or [])


def fields(record: type[Record], row: asyncpg.Record, prefix: str = "") -> dict[str, Any]:
    """The fields of a record, read from the columns of a row."""
    return {column.name: read(column, row[prefix + column.stored_as]) for column in record.columns.values()}


def as_changed(table: str, *changed: str) -> str:
    """A table's rows as they are after the change: a statement does not see what it stores itself."""
    new = " union all ".join(f"select * from {name}" for name in changed)
    unchanged = " and ".join(f"id <> all (array(select id from {name}))" for name in changed)
    return f"({new} union all select * from {table} where {unchanged})"
