"""Coroutines that begin at once: up to where they wait, they run before anything else does."""

from __future__ import annotations

import asyncio
import types
from collections.abc import Coroutine, Generator
from contextvars import copy_context
from functools import partial
from typing import Any

_running: set[asyncio.Task[None]] = set()


class Begun:
    """A coroutine that has run until it waited for something; a task goes on with it, whoever leaves.

    A task of its own from the beginning would first let everything run that is ready; from Python 3.12 on `asyncio` can
    do without, too. Raises what the coroutine raises until it waits.
    """

    def __init__(self, coroutine: Coroutine[Any, Any, None]) -> None:
        context = copy_context()
        self._task: asyncio.Task[None] | None = None
        try:
            awaited = context.run(coroutine.send, None)
        except StopIteration:
            return
        self._task = asyncio.get_running_loop().create_task(_rest(coroutine, awaited), context=context)
        _running.add(self._task)
        self._task.add_done_callback(_running.discard)

    def cancel(self) -> None:
        """Break it off, if it has not ended."""
        if self._task:
            # Not at once: a task that has not begun would never get to what it was to go on with.
            self._task.get_loop().call_soon(self._task.cancel)


@types.coroutine
def _rest(coroutine: Coroutine[Any, Any, None], awaited: Any) -> Generator[Any, Any, None]:
    while True:
        try:
            given = yield awaited
        except BaseException as error:  # noqa: BLE001 (it is the coroutine's)
            go_on = partial(coroutine.throw, error)
        else:
            go_on = partial(coroutine.send, given)
        try:
            awaited = go_on()
        except StopIteration:
            return
