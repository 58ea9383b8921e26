"""A PostgreSQL for the tests, with a copy of the migrated database for each of them."""

import asyncio
import os
import secrets
import shutil
import socket
import tempfile
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest
import uvicorn

from db.connections import Connections
from db.migrations import migrate
from db.pool import nothing_to_reset
from db.pool import pool as open_pool
from db.records import RECORDS
from db.rights import OWNER, SERVER, grant, make_roles
from db.roles import create_role
from db.tokens import create_token
from db.ulid import new_ulid
from resolvers.access import Permission
from server.app import make_app
from server.config import Settings
from server.embedded_postgres import as_role, embedded_postgres

# Nothing in it outlives the tests, so nothing needs to be safe on the disk.
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_wal_size": "256MB",
    "shared_buffers": "128MB",
}
MEMORY = Path("/dev/shm")  # noqa: S108

# A value that is the name of a table stands for the id of that table's record.
PLANT = {
    "unit_of_measure": {"name": "Kilogram", "symbol": "kg"},
    "material_classes": {"name": "Dairy", "path": "/Dairy"},
    "materials": {
        "name": "Milk",
        "path": "/Dairy/Milk",
        "material_class_id": "material_classes",
        "unit_of_measure_id": "unit_of_measure",
    },
    "locations": {"name": "Line 1", "path": "/Line 1"},
    "customers": {"name": "Corner Shop"},
    "shifts": {"name": "Early", "location_id": "locations"},
    "shift_records": {"shift_id": "shifts", "location_id": "locations"},
}

PATIENCE = 60
"""Seconds until what does not end counts as hung, however much else the machine has to do."""

OWN = not os.environ.get("MES_ORDERS_DATABASE_URL")
"""Whether the PostgreSQL is our own: that of somebody else may not let us make roles."""
OWNED = f"owner {OWNER}" if OWN else ""

AREAS = sorted({permission.value.split(".")[0] for permission in Permission})

SAVE_ORDER = "mutation ($input: ProductionOrderInput!) { saveProductionOrder(input: $input) { id name version } }"
SAVE = "mutation ($input: {0}Input!) {{ save{0}(input: $input) {{ id }} }}"
SAVE_PROPERTY = (
    "mutation ($input: ProductionOrderPropertyInput!) { saveProductionOrderProperty(input: $input) { id name } }"
)


@pytest.fixture(scope="session")
def scratch():
    """A folder in memory where there is room: a database is 300 files, which take 0.2 s to make on some disks."""
    roomy = MEMORY.exists() and shutil.disk_usage(MEMORY).free > 1024**3
    with tempfile.TemporaryDirectory(prefix="mes-orders-test-", dir=MEMORY if roomy else None) as folder:
        yield Path(folder).resolve()


@pytest.fixture(scope="session")
def postgres(scratch):
    """The DSN of a server on which databases can be made: the given one, or one of our own."""
    if given := os.environ.get("MES_ORDERS_DATABASE_URL"):
        yield given
        return
    with embedded_postgres(scratch / "postgres", FAST) as dsn:
        yield dsn


@pytest.fixture(scope="session")
async def administration(postgres):
    """A connection that makes and drops databases."""
    connection = await asyncpg.connect(postgres)
    yield connection
    await connection.close()


@pytest.fixture(scope="session")
async def template(administration, postgres):
    """The name of the migrated database that the others are copies of."""
    async with new_database(administration) as name:
        dsn = dsn_of(postgres, name)
        if OWN:
            async with connected(dsn) as connection:
                await make_roles(connection)
        async with connected(as_role(dsn, OWNER) if OWN else dsn) as connection:
            await migrate(connection)
            if OWN:
                await grant(connection, SERVER)
        yield name


@pytest.fixture
async def database(administration, postgres, template):
    """The DSN of a migrated, empty database of the test's own, for who may do everything there."""
    async with new_database(administration, f"template {template} strategy file_copy {OWNED}") as name:
        yield dsn_of(postgres, name)


@pytest.fixture
def server_url(database):
    """The same database for the role that the server runs as: it has the rights that the server needs, and no more."""
    return as_role(database, SERVER) if OWN else database


@pytest.fixture
def server_variables(database, server_url):
    """The settings by which a process of the server comes to the test's database."""
    owner = {"MES_ORDERS_OWNER_URL": as_role(database, OWNER)} if OWN else {}
    return {"MES_ORDERS_DATABASE_URL": server_url, **owner}


@asynccontextmanager
async def connected(dsn):
    connection = await asyncpg.connect(dsn)
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def new_database(administration, options=""):
    name = f"mes_orders_test_{secrets.token_hex(6)}"
    await administration.execute(f"create database {name} {options}")
    try:
        yield name
    finally:
        await drop(administration, name)


async def drop(administration, name):
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                await administration.execute(f"drop database {name} with (force)")
            except asyncpg.InsufficientPrivilegeError:
                # PostgreSQL tidies up there just now, which only a superuser may end.
                await asyncio.sleep(0.1)
            else:
                return


def dsn_of(server, database):
    return urlsplit(server)._replace(path=f"/{database}").geturl()


@pytest.fixture
def statements():
    """What was sent to PostgreSQL since the list was last cleared, BEGIN and COMMIT among it."""
    return []


@pytest.fixture
async def pool(database, statements):
    """Connections to the test's database that write down what they are asked."""
    async with listening_pool(database, statements) as pool:
        yield pool


@pytest.fixture
async def connections(server_url, statements):
    """The connections of the application, which it keeps: those of the test are others."""
    async with listening_pool(server_url, statements) as pool, Connections(pool, PATIENCE) as connections:
        yield connections


def listening_pool(database, statements, **options):
    async def listen(connection):
        connection.add_query_logger(lambda logged: statements.append(logged.query))

    return asyncpg.create_pool(database, min_size=0, max_size=4, init=listen, reset=nothing_to_reset, **options)


@pytest.fixture
async def plant(pool):
    """The ids of one record of each kind that production orders refer to."""
    return SimpleNamespace(**{table.rstrip("s"): record_id for table, record_id in (await planted(pool)).items()})


async def planted(connection):
    """The ids of these records, by their tables, after they are stored."""
    ids = {table: new_ulid() for table in PLANT}
    for table, columns in PLANT.items():
        row = {"id": ids[table], **{name: ids.get(value, value) for name, value in columns.items()}}
        places = ", ".join(f"${number}" for number in range(1, len(row) + 1))
        await connection.execute(f"insert into {table} ({', '.join(row)}) values ({places})", *row.values())  # noqa: S608
    return ids


@pytest.fixture
def app(connections, request):
    """The whole application, with the settings that the test is marked with: `@pytest.mark.settings(max_depth=20)`."""
    marker = request.node.get_closest_marker("settings")
    return make_app(connections, Settings(**marker.kwargs) if marker else None)


@pytest.fixture
async def http(app):
    """A client of the whole application, without a token."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


@pytest.fixture
def live_url(server_url):
    """The address of a server in a thread with a loop of its own: a script's client blocks that of the test."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        servers = []
        thread = Thread(target=lambda: asyncio.run(serve(server_url, listener, servers)))
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        servers[0].should_exit = True
        thread.join()


@pytest.fixture
async def live_token(caller):
    """A token that may do everything, at a server on the test's database."""
    return (await caller(*AREAS)).token


@pytest.fixture
async def caller(http, pool):
    """Makes callers who hold just the given permissions: `planner = await caller("PRODUCTION_ORDER")`."""

    async def make(*permissions, name="planner"):
        level = f"Test/{new_ulid()}"
        if permissions:
            await create_role(pool, level, permissions)
        return Execute(http, await create_token(pool, name, [level]))

    return make


@pytest.fixture
async def execute(caller, plant):  # noqa: ARG001 (most operations need the records)
    """A caller who may do everything: `data = await execute(QUERY, variable=1)`."""
    return await caller(*AREAS)


@pytest.fixture
def production_order(execute, plant):
    """Makes valid production orders: `order = await production_order(quantity=5)`."""
    numbers = count(1)

    async def make(**fields):
        needed = {"productId": plant.material, "unitOfMeasureId": plant.unit_of_measure}
        saved = await execute(SAVE_ORDER, input={"name": f"Order {next(numbers)}", **needed, **fields})
        return SimpleNamespace(**saved["saveProductionOrder"])

    return make


@pytest.fixture
def production_order_property(execute):
    """Makes valid properties: `batch_size = await production_order_property(dataType="Int")`."""
    numbers = count(1)

    async def make(**fields):
        saved = await execute(SAVE_PROPERTY, input={"name": f"Property {next(numbers)}", **fields})
        return SimpleNamespace(**saved["saveProductionOrderProperty"])

    return make


@pytest.fixture
def valid(execute):
    """The input of a new record of any kind, with what it needs and no more; other records that it needs are saved."""
    numbers = count(1)

    async def fields(record, **given):
        needed = [column for column in record.columns.values() if column.required and column.documented not in given]
        return {**{column.documented: await value(column) for column in needed}, **given}

    async def value(column):
        if column.target:
            target = RECORDS[column.target]
            return await save(execute, target, await fields(target))
        return {str: f"Thing {next(numbers)}", float: next(numbers), list[str]: [f"Thing {next(numbers)}"]}[column.kind]

    return fields


@pytest.fixture
def saved(execute, valid):
    """Saves a record of any kind, with what it needs: `shift_id = await saved(Shift, name="Late")`."""

    async def make(record, **given):
        return await save(execute, record, await valid(record, **given))

    return make


async def save(execute, record, fields):
    """The id of a record with these fields, after it is saved."""
    data = await execute(SAVE.format(record.__name__), input=fields)
    return data[f"save{record.__name__}"]["id"]


async def serve(dsn, listener, servers):
    async with open_pool(dsn, 4) as opened:
        servers.append(uvicorn.Server(uvicorn.Config(make_app(opened), log_config=None, lifespan="off", ws="none")))
        await servers[0].serve([listener])


class Execute:
    """One caller's way to run operations over HTTP."""

    def __init__(self, http, token):
        self.http = http
        self.token = token

    async def __call__(self, document, **variables):
        """The data of an operation that succeeds."""
        answer = await self.answer(document, **variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def failing(self, document, **variables):
        """What is told of an operation's first error."""
        answer = await self.answer(document, **variables)
        error = answer["errors"][0]
        extensions = error["extensions"]
        return SimpleNamespace(
            message=error["message"], path=error.get("path"), violations=extensions.pop("violations", {}), **extensions
        )

    async def answer(self, document, **variables):
        """Data and errors together."""
        headers = {"Authorization": f"Bearer {self.token}"}
        response = await self.http.post("/graphql", json={"query": document, "variables": variables}, headers=headers)
        # The driver writes down a statement in the loop's next turn.
        await asyncio.sleep(0)
        return response.json()
