"""HTTP on one connection, as a client may speak it that httpx is not."""

import asyncio
import json
import re
from functools import partial

import pytest
from structlog.testing import capture_logs

from server.config import Settings
from server.known_heads import KnownHeads
from server.protocol import Protocol
from tests.server.conftest import KEEP_ALIVE, served

QUERY = "query ($id: String!) { getRole(id: $id) { id } }"
SAVE = """
mutation ($notes: String) {
  saveRole(input: {securityLevels: ["Plant"], permissions: ["MATERIAL"], notes: $notes}) { notes }
}
"""
ABSENT = "01JCH3ENGW-82KJDZDR-JHGYCXQN"
MOST_HEAD = 64 * 1024
WAITING = """
select query from pg_stat_activity
where wait_event_type = 'Lock' and datname = current_database() and pid <> pg_backend_pid()
"""


@pytest.fixture
def keep_alive():
    """For how many seconds a connection is kept on which nothing comes."""
    return KEEP_ALIVE


@pytest.fixture
async def port(app, request, keep_alive):
    """Where the application is served."""
    marker = request.node.get_closest_marker("settings")
    settings = Settings(**marker.kwargs if marker else {})
    async with served(
        app, partial(Protocol, settings=settings, told=app.refused, heads=KnownHeads()), keep_alive
    ) as port:
        yield port


@pytest.fixture
async def client(port):
    """A connection: what is read of it, and what is written to it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    yield reader, writer
    writer.close()


@pytest.fixture
async def post(execute, pool):
    """The bytes of a request, whose caller is known already; locks are waited for as long as it takes."""
    database = await pool.fetchval("select quote_ident(current_database())")
    await pool.execute(f"alter database {database} set lock_timeout = 0")
    await execute("{ __typename }")

    def written(document, headers="", **variables):
        body = json.dumps({"query": document, "variables": variables}).encode()
        head = (
            f"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{headers}"
            f"Authorization: Bearer {execute.token}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    return written


async def answered(reader):
    """The status and the JSON of the next answer."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    length = re.search(r"(?i)content-length: (\d+)", head)
    return int(head.split(" ")[1]), json.loads(await reader.readexactly(int(length[1])))


async def until_waiting(connection):
    """The statement that waits for a lock."""
    while not (waiting := await connection.fetchval(WAITING)):
        pass
    return waiting


async def test_requests_that_come_at_once_are_answered_in_turn(client, post):
    reader, writer = client

    writer.write(b"".join(post(SAVE, notes=str(number)) for number in range(40)))

    told = [(await answered(reader))[1] for _ in range(40)]
    assert [one["data"]["saveRole"]["notes"] for one in told] == [str(number) for number in range(40)]


@pytest.mark.parametrize("keep_alive", [1])
async def test_a_connection_on_which_nothing_comes_is_closed(client, post, execute):
    reader, writer = client
    for _ in range(8):  # For longer than it would be kept.
        writer.write(post(QUERY, id=ABSENT))
        assert (await answered(reader))[0] == 200
        await asyncio.sleep(0.2)

    async with asyncio.timeout(30):
        assert await reader.read() == b""
    assert await execute("{ __typename }")


@pytest.mark.parametrize("keep_alive", [1])
async def test_a_connection_is_not_idle_while_an_answer_is_waited_for(client, post, pool):
    reader, writer = client
    async with pool.acquire() as other, other.transaction():
        await other.execute("lock table roles")
        writer.write(post(QUERY, id=ABSENT))
        await asyncio.sleep(2)

    assert (await answered(reader))[0] == 200


async def test_of_requests_that_come_at_once_the_one_is_given_up_that_runs_when_their_client_leaves(client, post, pool):
    _, writer = client
    async with pool.acquire() as other, pool.acquire() as watching:
        async with other.transaction():
            await other.execute("lock table roles")
            writer.write(post(QUERY, id=ABSENT))
            await until_waiting(watching)
            writer.write(post(SAVE, notes="second"))
            writer.close()
            while await watching.fetchval(WAITING):
                pass
        assert await watching.fetchval("select count(*) from roles where notes = 'second'") == 0


async def test_a_mutation_runs_to_its_end_when_a_client_leaves_that_has_sent_a_query_behind_it(client, post, pool):
    _, writer = client
    async with pool.acquire() as other, pool.acquire() as watching:
        async with other.transaction():
            await other.execute("lock table roles")
            writer.write(post(SAVE, notes="first") + post(QUERY, id=ABSENT))
            await until_waiting(watching)
            writer.close()
            await writer.wait_closed()
        while not await watching.fetchval("select exists (select from roles where notes = 'first')"):
            pass


async def test_what_is_refused_is_told_after_the_answers_before(client, post, pool):
    reader, writer = client
    async with pool.acquire() as other, pool.acquire() as watching, other.transaction():
        await other.execute("lock table roles")
        writer.write(post(SAVE, notes="first") + post(SAVE, notes="second"))
        await until_waiting(watching)
        writer.write(b"no HTTP\r\n\r\n")
        await writer.drain()
        await watching.fetchval("select 1")

    told = [await answered(reader) for _ in range(3)]
    assert [status for status, _ in told] == [200, 200, 400]
    assert [one["data"]["saveRole"]["notes"] for _, one in told[:2]] == ["first", "second"]
    assert await reader.read() == b""


@pytest.mark.settings(receive_seconds=1)
@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (b"no HTTP\r\n\r\n", 400, "BAD_REQUEST"),
        (b"GET / HTTP/1.1\r\n", 408, "REQUEST_TIMEOUT"),
        (b"GET / HTTP/1.1\r\nX-Long: " + b"a" * 100_000, 431, "HEADERS_TOO_LARGE"),
    ],
)
async def test_what_is_refused_before_it_is_a_request_is_logged_and_counted(client, http, sent, status, code):
    reader, writer = client
    with capture_logs() as lines:
        writer.write(sent)
        told = await answered(reader)

    assert (told[0], told[1]["errors"][0]["extensions"]) == (status, {"code": code})
    assert [line for line in lines if line["event"] == "refused"] == [
        {"event": "refused", "log_level": "info", "status": status, "codes": [code], "address": "127.0.0.1"}
    ]
    assert f'mes_orders_refused_total{{code="{code}"}} 1.0' in (await http.get("/metrics")).text


@pytest.mark.settings(receive_seconds=1)
@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (b"\x16\x03\x01\x02\x00", "Send one of HTTP/1.1, without TLS"),
        (b"GET / HTTP/1.1\r\n", "Send a request within 1 second."),
    ],
)
async def test_what_is_refused_says_what_to_do(client, sent, told):
    reader, writer = client
    writer.write(sent)

    _, answer = await answered(reader)

    assert told in answer["errors"][0]["message"]


@pytest.mark.settings(receive_seconds=1)
@pytest.mark.parametrize("rest", [b"", b"no chunk\r\n"])
async def test_a_request_whose_body_is_refused_is_logged_and_counted_once(client, app, http, post, rest):
    code = "BAD_REQUEST" if rest else "REQUEST_TIMEOUT"
    reader, writer = client
    head, _ = post(QUERY, "Transfer-Encoding: chunked\r\n" if rest else "").split(b"\r\n\r\n")
    if rest:
        head = re.sub(rb"\r\nContent-Length: \d+", b"", head)
    with capture_logs() as lines:
        writer.write(head + b"\r\n\r\n" + rest)
        told = await answered(reader)
        await reader.read()
        await http.get("/health/live")
        app.write()

    assert told[1]["errors"][0]["extensions"] == {"code": code}
    assert [line["codes"] for line in lines if line["event"] == "refused"] == [[code]]
    assert [line for line in lines if line.get("client_left")] == []
    metrics = (await http.get("/metrics")).text
    assert f'mes_orders_refused_total{{code="{code}"}} 1.0' in metrics
    assert "CLIENT_LEFT" not in metrics


@pytest.mark.parametrize("packets", [1, 2, 8])
@pytest.mark.parametrize(("size", "status"), [(MOST_HEAD - 1_000, 200), (MOST_HEAD + 1_000, 431)])
async def test_the_size_of_the_headers_counts_and_not_that_of_the_packets(client, post, packets, size, status):
    reader, writer = client
    request = post("{ __typename }", headers=f"X-Long: {'a' * size}\r\n")

    for start in range(0, len(request), length := -(-len(request) // packets)):
        writer.write(request[start : start + length])
        await writer.drain()
        await asyncio.sleep(0)

    assert (await answered(reader))[0] == status


async def test_a_long_body_does_not_count_as_the_headers_of_the_next_request(client, post):
    reader, writer = client

    writer.write(post(SAVE, notes="a" * 100_000) + post("{ __typename }") + post("{ __typename }"))

    assert [(await answered(reader))[0] for _ in range(3)] == [200, 200, 200]


async def test_long_headers_behind_another_request_are_refused(client, post):
    reader, writer = client

    writer.write(post("{ __typename }") + post("{ __typename }", headers=f"X-Long: {'a' * 100_000}\r\n"))

    assert [(await answered(reader))[0] for _ in range(2)] == [200, 431]
