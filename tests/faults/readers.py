"""An application that reads from standbys, and its callers."""

import asyncio
import time
from contextlib import asynccontextmanager
from types import SimpleNamespace

import httpx

from db.pool import connection, pool
from db.standbys import Bound, standbys
from db.tokens import create_token
from db.ulid import new_ulid
from server.app import make_app
from server.staleness import LastChanges, Staleness

GET = "{ getAllRoles { notes } }"
HOUR = 3_600


def store(machine, notes):
    """Store a role beside the application."""
    machine.sql(
        "insert into roles (id, created_by, security_levels, permissions, notes) "  # noqa: S608 (our own words)
        f"values ('{new_ulid()}', 'somebody', 'Line 1', 'MATERIAL.READ', '{notes}')"
    )


class Reader:
    """A caller of an application, with a token."""

    def __init__(self, client, token):
        self._client = client
        self._headers = {"Authorization": f"Bearer {token}"}

    async def asked(self, document, staleness=None, **variables):
        prefer = {} if staleness is None else {"Prefer": f"max-staleness={staleness}"}
        body = {"query": document, "variables": variables}
        return await self._client.post("/graphql", json=body, headers={**self._headers, **prefer})

    async def seen(self, staleness=None):
        """The notes of all roles that the caller is shown."""
        answer = await self.asked(GET, staleness)
        return {role["notes"] for role in answer.json()["data"]["getAllRoles"]}


@asynccontextmanager
async def site(machines, token, read_url, usual=0):
    """An application that reads from standbys, and two callers of it."""
    async with pool(machines.url, 4) as connections, standbys(machines.url, read_url, 4) as known:
        app = make_app(connections, staleness=Staleness(known, LastChanges(), usual))
        async with (
            connection(machines.url) as opened,
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client,
        ):
            other = await create_token(opened, "other", ["Administrator"])
            yield SimpleNamespace(known=known, one=Reader(client, token), other=Reader(client, other))


async def until(holds):
    """When this is so."""
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110 (nobody is told)
            await asyncio.sleep(0)


async def until_near(known):
    """When a standby is known to have what there was a moment ago."""
    now = time.monotonic()
    await until(lambda: any(known.fitting(Bound(HOUR, now))))


async def until_gone(known):
    """When no standby can be read any more."""
    await until(lambda: not any(known.fitting(Bound(HOUR))))
