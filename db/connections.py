"""Connections at hand: taken for a request, given back, and kept open in between."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self

import asyncpg

from db.translation import translated

_PATIENCE = 1.0
"""Seconds that a caller waits for a connection."""


class Connections:
    """The connections of a pool, handed from request to request.

    The pool itself takes more of the processor to acquire and release one than a short statement takes in all, so it is
    asked only for new ones, and gets back those that may be broken.
    """

    def __init__(self, pool: asyncpg.Pool[asyncpg.Record]) -> None:
        self._pool = pool
        self._open = 0
        self._free: list[Any] = []
        self._waiting: deque[asyncio.Future[Any]] = deque()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for connection in self._free:
            await self._pool.release(connection)

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
        return self._pool.get_max_size()

    @property
    def waiting(self) -> int:
        """How many callers wait for one."""
        return sum(not waiter.done() for waiter in self._waiting)

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

    async def take(self) -> Any:
        """A connection, to be given back. Raises `ServiceUnavailable` if a caller would wait too long for it."""
        with translated():
            while self._free:
                connection = self._free.pop()
                if _usable(connection):
                    return connection
                await self._drop(connection)
            if self._open < self._pool.get_max_size():
                self._open += 1
                return await self._opened()
            return await self._next()

    async def give(self, connection: Any, *, sound: bool) -> None:
        """Take one back; if it is not `sound`, because a statement on it was broken off, the pool sees to it."""
        if not (sound and _usable(connection)):
            with translated():
                await self._drop(connection)
        else:
            self._pass_on(connection)

    async def _next(self) -> Any:
        """The connection that is given back next, or a new one in the place of one that is gone."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            async with asyncio.timeout(_PATIENCE):
                connection = await waiter
        except BaseException:
            # Perhaps one was handed over in the moment in which the patience ended.
            if waiter.done() and not waiter.cancelled():
                self._pass_on(waiter.result())
            raise
        return connection or await self._opened()

    async def _opened(self) -> Any:
        """A new connection, in a place that is counted as taken already."""
        try:
            return await self._pool.acquire(timeout=_PATIENCE)
        except BaseException:
            self._pass_on(None)
            raise

    async def _drop(self, connection: Any) -> None:
        try:
            await self._pool.release(connection)
        finally:
            self._pass_on(None)

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


def _usable(connection: Any) -> bool:
    """Whether the next caller can have it. One that is lost has left its pool, and says so to every question."""
    try:
        return not (connection.is_closed() or connection.is_in_transaction())
    except asyncpg.InterfaceError:
        return False
