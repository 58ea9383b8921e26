import asyncio
from contextlib import suppress

import asyncpg
import psutil
import pytest

from db.connections import Connections
from db.errors import ServiceUnavailable
from tests.conftest import OWN, PATIENCE

PID = "select pg_backend_pid()"
SLEEPING = "select pid from pg_stat_activity where wait_event = 'PgSleep'"


@pytest.fixture
async def two(database):
    """Two connections at most."""
    pool = await asyncpg.create_pool(database, min_size=0, max_size=2)
    yield Connections(pool)
    pool.terminate()


async def waiting(connections):
    """Callers who wait for a connection."""
    tasks = [asyncio.create_task(connections.take()) for _ in range(2)]
    await asyncio.sleep(0)
    return tasks


async def test_a_connection_that_was_given_back_is_taken_again(two):
    first = await two.take()
    pid = await first.fetchval(PID)
    await two.give(first, sound=True)

    again = await two.take()

    assert await again.fetchval(PID) == pid
    await two.give(again, sound=True)


async def test_who_waits_gets_what_is_given_back_in_turn(two):
    taken = [await two.take(), await two.take()]
    tasks = await waiting(two)

    for connection in taken:
        await two.give(connection, sound=True)

    assert await asyncio.gather(*tasks) == taken
    for connection in taken:
        await two.give(connection, sound=True)


async def test_who_waits_too_long_is_told_so(two):
    taken = [await two.take(), await two.take()]

    with pytest.raises(ServiceUnavailable):
        await two.take()

    for connection in taken:
        await two.give(connection, sound=True)
    assert await two.take() is taken[1]
    await two.give(taken[1], sound=True)


async def test_a_caller_who_leaves_while_waiting_takes_no_connection_along(two):
    taken = [await two.take(), await two.take()]
    leaving, staying = await waiting(two)

    await two.give(taken[0], sound=True)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving

    assert await staying is taken[0]
    for connection in taken:
        await two.give(connection, sound=True)


@pytest.mark.parametrize("waits", [False, True])
async def test_a_connection_that_is_lost_makes_room_for_another(two, waits):
    lost, other = await two.take(), await two.take()
    tasks = await waiting(two) if waits else []
    lost.terminate()

    await two.give(lost, sound=True)
    tasks = tasks or [asyncio.create_task(two.take())]

    another = await tasks[0]
    assert await another.fetchval("select 1") == 1
    await two.give(other, sound=True)
    await two.give(another, sound=True)
    for task in tasks[1:]:
        await two.give(await task, sound=True)


async def test_a_connection_that_is_lost_while_it_is_free_is_not_taken(two, administration):
    connection = await two.take()
    pid = await connection.fetchval(PID)
    await two.give(connection, sound=True)
    await administration.execute("select pg_terminate_backend($1, 5000)", pid)

    # Whoever is the first to use it may be told of it before the news is there; the next one gets a new one.
    seen = []
    for _ in range(2):
        with suppress(ServiceUnavailable):
            async with two.taken() as another:
                seen.append(await another.fetchval(PID))

    assert seen
    assert pid not in seen


async def test_connections_that_are_distrusted_are_not_taken_again(two):
    taken, free = await two.take(), await two.take()
    await two.give(free, sound=True)

    two.distrust()
    await two.give(taken, sound=True)

    for _ in range(2):
        other = await two.take()
        assert other not in (taken, free)
        assert await other.fetchval("select 1") == 1


async def test_an_open_transaction_does_not_reach_the_next_caller(two):
    connection = await two.take()
    await connection.execute("begin; create table left_over ()")

    await two.give(connection, sound=True)

    async with two.taken() as other:
        assert not other.is_in_transaction()
        assert await other.fetchval("select to_regclass('left_over')") is None


async def test_a_statement_that_was_broken_off_does_not_reach_the_next_caller(two, administration):
    await broken_off(two, administration)

    async with two.taken() as other:
        assert await other.fetchval("select 1") == 1


async def test_a_statement_that_was_broken_off_costs_no_other_its_connection(two, administration):
    async with two.taken() as other:
        pid = await other.fetchval(PID)
        await broken_off(two, administration)

    async with two.taken() as again:
        assert await again.fetchval(PID) == pid


@pytest.mark.skipif(not OWN, reason="the processes of this PostgreSQL may be elsewhere")
async def test_where_nobody_answers_to_one_that_was_broken_off_no_connection_is_taken_again(two, administration):
    async with two.taken() as other:
        pid = await other.fetchval(PID)
        await broken_off(two, administration, stuck=True)

    async with two.taken() as again:
        assert await again.fetchval(PID) != pid


async def broken_off(connections, administration, *, stuck=False):
    """A caller leaves in the middle of a statement; its process may be stuck then."""

    async def hanging():
        async with connections.taken() as connection:
            await connection.fetchval("select pg_sleep(60)")

    task = asyncio.create_task(hanging())
    while not (pid := await administration.fetchval(SLEEPING)):
        pass
    process = psutil.Process(pid)
    if stuck:
        process.suspend()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    if stuck:
        process.resume()


async def test_those_are_cut_too_that_nobody_trusts_any_more(two):
    connection = await two.take()
    two.distrust()

    two.cut()

    assert connection.is_closed()
    await two.give(connection, sound=False)
    assert two.in_use == 0


async def test_what_is_given_back_after_the_end_does_not_stay_open(database):
    async with asyncio.timeout(PATIENCE), asyncpg.create_pool(database, min_size=0, max_size=2) as pool:
        async with Connections(pool) as connections:
            free, taken = await connections.take(), await connections.take()
            await connections.give(free, sound=True)
        await connections.give(taken, sound=True)

    assert taken.is_closed()
