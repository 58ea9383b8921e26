"""Reads of one record each that come up in the same moment."""

import asyncio
import itertools
import json
import re
from contextlib import suppress
from types import SimpleNamespace

import asyncpg
import pytest
from structlog.testing import capture_logs

from db.connections import Connections
from db.errors import ServiceUnavailable
from db.records import Location
from db.repositories import repository
from db.selection import Selected
from db.session import ANSWER_LIMIT, Session
from db.statement import Projection
from db.together import Together
from db.ulid import Ulid, new_ulid
from tests.conftest import listening_pool

NAME, PATH = (Projection((Selected(key, Location.columns[key]),)) for key in ("name", "path"))
MOST = 8
WAITERS = """
select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()
"""


@pytest.fixture
async def lines(save):
    """The names of a few lines, by their ids."""
    return {(await save(Location, name=f"Line {number}")).id: f"Line {number}" for number in range(20)}


@pytest.fixture
def read(connections, statements):
    """Starts to read a location in a session of its own: what it shows under the only key, None where there is none."""
    statements.clear()

    async def run(record_id, projection=NAME):
        async with Session(connections, "planner") as session:
            text = await session.answer(repository(Location, session).by_id(record_id), projection)
        return text and next(iter(json.loads(text).values()))

    return lambda *given: asyncio.create_task(run(*given))


@pytest.fixture
def sent(statements):
    """How many locations each statement could ask for."""

    def count():
        return [max(map(int, re.findall(r"\$(\d+)", statement))) for statement in statements if "$" in statement]

    return count


@pytest.fixture
def clock(connections):
    """What those who share look at, as it is set."""
    clock = SimpleNamespace(now=0.0)
    connections.together = Together(lambda: clock.now)
    return clock


async def waited_for(pool, count):
    while await pool.fetchval(WAITERS) < count:
        pass


async def test_each_gets_the_record_it_asks_for(lines, read, sent):
    answers = await asyncio.gather(*map(read, lines))

    assert answers == list(lines.values())
    assert sent() == [8, 8, 8]


@pytest.mark.parametrize("count", range(1, 2 * MOST + 2))
async def test_one_statement_does_for_eight(lines, read, sent, count):
    asked = dict(list(lines.items())[:count])

    assert await asyncio.gather(*map(read, asked)) == list(asked.values())
    assert sorted(sent()) == {0: [], 1: [1]}.get(count % MOST, [MOST]) + [MOST] * (count // MOST)


async def test_who_asks_for_what_is_not_there_gets_nothing(lines, read):
    first, *others = lines
    asked = [new_ulid(), first, first, new_ulid(), *others[:4]]

    assert await asyncio.gather(*map(read, asked)) == [lines.get(one) for one in asked]


async def test_one_alone_sends_its_statement_at_once(lines, read, sent):
    for record_id, name in lines.items():
        assert await read(record_id) == name

    assert sent() == [1] * len(lines)


async def test_who_wants_to_know_something_else_asks_apart(lines, read, sent):
    asked = list(lines)[:8]

    answers = await asyncio.gather(*(read(one, [NAME, PATH][place % 2]) for place, one in enumerate(asked)))

    assert answers == [("" if place % 2 == 0 else "/") + lines[one] for place, one in enumerate(asked)]
    assert sent() == [8, 8]


async def test_who_has_a_connection_asks_alone(lines, read, connections, sent):
    first, *others = lines
    async with Session(connections, "planner") as session:
        assert await session.row("select 1")
        asking = session.answer(repository(Location, session).by_id(first), NAME)
        answers = await asyncio.gather(asking, *map(read, others[:3]))

    assert [json.loads(answers[0])["name"], *answers[1:]] == [lines[one] for one in (first, *others[:3])]
    assert sorted(sent()) == [1, 8]


async def test_what_is_saved_is_seen_by_who_reads_it_then(lines, read, connections):
    """Also where somebody else begins to read before that."""
    before, *_ = lines

    async def saved_and_read(number):
        async with Session(connections, "planner") as session, session.transaction():
            saved = await session.answer(
                await repository(Location, session).save({"name": f"New {number}"}),
                Projection((Selected("id", Location.columns["id"]),)),
            )
        return await read(Ulid(json.loads(saved)["id"]))

    answers = await asyncio.gather(
        *(saved_and_read(number) for number in range(10)), *(read(before) for _ in range(10))
    )

    assert answers == [f"New {number}" for number in range(10)] + [lines[before]] * 10


async def test_what_goes_wrong_with_one_is_nothing_to_the_others(lines, read):
    first, *others = list(lines)[:7]

    answers = await asyncio.gather(*map(read, [first, Ulid("\0"), *others]), return_exceptions=True)

    assert isinstance(answers.pop(1), asyncpg.DataError)
    assert answers == [lines[one] for one in (first, *others)]


@pytest.mark.parametrize("place", [0, 3])
async def test_who_leaves_leaves_the_others_alone(lines, read, pool, place):
    asked = list(lines)[:6]
    async with pool.acquire() as other:
        async with other.transaction():
            await other.execute("lock table locations")
            asking = [read(one) for one in asked]
            await waited_for(pool, 1)
            asking[place].cancel()
            with suppress(asyncio.CancelledError):
                await asking[place]
        answers = await asyncio.gather(*asking, return_exceptions=True)

    assert isinstance(answers.pop(place), asyncio.CancelledError)
    assert answers == [lines[one] for one in asked if one != asked[place]]


async def test_who_leaves_before_the_statement_is_sent_leaves_the_others_alone(lines, read):
    asking = [read(one) for one in list(lines)[:6]]
    await asyncio.sleep(0)
    asking[0].cancel()
    asking[2].cancel()

    answers = await asyncio.gather(*asking, return_exceptions=True)

    gone = [place for place, answer in enumerate(answers) if isinstance(answer, asyncio.CancelledError)]
    assert gone == [0, 2]
    assert [answers[place] for place in (1, 3, 4, 5)] == [list(lines.values())[place] for place in (1, 3, 4, 5)]


async def test_while_a_statement_takes_long_others_ask_alone(lines, read, pool, sent, clock):
    asked = dict(list(lines.items())[:3])
    async with pool.acquire() as other, other.transaction():
        await other.execute("lock table locations")
        asking = [read(one) for one in asked]
        await waited_for(pool, 1)
        clock.now = 0.1
        late = asyncio.gather(*map(read, asked))
        await waited_for(pool, 2)
    assert await asyncio.gather(*asking) == await late == list(asked.values())

    # They are noted when they end.
    assert sorted(sent()) == [1, 1, 1, 8]


async def test_after_two_statements_that_took_long_each_asks_alone_for_a_while(lines, read, pool, sent, clock):
    asked = dict(list(lines.items())[:3])

    async def slowly():
        async with pool.acquire() as other, other.transaction():
            await other.execute("lock table locations")
            asking = [read(one) for one in asked]
            await waited_for(pool, 1)
            clock.now += 0.1
        return await asyncio.gather(*asking)

    async def quickly():
        return await asyncio.gather(*map(read, asked))

    for took in (slowly, quickly, slowly, slowly, quickly):
        assert await took() == list(asked.values())
    assert sent() == [8, 8, 8, 8, 1, 1, 1]
    clock.now += 11.0
    assert await slowly() == list(asked.values())
    assert await quickly() == list(asked.values())

    assert sent()[7:] == [8, 1, 1, 1]


async def test_after_two_statements_that_were_refused_each_asks_alone_for_a_while(lines, read, connections, statements):
    first, second, *_ = lines
    milliseconds = itertools.count()
    connections.together = Together(lambda: next(milliseconds) / 1000)

    async def shares():
        statements.clear()
        assert await asyncio.gather(read(first), read(second)) == [lines[first], lines[second]]
        return len(statements) == 1

    async def is_refused():
        answers = await asyncio.gather(read(first), read(Ulid("\0")), return_exceptions=True)
        assert answers[0] == lines[first]
        assert isinstance(answers[1], asyncpg.DataError)

    await is_refused()
    assert await shares()
    await is_refused()
    await is_refused()
    assert not await shares()
    for _ in range(1000):
        next(milliseconds)
    assert await shares()


async def test_who_wants_to_know_something_else_still_shares_then(lines, connections, read, sent, clock):
    first, *others = list(lines)[:4]
    async with Session(connections, "planner") as session:
        rows = repository(Location, session).by_id(first)
        connections.together.part(NAME.statement(rows, (), session.row_limit, ANSWER_LIMIT).sql, 1.0)

    assert await asyncio.gather(*map(read, others)) == [lines[one] for one in others]
    assert await asyncio.gather(*(read(one, PATH) for one in others)) == [f"/{lines[one]}" for one in others]
    assert sent() == [1, 1, 1, 8]
    clock.now = 1.5
    assert await read(first) == lines[first]


async def test_long_answers_are_not_asked_for_together_again(save, read, statements, sent):
    saved = [await save(Location, name=f"Long {number}", description="x" * 10_000) for number in range(2)]
    long = Projection(tuple(Selected(f"d{number}", Location.columns["description"]) for number in range(40)))
    statements.clear()

    for _ in range(2):
        assert await asyncio.gather(*(read(one.id, long) for one in saved)) == ["x" * 10_000] * 2

    assert sent() == [8, 1, 1]


async def test_a_statement_of_several_that_is_wrong_is_told_of_once_and_each_asks_alone(clock, connections):
    asked = []

    async def connect():
        await asyncio.sleep(0)

    async def ask(keys):
        asked.append(keys)
        raise asyncpg.UndefinedColumnError

    async def together():
        return await asyncio.gather(*(connections.together.answer("what", key, connect, ask) for key in "abc"))

    with capture_logs() as lines:
        assert await together() == await together() == [None] * 3

    assert [line["log_level"] for line in lines] == ["error"]
    assert asked == [["a", "b", "c"]]
    clock.now = 6.0
    await together()
    assert asked == [["a", "b", "c"]] * 2


async def test_all_are_told_at_once_that_there_is_no_connection(lines, server_url):
    async with asyncpg.create_pool(server_url, min_size=0, max_size=1) as pool, Connections(pool, 0.05) as few:
        taken = await few.take()

        async def told(record_id):
            async with Session(few, "planner") as session:
                await session.answer(repository(Location, session).by_id(record_id), NAME)

        async with asyncio.timeout(1.0):
            answers = await asyncio.gather(*map(told, lines), return_exceptions=True)
        await few.give(taken, sound=True)

    assert [type(answer) for answer in answers] == [ServiceUnavailable] * len(lines)


async def test_those_who_come_while_a_connection_is_waited_for_share_it_too(lines, server_url, statements):
    async with listening_pool(server_url, statements) as pool, Connections(pool, 5.0, allowed=lambda: 1) as one:
        taken = await one.take()

        async def name(record_id):
            async with Session(one, "planner") as session:
                return json.loads(await session.answer(repository(Location, session).by_id(record_id), NAME))["name"]

        statements.clear()
        asked = list(lines)[:6]
        asking = []
        for record_id in asked:
            asking.append(asyncio.create_task(name(record_id)))
            await asyncio.sleep(0)
        await one.give(taken, sound=True)

        assert await asyncio.gather(*asking) == [lines[record_id] for record_id in asked]
        assert len(statements) == 1
