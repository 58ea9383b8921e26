import asyncio

import pytest

from server.deadline import Deadlines

SHORT, LONG = 0.05, 60


@pytest.fixture
def deadlines():
    return Deadlines()


async def test_what_takes_too_long_is_ended(deadlines):
    with pytest.raises(TimeoutError), deadlines.within(SHORT):
        await asyncio.sleep(LONG)

    await asyncio.sleep(0)  # The task goes on: it is not cancelled any more.
    assert not deadlines.running


async def test_what_is_done_in_time_gives_what_it_gives(deadlines):
    with deadlines.within(LONG):
        await asyncio.sleep(0)

    assert not deadlines.running


async def test_each_has_a_time_of_its_own(deadlines):
    async def work(seconds):
        with deadlines.within(seconds):
            await asyncio.sleep(4 * SHORT)
        return seconds

    outcomes = await asyncio.gather(work(SHORT), work(LONG), return_exceptions=True)

    assert isinstance(outcomes[0], TimeoutError)
    assert outcomes[1] == LONG


async def test_the_time_of_what_comes_later_is_looked_after_too(deadlines):
    for _ in range(2):
        with pytest.raises(TimeoutError), deadlines.within(SHORT):
            await asyncio.sleep(LONG)
        await asyncio.sleep(3 * SHORT)


async def test_a_task_that_somebody_else_cancels_is_not_told_that_it_was_late(deadlines):
    async def work():
        with deadlines.within(LONG):
            await asyncio.sleep(LONG)

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_late_task_that_somebody_cancels_too_is_cancelled(deadlines):
    async def work():
        with deadlines.within(SHORT) as deadline:
            try:
                await asyncio.sleep(LONG)
            except asyncio.CancelledError:
                deadline.task.cancel()
                raise

    with pytest.raises(asyncio.CancelledError):
        await asyncio.create_task(work())


async def test_more_time_may_be_given_later(deadlines):
    with deadlines.within(SHORT) as deadline:
        deadline.allow(LONG)
        await asyncio.sleep(4 * SHORT)

    assert not deadlines.running


async def test_an_error_of_its_own_is_told(deadlines):
    with pytest.raises(ValueError, match="wrong"), deadlines.within(LONG):
        raise ValueError("wrong")
