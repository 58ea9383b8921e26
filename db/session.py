"""One caller's conversation with PostgreSQL: on one connection, taken when it is first needed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any, Self

import asyncpg

from db.errors import Invalid
from db.pool import acquired
from db.rows import Rows, Shape
from db.selection import Selected
from db.statement import nodes_statement, statement
from db.translation import translated
from db.validation import documented, missing_references

if TYPE_CHECKING:
    from types import TracebackType

    from db.declaration import Record
    from db.pool import Pool
    from db.ulid import Ulid

ROW_LIMIT = 10_000
"""How many records one answer holds, unless another number is configured."""


class Session:
    """Runs statements one after the other and counts them; `caller` is who creates and changes records.

    While it is `rolling_back`, nothing of what is done is going to be stored.
    """

    def __init__(self, pool: Pool, caller: str, row_limit: int = ROW_LIMIT) -> None:
        self.caller = caller
        self.row_limit = row_limit
        self.statements = 0
        self._pool = pool
        self._taken = AsyncExitStack()
        self._connection: Any = None
        self.rolling_back = False
        self._lock = asyncio.Lock()
        self._alone: asyncio.Task[Any] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._taken.aclose()

    async def row(self, sql: str, *parameters: Any) -> asyncpg.Record | None:
        """The first row that the statement gives."""
        async with self._turn():
            with translated():
                connection = await self._connected()
                self.statements += 1
                return await connection.fetchrow(sql, *parameters)  # type: ignore[no-any-return]

    async def fetch(self, sql: str, *parameters: Any) -> list[asyncpg.Record]:
        """All rows that the statement gives."""
        async with self._turn():
            with translated():
                connection = await self._connected()
                self.statements += 1
                return await connection.fetch(sql, *parameters)  # type: ignore[no-any-return]

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """Everything inside is stored together, or nothing of it."""
        async with self._turn():
            with translated():
                async with (await self._connected()).transaction():
                    yield

    @asynccontextmanager
    async def rolled_back(self) -> AsyncIterator[None]:
        """Everything inside is done, and nothing of it is stored."""
        async with self._turn():
            with translated():
                transaction = (await self._connected()).transaction()
                await transaction.start()
                self.rolling_back = True
                try:
                    yield
                finally:
                    self.rolling_back = False
                    await transaction.rollback()

    async def answer(self, rows: Rows[Any], selection: tuple[Selected, ...]) -> str | None:
        """What is selected of the rows, as JSON text; None where a single row is not there.

        Raises `Invalid` for references that lead nowhere, and for more rows than an answer holds.
        """
        asked = statement(rows, selection, self.row_limit)
        row = await self.row(asked.sql, *asked.parameters)
        assert row
        if rows.saving and row["missing"]:
            raise Invalid(documented(missing_references(rows.record, row["missing"])))
        if row.get("too_many"):
            if rows.shape is Shape.PAGE:
                raise Invalid({"pageSize": [f"is needed: there are more than {self.row_limit:,} of these"]})
            raise Invalid({"records": [f"are more than {self.row_limit:,}: ask for pages of them, as find… gives"]})
        return row["answer"]  # type: ignore[no-any-return]

    async def nodes(self, ids: list[Ulid], selections: Mapping[type[Record], tuple[Selected, ...]], kind: str) -> str:
        """What is selected of records of any kind, as the JSON text of a list; null for an id that is of none."""
        asked = nodes_statement(ids, selections, kind)
        row = await self.row(asked.sql, *asked.parameters)
        assert row
        return row["answer"]  # type: ignore[no-any-return]

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """One task at a time: the fields of a query run side by side, and none may see into another's transaction."""
        task = asyncio.current_task()
        if self._alone is task:
            yield
            return
        async with self._lock:
            self._alone = task
            try:
                yield
            finally:
                self._alone = None

    async def _connected(self) -> Any:
        if self._connection is None:
            self._connection = await self._taken.enter_async_context(acquired(self._pool))
        return self._connection
