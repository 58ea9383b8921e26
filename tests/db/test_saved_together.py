"""New records that are saved in the same moment, each by a request of its own."""

import asyncio
import json
from contextlib import suppress

import asyncpg
import pytest

from db.connections import Connections
from db.errors import Conflict, Invalid, ServiceUnavailable, Unconfirmed
from db.records import RECORDS, Customer, ProductionOrder
from db.repositories import repository
from db.saving import insertion
from db.selection import Selected
from db.session import Session
from db.statement import Projection
from db.together import MOST
from db.ulid import new_ulid
from tests.db.test_together import WAITERS, waited_for

SHOWN = Projection(
    tuple(Selected(key, ProductionOrder.columns[key]) for key in ("id", "name", "version", "created_by"))
)
LOGGED = "select record_id, request_id, changed_by, new ->> 'name' as name from changes where record_type = $1"
KINDS = [record for record in RECORDS.values() if not record.view]


@pytest.fixture
def save(connections, plant):
    """Starts to save an order with these fields for a caller of its own; gives what is shown of it."""

    async def run(caller, fields, connections):
        needed = {
            "name": f"Order of {caller}",
            "product_id": plant.material,
            "unit_of_measure_id": plant.unit_of_measure,
        }
        async with Session(connections, caller, request_id=f"request-of-{caller}") as session:

            async def saved():
                rows = await repository(ProductionOrder, session).save({**needed, **fields})
                return await session.answer(rows, SHOWN, last=True)

            return json.loads(await session.changed(saved))

    return lambda caller, source=connections, **fields: asyncio.create_task(run(caller, fields, source))


@pytest.fixture
def sent(statements):
    """How many orders each statement could store."""

    def count():
        saves = [statement for statement in statements if "insert into production_orders" in statement]
        return [MOST if "from told, given" in one else 1 for one in saves]

    return count


async def given_back(connections):
    async with asyncio.timeout(10):
        while connections.in_use:  # noqa: ASYNC110 (nobody tells it)
            await asyncio.sleep(0.01)


async def test_each_gets_the_record_it_saved_and_the_log_says_whose_it_is(save, sent, pool):
    callers = [f"caller-{number}" for number in range(2 * MOST)]

    saved = await asyncio.gather(*map(save, callers))

    assert sent() == [MOST, MOST]
    assert [(one["name"], one["version"], one["created_by"]) for one in saved] == [
        (f"Order of {caller}", 1, caller) for caller in callers
    ]
    assert sorted(map(tuple, await pool.fetch(LOGGED, "ProductionOrder"))) == sorted(
        (one["id"], f"request-of-{caller}", caller, one["name"]) for one, caller in zip(saved, callers, strict=True)
    )


async def test_who_asked_is_forgotten_with_the_statement(save, connections):
    await asyncio.gather(*map(save, "ab"))

    async with connections.taken() as connection:
        assert not await connection.fetchval("select current_setting('mes_orders.request', true)")
        assert await connection.fetchval("select setting = reset_val from pg_settings where name = 'lock_timeout'")


async def test_one_alone_is_saved_at_once(save, sent):
    for caller in "abc":
        assert (await save(caller))["created_by"] == caller

    assert sent() == [1, 1, 1]


async def test_others_are_saved_where_one_refers_to_nothing(save, sent, pool):
    wrong = {"product_id": new_ulid()}

    saved = await asyncio.gather(save("a"), save("b", **wrong), save("c"), return_exceptions=True)

    assert isinstance(saved.pop(1), Invalid)
    assert [one["created_by"] for one in saved] == ["a", "c"]
    assert sent() == [MOST]
    assert await pool.fetchval("select count(*) from production_orders") == 2


@pytest.mark.parametrize("place", range(3))
async def test_others_are_saved_where_a_name_is_taken(save, sent, pool, place):
    await save("first", name="Butter")
    names = [{"name": "Butter"} if number == place else {} for number in range(3)]

    saved = await asyncio.gather(
        *(save(f"{number}", **name) for number, name in enumerate(names)), return_exceptions=True
    )

    assert isinstance(saved.pop(place), Conflict)
    assert [one["name"] for one in saved] == [f"Order of {number}" for number in range(3) if number != place]
    assert sorted(sent()[1:]) == [1, 1, 1, MOST]
    assert await pool.fetchval("select count(*) from production_orders") == 3


async def test_of_two_with_the_same_name_one_is_saved(save, pool):
    saved = await asyncio.gather(*(save(caller, name="Butter") for caller in "ab"), return_exceptions=True)

    assert {type(one) for one in saved} == {Conflict, dict}
    assert await pool.fetchval("select count(*) from production_orders") == 1


async def test_who_waits_for_a_lock_keeps_no_others_waiting(save, pool, plant, sent):
    other = new_ulid()
    await pool.execute("insert into customers (id, name) values ($1, 'Other')", other)
    async with pool.acquire() as connection:
        deleting = connection.transaction()
        await deleting.start()
        await connection.execute("delete from customers where id = $1", plant.customer)
        a, b, c = save("a", customer_id=other), save("b", customer_id=plant.customer), save("c", customer_id=other)
        await asyncio.gather(a, c)
        assert not b.done()
        await deleting.rollback()

    assert [(await one)["created_by"] for one in (a, b, c)] == ["a", "b", "c"]
    assert sorted(sent()) == [1, 1, 1, MOST]


@pytest.mark.parametrize("leaving", [0, 1])
async def test_who_leaves_takes_no_other_save_along(save, pool, leaving):
    async with pool.acquire() as other:
        async with other.transaction():
            await other.execute("lock table changes in share mode")
            saving = [save(caller) for caller in "abc"]
            await waited_for(pool, 1)
            saving[leaving].cancel()
            with suppress(asyncio.CancelledError):
                await saving[leaving]
        saved = await asyncio.gather(*saving, return_exceptions=True)

    assert isinstance(saved.pop(leaving), asyncio.CancelledError)
    assert [one["created_by"] for one in saved] == [caller for place, caller in enumerate("abc") if place != leaving]


@pytest.mark.parametrize("first", range(3))
async def test_what_nobody_waits_for_any_more_is_broken_off_and_gives_its_connection_back(
    save, pool, connections, first
):
    async with pool.acquire() as other, other.transaction():
        await other.execute("lock table changes in share mode")
        saving = [save(caller) for caller in "abc"]
        await waited_for(pool, 1)
        for one in (*saving[first:], *saving[:first]):
            assert connections.in_use == 1
            one.cancel()
            await asyncio.sleep(0)
        await given_back(connections)
        while await pool.fetchval(WAITERS):
            pass
    assert {type(one) for one in await asyncio.gather(*saving, return_exceptions=True)} == {asyncio.CancelledError}

    assert await pool.fetchval("select count(*) from production_orders") == 0
    assert (await save("d"))["created_by"] == "d"


async def test_what_is_sent_and_left_in_the_same_moment_gives_its_connection_back(save, connections, sent):
    """The first one has not had its turn again when the last one sends the statement."""
    await save("somebody before, who opens the connection")
    saving = [save(f"{number}") for number in range(MOST)]
    await asyncio.sleep(0)
    assert connections.in_use == 1
    for one in saving:
        one.cancel()

    assert {type(one) for one in await asyncio.gather(*saving, return_exceptions=True)} == {asyncio.CancelledError}
    await given_back(connections)
    assert sorted(sent()) == [1, MOST]


@pytest.mark.parametrize("leaving", [1, 2])
async def test_who_leaves_before_the_statement_is_sent_saves_nothing(save, pool, server_url, leaving):
    async with asyncpg.create_pool(server_url, min_size=0, max_size=1) as own, Connections(own, 5.0) as one:
        taken = await one.take()
        saving = [save(caller, one) for caller in "abc"]
        for _ in range(3):
            await asyncio.sleep(0)
        assert one.waiting == 1
        saving[leaving].cancel()
        await asyncio.sleep(0)
        await one.give(taken, sound=True)
        await asyncio.gather(*saving, return_exceptions=True)

    names = await pool.fetch("select created_by from production_orders order by name")
    assert [row["created_by"] for row in names] == [caller for place, caller in enumerate("abc") if place != leaving]


async def test_nobody_knows_what_was_stored_when_the_connection_is_lost(save, pool):
    async with pool.acquire() as other, other.transaction():
        await other.execute("lock table changes in share mode")
        saving = [save(caller) for caller in "abc"]
        await waited_for(pool, 1)
        await other.execute("select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock'")
        saved = await asyncio.gather(*saving, return_exceptions=True)

    assert [type(one) for one in saved] == [Unconfirmed] * 3
    assert {str(one) for one in saved} == {str(Unconfirmed(saved[0].told))}
    assert saved[0].told.endswith("whether the change is stored.")
    assert await pool.fetchval("select count(*) from production_orders") == 0


async def test_what_no_standby_confirmed_is_told_to_all(save, connections, monkeypatch):
    give = connections.give

    async def unconfirmed(connection, *, sound):
        await give(connection, sound=sound)
        raise Unconfirmed("The change is on one machine only: no standby has confirmed it.")

    monkeypatch.setattr(connections, "give", unconfirmed)

    saved = await asyncio.gather(*map(save, "abc"), return_exceptions=True)

    assert [type(one) for one in saved] == [Unconfirmed] * 3


async def test_what_is_saved_with_something_else_is_stored_with_it_or_not_at_all(connections, save, pool):
    async def broken():
        async with Session(connections, "planner") as session, session.transaction():
            await session.row("select 1")
            await session.answer(await repository(Customer, session).save({"name": "Dairy"}), Projection(()), last=True)
            raise ValueError

    _, *saved = await asyncio.gather(broken(), save("a"), save("b"), return_exceptions=True)

    assert [one["created_by"] for one in saved] == ["a", "b"]
    assert await pool.fetchval("select count(*) from customers where name = 'Dairy'") == 0


async def test_all_are_told_at_once_that_there_is_no_connection(save, server_url):
    async with asyncpg.create_pool(server_url, min_size=0, max_size=1) as pool, Connections(pool, 0.05) as few:
        taken = await few.take()
        async with asyncio.timeout(1.0):
            saved = await asyncio.gather(*(save(caller, few) for caller in "abc"), return_exceptions=True)
        await few.give(taken, sound=True)

    assert [type(one) for one in saved] == [ServiceUnavailable] * 3


@pytest.mark.parametrize("record", KINDS, ids=[record.__name__ for record in KINDS])
async def test_new_records_of_every_kind_can_be_saved_together(pool, record):
    columns = [column for column in record.columns.values() if column.given or column.name in {"id", "created_by"}]
    given = tuple(column.name for column in columns)
    referring = tuple(column.name for column in columns if column.target)

    async with pool.acquire() as connection:
        expressions = insertion(record, given, referring).together
        statement = await connection.prepare(f"with {expressions} select * from saved")  # noqa: S608

        assert await statement.fetch(*[None] * len(statement.get_parameters())) == []
