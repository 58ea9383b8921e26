"""What is told to Prometheus by a server of several processes."""

import re
from pathlib import Path

import psutil
import pytest

from tests.server.served import PATIENCE, Server, listening

POOL_SIZE = 10
"""The usual number of connections of one worker."""


@pytest.fixture
async def crew(scratch):
    """A server with two workers, which have started."""
    async with listening(scratch / "measured", "--workers", 2) as server:
        server.workers = [server.worker(), server.worker()]
        yield server


async def test_any_worker_tells_prometheus_of_all_also_of_one_that_is_gone(crew):
    first, second = crew.workers
    await told_beside(first, crew)
    second.kill()
    third = crew.worker()
    await told_beside(first, crew)

    told = await told_beside(third, crew)

    assert 'mes_orders_requests_total{code="OK",name="Show",operation="query"} 3.0' in told
    assert 'mes_orders_cache_misses_total{cache="operation"} 3.0' in told
    assert set(re.findall(r'process_cpu_seconds_total{pid="(\d+)"}', told)) == {str(first.pid), str(third.pid)}
    assert f"\nmes_orders_pool_connections_max {2 * POOL_SIZE:.1f}\n" in told


async def told_beside(other, crew):
    """What a worker tells Prometheus after it has answered something, while the other one does nothing."""
    other.suspend()
    try:
        async with crew.new_client() as client:
            await client.post("/graphql", json={"query": "query Show { __typename }"})
            crew.line("request")
            return (await client.get("/metrics")).text
    finally:
        other.resume()


@pytest.mark.parametrize("end", [Server.end, Server.kill])
async def test_what_workers_have_counted_is_gone_with_them(crew, end):
    folder = Path(crew.workers[0].environ()["PROMETHEUS_MULTIPROC_DIR"])
    assert is_there(folder)

    end(crew)
    psutil.wait_procs(crew.workers, timeout=PATIENCE)

    assert not is_there(folder)


def is_there(folder):
    return folder.exists()
