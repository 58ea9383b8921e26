"""One caller's conversation with PostgreSQL: on one connection, taken when it is first needed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any, Self

import asyncpg

from db.declaration import RECORDS, One, Record
from db.errors import Invalid
from db.selection import Rows, Selected, statement
from db.translation import translated

if TYPE_CHECKING:
    from types import TracebackType

    Pool = asyncpg.Pool[asyncpg.Record]

_PATIENCE = 1.0
"""Seconds to wait for a free connection."""


class Session:
    """Runs statements one after the other and counts them; `caller` is who creates and changes records."""

    def __init__(self, pool: Pool, caller: str) -> None:
        self.caller = caller
        self.statements = 0
        self._pool = pool
        self._taken = AsyncExitStack()
        self._connection: Any = None
        self._one_at_a_time = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with translated():
            await self._taken.aclose()

    async def row(self, sql: str, *parameters: Any) -> asyncpg.Record | None:
        """The first row that the statement gives."""
        async with self._one_at_a_time:
            with translated():
                connection = await self._connected()
                self.statements += 1
                return await connection.fetchrow(sql, *parameters)  # type: ignore[no-any-return]

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """Everything inside is stored together, or nothing of it."""
        with translated():
            async with (await self._connected()).transaction():
                yield

    async def answer(self, rows: Rows[Any], selection: tuple[Selected, ...]) -> str | None:
        """What is selected of the rows, as JSON text; None where a single row is not there."""
        if rows.changes:
            return await self._answer_of_change(rows, selection)
        row = await self.row(statement(rows, selection).sql, *rows.parameters)
        return row["answer"] if row else None

    async def _answer_of_change(self, rows: Rows[Any], selection: tuple[Selected, ...]) -> str | None:
        """As `answer`, with the change made by the same statement.

        A statement does not see its own changes, except as the rows that it returns. So where the selection leads back
        to the changed table, a second one reads what the first one has stored.
        """
        change = statement(rows, selection)
        leads_back = rows.record.table in change.tables
        if leads_back:
            change = statement(rows, (Selected("id", rows.record.members["id"]),))
        row = await self.row(change.sql, *rows.parameters)
        assert row
        if row["missing"]:
            raise Invalid(missing_references(rows.record, row["missing"]))
        if not leads_back:
            return row["answer"]  # type: ignore[no-any-return]
        stored = Rows(rows.record, f"select * from {rows.record.table} where id = ($1::json)->>'id'", (row["answer"],))
        return await self.answer(stored, selection)

    async def _connected(self) -> Any:
        if self._connection is None:
            self._connection = await self._taken.enter_async_context(self._pool.acquire(timeout=_PATIENCE))
        return self._connection


def missing_references(record: type[Record], fields: list[str]) -> dict[str, list[str]]:
    """The violations of references that lead nowhere, by documented field name."""
    targets = {relation.column: relation.target for relation in record.members.values() if isinstance(relation, One)}
    return {
        record.columns[field].documented: [f"refers to no {RECORDS[targets[field]].singular} that is there"]
        for field in fields
    }
