"""Queries of callers who accept answers that are somewhat behind."""

import asyncio
import time
from contextlib import AsyncExitStack, suppress
from itertools import count

import httpx
import pytest
from structlog.testing import capture_logs

from db.errors import ServiceUnavailable
from db.pool import connection
from db.standbys import Bound, standbys
from db.tokens import create_token
from tests.faults.cluster import Machine
from tests.faults.readers import GET, HOUR, Reader, site, store, until, until_gone, until_near
from tests.server.served import listening

SAVE = """
mutation ($notes: String!) {
  saveRole(input: {securityLevels: ["Line 1"], permissions: ["MATERIAL.READ"], notes: $notes}) { notes }
}
"""
VALIDATE = 'query ($name: String!) { validateUnitOfMeasure(input: {name: $name, symbol: "x"}) }'
READERS = 8


@pytest.fixture
def third(machines):
    """Another standby of the primary."""
    third = Machine("three", machines.primary.files.parents[1])
    try:
        third.copy(machines.primary)
        third.start()
        yield third
    finally:
        third.stop()


@pytest.fixture
async def held(machines, token):
    """A standby that shows what there was before the role `new` was stored, which it has all the same."""
    async with site(machines, token, machines.standby.url) as site_:
        await until_near(site_.known)
        machines.standby.hold(machines.primary)
        store(machines.primary, "new")
        yield site_


async def test_a_caller_who_accepts_it_reads_from_a_standby(held):
    answer = await held.one.asked(GET, HOUR)

    assert "new" not in answer.text
    assert answer.headers["preference-applied"] == f"max-staleness={HOUR}"


@pytest.mark.parametrize("staleness", [None, 0])
async def test_a_caller_who_does_not_reads_from_the_primary(held, staleness):
    assert "new" in await held.one.seen(staleness)


async def test_a_caller_is_never_shown_what_is_further_behind_than_accepted(held):
    stored = time.monotonic()

    while True:
        asked = time.monotonic()
        if "new" in await held.one.seen(2):
            break
        assert asked < stored + 2


async def test_a_caller_reads_what_it_has_changed_itself(held):
    await held.one.asked(SAVE, notes="own")

    assert "own" in await held.one.seen(HOUR)
    assert "own" not in await held.other.seen(HOUR)


async def test_a_caller_reads_from_a_standby_again_that_has_what_it_has_changed(machines, token):
    async with site(machines, token, machines.standby.url) as site_:
        await site_.one.asked(SAVE, notes="own")
        await until_near(site_.known)
        machines.standby.hold(machines.primary)
        store(machines.primary, "new")

        seen = await site_.one.seen(HOUR)

    assert "own" in seen
    assert "new" not in seen


async def test_a_save_that_is_only_tried_goes_to_the_primary(held):
    answer = await held.one.asked(VALIDATE, HOUR, name="Stone")

    assert answer.json() == {"data": {"validateUnitOfMeasure": {}}}


async def test_a_setting_accepts_it_for_those_who_do_not_say(machines, token):
    async with site(machines, token, machines.standby.url, usual=HOUR) as site_:
        await until_near(site_.known)
        machines.standby.hold(machines.primary)
        store(machines.primary, "new")

        assert "new" not in await site_.one.seen()
        assert "new" in await site_.one.seen(0)
        assert "preference-applied" not in (await site_.one.asked(GET)).headers


async def test_as_long_as_the_primary_is_away_queries_are_answered_to_those_who_accept_it(held, machines):
    machines.primary.kill()

    assert (await held.other.asked(GET, HOUR)).json()["data"]["getAllRoles"]
    assert (await held.other.asked(GET)).json()["errors"][0]["extensions"]["code"] == "SERVICE_UNAVAILABLE"


async def test_a_token_that_was_revoked_lets_nobody_in_when_the_primary_is_away(held, machines, monkeypatch):
    monkeypatch.setattr("server.graphql_endpoint.KEPT_SECONDS", 0.5)
    machines.primary.sql("update api_tokens set revoked_date = now() where name = 'other'")
    # What was found a moment before is not too old yet.
    await asyncio.sleep(0.5)
    await until(lambda: any(held.known.fitting(Bound(HOUR))) and not any(held.known.fitting(Bound(0.5))))
    machines.primary.kill()

    answer = await held.other.asked(GET, HOUR)

    assert any(held.known.fitting(Bound(HOUR)))
    assert (answer.status_code, "notes" in answer.text) == (503, False)


async def test_without_a_standby_the_primary_answers(held, machines):
    machines.standby.kill()

    assert "new" in await held.one.seen(HOUR)
    await until_gone(held.known)
    assert "new" in await held.one.seen(HOUR)


async def test_from_a_standby_that_is_stuck_readers_go_to_the_primary(held, machines):
    await held.one.asked(GET, HOUR)
    machines.standby.freeze()

    answers = await asyncio.gather(*(held.one.asked(GET, HOUR) for _ in range(READERS)))

    assert ["new" in answer.text for answer in answers] == [True] * READERS


async def test_a_standby_that_was_stuck_is_read_from_again(held, machines):
    machines.standby.freeze()
    await until_gone(held.known)
    machines.standby.thaw()
    await until(lambda: any(held.known.fitting(Bound(HOUR))))

    assert "new" not in await held.one.seen(HOUR)


async def test_from_a_standby_that_is_stuck_readers_go_to_another_one(machines, token, third):
    read_url = f"postgresql://postgres@{machines.standby.host},{third.host}/postgres"
    async with site(machines, token, read_url) as site_:
        await until(lambda: len(list(site_.known.fitting(Bound(HOUR)))) == 2)
        await site_.one.asked(GET)
        machines.primary.kill()
        third.freeze()

        answers = await asyncio.gather(*(site_.one.asked(GET, HOUR) for _ in range(READERS)))

        assert [answer.status_code for answer in answers] == [200] * READERS
        assert not any("errors" in answer.json() for answer in answers)


async def test_a_standby_is_asked_again_after_the_process_had_no_processor(machines, token, monkeypatch):
    async with site(machines, token, machines.standby.url) as site_:
        await until_near(site_.known)
        await site_.one.asked(GET)
        # From here on, what is known of it stays as it is.
        monkeypatch.setattr("db.standbys._EVERY", HOUR)
        await asyncio.sleep(1)
        machines.primary.kill()

        asked = asyncio.create_task(site_.one.asked(GET, HOUR))
        await until(lambda: site_.known.all[0].connections.in_use)
        time.sleep(1.1)  # noqa: ASYNC251 (nothing goes on)

        assert "errors" not in (await asked).json()


async def test_who_looks_goes_on_after_what_nobody_expected(machines, token, monkeypatch):
    with capture_logs() as lines:
        async with site(machines, token, machines.standby.url) as site_:
            await until_near(site_.known)
            monkeypatch.setattr("db.standbys._REPLAYED", "select 1")
            await until(lambda: any("exc_info" in line for line in lines))
            monkeypatch.undo()

            await until_near(site_.known)

    assert [line["work"] for line in lines if "exc_info" in line] == [f"the look at {machines.standby.host}"]


async def test_a_standby_that_is_promoted_is_none_any_more(machines, token):
    async with site(machines, token, machines.standby.url) as site_:
        await until_near(site_.known)
        machines.primary.kill()
        machines.promote()

        await until_gone(site_.known)

        assert await site_.one.seen(HOUR)


async def test_a_standby_that_is_promoted_is_left_but_for_a_look_at_it(machines, token):
    async with site(machines, token, machines.standby.url) as site_:
        await until_near(site_.known)
        await asyncio.gather(*(site_.one.seen(HOUR) for _ in range(READERS)))
        (standby,) = site_.known.all
        assert standby.connections.free
        machines.primary.kill()
        machines.promote()

        await until_gone(site_.known)

        await until(lambda: not standby.connections.free)
        assert standby.connections.in_use == 0


async def test_the_former_primary_is_read_from_when_it_follows(machines, token):
    read_url = f"postgresql://postgres@{machines.primary.host},{machines.standby.host}/postgres"
    machines.primary.kill()
    machines.promote()
    machines.rejoin()

    async with site(machines, token, read_url) as site_:
        await until_near(site_.known)
        machines.standby.hold(machines.primary)
        store(machines.primary, "new")

        assert "new" not in await site_.one.seen(HOUR)


async def test_a_machine_that_has_gone_another_way_is_not_read_from(machines, token):  # noqa: ARG001 (its tables)
    async with standbys(machines.url, machines.primary.url, 1) as known:
        await known.ask()
        machines.standby.kill()
        machines.primary.wait_for()
        for number in range(100):
            store(machines.primary, f"lost {number}")
        machines.primary.kill()
        machines.standby.start()
        machines.promote()
        machines.standby.follow(machines.primary)

        for _ in range(3):
            with suppress(ServiceUnavailable):  # The connection to the former primary is lost.
                await known.ask()
            await known.all[0].look()

        assert not any(known.fitting(Bound(HOUR)))


async def test_a_standby_of_another_primary_is_not_read_from(machines, token, third):  # noqa: ARG001 (its tables)
    one, two = machines.primary, machines.standby
    async with standbys(one.url, third.url, 1) as known:
        await until_near(known)
    one.kill()
    machines.promote()
    two.sql("select pg_create_physical_replication_slot('three')")
    third.stop()
    third.follow(two)
    two.wait_for()
    async with standbys(two.url, third.url, 1) as known:
        await until_near(known)
    for number in range(100):
        store(two, f"elsewhere {number}")
    async with standbys(two.url, third.url, 1) as known:
        await until_near(known)
    one.start()

    async with standbys(one.url, third.url, 1) as known:
        for _ in range(3):
            await known.ask()
            await known.all[0].look()

        assert not any(known.fitting(Bound(HOUR)))


@pytest.mark.parametrize("before", [True, False])
async def test_a_row_of_a_timeline_to_come_keeps_no_standby_from_being_read(machines, token, before):
    statement = "insert into timelines values (2147483647)"
    if before:
        machines.primary.sql(statement)
    async with site(machines, token, machines.standby.url) as site_:
        if not before:
            await until_near(site_.known)
            machines.primary.sql(statement)
        await until_near(site_.known)
        machines.standby.hold(machines.primary)
        store(machines.primary, "new")

        assert "new" not in await site_.one.seen(HOUR)


async def test_a_standby_that_does_not_come_near_is_told_once(held, machines, monkeypatch):
    monkeypatch.setattr("db.standbys._FAR", 1)

    def told():
        return [(line["machine"], line["reason"]) for line in lines if line["event"] == "standby does not come near"]

    with capture_logs() as lines:
        await until(told)
        await until(lambda: not any(held.known.fitting(Bound(2))))
        assert told() == [(machines.standby.host, "is far behind")]
        machines.primary.sql("insert into timelines values (2147483647)")
        await until(lambda: len(told()) > 1)

    assert told()[1:] == [(machines.standby.host, "lacks the timelines of the primary")]


async def test_all_workers_know_what_a_caller_has_changed(machines, tmp_path):
    variables = {"MES_ORDERS_DATABASE_URL": machines.url, "MES_ORDERS_READ_URL": machines.standby.url}
    variables |= {"MES_ORDERS_MAX_STALENESS": str(HOUR), "MES_ORDERS_ALLOW_SUPERUSER": "on"}
    async with listening(tmp_path, "--workers", 2, **variables) as server:
        server.read_on()
        async with connection(machines.url) as opened:
            other = await create_token(opened, "other", ["Administrator"])

        async def any_worker(token):
            """A caller on a connection of its own, which may be answered by another worker each time."""
            client = await clients.enter_async_context(httpx.AsyncClient(base_url=server.url, timeout=60))
            return Reader(client, token)

        async with AsyncExitStack() as clients:
            while machines.standby.sql("select count(*) from timelines") == "0":
                pass
            # Until one of the workers has seen that the standby was near, before it was held.
            for number in count():
                machines.standby.hold(machines.primary)
                store(machines.primary, f"new {number}")
                if f"new {number}" not in await (await any_worker(other)).seen():
                    break
                machines.standby.sql("select pg_wal_replay_resume()")

            for number in range(20):
                await (await any_worker(server.token)).asked(SAVE, notes=f"own {number}")
                assert f"own {number}" in await (await any_worker(server.token)).seen()
