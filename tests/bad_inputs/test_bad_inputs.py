"""Requests that want to do harm, or only go wrong, each with the answer it must get."""

import asyncio

import pytest

from tests.bad_inputs.conftest import ORDERS
from tests.bad_inputs.expectation import GRAPHQL_RESPONSE, JSON, wrong
from tests.bad_inputs.rows import DECIDED, FILE, ROWS, UNMAPPED, decided, of_kind, waits

pytestmark = pytest.mark.skipif(not FILE.exists(), reason=f"The requests are listed in {FILE}, which is not there.")

COUNT = "select count(*) from production_orders"
REMOVE = "delete from production_orders where name <> all($1)"
REFUSED_HANDSHAKE = {400, 401, 403, 404, 405, 406, 426}


@pytest.fixture
async def saved(stored):
    """How many orders have been saved since the test began; they are removed after it."""
    before = await stored.fetchval(COUNT)

    async def count():
        return await stored.fetchval(COUNT) - before

    yield count
    await stored.execute(REMOVE, ORDERS)


@pytest.fixture(scope="module")
async def waiting(site):
    """The replies to requests that never end, which are waited for together."""
    sending = {
        row_id: asyncio.create_task(site.sent(decided(row_id), GRAPHQL_RESPONSE)) for row_id in filter(waits, ROWS)
    }
    yield sending
    await asyncio.gather(*sending.values())


@pytest.mark.parametrize("accept", [GRAPHQL_RESPONSE, JSON])
@pytest.mark.parametrize("row_id", of_kind("http"))
async def test_a_bad_request_gets_its_answer(site, saved, row_id, accept):
    row = decided(row_id)

    reply, health = await site.sent(row, accept)

    assert wrong(row, accept, reply) == []
    assert all(live.well for live in health)
    assert await saved() == row.get("saves", 0)


@pytest.mark.parametrize("row_id", [row_id for row_id in of_kind("raw") if not waits(row_id)])
async def test_bytes_that_are_no_request_get_their_answer(site, saved, row_id):
    reply, health = await site.sent(decided(row_id), GRAPHQL_RESPONSE)

    assert wrong(decided(row_id), GRAPHQL_RESPONSE, reply) == []
    assert all(live.well for live in health)
    assert await saved() == 0


@pytest.mark.parametrize("row_id", [row_id for row_id in ROWS if waits(row_id)])
async def test_a_connection_on_which_nothing_more_comes_is_closed(waiting, row_id):
    reply, health = await waiting[row_id]

    assert wrong(decided(row_id), GRAPHQL_RESPONSE, reply) == []
    assert all(live.well for live in health)


@pytest.mark.parametrize("row_id", UNMAPPED)
async def test_a_websocket_is_refused(site, row_id):
    row = ROWS[row_id]
    protocol = {"Sec-WebSocket-Protocol": row["subprotocol"]} if row["subprotocol"] else {}
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        **protocol,
        **row["headers"],
    }

    reply, health = await site.sent({**row, "kind": "http", "method": "GET", "headers": headers}, JSON)

    assert reply.status in REFUSED_HANDSHAKE
    assert all(live.well for live in health)


async def test_nothing_of_this_is_an_error_inside_the_server(site, log):
    await site.live()

    assert [line for line in log if line["level"] == "error"] == []


def test_every_listed_request_is_sent():
    assert {*of_kind("http"), *of_kind("raw"), *UNMAPPED} == set(ROWS)
    assert set(DECIDED) <= set(ROWS)
