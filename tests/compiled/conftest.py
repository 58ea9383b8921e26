"""Two sides with the same rows: the application, and strawberry's own execution of the same schema."""

import secrets
from dataclasses import fields
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest

from db.connections import Connections
from db.pool import nothing_to_reset
from db.rights import SERVER
from resolvers.limits import Limits
from server.app import make_app
from server.config import Settings
from server.embedded_postgres import as_role
from server.schema import make_schema
from tests.compiled import plants
from tests.compiled.callers import CALLERS
from tests.compiled.operations import Operations
from tests.compiled.reference import Reference
from tests.compiled.sides import Sides
from tests.compiled.values import Values
from tests.conftest import OWN

ROW_LIMIT = 100
_SHARED = "place from given"
_PATIENCE = "60s"
"""While strawberry computes, nobody in this process can commit: one save waits longer for another than in a plant."""
UNLIMITED = Settings(row_limit=ROW_LIMIT, **{f"max_{limit.name}": 10**40 for limit in fields(Limits)})
"""Strawberry's own execution knows no limits."""


@pytest.fixture(scope="session")
async def loaded(administration, postgres, template):
    """Two databases with the same rows: their DSNs, and the tokens of the callers."""
    names = [f"mes_orders_test_{secrets.token_hex(6)}" for _ in range(2)]
    dsns = [urlsplit(postgres)._replace(path=f"/{name}").geturl() for name in names]
    await administration.execute(f"create database {names[0]} template {template} strategy file_copy")
    connection = await asyncpg.connect(dsns[0])
    tokens = await plants.load(connection, CALLERS)
    await connection.close()
    await administration.execute(f"create database {names[1]} template {names[0]} strategy file_copy")
    yield dsns, tokens
    for name in names:
        await administration.execute(f"drop database {name} with (force)")


@pytest.fixture(scope="session")
async def sides(loaded):
    """Both sides, asked the same by `await sides.check(caller, operation, …)`."""
    dsns, tokens = loaded
    shared = []
    servers = [as_role(dsn, SERVER) if OWN else dsn for dsn in dsns]
    async with (
        opened(dsns[0]) as pool,
        opened(dsns[1]) as reference_pool,
        opened(servers[0], shared) as server_pool,
        opened(servers[1]) as reference_server_pool,
        Connections(server_pool) as connections,
        Connections(reference_server_pool) as reference_connections,
    ):
        transport = httpx.ASGITransport(make_app(connections, UNLIMITED))
        ids = frozenset(row["id"].replace("-", "") for row in await pool.fetch(plants.IDS))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
            reference = Reference(reference_connections, ROW_LIMIT)
            both = Sides(
                http=http, tokens=tokens, pool=pool, reference=reference, reference_pool=reference_pool, ids=ids
            )
            both.shared = shared
            yield both


@pytest.fixture(scope="module")
def some_share(sides):
    """Sees to it that some of the reads that came at once have shared a statement."""
    sides.shared.clear()
    yield
    assert sides.shared


@pytest.fixture(scope="session")
async def operations(loaded):
    """Strategies for operations that ask for the stored rows."""
    async with opened(loaded[0][0]) as pool:
        rows = await plants.rows(pool)
    return Operations(make_schema()._schema, Values(rows))  # noqa: SLF001


def opened(dsn, shared=None):
    """Connections that write down what is asked of them for several requests, if it is to be told."""

    async def listen(connection):
        if shared is not None:
            connection.add_query_logger(lambda logged: shared.append(logged.query) if _SHARED in logged.query else None)

    return asyncpg.create_pool(
        dsn,
        min_size=0,
        max_size=4,
        reset=nothing_to_reset,
        init=listen,
        server_settings=dict.fromkeys(("lock_timeout", "statement_timeout"), _PATIENCE),
    )
