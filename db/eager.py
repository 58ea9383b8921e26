"""Coroutines that begin at once: up to where they wait, they run before anything else does."""

from __future__ import annotations

import asyncio
import types
from collections.abc import Coroutine, Generator
from functools import partial
from typing import Any

_running: set[asyncio.Task[None]] = set()


def begin(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run the coroutine until it waits for something, and let a task go on with it, whoever leaves.

    Raises what it raises until then. A task of its own from the beginning would first let everything run that is ready;
    from Python 3.12 on `asyncio` can do without, too.
    """
    try:
        awaited = coroutine.send(None)
    except StopIteration:
        return
    task = asyncio.create_task(_rest(coroutine, awaited))
    _running.add(task)
    task.add_done_callback(_running.discard)


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
