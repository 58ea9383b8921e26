"""Records in a tree, each with its path: that of the record above it and its own name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, TypeVar

from db.change import Change
from db.declaration import Record
from db.labels import normalized
from db.lookup import sought_path
from db.records import RECORDS
from db.repository import Repository
from db.rows import Rows, as_changed
from db.ulid import Ulid
from db.validation import without_nulls

R = TypeVar("R", bound=Record)

LONGEST_PATH = 2_000
"""Bytes of a path: an index of PostgreSQL takes no entry of more than 2,704."""


class Tree(Repository[R]):
    """Records with a path, the names from the root of the tree down to theirs.

    A path is computed while nothing above it can move: who renames or moves a record locks every table whose paths may
    change against all other changes, and who saves another one locks the table of the records above it against that.
    Both do so before they touch a row, so that neither holds what the other waits for, and each statement that follows
    sees what was stored before.
    """

    above: ClassVar[str] = "parent_id"
    """The column with the record above."""

    moving: ClassVar[tuple[type[Record], ...]] = ()
    """The records whose paths change with this one's, itself among them; none where nothing can be below it."""

    def by_id_or(self, field: str, text: str) -> Rows[R]:
        """The record with this id, or else the one whose unique field is this text, outer slashes or not."""
        if field != "path":
            return super().by_id_or(field, text)
        return self._by_id_or(field, *sought_path(text))

    async def save(self, given: Mapping[str, Any]) -> Rows[R]:
        """Create a record, or change the given fields of the one with the given id; what is below it moves with it."""
        given = await self._without_its_place(without_nulls(self.record, given))
        # What is only tried holds up nobody: a path that is computed beside a move is not kept.
        moves = bool(self.moving and given.get("id") and self._place & given.keys()) and not self.session.rolling_back
        await self._lock(moves=moves)
        rows = await super().save(given)
        return self._taking_along(rows) if moves and rows.changes else rows

    async def _check(self, changes: Sequence[Change]) -> None:
        """The path follows from the place in the tree, which must not be below the record itself."""
        await super()._check(changes)
        # Records in a tree are saved one by one: the path of one may follow from the place of another.
        (change,) = changes
        before, values, violations = change.before, change.values, change.violations
        if "/" in (values.get("name") or ""):
            violations.setdefault("name", []).append('must not contain "/"')
        if violations.keys() & self._place or not values.keys() & self._place:
            return
        whole = change.whole
        above = await self._path_above(whole[self.above])
        if above is None:
            return
        values["path"] = path = f"{above}/{whole['name']}"
        if before and self.moving and f"{above}/".startswith(f"{before['path']}/"):
            violations[self.above] = [f"must not be the {self.record.singular} itself or one below it"]
        elif await self._longest(path, before) > LONGEST_PATH:
            violations["name"] = [f"makes a path of more than {LONGEST_PATH:,} bytes"]

    @property
    def _place(self) -> set[str]:
        """The fields that say where in the tree a record is."""
        return {"name", self.above}

    @property
    def _parents(self) -> str:
        """The table of the records above."""
        return RECORDS[str(self.record.columns[self.above].target)].table

    async def _without_its_place(self, given: dict[str, Any]) -> dict[str, Any]:
        """What is given, without the place where the record is anyway: to save that again is no move."""
        if not given.get("id") or not self._place & given.keys():
            return given
        row = await self.session.row(f"select name, {self.above} from {self.record.table} where id = $1", given["id"])
        place = dict(row or {})
        return {
            field: value
            for field, value in given.items()
            if field not in place or place[field] != (normalized(value) if field == "name" else value)
        }

    async def _lock(self, *, moves: bool) -> None:
        """Wait for the moves that run, or, before a move, for every change that runs; and let others wait."""
        tables = ", ".join(record.table for record in self.moving) if moves else self._parents
        await self.session.row(f"lock table {tables} in {'exclusive' if moves else 'row share'} mode")

    async def _path_above(self, above: Ulid | None) -> str | None:
        """The path of the record above, empty above the root; None if there is no such record."""
        if above is None:
            return ""
        row = await self.session.row(f"select path from {self._parents} where id = $1 for share", above)
        return row["path"] if row else None

    async def _longest(self, path: str, before: Mapping[str, Any] | None) -> int:
        """The bytes of the longest path, when the record gets this one."""
        length = len(path.encode())
        if not before or not self.moving:
            return length
        paths = " union all ".join(f"select path from {record.table}" for record in self.moving)
        row = await self.session.row(
            f"""
            select coalesce(max(octet_length(path) - octet_length($1)), 0) as longest
            from ({paths}) below
            where starts_with(path, $1 || '/')
            """,
            before["path"],
        )
        assert row
        return length + int(row["longest"])

    def _taking_along(self, rows: Rows[R]) -> Rows[R]:
        """The save of a record, which gives what is below it its new path as well, and nothing else."""
        own, tables = self.record.table, [record.table for record in self.moving]
        moved = [
            f"""
            moved_{table} as (
                update {table} below
                set path = saved.path || substr(below.path, length(former.path) + 1)
                from saved
                join {own} former on former.id = saved.id
                where starts_with(below.path, former.path || '/')
                returning below.*
            )
            """
            for table in tables
        ]
        changed = {table: ["saved"] * (table == own) + [f"moved_{table}"] for table in tables}
        instead = tuple((table, as_changed(table, *names)) for table, names in changed.items())
        return replace(rows, changes=", ".join([rows.changes, *moved]), instead=(*rows.instead, *instead))
