"""Clients that send very much, or take nothing: what is done for them is done in small parts, and has an end."""

import asyncio
from unittest.mock import Mock

import pytest
import uvicorn
from uvicorn.server import ServerState

from server.config import Settings
from server.known_heads import KnownHeads
from server.protocol import Protocol
from server.response import Response
from tests.conftest import PATIENCE

ANSWER = b"a" * 20_000_000
"""More than fits into what lies between a server and its client."""


class _Protocol(Protocol):
    lost = None

    def connection_lost(self, exc):
        super().connection_lost(exc)
        self.lost.set()


class Served:
    """An application, the protocol of a connection to it, its client's ends, and what was refused."""

    def __init__(self, app, **settings):
        self.refused, self.refused_one = [], asyncio.Event()
        self.protocol = self.reader = self.writer = self._server = None
        self._settings = Settings(**settings)
        self._config = uvicorn.Config(app, interface="asgi3", ws="none", log_config=None, lifespan="off")
        self._config.load()

    async def __aenter__(self):
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self.new_protocol, "127.0.0.1", 0)
        self.reader, self.writer = await asyncio.open_connection(*self._server.sockets[0].getsockname())
        return self

    async def __aexit__(self, *_):
        self.writer.close()
        self._server.close()
        if not self.protocol.lost.is_set():
            self.protocol.transport.abort()

    def new_protocol(self, **options):
        self.protocol = _Protocol(
            self._config, ServerState(), {}, settings=self._settings, told=self._refuse, heads=KnownHeads(), **options
        )
        self.protocol.lost = asyncio.Event()
        return self.protocol

    def _refuse(self, *told):
        self.refused.append(told)
        self.refused_one.set()


class Loop:
    """A loop whose time stands still, and whose timers end when the test says so."""

    def __init__(self, timers):
        self._timers = timers

    def time(self):
        return 0.0

    def call_later(self, _, timer):
        self._timers.append(timer)
        return Mock()


async def answer(send, body=b""):
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def test_very_many_requests_in_one_packet_are_looked_at_a_few_at_a_time():
    waiting = []

    async def app(_scope, _receive, send):
        waiting.append(len(served.protocol.pipeline))
        await answer(send)

    async with Served(app) as served:
        served.writer.write(b"GET / HTTP/1.1\r\n\r\n" * 10_000 + b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
        answers = await served.reader.read()

    assert answers.count(b"HTTP/1.1 200 OK") == 10_001
    assert max(waiting) < 1_000


async def test_a_body_of_very_many_chunks_is_looked_at_part_by_part():
    parts = []

    async def app(_scope, receive, send):
        more = True
        while more:
            message = await receive()
            parts.append(len(message["body"]))
            more = message["more_body"]
        await answer(send)

    async with Served(app) as served:
        head = b"POST / HTTP/1.1\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
        served.writer.write(head + b"1\r\nx\r\n" * 200_000 + b"0\r\n\r\n")
        answers = await served.reader.read()

    assert answers.startswith(b"HTTP/1.1 200 OK")
    assert sum(parts) == 200_000
    assert max(parts) < 30_000


async def test_a_long_body_comes_as_it_was_sent():
    body, came = bytes(range(256)) * 10_000, bytearray()

    async def app(_scope, receive, send):
        more = True
        while more:
            message = await receive()
            came.extend(message["body"])
            more = message["more_body"]
        await answer(send)

    async with Served(app) as served:
        request = b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
        served.writer.write(request + request + b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
        answers = await served.reader.read()

    assert answers.count(b"HTTP/1.1 200 OK") == 3
    assert came == body + body


@pytest.mark.parametrize("never_ending", [b"7fffffff\r\n", b"1;x=", b"0\r\n", b"0\r\nX: "])
async def test_what_is_read_of_a_body_has_an_end_where_nobody_waits_for_it(never_ending):
    async def app(_scope, _receive, send):
        await answer(send)

    async with Served(app, max_bulk_body=1_024, max_head=1_024) as served:
        served.writer.write(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + never_ending)
        await served.reader.readuntil(b"\r\n\r\n")
        served.writer.write(b"a" * 10_000)
        await served.reader.read()

    assert [status for status, *_ in served.refused] == [413]


@pytest.mark.parametrize("connection", [b"keep-alive", b"close"])
async def test_a_client_that_takes_nothing_of_its_answer_is_left(connection):
    async def app(_scope, _receive, send):
        await answer(send, ANSWER)

    async with Served(app, receive_seconds=1) as served, asyncio.timeout(PATIENCE):
        served.writer.write(b"GET / HTTP/1.1\r\nConnection: %b\r\n\r\n" % connection)
        await served.reader.readuntil(b"\r\n\r\n")
        await served.protocol.lost.wait()


async def test_a_client_may_take_its_answer_slowly():
    async def app(_scope, _receive, send):
        await answer(send, ANSWER)

    async with Served(app, receive_seconds=1) as served:
        served.writer.write(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
        await served.reader.readuntil(b"\r\n\r\n")
        taken = 0
        while part := await served.reader.read(1_000_000):
            taken += len(part)
            await asyncio.sleep(0.02)

    assert taken == len(ANSWER)


async def test_a_client_that_takes_one_part_of_its_answer_after_the_other_is_not_left():
    looks, transport = [], Mock(spec=asyncio.Transport)
    transport.get_write_buffer_size.return_value = 100_000
    transport.get_extra_info.return_value = None
    protocol = Served(None, receive_seconds=1).new_protocol(_loop=Loop(looks))
    protocol.connection_made(transport)

    for _ in range(10):
        protocol.pause_writing()
        looks.pop()()
        protocol.resume_writing()
    assert not transport.abort.called

    for _ in range(10):
        looks.pop()()
    assert transport.abort.called


async def test_a_client_may_leave_in_the_middle_of_a_long_answer():
    ended = asyncio.Event()

    async def app(scope, receive, send):
        await Response([ANSWER])(scope, receive, send)
        ended.set()

    async with Served(app) as served, asyncio.timeout(PATIENCE):
        served.writer.write(b"GET / HTTP/1.1\r\n\r\n")
        await served.reader.readuntil(b"\r\n\r\n")
        served.writer.transport.abort()
        await ended.wait()


async def test_an_answer_that_has_begun_is_sent_to_its_end_to_who_does_not_send_the_body():
    async def app(_scope, _receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        await served.refused_one.wait()
        await send({"type": "http.response.body", "body": b"b"})

    async with Served(app, receive_seconds=1) as served:
        served.writer.write(b"GET / HTTP/1.1\r\nContent-Length: 9\r\n\r\n")
        answer = await served.reader.read()

    assert answer.endswith(b"\r\n\r\nab")
