"""What callers see of a primary that fails, and of a standby that takes over."""

import asyncio
import time
from itertools import count

import httpx
import pytest

from tests.server.served import listening

SAVE = """
mutation ($notes: String!) {
  saveRole(input: {securityLevels: ["Line 1"], permissions: ["MATERIAL.READ"], notes: $notes}) { notes }
}
"""
GET = "{ getAllRoles { notes } }"
NOTES = "select notes from roles where notes is not null"
WAITING = "select count(*) from pg_stat_activity where wait_event = 'SyncRep'"
CANCEL = "select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'"
CALLERS = 6


async def saved(client, notes):
    """Whether a save was acknowledged; a client that gets no answer was not told so."""
    try:
        answer = (await client.post("/graphql", json={"query": SAVE, "variables": {"notes": notes}})).json()
    except httpx.HTTPError:
        return False
    return bool(answer.get("data") and answer["data"]["saveRole"])


async def error_of(client, document, **variables):
    """The extensions of the first error that the answer tells."""
    response = await client.post("/graphql", json={"query": document, "variables": variables})
    return response.json()["errors"][0]["extensions"]


class Load:
    """Callers who save again and again, each time something else, and write down what was acknowledged."""

    def __init__(self, client):
        self._client = client
        self._numbers = count()
        self._ended = False
        self.acknowledged = []
        self.last = 0.0

    async def run(self):
        await asyncio.gather(*(self._save() for _ in range(CALLERS)))

    def end(self):
        self._ended = True

    async def more(self, number=50):
        """Returns when so many more saves were acknowledged."""
        enough = len(self.acknowledged) + number
        async with asyncio.timeout(60):
            while len(self.acknowledged) < enough:
                await saved(self._client, "between")

    async def _save(self):
        while not self._ended:
            notes = f"save {next(self._numbers)}"
            if await saved(self._client, notes):
                self.acknowledged.append(notes)
                self.last = time.monotonic()


@pytest.fixture
async def server(machines, tmp_path):
    async with listening(
        tmp_path, "--workers", 2, MES_ORDERS_DATABASE_URL=machines.url, MES_ORDERS_ALLOW_SUPERUSER="on"
    ) as server:
        server.read_on()
        yield server


async def test_what_was_acknowledged_is_there_after_the_primary_was_killed_under_load(
    machines, server, record_property
):
    load = Load(server.client)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(load.run())
        await load.more()
        await asyncio.to_thread(machines.primary.kill)
        await asyncio.to_thread(machines.promote)
        promoted, before = time.monotonic(), len(load.acknowledged)
        while len(load.acknowledged) == before:
            await saved(server.client, "between")
        record_property("first save after promotion, seconds", round(load.last - promoted, 3))
        await load.more()
        load.end()

    stored = machines.primary.sql(NOTES).splitlines()
    assert set(load.acknowledged) <= set(stored)
    assert len(set(stored) - {"between"}) == len([notes for notes in stored if notes != "between"])
    assert (await server.client.get("/health/ready")).status_code == 200


async def test_the_former_primary_comes_back_and_takes_over_again(machines, client):
    machines.primary.kill()
    machines.promote()
    assert not await saved(client, "told that its connection is lost") or await saved(client, "first")
    machines.rejoin()

    machines.primary.kill()
    machines.promote()
    await client.get("/health/ready")

    assert await saved(client, "second")
    assert "second" in machines.primary.sql(NOTES).splitlines()


async def test_with_the_standby_alone_the_server_is_not_ready(machines, client):
    machines.primary.kill()

    response = await client.get("/health/ready")

    assert (response.status_code, response.json()) == (503, {"status": "not ready", "code": "SERVICE_UNAVAILABLE"})


async def test_when_the_standby_is_promoted_the_server_is_ready(machines, client):
    machines.primary.kill()
    await client.get("/health/ready")

    machines.promote()

    assert (await client.get("/health/ready")).status_code == 200


async def test_a_machine_that_can_only_be_read_is_left(machines, client):
    assert await saved(client, "before")
    machines.primary.sql("alter system set default_transaction_read_only = on")
    machines.primary.sql("select pg_reload_conf()")
    while (await client.get("/health/ready")).status_code == 200:
        pass
    machines.promote()

    assert await saved(client, "after")
    assert "after" in machines.primary.sql(NOTES).splitlines()


@pytest.mark.settings(change_seconds=1)
async def test_a_change_that_no_standby_confirms_in_time_is_not_acknowledged(machines, client):
    machines.standby.freeze()

    refused = await error_of(client, SAVE, notes="alone")

    assert refused == {"code": "SERVICE_UNAVAILABLE", "retryable": True}


async def test_a_change_that_was_told_to_wait_no_more_is_not_acknowledged(machines, client):
    assert await saved(client, "before")
    machines.standby.freeze()
    saving = asyncio.create_task(error_of(client, SAVE, notes="alone"))

    while await asyncio.to_thread(machines.primary.sql, WAITING) == "0":
        pass
    await asyncio.to_thread(machines.primary.sql, CANCEL)

    assert await saving == {"code": "SERVICE_UNAVAILABLE", "retryable": True}


@pytest.mark.settings(change_seconds=1)
async def test_a_change_that_is_sent_again_is_acknowledged_when_the_standby_has_it(machines, client):
    async def sent():
        body = {"query": SAVE, "variables": {"notes": "alone"}}
        answer = await client.post("/graphql", json=body, headers={"Idempotency-Key": "one"})
        return answer.json()

    machines.standby.freeze()
    refused = [await sent(), await sent()]
    machines.standby.thaw()

    assert [answer["errors"][0]["extensions"]["code"] for answer in refused] == ["SERVICE_UNAVAILABLE"] * 2
    assert (await sent())["extensions"]["idempotency"] == {"wasReplayed": True}


@pytest.mark.settings(change_seconds=1)
async def test_when_the_standby_is_back_changes_are_acknowledged_again(machines, client):
    machines.standby.freeze()
    await saved(client, "alone")

    machines.standby.thaw()

    assert await saved(client, "together")


@pytest.mark.settings(change_seconds=1)
async def test_a_primary_that_is_stuck_is_left_when_the_standby_is_promoted(machines, client):
    assert await saved(client, "before")
    machines.primary.freeze()
    machines.promote()

    first = await saved(client, "first")

    assert not first
    assert await saved(client, "second")
    assert "second" in machines.primary.sql(NOTES).splitlines()
