"""What may happen to a server and its database while callers save: each fault happens, and is mended."""

import asyncio
import time
from collections.abc import Mapping

import psutil

_SERVERS = "select pid from pg_stat_activity where application_name = 'mes-orders'"
_CUT = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'mes-orders'"
_LOCK_SECONDS = 1.5
"""Longer than a statement waits for a lock."""
_RACERS = 50
SAVE = "mutation ($input: ProductionOrderInput!) { saveProductionOrder(input: $input) { id version } }"
SAVE_ALL = "mutation ($inputs: [ProductionOrderInput!]!) { saveProductionOrders(inputs: $inputs) { id } }"


class NotPossible(Exception):  # noqa: N818 (a word for the event)
    """This machine does not let the fault happen; why, in a sentence."""


async def postmaster_killed(site):
    """kill -9 of the postmaster, which is started again."""
    await asyncio.to_thread(site.machines.primary.kill)
    await asyncio.to_thread(site.machines.primary.start)


async def backend_killed(site):
    """kill -9 of a process that works for the server: PostgreSQL ends all others too, and recovers."""
    async with site.connected() as connection:
        process = await connection.fetchval(_SERVERS)
    psutil.Process(process).kill()


async def restarted(site):
    """An orderly restart."""
    await asyncio.to_thread(site.machines.primary.stop)
    await asyncio.to_thread(site.machines.primary.start)


async def connections_cut(site):
    """Each connection of the server is cut, whatever runs on it, ten times over."""
    async with site.connected() as connection:
        for _ in range(10):
            await connection.execute(_CUT)
            await asyncio.sleep(0.05)


async def failed_over(site):
    """kill -9 of the primary; the synchronous standby takes over, and the former primary follows it."""
    await asyncio.to_thread(site.machines.primary.kill)
    await asyncio.to_thread(site.machines.promote)
    promoted = time.monotonic()
    await site.load.more(1)
    site.first_saves.append(site.load.last_acknowledged - promoted)
    await asyncio.to_thread(site.machines.rejoin)


async def pool_exhausted(site):
    """Many more requests than connections wait for a table that somebody holds."""
    async with site.connected() as connection, connection.acquire() as holding, site.client() as client:
        async with holding.transaction():
            await holding.execute("lock table customers")
            waiting = [
                asyncio.create_task(client.post("/graphql", json={"query": "{ getAllCustomers { id } }"}))
                for _ in range(60)
            ]
            await asyncio.sleep(_LOCK_SECONDS)
        await asyncio.gather(*waiting)


async def deadlocked(site):
    """Saves of the same orders in opposite order, by the server and by somebody else."""
    orders = await _orders(site, 2)
    held = "select from production_orders where id = $1 for update"
    async with site.connected() as connection, connection.acquire() as other, site.client() as client:
        async with other.transaction():
            await other.execute(held, orders[1])
            inputs = [{"id": order, "notes": "deadlocked"} for order in orders]
            request = {"query": SAVE_ALL, "variables": {"inputs": inputs}}
            saving = asyncio.create_task(client.post("/graphql", json=request))
            await asyncio.sleep(0.1)
            await other.execute(held, orders[0])
        assert "errors" not in (await saving).json()


async def terminated(site):
    """SIGTERM to the server, which answers what it was asked; then it is started again."""
    began = time.monotonic()
    await asyncio.to_thread(site.stop_server)
    site.exits.append(time.monotonic() - began)
    await site.start_server()


async def worker_killed(site):
    """kill -9 of the processes that answer; their supervisor starts others."""
    for worker in psutil.Process(site.server.pid).children():
        if "spawn_main" in " ".join(worker.cmdline()):
            worker.kill()


async def disk_full(site):
    """No space is left for the database, until there is some again."""
    if not site.disk.limited:
        raise NotPossible("no disk of its own can be mounted here")
    site.disk.fill()
    await asyncio.sleep(_LOCK_SECONDS)
    site.disk.empty()
    # Without space for its log PostgreSQL ends, and whoever looks after it starts it again.
    for machine in (site.machines.primary, site.machines.standby):
        if not machine.running:
            await asyncio.to_thread(machine.start)


async def raced_for_a_name(site):
    """Fifty callers save an order of one name: one of them wins."""
    needed = {"productId": site.plant["materials"], "unitOfMeasureId": site.plant["unit_of_measure"]}
    name = f"race {time.monotonic_ns()}"
    await _one_wins(site, [{"name": name, **needed}] * _RACERS)


async def raced_for_a_version(site):
    """Fifty callers change the same version of an order: one of them wins, and no change is lost."""
    (order,) = await _orders(site, 1)
    await _one_wins(site, [{"id": order, "expectedVersion": 1, "quantity": number} for number in range(1, _RACERS + 1)])


async def _one_wins(site, inputs):
    async with site.client() as client:
        requests = [client.post("/graphql", json={"query": SAVE, "variables": {"input": one}}) for one in inputs]
        answers = [response.json() for response in await asyncio.gather(*requests)]
    refused = [error["extensions"]["code"] for answer in answers for error in answer.get("errors", ())]
    assert refused == ["CONFLICT"] * (len(inputs) - 1), refused


async def _orders(site, number):
    """The ids of so many new orders, in their order."""
    needed = {"productId": site.plant["materials"], "unitOfMeasureId": site.plant["unit_of_measure"]}
    inputs = [{"name": f"fault {time.monotonic_ns()} {place}", **needed} for place in range(number)]
    async with site.client() as client:
        response = await client.post("/graphql", json={"query": SAVE_ALL, "variables": {"inputs": inputs}})
    return sorted(order["id"] for order in response.json()["data"]["saveProductionOrders"])


FAULTS: Mapping[str, object] = {
    "postmaster killed": postmaster_killed,
    "backend killed": backend_killed,
    "restart": restarted,
    "connections cut": connections_cut,
    "failover": failed_over,
    "pool exhausted": pool_exhausted,
    "deadlock": deadlocked,
    "server terminated": terminated,
    "workers killed": worker_killed,
    "disk full": disk_full,
    "race for a name": raced_for_a_name,
    "race for a version": raced_for_a_version,
}
"""The faults, by the names that the table has."""
