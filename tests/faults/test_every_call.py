"""Each call that a mutation makes to the database loses its connection once: all is stored, or nothing is."""

from types import SimpleNamespace

import asyncpg
import pytest

from db.connections import Connections
from db.pool import nothing_to_reset
from db.tokens import create_token
from tests.faults.content import Content, changes
from tests.faults.doomed import Doom, doomed_by
from tests.faults.requests import MUTATIONS, document, requests

REQUESTS = requests()
QUERY = "{ getAllRoles { id } }"
LEVELS = "select security_levels from api_tokens where name = 'planner' limit 1"
OPEN = "select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'"


@pytest.fixture
def doom(pool):
    return Doom(pool)


@pytest.fixture
async def connections(server_url, doom):
    """One connection for the whole application, so that it is at an end when that is lost track of."""
    kind = doomed_by(doom)
    opened = asyncpg.create_pool(server_url, min_size=0, max_size=1, reset=nothing_to_reset, connection_class=kind)
    async with opened, Connections(opened) as connections:
        yield connections


@pytest.fixture
async def unseen(database):
    """A connection whose changes fire no triggers, of foreign keys and of others."""
    connection = await asyncpg.connect(database, server_settings={"session_replication_role": "replica"})
    yield connection
    await connection.close()


@pytest.fixture
async def send(http, execute, pool, unseen):  # noqa: ARG001 (there is the caller then)
    """Sends a request of a caller whom the application does not remember, so that it makes the same calls each time."""
    levels = await pool.fetchval(LEVELS)

    async def answer(request, key=None):
        headers = {"Authorization": f"Bearer {await create_token(unseen, 'planner', levels)}"}
        if key:
            headers["Idempotency-Key"] = key
        return (await http.post("/graphql", json=request, headers=headers)).json()

    return answer


@pytest.fixture
async def mutation(request, valid, saved, pool):
    """A valid request, after what it needs is saved."""
    name, variables = REQUESTS[request.param]
    given = await variables(SimpleNamespace(valid=valid, saved=saved, pool=pool))
    return {"query": document(name), "variables": given}


@pytest.fixture
async def trial(mutation, doom, send, unseen):
    return Trial(mutation, doom, send, await Content.of(unseen))


class Trial:
    """A mutation that is sent again and again to the same database."""

    def __init__(self, mutation, doom, send, content):
        self._mutation, self._doom, self._send, self._content = mutation, doom, send, content

    async def ways_to_fail(self, key=None):
        """Each call before it is sent, and the last after it is done; what is changed if none fails is known then."""
        self._before = await self._content.read()
        self._doom.spare()
        answer = await self.again(key)
        calls, self.whole = self._doom.calls, await self.changes()
        await self.take_back()
        assert "errors" not in answer
        assert self.whole
        return [*((call, False) for call in range(1, calls + 1)), (calls, True)]

    async def failing(self, call, *, done, key=None):
        """The answer if this call fails, and what is stored then."""
        self._doom.befall(call, done=done)
        answer = await self.again(key)
        told = [(error["extensions"]["code"], error["extensions"].get("retryable")) for error in answer["errors"]]
        return told, await self.changes()

    async def again(self, key):
        """The answer to the mutation."""
        return await self._send(self._mutation, key)

    async def changes(self):
        return changes(self._before, await self._content.read())

    async def take_back(self):
        await self._content.restore(self._before)
        assert await self._content.read() == self._before


def test_there_is_a_request_for_every_mutation():
    assert {name for name, _ in REQUESTS.values()} == set(MUTATIONS)


@pytest.mark.parametrize("mutation", REQUESTS, indirect=True)
async def test_a_lost_call_stores_nothing_but_the_last_all(trial, send, pool):
    for call, done in await trial.ways_to_fail():
        told, changed = await trial.failing(call, done=done)

        assert told == [("SERVICE_UNAVAILABLE", True)], (call, done)
        assert changed == (trial.whole if done else {}), (call, done)
        assert not await pool.fetchval(OPEN), (call, done)
        assert "errors" not in await send({"query": QUERY}), (call, done)


@pytest.mark.parametrize("mutation", REQUESTS, indirect=True)
async def test_a_key_makes_one_change_of_a_lost_call_and_another_try(trial, pool):
    for call, done in await trial.ways_to_fail("key 1"):
        told, changed = await trial.failing(call, done=done, key="key 1")
        left_open = await pool.fetchval(OPEN)
        again = await trial.again("key 1")

        assert told == [("SERVICE_UNAVAILABLE", True)], (call, done)
        assert changed == (trial.whole if done else {}), (call, done)
        assert not left_open, (call, done)
        assert "errors" not in again, (call, done)
        assert again["extensions"]["idempotency"] == {"wasReplayed": done}, (call, done)
        assert await trial.changes() == trial.whole, (call, done)
        await trial.take_back()
