"""Short reads and saves of new records that come up in the same moment: those of one kind share a statement.

A statement costs PostgreSQL and the driver far more than one more record in it does, or one more short page. So when
several requests have come since the last look at the network, all of them are answered sooner; one that comes alone
waits for nobody.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import asyncpg
import structlog

from db.eager import Begun
from db.errors import Failure, ServiceUnavailable, Unconfirmed

MOST = 8
"""How many share a statement: more would save little, and each waits for all."""
_LONG = 0.05
"""Seconds from which on a statement takes long."""
_TURNS = 4
"""Turns of the event loop that may pass meanwhile: how long they take is not the statement's doing."""
_PAUSE = 100
"""For how many times as long as a statement took each asks alone then: such ones are better off side by side."""
_SHORT_PAUSE = 20
"""The same where it was refused: some of them are wrong."""
_LONGEST_PAUSE = 60.0
_MOST_APART = 256
"""How many statements it is known of that they are to be sent alone, or took long the last time."""

_NO_WONDER = Failure, asyncpg.DataError
"""What may come of the state of the database, and of a key that is no text for PostgreSQL."""

T = TypeVar("T")
Given = Sequence[Any]
"""The parameters of one: a key, or the values of a new record."""
Ask = Callable[[Sequence[Given]], Coroutine[Any, Any, Sequence[T]]]
"""Asks for all of these by one statement: at least so many answers, in the same order."""
_Waiting = list[tuple[Given, asyncio.Future[Any]]]

_log = structlog.get_logger()


@dataclass(slots=True, eq=False)
class _Group:
    """Those who share a statement: the first one asks for all, once it has a connection."""

    ask: Ask[Any]
    waiting: _Waiting
    connected: bool = False
    asked: Begun | None = None

    def left(self) -> None:
        """Called when one of them has left: what nobody waits for is broken off."""
        if self.asked and all(waiter.done() for _, waiter in self.waiting):
            self.asked.cancel()


class Together:
    """Brings together who asks for the same in the same moment."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._open: dict[str, _Group] = {}
        self._running: dict[str, float] = {}
        self._apart_until: dict[str, float] = {}
        self._long = _LONG

    async def answer(self, what: str, given: Given, connect: Callable[[], Awaitable[Any]], ask: Ask[T]) -> T | None:
        """The answer for what is given, asked for with those of others who want the same; None where there are none.

        The first of them takes a connection, on which all are asked for, until the last of them leaves. If anything
        goes wrong, which may be the doing of any of them, nothing is done, and each is told None, and asks alone.
        Raises what `connect` raises, and `Unconfirmed` where nobody knows what was done.
        """
        waiter: asyncio.Future[T | None] = asyncio.get_running_loop().create_future()
        group = self._open.get(what)
        if group is not None:
            group.waiting.append((given, waiter))
            if len(group.waiting) == MOST:
                self._close(what, group)
                if group.connected:
                    # Not when it is the turn of the first one: whoever is ready to run comes before that.
                    self._send(what, group)
        elif self._is_apart(what):
            return None
        else:
            group = self._open[what] = _Group(ask, [(given, waiter)])
            await self._gather(what, group, connect)
            if not group.asked:
                if len(group.waiting) == 1:
                    return None
                self._send(what, group)
        try:
            return await waiter
        except asyncio.CancelledError:
            group.left()
            raise

    def part(self, what: str, seconds: float) -> None:
        """Let each ask alone for so long who wants to know this."""
        self._apart_until.pop(what, None)
        if len(self._apart_until) == _MOST_APART:
            del self._apart_until[next(iter(self._apart_until))]
        self._apart_until[what] = self._clock() + seconds

    async def _gather(self, what: str, group: _Group, connect: Callable[[], Awaitable[Any]]) -> None:
        """Wait for a connection, and for all who come until then and in that moment."""
        try:
            await connect()
            group.connected = True
            ready = self._clock()
            await asyncio.sleep(0)  # It is the turn of all who have come.
            self._long = _LONG + _TURNS * (self._clock() - ready)
        except ServiceUnavailable as failure:
            told = str(failure)
            _tell(group.waiting[1:], lambda waiter, _: waiter.set_exception(ServiceUnavailable(told)))
            raise
        except BaseException:
            if group.asked:
                group.waiting[0][1].cancel()
                group.left()
            else:
                _tell(group.waiting[1:], lambda waiter, _: waiter.set_result(None))
            raise
        finally:
            self._close(what, group)

    def _send(self, what: str, group: _Group) -> None:
        """Ask for all of them, but for those who have left."""
        waiting = group.waiting = [one for one in group.waiting if not one[1].done()]
        group.asked = Begun(self._asked(what, waiting, group.ask([given for given, _ in waiting])))

    async def _asked(self, what: str, waiting: _Waiting, asking: Coroutine[Any, Any, Sequence[Any]]) -> None:
        """Tell those who wait their answers; None each, if anything goes wrong."""
        began = self._clock()
        self._running.setdefault(what, began)
        try:
            answers = await asking
            self._judge(what, self._clock() - began, refused=False)
            _tell(waiting, lambda waiter, place: waiter.set_result(answers[place]))
        except Unconfirmed as doubt:
            told = doubt.told
            _tell(waiting, lambda waiter, _: waiter.set_exception(Unconfirmed(told)))
        except Exception as error:  # noqa: BLE001 (each of them is told when it asks alone)
            self._judge(what, self._clock() - began, refused=True)
            if not isinstance(error, _NO_WONDER):
                self.part(what, _PAUSE * _LONG)
                _log.error("A statement for several failed; each of them asks alone", exc_info=error)
            _tell(waiting, lambda waiter, _: waiter.set_result(None))
        finally:
            _tell(waiting, lambda waiter, _: waiter.cancel())
            if self._running.get(what) == began:
                del self._running[what]

    def _judge(self, what: str, took: float, *, refused: bool) -> None:
        """Let each ask alone for a while where it takes long, or is refused, twice in a row.

        Once may be the machine's doing, or the mistake of one of them; but who has waited long to be refused has
        waited for somebody else, as the next ones would.
        """
        long = took > self._long
        if long or refused:
            again = what in self._apart_until or (long and refused)
            self.part(what, min((_PAUSE if long else _SHORT_PAUSE) * took, _LONGEST_PAUSE) if again else 0.0)
        elif self._apart_until.get(what, math.inf) <= self._clock():
            del self._apart_until[what]

    def _is_apart(self, what: str) -> bool:
        """Whether each asks alone now: the statement took long lately, or takes long in this moment."""
        now = self._clock()
        return now < self._apart_until.get(what, now) or now - self._running.get(what, now) > self._long

    def _close(self, what: str, group: _Group) -> None:
        """Whoever comes from here on does not belong to it."""
        if self._open.get(what) is group:
            del self._open[what]


def _tell(waiting: _Waiting, tell: Callable[[asyncio.Future[Any], int], object]) -> None:
    """Tell those who still wait, each with its place."""
    for place, (_, waiter) in enumerate(waiting):
        if not waiter.done():
            tell(waiter, place)
