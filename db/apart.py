"""Long work, done beside the event loop: others are answered meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

MANY = 200
"""From so many records on, going over them takes long."""

# One thread: Python runs one at a time anyway, and none of those that wait gets in the way of the loop.
_THREAD = ThreadPoolExecutor(1, "apart")


async def apart(work: Callable[[], T]) -> T:
    """What the work gives; other tasks have their turns meanwhile.

    It must be plain computation: whatever belongs to the loop or to the request is not there.
    """
    return await asyncio.get_running_loop().run_in_executor(_THREAD, work)


async def many_apart(count: int, work: Callable[[], T]) -> T:
    """What the work on so many records gives, done apart where they are many."""
    return await apart(work) if count > MANY else work()
