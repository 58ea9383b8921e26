import asyncio
from operator import itemgetter

import pytest

from server.deadline import Deadlines

SHORT, LONG = 5, 60


class Clock:
    """The time of an event loop, which goes on only where a test says so."""

    def __init__(self):
        self._now = 0.0
        self.due = []

    def time(self):
        return self._now

    def call_later(self, seconds, call):
        self.due.append((self._now + seconds, call))

    async def pass_by(self, seconds):
        """Call what is due meanwhile, each at its time, and let the tasks do what follows from it."""
        await turns()
        until = self._now + seconds
        while self.due and (first := min(self.due, key=itemgetter(0)))[0] <= until:
            self.due.remove(first)
            self._now, call = first
            call()
            await turns()
        self._now = until


async def turns():
    """Let each task go on until it waits."""
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def deadlines(clock):
    return Deadlines(lambda: clock)


@pytest.fixture
def begin(deadlines):
    """A task that waits for something, in so many seconds: `task = begin(seconds, what)`."""

    async def work(seconds, what):
        with deadlines.within(seconds):
            return await what

    return lambda seconds, what: asyncio.create_task(work(seconds, what))


async def test_what_takes_too_long_is_ended(clock, deadlines):
    async def work():
        with pytest.raises(TimeoutError), deadlines.within(SHORT):
            await asyncio.Future()
        await asyncio.sleep(0)  # The task goes on: it is not cancelled any more.
        return "went on"

    task = asyncio.create_task(work())
    await clock.pass_by(SHORT - 1)
    assert not task.done()

    await clock.pass_by(2)
    assert task.result() == "went on"
    assert not deadlines.running


async def test_what_is_done_in_time_gives_what_it_gives(clock, deadlines, begin):
    what = asyncio.Future()
    task = begin(SHORT, what)
    await clock.pass_by(SHORT - 1)
    what.set_result("done")
    await clock.pass_by(LONG)

    assert task.result() == "done"
    assert not deadlines.running


async def test_each_has_a_time_of_its_own(clock, begin):
    what = asyncio.Future()
    short, long = begin(SHORT, asyncio.Future()), begin(LONG, what)
    await clock.pass_by(LONG - 1)
    what.set_result("done")
    await turns()

    assert isinstance(short.exception(), TimeoutError)
    assert long.result() == "done"


async def test_all_of_them_are_looked_after_by_one_timer(clock, begin):
    tasks = [begin(SHORT, asyncio.Future()) for _ in range(10)]
    await clock.pass_by(1)
    assert len(clock.due) == 1

    await clock.pass_by(SHORT)
    assert all(isinstance(task.exception(), TimeoutError) for task in tasks)
    assert not clock.due


async def test_the_time_of_what_comes_later_is_looked_after_too(clock, begin):
    for _ in range(2):
        task = begin(SHORT, asyncio.Future())
        await clock.pass_by(SHORT + 1)
        assert isinstance(task.exception(), TimeoutError)

        await clock.pass_by(LONG)
        assert not clock.due


async def test_a_task_that_somebody_else_cancels_is_not_told_that_it_was_late(begin):
    task = begin(LONG, asyncio.Future())
    await turns()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_late_task_that_somebody_cancels_too_is_cancelled(clock, deadlines):
    async def work():
        with deadlines.within(SHORT) as deadline:
            try:
                await asyncio.Future()
            except asyncio.CancelledError:
                deadline.task.cancel()
                raise

    task = asyncio.create_task(work())
    await clock.pass_by(SHORT + 1)

    assert task.cancelled()


async def test_more_time_may_be_given_later(clock, deadlines):
    async def work():
        with deadlines.within(SHORT) as deadline:
            deadline.allow(LONG)
            await asyncio.Future()

    task = asyncio.create_task(work())
    await clock.pass_by(LONG - 1)
    assert not task.done()

    await clock.pass_by(2)
    assert isinstance(task.exception(), TimeoutError)


async def test_an_error_of_its_own_is_told(deadlines):
    with pytest.raises(ValueError, match="wrong"), deadlines.within(LONG):
        raise ValueError("wrong")


async def test_the_time_is_that_of_the_event_loop():
    with pytest.raises(TimeoutError), Deadlines().within(0):
        await asyncio.Future()
