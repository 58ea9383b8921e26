"""Heads that have come twice: what the parser made of them is made of them again, without it."""

from contextlib import asynccontextmanager

import pytest

from server.config import Settings
from server.headers import headers
from server.known_heads import KnownHeads
from server.protocol import Protocol
from tests.server.test_at_once import WHOLE, connected

HELLO = b"POST /hello%20you?a=1&b HTTP/1.1\r\nHost: localhost\r\nX-Two: 1\r\nx-two: 2\r\nContent-Length: 2\r\n\r\nhi"
READ = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
NAMED = b"POST http://plant/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nhi"
CHUNKED = b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"
EXPECTING = HELLO.replace(b"X-Two: 1", b"Expect: 100-continue")
UPGRADING = HELLO.replace(b"X-Two: 1", b"Connection: upgrade\r\nUpgrade: h2c")
LONG = HELLO.replace(b"X-Two: 1", b"X-Two: " + b"1" * 2_048)
ZEROS = HELLO.replace(b"Length: 2", b"Length: 02")
LAST = HELLO.replace(b"X-Two: 1", b"Connection: close")
OLD = HELLO.replace(b"HTTP/1.1", b"HTTP/1.0")


class Served:
    """A connection to an application that answers each request alike, and what it was asked."""

    def __init__(self):
        self.asked, self.parsed, self.heads = [], [], KnownHeads()

    @asynccontextmanager
    async def connection(self):
        parsed = self.parsed

        class Watched(Protocol):
            def on_message_begin(self):
                super().on_message_begin()
                parsed.append(self)

        options = {"settings": Settings(), "told": lambda *_: None, "heads": self.heads}
        async with connected(Watched, self.app, **options) as (reader, writer, _):
            yield reader, writer

    async def app(self, scope, receive, send):
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message["body"], message["more_body"]
        given = headers(scope)
        told = {key: value for key, value in scope.items() if key not in ("client", "server", "headers")}
        told = {key: value for key, value in told.items() if not key.startswith("mes_orders")}
        self.asked.append((told, list(scope["headers"]), given.get(b"x-two"), given.repeats(b"x-two"), body))
        for message in WHOLE:
            await send(dict(message))

    async def answers(self, *requests):
        """The first lines of the answers to these, one after the other on one connection."""
        lines = []
        async with self.connection() as (reader, writer):
            for request in requests:
                writer.write(request)
                head = await reader.readuntil(b"\r\n\r\n")
                while head.startswith(b"HTTP/1.1 100"):
                    head = await reader.readuntil(b"\r\n\r\n")
                assert await reader.readexactly(5) == b"hello"
                lines.append(head.split(b"\r\n")[0])
        return lines


@pytest.fixture
def serving():
    """An application that is served."""
    return Served()


@pytest.mark.parametrize("request_", [HELLO, READ, NAMED], ids=["POST", "GET", "a named host"])
async def test_a_head_that_is_known_is_not_parsed_again_and_means_the_same(serving, request_):
    assert await serving.answers(READ, *[request_] * 4) == [b"HTTP/1.1 200 OK"] * 5

    first, *others = serving.asked[1:]
    assert others == [first] * 3
    assert len(serving.parsed) == 3


async def test_a_head_is_known_on_other_connections_too(serving):
    await serving.answers(READ, HELLO, HELLO)
    await serving.answers(READ, HELLO)

    # The first request of a connection is parsed.
    assert len(serving.parsed) == 4
    assert serving.asked[1] == serving.asked[4]


async def test_of_a_head_that_is_known_each_request_has_its_own_body(serving):
    await serving.answers(READ, HELLO, *(HELLO[:-2] + body for body in (b"ho", b"ha", b"\0\n")))

    assert [body for *_, body in serving.asked] == [b"", b"hi", b"ho", b"ha", b"\0\n"]
    assert len(serving.parsed) == 3


@pytest.mark.parametrize(
    "request_",
    [CHUNKED, EXPECTING, UPGRADING, LONG, ZEROS],
    ids=["chunked", "100-continue", "an upgrade", "a long head", "a length with a zero"],
)
async def test_what_is_more_than_a_head_and_a_body_is_parsed_each_time(serving, request_):
    assert await serving.answers(READ, *[request_] * 3) == [b"HTTP/1.1 200 OK"] * 4

    assert serving.asked[1:] == [serving.asked[1]] * 3
    assert len(serving.parsed) >= 4


@pytest.mark.parametrize("request_", [LAST, OLD], ids=["the last", "HTTP/1.0"])
async def test_the_last_request_of_a_connection_is_parsed_each_time(serving, request_):
    for _ in range(3):
        await serving.answers(READ, request_)

    assert len(serving.parsed) == 6


async def test_what_comes_in_parts_is_parsed(serving):
    await serving.answers(READ, HELLO, HELLO)
    async with serving.connection() as (reader, writer):
        writer.write(READ)
        await reader.readuntil(b"\r\n\r\nhello")
        for part in (HELLO[:20], HELLO[20:-2], b"h", b"i" + HELLO[:-1], b"i"):
            serving.parsed[-1].data_received(part)
        for _ in range(2):
            await reader.readuntil(b"\r\n\r\nhello")

    assert serving.asked[4:] == [serving.asked[1]] * 2
    assert len(serving.parsed) == 6


async def test_requests_that_come_at_once_are_parsed_and_answered_in_turn(serving):
    await serving.answers(READ, HELLO, HELLO)
    async with serving.connection() as (reader, writer):
        writer.write(READ + HELLO + READ + HELLO)
        for _ in range(4):
            await reader.readuntil(b"\r\n\r\nhello")

    assert [told["method"] for told, *_ in serving.asked[3:]] == ["GET", "POST", "GET", "POST"]
    assert len(serving.parsed) == 7


async def test_two_requests_in_a_packet_do_not_make_a_head(serving):
    both = READ + HELLO
    async with serving.connection() as (reader, writer):
        for request in (READ, both, both, both):
            writer.write(request)
            for _ in range(1 if request is READ else 2):
                await reader.readuntil(b"\r\n\r\nhello")

    assert [told["method"] for told, *_ in serving.asked] == ["GET", *["GET", "POST"] * 3]
    assert len(serving.parsed) == 7


async def test_what_is_broken_after_a_known_head_is_refused(serving):
    async with serving.connection() as (reader, writer):
        for request in (READ, READ, READ, READ, b"GET / HTTP/1.1\r\nHost : localhost\r\n\r\n"):
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            if head.startswith(b"HTTP/1.1 200"):
                await reader.readexactly(5)

    assert head.startswith(b"HTTP/1.1 400")


async def test_so_many_heads_are_kept(serving):
    named = [READ.replace(b"localhost", b"%d.localhost" % number) for number in range(300)]
    await serving.answers(READ, *(request for one in named for request in (one, one)))
    parsed = len(serving.parsed)

    await serving.answers(READ, *named[-256:])
    assert len(serving.parsed) == parsed + 1

    await serving.answers(READ, named[0])
    assert len(serving.parsed) == parsed + 3


async def test_heads_that_come_once_do_not_take_the_places_of_others(serving):
    await serving.answers(READ, HELLO, HELLO)
    await serving.answers(*(HELLO.replace(b"X-Two: 1", b"X-Two: %d" % number) for number in range(2, 600)))
    parsed = len(serving.parsed)

    await serving.answers(READ, HELLO)
    assert len(serving.parsed) == parsed + 1
