"""Connections at hand: taken for a request, given back, and kept open in between."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Self, cast

import asyncpg

from db.errors import Unconfirmed
from db.together import Together
from db.translation import translated

_PATIENCE = 1.0
"""Seconds that the machine of the database has to answer in, or a caller waits for a connection."""
_WAIT_FOR_STANDBY = "SyncRepWaitForLSN"
"""Where PostgreSQL waits for the synchronous standby; its words about it are in the language of the server."""


class Source(ABC):
    """Where connections to a database are to be had."""

    together: Together | None = None
    """What brings together who reads the same, where all see the same."""

    @abstractmethod
    async def take(self) -> Any:
        """A connection, to be given back. Raises `ServiceUnavailable` if a caller would wait too long for it."""

    @abstractmethod
    async def give(self, connection: Any, *, sound: bool) -> None:
        """Take one back; it is not `sound` if a statement on it was broken off."""

    @abstractmethod
    def distrust(self) -> None:
        """Told when the connections that are open now lead to a machine that can't be written."""

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[Any]:
        """A connection for a while."""
        connection, sound = await self.take(), False
        try:
            with translated():
                yield connection
            sound = True
        finally:
            await self.give(connection, sound=sound)


class Connections(Source):
    """The connections of a pool, handed from request to request.

    The pool itself takes more of the processor to acquire and release one than a short statement takes in all, so it is
    asked only for new ones, and gets back those that may be broken.
    """

    def __init__(
        self,
        pool: asyncpg.Pool[asyncpg.Record],
        patience: float = _PATIENCE,
        *,
        allowed: Callable[[], int] | None = None,
    ) -> None:
        """`patience` is for how many seconds a caller waits for a connection, of which so many are `allowed` now."""
        self.together = Together()
        self._pool = pool
        self._patience = patience
        self._allowed = allowed or pool.get_max_size
        self._open = 0
        self._free: list[Any] = []
        self._waiting: deque[asyncio.Future[Any]] = deque()
        self._lent: dict[Any, Any] = {}
        self._trusted: set[Any] = set()
        self._unconfirmed: set[Any] = set()

    @property
    def in_use(self) -> int:
        """How many are taken."""
        return self._open - len(self._free)

    @property
    def free(self) -> int:
        """How many are open and taken by nobody."""
        return len(self._free)

    @property
    def most(self) -> int:
        """How many there may be."""
        return self._allowed()

    @property
    def waiting(self) -> int:
        """How many callers wait for one."""
        return sum(not waiter.done() for waiter in self._waiting)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        while self._free:
            await self._release(self._free.pop())
        # The pool waits for those that are still taken: it gets them when they are given back.
        self.distrust()

    async def take(self) -> Any:
        """A connection that is free, or a new one, or the one that is given back next."""
        while self._free:
            connection = self._free.pop()
            if connection in self._trusted and _usable(connection):
                return connection
            with translated():
                await self._drop(connection)
        with translated():
            if self._open < self._allowed():
                self._open += 1
                return await self._opened()
            return await self._next()

    async def give(self, connection: Any, *, sound: bool) -> None:
        """Take one back; if it is not `sound`, because a statement on it was broken off, the pool sees to it.

        Raises `Unconfirmed` if what was stored on it may be on one machine only.
        """
        unconfirmed = bool(self._unconfirmed) and connection in self._unconfirmed
        if unconfirmed or not (sound and connection in self._trusted and _usable(connection)):
            with translated():
                await self._drop(connection)
        else:
            self._pass_on(connection)
        if unconfirmed:
            raise Unconfirmed("The change is on one machine only: no standby has confirmed it.")

    def distrust(self) -> None:
        """Use no connection any more that is open now."""
        self._trusted.clear()

    async def retire(self) -> None:
        """Close those that are free, and the others when they are given back."""
        self.distrust()
        while self._free:
            await self._drop(self._free.pop())

    def cut(self) -> None:
        """Close all at once, without a word to the other end: who uses one is told that it is lost."""
        for connection in self._lent:
            connection.terminate()

    async def _next(self) -> Any:
        """The connection that is given back next, or a new one in the place of one that is gone."""
        loop = asyncio.get_running_loop()
        waiter = loop.create_future()
        self._waiting.append(waiter)
        # With `asyncio.timeout` it takes four times as long to wait.
        late = loop.call_later(self._patience, _give_up, waiter)
        try:
            connection = await waiter
        except asyncio.CancelledError:
            # Perhaps one was handed over in the moment in which the caller left.
            if not waiter.cancelled() and waiter.exception() is None:
                self._pass_on(waiter.result())
            raise
        finally:
            late.cancel()
        return connection or await self._opened()

    async def _opened(self) -> Any:
        """A new connection, in a place that is counted as taken already."""
        try:
            lent = await self._pool.acquire(timeout=self._patience)
        except BaseException:
            self._pass_on(None)
            raise
        # What the pool lends looks up at each call what it stands for, which is not to change here.
        connection: Any = cast("Any", lent)._con  # noqa: SLF001 (asyncpg tells it in no other way)
        self._lent[connection] = lent
        self._trusted.add(connection)
        with suppress(asyncpg.InterfaceError):  # It is lost already, and whoever uses it will be told so.
            connection.add_log_listener(self._hear)
        return connection

    async def _drop(self, connection: Any) -> None:
        try:
            await self._release(connection)
        finally:
            self._trusted.discard(connection)
            self._unconfirmed.discard(connection)
            self._pass_on(None)

    async def _release(self, connection: Any) -> None:
        """Give a connection back to the pool; one that was lost has left it."""
        with suppress(asyncpg.InterfaceError):
            connection.remove_log_listener(self._hear)
            if connection not in self._trusted:
                connection.terminate()
        try:
            await self._pool.release(self._lent.pop(connection), timeout=_PATIENCE)
        except TimeoutError:
            # On a machine that is stuck, nobody answers to a statement that is broken off: the pool has closed the
            # connection, and the others lead there too.
            if connection in self._trusted:
                self.distrust()

    def _hear(self, connection: Any, message: Any) -> None:
        """Note a COMMIT that was told to wait for its standby no more: it has succeeded, on this machine alone."""
        if message.server_source_function == _WAIT_FOR_STANDBY:
            self._unconfirmed.add(connection._con)  # noqa: SLF001 (as above)

    def _pass_on(self, connection: Any) -> None:
        """Give a connection, or None for the place of one, to who waits; otherwise it is free."""
        if self._handed_over(connection):
            return
        if connection is None:
            self._open -= 1
        else:
            self._free.append(connection)

    def _handed_over(self, connection: Any) -> bool:
        """Whether somebody waited for a connection; None tells that one can be opened."""
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return True
        return False


def _give_up(waiter: asyncio.Future[Any]) -> None:
    if not waiter.done():
        waiter.set_exception(TimeoutError())


def _usable(connection: Any) -> bool:
    """Whether the next caller can have it."""
    return not (connection.is_closed() or connection.is_in_transaction())
