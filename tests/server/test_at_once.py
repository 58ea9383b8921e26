"""Answers as they are written: the same bytes as uvicorn writes, in fewer pieces."""

import asyncio
from contextlib import asynccontextmanager, suppress
from functools import partial

import pytest
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from server.config import Settings
from server.known_heads import KnownHeads
from server.protocol import Protocol
from tests.server.conftest import served

GET, HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n"
LAST = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
OLD = b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n"
EXPECTING = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\nhi"
REQUESTS = {"GET": GET, "HEAD": HEAD, "the last": LAST, "HTTP/1.0": OLD, "100-continue": EXPECTING}


def start(*headers, status=200):
    return {"type": "http.response.start", "status": status, "headers": list(headers)}


def body(text, *, more=False):
    return {"type": "http.response.body", "body": text, "more_body": more}


LENGTH = (b"content-length", b"5")
KIND = (b"content-type", b"text/plain")
WHOLE = [start(LENGTH, KIND), body(b"hello")]
ANSWERS = {
    "whole": WHOLE,
    "without a body": [start((b"content-length", b"0")), body(b"")],
    "without a length": [start(KIND), body(b"hello")],
    "in parts": [start(LENGTH, KIND), body(b"he", more=True), body(b"llo")],
    "in parts without a length": [start(KIND), body(b"he", more=True), body(b"llo")],
    "no content": [start(status=204), body(b"")],
    "an error": [start(LENGTH, status=503), body(b"sorry")],
    "the last": [start(LENGTH, (b"Connection", b"close")), body(b"hello")],
    "too short": [start(LENGTH), body(b"hell")],
    "too long": [start(LENGTH), body(b"hello!")],
    "a header in a header": [start(LENGTH, (b"x-told", b"a\r\nx-other: b")), body(b"hello")],
    "a line in a header": [start(LENGTH, (b"x-told", b"a\nx-other: b")), body(b"hello")],
    "a status of its own": [start(LENGTH, status=499), body(b"hello")],
    "two lengths": [start(LENGTH, (b"content-length", b"6")), body(b"hello")],
    "headers in lists": [start(list(LENGTH), list(KIND)), body(b"hello")],
    "a control character": [start(LENGTH, (b"x-told", b"a\x01b")), body(b"hello")],
    "a letter of Latin-1": [start(LENGTH, (b"x-told", b"caf\xe9\t")), body(b"hello")],
    "a blank in a name": [start(LENGTH, (b"x told", b"a")), body(b"hello")],
    "a colon in a name": [start(LENGTH, (b"x:told", b"a")), body(b"hello")],
    "a name in capitals": [start(LENGTH, (b"Content-Type", b"text/plain")), body(b"hello")],
    "chunked": [start((b"transfer-encoding", b"chunked")), body(b"hello")],
    "bare": [
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]},
        {"type": "http.response.body"},
    ],
    "a length and chunked": [start(LENGTH, (b"Transfer-Encoding", b"Chunked")), body(b"hello")],
    "nothing": [],
    "something else": [start((b"content-length", b"0")), {"type": "http.response.nothing"}],
    "no head": [body(b"hello")],
    "two heads": [start(LENGTH), start(LENGTH), body(b"hello")],
    "two answers": [*WHOLE, body(b"hello")],
}


class Recorded:
    """A transport that keeps what is written."""

    def __init__(self, transport, writes):
        self._transport = transport
        self._writes = writes

    def write(self, data):
        self._writes.append(bytes(data))
        self._transport.write(data)

    def __getattr__(self, name):
        return getattr(self._transport, name)


@asynccontextmanager
async def connected(kind, app, **options):
    """A connection to the application by this protocol, and what is written on it."""
    writes = []

    class Recording(kind):
        def connection_made(self, transport):
            super().connection_made(Recorded(transport, writes))

    async with served(app, partial(Recording, **options)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            yield reader, writer, writes
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()


async def written(kind, request, messages, **options):
    """What is written for a request that is answered with these messages."""

    answered, tasks = asyncio.Event(), []

    async def app(_scope, _receive, send):
        tasks.append(asyncio.current_task())
        answered.set()
        for message in messages:
            await send(dict(message))

    async with connected(kind, app, **options) as (reader, writer, writes):
        writer.write(request)
        await answered.wait()
        await asyncio.gather(*tasks)
        with suppress(OSError):  # The server may have closed it.
            writer.write_eof()
        assert await reader.read() == b"".join(writes)
        return writes


def ours(request, messages):
    return written(Protocol, request, messages, settings=Settings(), told=lambda *_: None, heads=KnownHeads())


@pytest.mark.parametrize("messages", ANSWERS.values(), ids=ANSWERS)
@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
async def test_the_same_is_written_as_uvicorn_writes(request_, messages):
    theirs = b"".join(await written(HttpToolsProtocol, request_, messages))

    assert b"".join(await ours(request_, messages)) == theirs


@pytest.mark.parametrize("request_", [GET, LAST, OLD], ids=["GET", "the last", "HTTP/1.0"])
async def test_what_is_there_as_a_whole_is_written_as_a_whole(request_):
    (write,) = await ours(request_, WHOLE)

    assert write.startswith(b"HTTP/1.1 200 OK\r\n")
    assert write.endswith(b"\r\n\r\nhello")


async def test_a_head_without_a_body_is_no_answer():
    writes = await ours(GET, [start(LENGTH)])

    assert writes[0].startswith(b"HTTP/1.1 500 ")


async def test_a_client_that_takes_nothing_gets_no_more_answers():
    """And all of them, in order, when it does."""
    part, started = b"x" * 32_000_000, asyncio.Semaphore(0)

    async def app(scope, _receive, send):
        started.release()
        first = scope["query_string"] == b"long"
        for message in [start((b"content-length", b"32000000")), body(part)] if first else WHOLE:
            await send(message)

    async with connected(Protocol, app, settings=Settings(), told=lambda *_: None, heads=KnownHeads()) as (
        reader,
        writer,
        writes,
    ):
        writer.write(GET.replace(b"/ ", b"/?long ") + GET * 2)
        await started.acquire()
        await started.acquire()
        for _ in range(10):
            await asyncio.sleep(0)
        assert started.locked()
        assert [len(write) > len(part) for write in writes] == [True]

        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
        assert await reader.readexactly(len(part)) == part
        for _ in range(2):
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
            assert await reader.readexactly(5) == b"hello"


async def test_to_a_client_that_has_left_nothing_is_written():
    told = asyncio.Event()

    async def app(_scope, receive, send):
        await send(WHOLE[0])
        while (await receive())["type"] != "http.disconnect":
            pass
        await send(WHOLE[1])
        told.set()

    async with connected(Protocol, app, settings=Settings(), told=lambda *_: None, heads=KnownHeads()) as (
        _,
        writer,
        writes,
    ):
        writer.write(GET)
        writer.close()
        await told.wait()
        assert writes == []
