"""Reading and saving the records of one table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Generic, TypeVar

import asyncpg

from db import bulk, lookup, references, validation
from db.apart import many_apart
from db.change import Change, change, differing_fields, told
from db.declaration import Record, documented_name
from db.errors import Conflict, InUse, Invalid, NotFound, Unsaved
from db.labels import normalized
from db.origin import told as told_origin
from db.rows import Rows, Shape, Window, as_changed, found_by
from db.saving import alteration, insertion, referring_fields
from db.session import Session
from db.spelling import AS_THEY_ARE, read, stored
from db.statement import Projection
from db.taken import check_taken
from db.ulid import Ulid, new_ulid, parsed_ulid
from db.validation import Violations, missing_references

R = TypeVar("R", bound=Record)

_MOST_LISTED = 10


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
        return self.keyed("id", record_id)

    def keyed(self, column: str, text: str) -> Rows[R]:
        """The record with this text in a column."""
        return Rows(self.record, found_by(self.record.table, column, "$1"), (text,), key=column)

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
        return self._by_id_or(field, *lookup.sought(text))

    def _by_id_or(self, field: str, record_id: Ulid | None, unique: str) -> Rows[R]:
        """The same, of what a text names. What looks like an id is one, but for very few names: it is tried first."""
        if record_id is None:
            return self.keyed(self.record.columns[field].stored_as, unique)
        source = _by_id_or(self.record, field)  # type: ignore[arg-type] # Classes are hashable.
        return Rows(self.record, source, (record_id, unique), sooner=self.by_id(record_id))

    async def save(self, given: Mapping[str, Any]) -> Rows[R]:
        """Create a record, or change the given fields of the one with the given id.

        Raises `Invalid` with every violation, `NotFound` for an id that is not there and `Conflict` for a version
        that is not the expected one.
        """
        only = change(self.record, given)
        await self._prepare([only])
        if only.violations:
            await self._tell_missing([only])
            raise Invalid(told([only]))
        if only.record_id is None:
            return self._insert(only.values)
        return self._update(only.record_id, only.values) if only.values else self.by_id(only.record_id)

    async def save_all(self, inputs: Sequence[Mapping[str, Any]]) -> Rows[R]:
        """Create or change many records as `save` does one after the other: all of them or none, in their order.

        What is wrong is told by its place, as `inputs[3].name`.
        """
        most = self.session.row_limit
        if len(inputs) > most:
            raise Invalid({"inputs": [f"must be at most {most:,}: save the rest of them with another call"]})
        changes = await many_apart(
            len(inputs),
            lambda: [change(self.record, given, f"inputs[{place}].") for place, given in enumerate(inputs)],
        )
        await self._prepare(changes)
        await self._tell_missing(changes)
        if wrong := await many_apart(len(inputs), lambda: told(changes)):
            raise Invalid(wrong)
        await check_taken(self.session, self.record, changes)
        return await many_apart(len(inputs), lambda: bulk.saved(self.record, changes, self.session.caller))

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

        async def save() -> None:
            await self.session.answer(await self.save(given), Projection(()))

        try:
            await self.session.changed(save, kept=False)
        except Unsaved as refusal:
            return refusal.violations or {"record": [str(refusal)]}
        return {}

    async def delete(self, found: Rows[R]) -> Ulid | None:
        """Delete the record; its id, or None if there is none. Raises `InUse`, which says what refers to it."""
        try:
            async with self.session.transaction():
                row = await self.session.row(
                    f"""
                    delete from {self.record.table}
                    where id = (select id from ({found.source}) found) and {told_origin(len(found.parameters) + 1)}
                    returning id
                    """,
                    *found.parameters,
                    self.session.origin,
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
        return self.keyed(self.record.columns[field].stored_as, normalized(text))

    async def _prepare(self, changes: Sequence[Change]) -> None:
        """Read the records that are there already, and find what is to be stored of them all, and what is wrong.

        Raises `NotFound` for ids that are not there and `Conflict` for versions that are not the expected ones.
        """
        count = len(changes)
        ids = await many_apart(count, lambda: sorted({one.record_id for one in changes if one.record_id}))
        if ids:
            held = await self._held(ids)
            await many_apart(count, lambda: self._put_before(changes, held))
        await self._check(changes)
        await many_apart(count, lambda: self._compare(changes))

    def _compare(self, changes: Sequence[Change]) -> None:
        """Find what differs from the records as they are stored. Raises `Conflict` as `_check_versions` does."""
        known: set[Ulid] = set()
        for one in changes:
            if one.before:
                one.values = validation.differing(one.before, one.values)
            elif one.expected is not None:
                one.violations["expected_version"] = ["needs the id of the record that has it"]
            if one.record_id in known:
                one.violations["id"] = ["is given already"]
            known |= {one.record_id} if one.record_id else set()
        self._check_versions(changes)

    async def _check(self, changes: Sequence[Change]) -> None:
        """Find the values to store, and what is wrong with them; several at once need no more statements than one."""

        def check() -> None:
            for one in changes:
                one.values, one.violations = validation.checked(self.record, one.given, one.before)

        await many_apart(len(changes), check)

    def _put_before(self, changes: Sequence[Change], held: Mapping[Ulid, Mapping[str, Any]]) -> None:
        """Give each change the record as it is stored."""
        for one in changes:
            if one.record_id:
                one.before = held.get(one.record_id)
        unknown = [one for one in changes if one.record_id and not one.before]
        for one in unknown:
            one.violations["id"] = ["is that of no record"]
        if unknown:
            raise NotFound(f"There is no {self.record.singular} with the id {unknown[0].record_id}.", told(unknown))

    def _check_versions(self, changes: Sequence[Change]) -> None:
        """Raise `Conflict` where a version is not the expected one, with what would be changed of what is there now."""
        outdated = [one for one in changes if one.before and one.expected not in (None, one.version)]
        if not outdated:
            return
        for one in outdated:
            one.violations = {"expected_version": [f"is not the version that it has, {one.version}"]}
        differing = [name for one in outdated for name in differing_fields(self.record, one)]
        first = outdated[0]
        raise Conflict(
            f"The {self.record.singular} has version {first.version}, not {first.expected}: somebody else changed it. "
            f"{_listed(differing) or 'Nothing'} would be changed by this save. Read it again before you save.",
            told(outdated),
            first.version,
            differing,
        )

    async def _held(self, ids: Sequence[Ulid]) -> dict[Ulid, Mapping[str, Any]]:
        """The stored records by their ids; nobody else can change them until the transaction ends."""
        condition, parameter = among("id", ids)
        rows = await self.session.fetch(
            f"select * from {self.record.table} where {condition} order by id for no key update", parameter
        )
        return await many_apart(len(rows), lambda: {row["id"]: fields(self.record, row) for row in rows})

    def _insert(self, values: Mapping[str, Any]) -> Rows[R]:
        """A new record with these values, unless one of them refers to nothing."""
        # What is null is left to the table, which gives no other value to columns that may be null.
        there = {field: value for field, value in values.items() if value is not None}
        given = {"id": new_ulid(), "created_by": self.session.caller, **there}
        referring = self._referring(there)
        saved = insertion(self.record, tuple(given), tuple(referring))  # type: ignore[arg-type] # Classes are hashable.
        return self._changed(saved.alone, given.values(), referring, saved.together)

    def _update(self, record_id: Ulid, values: Mapping[str, Any]) -> Rows[R]:
        """The record with these values changed, unless one of them refers to nothing."""
        given = {"modified_by": self.session.caller, **values}
        referring = self._referring(values)
        change = alteration(self.record, tuple(given), tuple(referring))  # type: ignore[arg-type] # As above.
        return self._changed(change, [*given.values(), record_id], referring)

    def _changed(
        self, changes: str, values: Iterable[Any], referring: Mapping[str, Ulid], changes_of_several: str = ""
    ) -> Rows[R]:
        return Rows(
            self.record,
            "select * from saved",
            tuple([value if type(value) in AS_THEY_ARE else stored(value) for value in values]),
            changes=changes,
            changes_of_several=changes_of_several,
            referring=referring,
            instead=_instead(self.record.table),
        )

    def _referring(self, values: Mapping[str, Any]) -> dict[str, Ulid]:
        """What refers to another record among these values, and is not null."""
        fields = referring_fields(self.record)  # type: ignore[arg-type] # As above.
        return {field: value for field, value in values.items() if field in fields and value is not None}

    async def _tell_missing(self, changes: Sequence[Change]) -> None:
        """Add the references that lead nowhere to what is wrong with the changes."""
        fields = referring_fields(self.record)  # type: ignore[arg-type] # As above.
        count = len(changes)
        given = await many_apart(
            count, lambda: {field: {one.values[field] for one in changes if one.values.get(field)} for field in fields}
        )
        missing = await references.missing(self.session, self.record, given)

        def tell() -> None:
            for one in changes:
                wrong = [field for field in fields if (field, one.values.get(field)) in missing]
                one.violations |= missing_references(self.record, wrong)

        if missing:
            await many_apart(count, tell)


def _listed(names: Sequence[str]) -> str:
    """The first of the names, as a sentence tells them."""
    rest = len(names) - _MOST_LISTED
    return ", ".join([*names[:_MOST_LISTED], *([f"{rest} more"] if rest > 0 else [])])


def among(column: str, ids: Sequence[Ulid]) -> tuple[str, Any]:
    """SQL for whether a column has one of these ids, and its parameter."""
    # PostgreSQL keeps its plan for one id, and makes that for a list of them each time.
    return (f"{column} = $1", ids[0]) if len(ids) == 1 else (f"{column} = any(string_to_array($1, ','))", ",".join(ids))


@cache
def _by_id_or(record: type[Record], field: str) -> str:
    found = lookup.found(record, record.columns[field].stored_as, 1)
    return found_by(record.table, "id", found)


@cache
def _instead(table: str) -> tuple[tuple[str, str], ...]:
    """What is read instead of the table that a save changes."""
    return ((table, as_changed(table, "saved")),)


def fields(record: type[Record], row: asyncpg.Record, prefix: str = "") -> dict[str, Any]:
    """The fields of a record, read from the columns of a row."""
    return {column.name: read(column, row[prefix + column.stored_as]) for column in record.columns.values()}
