"""The database of the server's own, and the roles in it."""

import asyncio
from urllib.parse import urlsplit

import httpx
import pytest

from db.migrations import migrate, migrations
from db.pool import connection
from server.database import DatabaseAway, explained
from server.embedded_postgres import embedded_postgres, running_dsn
from server.failures import StartFailure
from server.first_start import first_start
from tests.conftest import FAST, OWN, PATIENCE, connected
from tests.server.served import Server, listening

SAVE = 'mutation { saveRole(input: {securityLevels: ["Plant"], permissions: ["MATERIAL"]}) { id } }'
CHANGES = "query ($id: ULID!) { changes(id: $id) { nodes { recordType changedBy } } }"
AWAY = "The database is away; until it is there, requests are told to come again"


@pytest.fixture
def data(scratch, request):
    return scratch / request.node.name


async def test_its_own_database_knows_it_by_a_role_that_is_no_superuser_and_owns_nothing(data):
    async with listening(data) as server, connected(running_dsn(data)) as administrator:
        await server.asked(SAVE)

        roles = await administrator.fetch(
            """
            select rolname, rolsuper, exists (select from pg_class where relowner = usesysid) as owning
            from pg_stat_activity join pg_roles on rolname = usename
            where application_name = 'mes-orders'
            """
        )
    assert {tuple(role) for role in roles} == {("mes_orders", False, False)}


async def test_a_data_folder_of_an_earlier_version_goes_on_with_the_roles_of_this_one(data):
    with embedded_postgres(data, FAST) as dsn:
        async with connected(dsn) as administrator:
            await migrate(administrator, migrations()[:7])
            await first_start(administrator, data)

    async with listening(data) as server:
        saved = (await server.asked(SAVE))["data"]["saveRole"]["id"]
        (change,) = (await server.asked(CHANGES, id=saved))["data"]["changes"]["nodes"]

    assert change == {"recordType": "Role", "changedBy": "administrator"}


@pytest.fixture
def starting(server_variables, tmp_path):
    """A server that has just been started."""
    servers = []

    def start():
        servers.append(Server("--port", 0, "--data", tmp_path, **server_variables))
        return servers[0]

    yield start
    servers[0].end()


@pytest.mark.skipif(not OWN, reason="an administrator is let into a database whatever is set for it")
@pytest.mark.parametrize(
    ("away", "there"),
    [
        ("connection limit 0", "connection limit -1"),
        ("set default_transaction_read_only = on", "reset default_transaction_read_only"),
    ],
)
async def test_a_database_that_does_not_take_changes_yet_is_waited_for(starting, database, administration, away, there):
    name = urlsplit(database).path[1:]
    await administration.execute(f"alter database {name} {away}")
    server = starting()
    server.line(AWAY)
    server.line("The database is still away")

    await administration.execute(f"alter database {name} {there}")

    assert server.line("The database is there")


@pytest.mark.parametrize("workers", [1, 2])
async def test_the_pools_of_a_server_that_waited_fit_into_what_its_database_takes(scratch, workers):
    data = scratch / f"small-{workers}"
    url = f"postgresql://postgres@/postgres?host={data}/socket"
    given = {"MES_ORDERS_DATABASE_URL": url, "MES_ORDERS_ALLOW_SUPERUSER": "on"}
    server = Server("--port", 0, "--data", data, "--workers", workers, **given)
    try:
        async with httpx.AsyncClient(base_url=server.line("MES Orders listens")["url"], timeout=PATIENCE) as client:
            server.line("The database is still away")
            with embedded_postgres(data, {**FAST, "max_connections": "13"}):
                server.line("The database is there")
                # 3 are reserved, and 5 stay free for commands.
                await until_told(client, f"mes_orders_pool_connections_max {5 // workers * workers:.1f}")
    finally:
        server.end()


async def until_told(client, line):
    async with asyncio.timeout(PATIENCE):
        while line not in (await client.get("/metrics")).text.splitlines():
            pass


async def run(dsn, statement="select 1", *, lost=False):
    with explained():
        async with connection(dsn) as opened:
            if lost:
                opened.terminate()
            await opened.execute(statement)


@pytest.mark.parametrize("state", ["53300", "57P01", "57P02", "57P03", "25006"])
async def test_what_passes_by_itself_is_told_so(database, state):
    with pytest.raises(DatabaseAway):
        await run(database, f"do $$ begin raise sqlstate '{state}'; end $$")


async def test_a_connection_that_is_lost_is_told_to_pass_too(database):
    with pytest.raises(DatabaseAway):
        await run(database, lost=True)


@pytest.mark.parametrize("wrong", [{"query": "sslmode=nothing"}, {"path": "/that_nobody_made"}])
async def test_what_does_not_is_told_as_a_failure(database, wrong):
    with pytest.raises(StartFailure) as failure:
        await run(urlsplit(database)._replace(**wrong).geturl())

    assert type(failure.value) is StartFailure
