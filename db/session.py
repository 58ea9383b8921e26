"""One caller's conversation with PostgreSQL: on one connection, taken when it is first needed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any, Self

import asyncpg

from db.errors import Invalid
from db.pool import acquired
from db.selection import Rows, Selected, statement
from db.translation import translated
from db.validation import documented, missing_references

if TYPE_CHECKING:
    from types import TracebackType

    from db.pool import Pool


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
        row = await self.row(statement(rows, selection), *rows.parameters)
        assert row
        if rows.changes and row["missing"]:
            raise Invalid(documented(missing_references(rows.record, row["missing"])))
        return row["answer"]  # type: ignore[no-any-return]

    async def _connected(self) -> Any:
        if self._connection is None:
            self._connection = await self._taken.enter_async_context(acquired(self._pool))
        return self._connection
