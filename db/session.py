"""One caller's conversation with PostgreSQL: on one connection, taken when it is first needed."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple, Self, TypeVar

import asyncpg

from db import references
from db.connections import Source
from db.errors import Collision, Conflict, Failure, Invalid, Unconfirmed
from db.origin import origin
from db.rows import Rows, Shape, Window
from db.statement import Projection, Statement
from db.together import MOST
from db.translation import translated
from db.validation import documented, missing_references

if TYPE_CHECKING:
    from types import TracebackType


T = TypeVar("T")

_LOST = (asyncpg.PostgresConnectionError, asyncpg.AdminShutdownError, asyncpg.CrashShutdownError, OSError)
_IN_DOUBT = "The connection to the database was lost before it said whether the change is stored."
_PATIENCE = 1.0
"""Seconds for a transaction to be taken back."""

ROW_LIMIT = 10_000
PAGE_LIMIT = 1_000
ANSWER_LIMIT = 24 * 1024 * 1024

_PAUSES = (0.01, 0.04, 0.16)
"""Seconds, on average, before each further try of a change that collided with another one."""

_PLACE = itemgetter("place")
_MANY_CHARACTERS = 512 * 1024
"""From which on several answers are too long to be held at once."""
_MINUTE = 60.0

_TOO_MANY = {
    Shape.PAGE: ("pageSize", "is needed: there are more than {:,} of these"),
    Shape.LIST: ("records", "are more than {:,}: ask for pages of them, as find… gives"),
    Shape.REFERENCES: ("references", "are more than {:,}: find them by the fields that refer to this record"),
}
"""What is wrong where there are more rows than an answer holds, and with what."""


class Most(NamedTuple):
    """What an answer holds at most: records, of which so many may be asked for as a page, and bytes.

    A longer one would keep others waiting while it is read.
    """

    records: int = ROW_LIMIT
    page: int = PAGE_LIMIT
    bytes: int = ANSWER_LIMIT


_USUALLY = Most()


class Session:
    """Runs statements one after the other and counts them; `caller` is who changes records by them."""

    def __init__(self, connections: Source, caller: str, most: Most = _USUALLY, request_id: str = "") -> None:
        self.caller = caller
        self.request_id = request_id
        self.row_limit = most.records
        self.page_limit = min(most.page, most.records)
        self.statements = 0
        self._connections = connections
        self._connection: Any = None
        self._transactions: list[Transaction] = []
        self._collision: Collision | None = None
        self._answer_limit = most.bytes
        self._answered = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None:
            await self._connections.give(self._connection, sound=kind is None)

    @cached_property
    def turn(self) -> asyncio.Lock:
        """Whoever runs things side by side holds it while one of them works with the session."""
        return asyncio.Lock()

    @property
    def origin(self) -> str:
        """What a statement that changes something tells the database's log."""
        return origin(self.request_id, self.caller)

    async def row(self, sql: str, *parameters: Any) -> asyncpg.Record | None:
        """The first row that the statement gives."""
        return await self._first(sql, parameters)

    async def fetch(self, sql: str, *parameters: Any) -> list[asyncpg.Record]:
        """All rows that the statement gives."""
        with translated():
            connection = await self._begun()
            return await self._sent(connection.fetch(sql, *parameters), whole=False)

    def transaction(self, *, kept: bool = True) -> Transaction:
        """Everything inside is stored together, or nothing of it; it begins with the first statement inside."""
        return Transaction(self._transactions, kept=kept)

    @property
    def stored(self) -> bool:
        """Whether a transaction inside of the one that is open now ended well."""
        return self._transactions[-1].stored

    @property
    def rolling_back(self) -> bool:
        """Whether nothing of what is done now is going to be stored."""
        return not all(one.kept for one in self._transactions)

    def take_back(self) -> None:
        """Store nothing of the transaction that is open now: what was to be done was not."""
        self._transactions[-1].kept = False

    async def changed(self, change: Callable[[], Awaitable[T]], *, kept: bool = True) -> T:
        """What `change` gives, in a transaction of its own; it is tried again where it got in the way of others.

        Of changes inside of each other the outermost is tried again: only its end gives up what was locked before.
        Unless it is to be `kept`, nothing of it is stored. Raises `Collision` if it got in the way each time.
        """
        if self._transactions:
            return await self._changed_inside(change, kept=kept)
        for pause in _PAUSES:
            self._collision = None
            try:
                async with self.transaction(kept=kept):
                    given = await change()
                    if self._collision:
                        raise self._collision
                    return given
            except Collision:
                await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 (not a secret)
        async with self.transaction(kept=kept):
            return await change()

    async def _changed_inside(self, change: Callable[[], Awaitable[T]], *, kept: bool) -> T:
        try:
            async with self.transaction(kept=kept):
                return await change()
        except Collision as collision:
            self._collision = collision
            raise

    async def answer(
        self, rows: Rows[Any], projection: Projection, windows: Iterable[Window] = (), *, last: bool = False
    ) -> bytes | None:
        """What is shown of the rows, as JSON in UTF-8; None where a single row is not there.

        Where it is the `last` statement of a transaction and the only one, it is a transaction by itself. Raises
        `Invalid` for references that lead nowhere, and for more rows or more bytes than an answer holds; what shows a
        change, which is stored by then, may be as long as it is.
        """
        sought = rows.sooner or rows
        only = last and sought is rows
        longest = None if sought.changes else self._answer_limit
        asked = projection.statement(sought, windows, self.row_limit, longest, self.origin if sought.changes else "")
        shared = self._shared(asked, saving=bool(sought.changes), last=only)
        row = (await shared if shared else None) or await self._first(asked.sql, asked.parameters, last=only)
        assert row
        if sought.referring and row["answer"] is None:
            raise await self._unsaved(sought)
        if row.get("too_many"):
            named, told = _TOO_MANY[sought.shape]
            raise Invalid({named: [told.format(self.row_limit)]})
        text = self._counted(row["answer"], longest)
        if text is None and sought is not rows:
            return await self.answer(replace(rows, sooner=None), projection, windows, last=last)
        return text

    def _counted(self, answer: str | bytes | None, longest: int | None) -> bytes | None:
        """The answer in UTF-8, counted as one of those that may be so long together."""
        text = answer.encode() if isinstance(answer, str) else answer
        if text is not None and longest is not None:
            self._answered += len(text)
            if not text or self._answered > longest:
                raise Invalid({"answer": [f"is longer than {longest:,} bytes: ask for fewer records or fields"]})
        return text

    def _shared(self, asked: Statement, *, saving: bool, last: bool) -> Awaitable[asyncpg.Record | None] | None:
        """The row that a statement of several of its kind gives; None, now or later, where each is to ask alone.

        Who has a connection does so: whoever asks for all may be waiting for it. So does who saves more than this in a
        transaction.
        """
        together, several = self._connections.together, asked.several
        alone = self._by_itself(last=last) if saving else not self._transactions
        if not (together and several and alone) or self._connection is not None:
            return None

        def ask(given: Sequence[Sequence[Any]]) -> Coroutine[Any, Any, Sequence[asyncpg.Record]]:
            # It is theirs now: whoever took it may leave.
            connection, self._connection = self._connection, None
            return self._asked_by_all(connection, asked, given, saving=saving)

        return together.answer(asked.sql, asked.parameters, self._take, ask)

    async def _asked_by_all(
        self, connection: Any, asked: Statement, given: Sequence[Sequence[Any]], *, saving: bool
    ) -> Sequence[asyncpg.Record]:
        """The rows for these parameters, of which each row has as many, on a connection that is given back."""
        assert asked.several
        assert self._connections.together
        missing = (MOST - len(given)) * len(asked.parameters)
        sound = False
        try:
            with translated():
                several = connection.fetch(asked.several(), *chain.from_iterable(given), *[None] * missing)
                rows = await self._sent(several, whole=saving)
            sound = True
        except Failure:
            # PostgreSQL has answered, unless what came of the connection has taken the place of a cancellation.
            sound = not ((task := asyncio.current_task()) and task.cancelling())
            raise
        finally:
            await self._connections.give(connection, sound=sound)
        if sum([len(row["answer"] or "") for row in rows]) > _MANY_CHARACTERS:
            self._connections.together.part(asked.sql, _MINUTE)
        return sorted(rows, key=_PLACE)

    async def _unsaved(self, rows: Rows[Any]) -> Failure:
        """Why a save gave no row: what it refers to is not there."""
        missing = await references.missing(self, rows.record, {field: [one] for field, one in rows.referring.items()})
        if not missing:
            return Conflict(f"What the {rows.record.singular} refers to came up at the same moment: save it again.", {})
        wrong = [field for field, one in rows.referring.items() if (field, one) in missing]
        return Invalid(documented(missing_references(rows.record, wrong)))

    async def _first(self, sql: str, parameters: Iterable[Any], *, last: bool = False) -> asyncpg.Record | None:
        with translated():
            connection = await self._begun(last=last)
            whole = self._by_itself(last=last)
            return await self._sent(connection.fetchrow(sql, *parameters), whole=whole)

    async def _sent(self, given: Awaitable[T], *, whole: bool) -> T:
        """What a statement gives; one that is a `whole` transaction may be stored also where nobody said so."""
        self.statements += 1
        try:
            return await given
        except asyncpg.ReadOnlySQLTransactionError:
            self._connections.distrust()
            raise
        except _LOST as error:
            if whole:
                raise Unconfirmed(_IN_DOUBT) from error
            raise

    async def _take(self) -> Any:
        """The connection of this session."""
        if self._connection is None:
            self._connection = await self._connections.take()
        return self._connection

    async def _begun(self, *, last: bool = False) -> Any:
        """The connection, on which the transactions have begun that a statement is inside of."""
        connection = await self._take()
        if not self._by_itself(last=last):
            for transaction in self._transactions:
                await transaction.begin(connection)
        return connection

    def _by_itself(self, *, last: bool) -> bool:
        """Whether the only transaction has not begun, and need not for its last statement."""
        return last and len(self._transactions) == 1 and not self._transactions[0].begun


class Transaction:
    """A transaction, or a savepoint inside of one; until a statement begins it, it costs nothing.

    `stored` tells whether one inside of it ended well; unless it is to be `kept`, all of it is taken back.
    """

    def __init__(self, open_ones: list[Transaction], *, kept: bool) -> None:
        self.begun: Any = None
        self.kept = kept
        self.stored = False
        self._open = open_ones

    async def __aenter__(self) -> Self:
        self._open.append(self)
        return self

    async def __aexit__(self, _: object, error: BaseException | None, __: object) -> None:
        self._open.remove(self)
        kept = self.kept and error is None
        if self.begun and kept:
            await self._commit()
        # On a connection on which a statement was broken off, whoever gets it back sees to what is left.
        elif self.begun and (error is None or isinstance(error, Exception)):
            with translated():
                async with asyncio.timeout(_PATIENCE):
                    await self.begun.rollback()
        if kept and self._open:
            self._open[-1].stored = True

    async def _commit(self) -> None:
        with translated():
            try:
                await self.begun.commit()
            except _LOST as error:
                raise Unconfirmed(_IN_DOUBT) from error

    async def begin(self, connection: Any) -> None:
        """Begin it, if no statement has."""
        if self.begun is None:
            begun = connection.transaction()
            await begun.start()
            self.begun = begun
