import pytest

PID = "select pg_backend_pid()"
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
