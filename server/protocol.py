"""HTTP on one connection: uvicorn's protocol, with deadlines for what clients send and JSON for what it refuses."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

import httptools
import orjson
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from server import errors
from server.at_once import AtOnce
from server.departure import client_left, sent_away
from server.response import EVERY_ANSWER

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from uvicorn._types import ASGI3Application
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

    from server.config import Settings
    from server.known_heads import KnownHeads

_LOOK_SECONDS = 0.5
"""How often a connection is looked at: one timer for each of them costs less than one for each request."""
_PART = 16 * 1024
"""Bytes that are looked at before it is the turn of others: as short requests they are hundreds."""
_MOST_PARTS = 4
"""How many of these are looked at in one turn of a body, in which there is less to do."""
_MOST_AHEAD = 16
"""Requests that may have come before the one is answered that came first; more are not read until then."""
_FAREWELL_SECONDS = 0.5
"""How long clients may send requests on open connections after the server was told to stop.

They can't know it before they are told so: with the answer to the next request.
"""
_OTHERS_SECONDS = 0.2
"""How long it takes until the other processes of the server take no connections any more either.

Before that, a client that is sent away would come again, to be cut off by the last of them.
"""
LEAVING = "mes_orders.leaving"
"""What is in the state of the application when the server was told to stop."""
_CONNECT = b"CONNECT"
_NO_HTTP = "What was sent is no valid HTTP request. Send one of HTTP/1.1, without TLS: that is for a proxy in front."
_UNHEARD: Any = deque(maxlen=0)
"""Where the trailers go."""
_AUTHORITY = re.compile(rb"[a-z][a-z0-9+.-]*://([^/?#]*)", re.IGNORECASE)


class _Refused(Exception):  # noqa: N818 (a word for the event)
    """The headers are; the parser stops at it."""


class Protocol(HttpToolsProtocol):
    """A connection on which each request has to arrive within a time.

    One that is still on its way after `seconds` is answered with 408, and its connection is closed. So is a connection
    on which no request has begun to come. A client that takes nothing of its answers for as long is left alone.
    Of what is answered here, the status, the code and the address are `told`. What is made of `heads` is shared.
    """

    def __init__(
        self,
        *arguments: Any,
        settings: Settings,
        told: Callable[[int, str, str], None],
        heads: KnownHeads,
        **named: Any,
    ) -> None:
        super().__init__(*arguments, **named)
        self._heads = heads
        self._seconds = settings.receive_seconds
        self._most_head, self._most_headers = settings.max_head, settings.max_headers
        self._most_body = settings.max_bulk_body
        self._told = told
        self._since: float | None = None
        self._idle_since: float | None = None
        """Since when the last answer is sent, and nothing has come."""
        self._head = 0
        """Bytes of the request line and the headers so far; of a body, or of its chunk, less than 0."""
        self._packet = self._rest = self._begun = 0
        self._look: asyncio.TimerHandle | None = None
        self._answering: RequestResponseCycle | None = None
        self._refused = self._leaving = False
        self._held = memoryview(b"")
        """What has come and is not looked at yet; meanwhile nothing is read."""
        self._turn: asyncio.Handle | None = None
        self._untaken = self._looks = 0
        """Bytes of answers that the client had not taken at the last look, and since how many it has taken none."""

    def connection_made(self, transport: Any) -> None:
        """Called when a client has connected."""
        super().connection_made(transport)
        # It tells this one when to read, which may have something to read that has come already.
        self.flow = FlowControl(cast("asyncio.Transport", self))
        self._since = self.loop.time()
        self._look = self.loop.call_later(_LOOK_SECONDS, self._look_after)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called when the connection is gone."""
        for timer in (self._look, self._turn):
            if timer:
                timer.cancel()
        answering = self._answering
        if answering and not answering.response_complete:
            client_left(cast("dict[str, Any]", answering.scope))
            # uvicorn tells it to the request alone that came last.
            answering.disconnected = True
            answering.message_event.set()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Called for what comes, of requests or of parts of them."""
        if self._refused:
            return
        if len(data) > _PART or self._held:
            self._hold(bytes(self._held) + data)
        elif self._is_idle():
            self._take(data)
        else:
            self._parse(data)

    def shutdown(self) -> None:
        """Called when the server was told to stop."""
        self.app_state[LEAVING] = True
        self.loop.call_later(_OTHERS_SECONDS, self._bid_farewell)

    def pause_reading(self) -> None:
        """Called when nothing is to be read for a while."""
        self.transport.pause_reading()

    def resume_reading(self) -> None:
        """Called when more can be read."""
        if self.transport.is_closing():
            return
        if len(self.pipeline) >= _MOST_AHEAD:
            self.flow.read_paused = True
        elif not self._held:
            self.transport.resume_reading()
        elif not self._turn:
            self._turn = self.loop.call_soon(self._go_on)

    def resume_writing(self) -> None:
        """Called when the client has taken what was sent of an answer, which may have more parts."""
        self._untaken = 0
        super().resume_writing()

    def on_message_begin(self) -> None:
        """Called for the first byte of a request."""
        self._begun += 1
        super().on_message_begin()
        self._since = self._since or self.loop.time()

    def on_headers_complete(self) -> None:
        """Called at the end of the headers."""
        # Of the packet in which the request before has ended, the beginning of this one is not counted yet.
        if (self._head + self._rest > self._most_head and self._head_size() > self._most_head) or len(
            self.headers
        ) > self._most_headers:
            self._refuse_head()
            raise _Refused
        if self.parser.get_method() == _CONNECT:
            self.send_400_response("This is no proxy.")
            raise _Refused
        if not self.url.startswith(b"/"):
            self._name_host()
        super().on_headers_complete()
        # From here on it is a request; what is refused before is told after the answers to those that are.
        self._head = -1
        self.headers = _UNHEARD
        if self._leaving and self.cycle:
            self.cycle.keep_alive = False
        # Who does not read does not see that the client leaves either.
        if self.pipeline and len(self.pipeline) < _MOST_AHEAD:
            self.flow.resume_reading()

    def on_chunk_header(self) -> None:
        """Called at the beginning of each part of a body whose length is not told before."""
        self._head = -1

    def on_message_complete(self) -> None:
        """Called at the end of the body."""
        self._head, self._rest, self._since = 0, self._packet, None
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Called at the end of an answer. A timer for each, as uvicorn has it, costs a twentieth of a short request."""
        if self.pipeline or self.transport.is_closing():
            super().on_response_complete()
            return
        self.server_state.total_requests += 1
        self.flow.resume_reading()
        self._idle_since = self.loop.time()

    def send_400_response(self, msg: str) -> None:
        """Called for what is no HTTP."""
        self._refuse(HTTPStatus.BAD_REQUEST, msg)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """Called when it is the turn of a request, which need not be the last that has come: that is `cycle`."""
        self._answering = cycle
        super()._start_asgi_task(cycle, AtOnce(app, cycle))

    def _is_idle(self) -> bool:
        """Whether all that has come is answered, and the next request may come."""
        return self._since is None and not self._head and self.cycle.response_complete and self.cycle.keep_alive

    def _take(self, data: bytes) -> None:
        """Parse what comes after all that has come before, unless it is a request with a head that is known."""
        known = self._heads.cycle(data, self)
        if known:
            self._idle_since, self.cycle = None, known
            self._start_asgi_task(known, self.app)
            return
        self._begun = 0
        self._parse(data)
        # One that asked for another protocol has begun twice.
        if self._begun == 1 and self._since is None and not self._refused:
            self._heads.keep(data, self.cycle)

    def _parse(self, data: bytes | memoryview) -> None:
        self._packet = len(data)
        if self._head >= 0:
            self._head += self._packet
        else:
            self._head -= self._packet
        self._idle_since = None
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError:
            self.send_400_response(_NO_HTTP)
        except httptools.HttpParserUpgrade as upgrade:
            self._stay()
            self._hold(bytes(data[upgrade.args[0] :]) + bytes(self._held))
        if self._head > self._most_head:
            self._refuse_head()
        elif -self._head > self._most_body + self._most_head:
            told = f"Send at most {self._most_body:,} bytes, or have MES_ORDERS_MAX_BULK_BODY raised."
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, told)

    def _stay(self) -> None:
        """Go on with a request for another protocol as if it had not asked for that; the parser would skip its body."""
        method, headers = self.scope["method"], self.scope["headers"]
        kept = b"".join(b"%b: %b\r\n" % header for header in headers if header[0] != b"upgrade")
        version = self.parser.get_http_version()
        self.parser = httptools.HttpRequestParser(self)
        # As uvicorn has it: what follows a request that wants to be the last does no harm to it.
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self._head = 0
        self._parse(b"%b %b HTTP/%b\r\n%b\r\n" % (method.encode(), self.url, version.encode(), kept))

    def _should_upgrade(self) -> bool:
        """Called for another protocol that is asked for; then the request is not answered yet."""
        return True

    def _hold(self, data: bytes) -> None:
        if data and not self._refused:
            self._held = memoryview(data)
            self.transport.pause_reading()
            self.resume_reading()

    def _go_on(self) -> None:
        """Look at what is held, as much of it as is good for the others."""
        self._turn = None
        for _ in range(_MOST_PARTS):
            if self.flow.read_paused or self.transport.is_closing():
                return
            part, self._held = self._held[:_PART], self._held[_PART:]
            self._parse(part)
            if self._head >= 0 or not self._held:
                break
        if not self.flow.read_paused:
            self.resume_reading()

    def _bid_farewell(self) -> None:
        """Let the request that is answered now, or the one that comes next, be the last."""
        self._leaving = True
        if self.cycle:
            self.cycle.keep_alive = False
        self.loop.call_later(_FAREWELL_SECONDS, self._leave)

    def _leave(self) -> None:
        """Close the connection, unless something has come on it that is not answered yet."""
        answering = self._answering and not self._answering.response_complete
        if not (answering or self.pipeline or self._head or self._held):
            self.transport.close()

    def _look_after(self) -> None:
        now, before = self.loop.time(), self._untaken
        self._look = self.loop.call_later(_LOOK_SECONDS, self._look_after)
        self._untaken = self.transport.get_write_buffer_size()
        # Looks are counted, for while nobody looks, nobody writes either.
        self._looks = self._looks + 1 if self._untaken >= before > 0 else 0
        if self._since is not None and self.flow.read_paused:
            # It is not the client who keeps the others waiting.
            self._since = now
        if self._looks * _LOOK_SECONDS >= self._seconds:
            self.transport.abort()
        elif self._idle_since is not None and now - self._idle_since > self.timeout_keep_alive:
            self.timeout_keep_alive_handler()
        elif self._since is not None and now - self._since > self._seconds - _LOOK_SECONDS:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, f"Send a request within {errors.seconds_told(self._seconds)}.")

    def _name_host(self) -> None:
        """Take the host of an address that names it for that of the request, whatever its header says."""
        authority = _AUTHORITY.match(self.url)
        if authority:
            others = [header for header in self.headers if header[0] != b"host"]
            self.headers[:] = [*others, (b"host", authority[1])]

    def _head_size(self) -> int:
        """The bytes of the address and the headers, with what is between them."""
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def _refuse_head(self) -> None:
        told = (
            f"Send at most {self._most_headers:,} headers, with {self._most_head:,} bytes in all, or have "
            "MES_ORDERS_MAX_HEADERS or MES_ORDERS_MAX_HEAD raised."
        )
        self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, told)

    def _refuse(self, status: HTTPStatus, message: str) -> None:
        """Answer and close, after the answers to the requests before."""
        if self._refused or self.transport.is_closing():
            return
        self._refused, self._held = True, memoryview(b"")
        # Who has sent nothing has not asked for anything.
        if self._head or status is not HTTPStatus.REQUEST_TIMEOUT:
            self._told(status, _CODES[status], self.client[0] if self.client else "")
        answer, answering = _answer(status, errors.plain(_CODES[status], message)), self._answering
        if self._head < 0 and self.pipeline:
            # What is refused is the request that came last, of which the body is missing.
            self.pipeline.popleft()
        elif self._head < 0:
            self._break_off(answer)
            return
        if answering and not answering.response_complete:
            last = self.pipeline[0][0] if self.pipeline else answering
            last.on_response = partial(self._end, answer)
        else:
            self._end(answer)

    def _break_off(self, answer: bytes) -> None:
        """Close in the middle of a body, whose request gets this answer, unless it has got another one before."""
        answering = self._answering
        if answering and answering.response_complete:
            self._end(b"")
        elif answering and answering.response_started:
            answering.on_response = partial(self._end, b"")
        else:
            if answering:
                sent_away(cast("dict[str, Any]", answering.scope))
            self._end(answer)

    def _end(self, answer: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(answer)
            self.transport.close()


_CODES: Mapping[HTTPStatus, str] = {
    HTTPStatus.BAD_REQUEST: "BAD_REQUEST",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "PAYLOAD_TOO_LARGE",
    HTTPStatus.REQUEST_TIMEOUT: "REQUEST_TIMEOUT",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: "HEADERS_TOO_LARGE",
}


def _answer(status: HTTPStatus, error: dict[str, Any]) -> bytes:
    body = orjson.dumps({"errors": [error]})
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: application/json; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n"
    )
    headers = b"".join(b"%b: %b\r\n" % header for header in EVERY_ANSWER)
    return head.encode() + headers + b"\r\n" + body
