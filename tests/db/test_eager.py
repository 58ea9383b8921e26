"""Coroutines that begin at once."""

import asyncio
from contextvars import ContextVar

import pytest

from db.eager import Begun

SAID = ContextVar("said", default="nothing")


async def test_it_runs_before_what_is_ready_until_it_waits():
    done = []
    gate = asyncio.Event()

    async def work():
        done.append("begun")
        await gate.wait()
        done.append("ended")

    asyncio.get_running_loop().call_soon(done.append, "other")
    Begun(work())
    done.append("here")
    gate.set()
    await asyncio.sleep(0.01)

    assert done == ["begun", "here", "other", "ended"]


async def test_what_need_not_wait_is_done_at_once():
    done = []

    async def work():
        done.append(await asyncio.sleep(0, "never") if done else "at once")

    Begun(work()).cancel()

    assert done == ["at once"]


async def test_it_raises_what_comes_before_it_waits():
    async def work():
        raise ValueError("wrong")

    with pytest.raises(ValueError, match="wrong"):
        Begun(work())


async def test_it_goes_on_after_what_it_waits_for_has_failed():
    done = []

    async def fail():
        await asyncio.sleep(0)
        raise ValueError

    async def work():
        try:
            await asyncio.shield(asyncio.ensure_future(fail()))
        except ValueError:
            await asyncio.sleep(0)
            done.append("told")

    Begun(work())
    await asyncio.sleep(0.01)

    assert done == ["told"]


@pytest.mark.parametrize("turns", range(3))
async def test_it_is_broken_off_where_it_waits(turns):
    done = []

    async def work():
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            done.append("cleaned up")

    begun = Begun(work())
    for _ in range(turns):
        await asyncio.sleep(0)
    begun.cancel()
    await asyncio.sleep(0.01)

    assert done == ["cleaned up"]


async def test_it_has_a_context_of_its_own():
    done = []

    async def work():
        token = SAID.set("something")
        await asyncio.sleep(0)
        done.append(SAID.get())
        SAID.reset(token)

    Begun(work())
    done.append(SAID.get())
    await asyncio.sleep(0.01)

    assert done == ["nothing", "something"]
