"""Reads of one record each that come up in the same moment: those that ask for the same of it share a statement.

A statement costs PostgreSQL and the driver far more than one more record in it does. So when several requests have come
since the last look at the network, all of them are answered sooner; one that comes alone waits for nobody.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import asyncpg
import structlog

from db.errors import Failure, ServiceUnavailable

MOST = 8
"""How many share a statement: more would save little, and each waits for all."""
_LONG = 0.05
"""Seconds from which on a statement takes long."""
_TURNS = 4
"""Turns of the event loop that may pass meanwhile: how long they take is not the statement's doing."""
_PAUSE = 100
"""For how many times as long as a statement took each asks alone then: such ones are better off side by side."""
_LONGEST_PAUSE = 60.0
_MOST_APART = 256
"""How many statements it is known of that they are to be sent alone."""

_NO_WONDER = Failure, asyncpg.DataError
"""What may come of the state of the database, and of a key that is no text for PostgreSQL."""

T = TypeVar("T")
Ask = Callable[[Sequence[str]], Awaitable[Sequence[T]]]
"""Asks for the records with these keys, by one statement: at least so many answers, in the same order."""
_Waiting = list[tuple[str, asyncio.Future[Any]]]

_log = structlog.get_logger()


class Together:
    """Brings together who asks for the same in the same moment."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._open: dict[str, _Waiting] = {}
        self._running: dict[str, float] = {}
        self._apart_until: dict[str, float] = {}
        self._long = _LONG

    async def answer(self, what: str, key: str, connect: Callable[[], Awaitable[Any]], ask: Ask[T]) -> T | None:
        """The answer for this key, asked for with those of others who want to know the same; None if there are none.

        The first of them takes a connection and asks for all. If that one leaves, or anything goes wrong, which may be
        the doing of any of them, each is told None, and asks alone. Raises what `connect` raises.
        """
        others = self._open.get(what)
        if others is not None:
            waiter = asyncio.get_running_loop().create_future()
            others.append((key, waiter))
            if len(others) == MOST - 1:
                self._close(what, others)
            told: T | None = await waiter
            return told
        if self._is_apart(what):
            return None
        others = self._open[what] = []
        answers: Sequence[T] = ()
        try:
            await connect()
            ready = self._clock()
            await asyncio.sleep(0)  # It is the turn of all who have come in this moment.
            self._close(what, others)
            if others:
                keys = [key, *(other for other, _ in others)]
                self._long = _LONG + _TURNS * (self._clock() - ready)
                answers = await self._asked(what, keys, ask)
        except ServiceUnavailable as failure:
            told_to_all = str(failure)
            _tell(others, lambda waiter, _: waiter.set_exception(ServiceUnavailable(told_to_all)))
            raise
        finally:
            self._close(what, others)
            _tell(others, lambda waiter, place: waiter.set_result(answers[place] if answers else None))
        return answers[0] if answers else None

    def part(self, what: str, seconds: float) -> None:
        """Let each ask alone for so long who wants to know this."""
        self._apart_until.pop(what, None)
        if len(self._apart_until) == _MOST_APART:
            del self._apart_until[next(iter(self._apart_until))]
        self._apart_until[what] = self._clock() + seconds

    async def _asked(self, what: str, keys: Sequence[str], ask: Ask[T]) -> Sequence[T]:
        """The answers for these keys; none if anything goes wrong."""
        began = self._clock()
        self._running.setdefault(what, began)
        try:
            return await ask(keys)
        except Exception as error:
            if (task := asyncio.current_task()) and task.cancelling():
                raise  # What came of the connection has taken the place of the cancellation.
            self.part(what, _PAUSE * _LONG)
            if not isinstance(error, _NO_WONDER):
                _log.error("A statement for several records failed; they are read one by one", exc_info=error)
            return ()
        finally:
            took = self._clock() - began
            if took > self._long:
                self.part(what, min(_PAUSE * took, _LONGEST_PAUSE))
            if self._running.get(what) == began:
                del self._running[what]

    def _is_apart(self, what: str) -> bool:
        """Whether each asks alone now: the statement took long lately, or takes long in this moment."""
        now = self._clock()
        return now < self._apart_until.get(what, now) or now - self._running.get(what, now) > self._long

    def _close(self, what: str, others: _Waiting) -> None:
        """Whoever comes from here on does not belong to these."""
        if self._open.get(what) is others:
            del self._open[what]


def _tell(others: _Waiting, told: Callable[[asyncio.Future[Any], int], None]) -> None:
    """Tell those who still wait, each with its place."""
    for place, (_, waiter) in enumerate(others, 1):
        if not waiter.done():
            told(waiter, place)
