"""Whether the server can answer, and what it says as long as it can't."""

import asyncio
from contextlib import ExitStack, contextmanager

import httpx
import pytest

from db.migrations import migrate
from db.pool import connection
from db.pool import pool as open_pool
from db.rights import SERVER
from server.app import make_app
from server.embedded_postgres import embedded_postgres
from server.first_start import first_start
from server.postgres_cluster import Cluster
from tests.conftest import OWN, PATIENCE

FAST = {"fsync": "off", "synchronous_commit": "off"}
TYPE = "{ __typename }"
GET = '{ getProductionOrder(productionOrderIdOrName: "a") { id } }'


class Site:
    """A server whose PostgreSQL can be stopped and started, and its client."""

    def __init__(self, data):
        self._data = data
        self._running = ExitStack()
        self.client = None

    def start(self):
        return self._running.enter_context(embedded_postgres(self._data, FAST))

    def stop(self):
        self._running.close()

    @contextmanager
    def stuck(self):
        """Meanwhile its PostgreSQL is there, and answers nothing."""
        processes = Cluster(self._data).processes()
        for process in processes:
            process.suspend()
        try:
            yield
        finally:
            for process in processes:
                process.resume()

    async def asked(self, document):
        return await self.client.post("/graphql", json={"query": document})


@pytest.fixture(scope="module")
async def administrator(scratch):
    """A data folder with everything that a first start makes, and the token of that start."""
    data = scratch / "stopped"
    with embedded_postgres(data, FAST) as dsn:
        async with connection(dsn) as opened:
            await migrate(opened)
            return data, await first_start(opened, data)


@pytest.fixture
async def site(administrator):
    data, token = administrator
    site = Site(data)
    async with open_pool(site.start(), 2) as connections:
        transport = httpx.ASGITransport(make_app(connections))
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers) as site.client:
            yield site
    site.stop()


async def test_the_server_is_ready_when_the_database_answers(http):
    response = await http.get("/health/ready")

    assert (response.status_code, response.json()) == (200, {"status": "ready"})


@pytest.mark.parametrize("number", [1_000, 9_999])
async def test_a_database_that_a_newer_program_has_changed_will_do(http, pool, number):
    await pool.execute("insert into schema_migrations (number, name, checksum) values ($1, 'newer', '')", number)

    assert (await http.get("/health/ready")).status_code == 200


@pytest.mark.parametrize(
    "older",
    [
        "delete from schema_migrations where number = (select max(number) from schema_migrations)",
        "delete from schema_migrations",
        "drop table schema_migrations",
        pytest.param(
            f"revoke all on schema_migrations from {SERVER}", marks=pytest.mark.skipif(not OWN, reason="one role only")
        ),
    ],
)
async def test_with_a_database_of_an_older_program_the_server_is_not_ready(http, pool, older):
    assert (await http.get("/health/ready")).status_code == 200

    await pool.execute(older)

    response = await http.get("/health/ready")
    assert response.json() == {"status": "not ready", "code": "SERVICE_UNAVAILABLE"}
    assert response.status_code == 503


async def test_without_its_database_the_process_lives(site):
    site.stop()

    response = await site.client.get("/health/live")

    assert (response.status_code, response.json()) == (200, {"status": "live"})


async def test_without_its_database_the_server_is_not_ready(site):
    site.stop()

    response = await site.client.get("/health/ready")

    assert response.status_code == 503
    assert response.json() == {"status": "not ready", "code": "SERVICE_UNAVAILABLE"}


async def test_without_its_database_the_server_asks_a_caller_to_come_back(site):
    site.stop()

    response = await site.asked(TYPE)

    assert (response.status_code, response.headers["retry-after"]) == (503, "1")
    assert response.json()["errors"][0]["extensions"] == {"code": "SERVICE_UNAVAILABLE", "retryable": True}


async def test_a_caller_who_was_known_is_told_which_fields_need_the_database(site):
    await site.asked(TYPE)
    site.stop()

    response = await site.asked(f"{{ __typename {GET[1:]}")

    assert response.json()["data"] == {"__typename": "Query", "getProductionOrder": None}
    assert response.json()["errors"][0]["extensions"] == {"code": "SERVICE_UNAVAILABLE", "retryable": True}


async def test_with_a_database_that_says_nothing_the_server_is_not_ready(site):
    await site.client.get("/health/ready")
    with site.stuck():
        async with asyncio.timeout(PATIENCE):
            answers = [await site.client.get("/health/ready") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [503, 503]
    assert (await site.client.get("/health/ready")).status_code == 200


async def test_of_a_database_that_says_nothing_a_caller_is_told_to_come_back(site):
    await site.client.get("/health/ready")
    with site.stuck():
        async with asyncio.timeout(PATIENCE):
            answers = [await site.asked(TYPE) for _ in range(2)]

    assert [(answer.status_code, answer.headers["retry-after"]) for answer in answers] == [(503, "1")] * 2
    assert all("The database cannot answer now" in answer.text for answer in answers)
    assert (await site.asked(TYPE)).status_code == 200


async def test_when_the_database_is_back_so_is_the_server(site):
    await site.asked(GET)
    site.stop()
    await site.asked(GET)

    site.start()

    assert (await site.client.get("/health/ready")).status_code == 200
    assert (await site.asked(GET)).json() == {"data": {"getProductionOrder": None}}


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
async def test_health_is_only_read(http, path):
    response = await http.post(path)

    assert (response.status_code, response.json()["errors"][0]["extensions"]) == (405, {"code": "METHOD_NOT_ALLOWED"})
