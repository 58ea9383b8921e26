"""Deadlines: what takes longer than it may is ended."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

_LOOK_SECONDS = 0.05
"""How often all of them are looked at."""


class Deadlines:
    """Ends tasks whose time is over, all of them looked after by one timer.

    A timer for each, as asyncio has it, costs a tenth of what a short request costs in all.
    """

    def __init__(self, loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.get_running_loop) -> None:
        self.running: set[_Within] = set()
        self.loop = loop
        self._looking = False

    def within(self, seconds: float) -> _Within:
        """What the current task does inside may take so many seconds. It raises `TimeoutError` if it takes longer."""
        return _Within(self, seconds)

    def look(self) -> None:
        """See to it that somebody looks after those that run."""
        if not self._looking:
            self._looking = True
            self.loop().call_later(_LOOK_SECONDS, self._end_late_ones)

    def _end_late_ones(self) -> None:
        self._looking = False
        now = self.loop().time()
        for one in self.running:
            if one.until <= now:
                one.end()
        if self.running:
            self.look()


class _Within:
    """One task, for as long as it is inside."""

    __slots__ = ("_began", "_cancelling", "_deadlines", "_late", "_seconds", "task", "until")

    def __init__(self, deadlines: Deadlines, seconds: float) -> None:
        self._deadlines = deadlines
        self._seconds = seconds
        self._late = False

    def __enter__(self) -> Self:
        task = asyncio.current_task()
        assert task
        self.task, self._cancelling = task, task.cancelling()
        self._began = self._deadlines.loop().time()
        self.allow(self._seconds)
        self._deadlines.running.add(self)
        self._deadlines.look()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._deadlines.running.discard(self)
        # Somebody else may have cancelled the task too, and means it.
        if self._late and self.task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def allow(self, seconds: float) -> None:
        """From its beginning on, it may take so many seconds."""
        self.until = self._began + seconds

    def end(self) -> None:
        """Break it off, once."""
        if not self._late:
            self._late = True
            self.task.cancel()
