import asyncio
from threading import Event

import pytest

from db.apart import apart
from resolvers.compiled.operation import Operation
from tests.conftest import PATIENCE

PID = "select pg_backend_pid()"
NAMED = "query ($name: String!) { getMaterial(idOrPath: $name) { name } }"
SAVE = 'mutation { saveRole(input: {securityLevels: ["Plant"], permissions: ["MATERIAL"]}) { id } }'


@pytest.mark.settings(change_seconds=0.2)
async def test_a_change_that_is_late_costs_no_other_its_connection(execute, pool, connections):
    taken = [await connections.take(), await connections.take()]
    pids = {await one.fetchval(PID) for one in taken}
    for one in taken:
        await connections.give(one, sound=True)

    async with pool.acquire() as other, other.transaction():
        await other.execute("lock table roles in share mode")
        late = await execute.failing(SAVE)

    async with connections.taken() as one:
        assert (late.code, await one.fetchval(PID) in pids) == ("SERVICE_UNAVAILABLE", True)


@pytest.mark.parametrize("points", [0, pytest.param(1_000, marks=pytest.mark.settings(points_per_minute=1_000))])
@pytest.mark.parametrize("header", [{}, {"X-Query-Cost": "1"}])
async def test_variables_are_coerced_once(http, execute, monkeypatch, points, header):  # noqa: ARG001 (a setting)
    coerced, coerce = [], Operation.variables
    monkeypatch.setattr(Operation, "variables", lambda *given: coerced.append(given) or coerce(*given))
    headers = {"Authorization": f"Bearer {execute.token}", **header}

    response = await http.post("/graphql", json={"query": NAMED, "variables": {"name": "/Dairy/Milk"}}, headers=headers)

    assert response.json()["data"] == {"getMaterial": {"name": "Milk"}}
    assert len(coerced) == 1


@pytest.mark.settings(request_seconds=0.2)
async def test_a_document_that_is_not_understood_in_time_is_too_late(execute):
    await execute("{ __typename }")
    over = Event()
    # Long documents are understood one after the other, and this is the one before.
    other = asyncio.create_task(apart(lambda: over.wait(PATIENCE)))
    await asyncio.sleep(0)

    late = await execute.failing("{ __typename }" + " " * 2_000)
    over.set()

    assert late.code == "TIMEOUT"
    assert await other
