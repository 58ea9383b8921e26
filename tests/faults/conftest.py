"""Two database machines, of which one may fail."""

import secrets

import httpx
import pytest

from db.migrations import migrate
from db.pool import connection, pool
from server.app import make_app
from server.config import Settings
from server.first_start import first_start
from tests.faults.cluster import TwoMachines


@pytest.fixture
def machines(scratch):
    folder = scratch / f"machines-{secrets.token_hex(4)}"
    folder.mkdir()
    with TwoMachines(folder) as machines:
        yield machines


@pytest.fixture
async def token(machines, scratch):
    """The administrator's, in the database of both machines."""
    async with connection(machines.url) as opened:
        await migrate(opened)
        return await first_start(opened, scratch / "machines-token")


@pytest.fixture
async def client(machines, token, request):
    """The administrator's client of an application that knows both machines."""
    marker = request.node.get_closest_marker("settings")
    settings = Settings(**marker.kwargs) if marker else Settings()
    async with pool(machines.url, 4) as connections:
        transport = httpx.ASGITransport(make_app(connections, settings))
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers) as client:
            yield client
