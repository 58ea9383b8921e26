"""Reads of one record each that come up in the same moment: those that ask for the same of it share a statement.

A statement costs PostgreSQL and the driver far more than one more record in it does. So when several requests have come
since the last look at the network, all of them are answered sooner; one that comes alone waits for nobody.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

_MOST = 8
"""How many share a statement: more would save little, and each waits for all."""
_LONG = 0.05
"""Seconds from which on a statement takes long."""
_PAUSE = 1.0
"""Seconds in which each asks alone after one that took long: such ones are better off side by side."""

T = TypeVar("T")
Ask = Callable[[Sequence[str]], Awaitable[Sequence[T]]]
"""Asks for the records with these keys, by one statement: at least so many answers, in the same order."""
_Waiting = list[tuple[str, asyncio.Future[Any]]]


def size_for(count: int) -> int:
    """How many keys a statement for so many takes: few sizes, so that few statements stay prepared."""
    return 1 << (count - 1).bit_length()


class Together:
    """Brings together who asks for the same in the same moment."""

    def __init__(self) -> None:
        self._open: dict[str, _Waiting] = {}
        self._apart_until = 0.0

    async def answer(self, what: str, key: str, ask: Ask[T]) -> T | None:
        """The answer for this key, asked for with those of others who want to know the same; None if there are none.

        The first of them asks for all. What goes wrong then may be the doing of any of them: each is told None, and
        asks alone.
        """
        loop = asyncio.get_running_loop()
        others = self._open.get(what)
        if others is not None:
            waiter = loop.create_future()
            others.append((key, waiter))
            if len(others) == _MOST - 1:
                self._close(what, others)
            told: T | None = await waiter
            return told
        if loop.time() < self._apart_until:
            return None
        others = self._open[what] = []
        answers: Sequence[T] = ()
        began = loop.time()
        try:
            await asyncio.sleep(0)  # It is the turn of all who have come in this moment.
            self._close(what, others)
            if others:
                with suppress(Exception):  # Whose doing it is, each finds out alone.
                    answers = await ask([key, *(other for other, _ in others)])
        finally:
            self._close(what, others)
            for place, (_, waiter) in enumerate(others, 1):
                if not waiter.done():
                    waiter.set_result(answers[place] if answers else None)
            ended = loop.time()
            if ended - began > _LONG:
                self._apart_until = ended + _PAUSE
        return answers[0] if answers else None

    def _close(self, what: str, others: _Waiting) -> None:
        """Whoever comes from here on does not belong to these."""
        if self._open.get(what) is others:
            del self._open[what]
