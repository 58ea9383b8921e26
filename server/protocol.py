"""HTTP on one connection: uvicorn's protocol, with deadlines for what clients send and JSON for what it refuses."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

import orjson
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from server import errors
from server.departure import client_left
from server.response import EVERY_ANSWER

if TYPE_CHECKING:
    from collections.abc import Mapping

_LOOK_SECONDS = 0.5
"""How often a connection is looked at: one timer for each of them costs less than one for each request."""
_MOST_HEAD = 64 * 1024
"""Bytes that the request line and the headers may have together."""


class Protocol(HttpToolsProtocol):
    """A connection on which each request has to arrive within a time.

    One that is still on its way after `seconds` is answered with 408, and its connection is closed. So is a connection
    on which no request has begun to come.
    """

    def __init__(self, *arguments: Any, seconds: int, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._seconds = seconds
        self._since: float | None = None
        self._head = 0
        self._look: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Called when a client has connected."""
        super().connection_made(transport)
        self._since = self.loop.time()
        self._look = self.loop.call_later(_LOOK_SECONDS, self._look_after)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called when the connection is gone."""
        if self._look:
            self._look.cancel()
        if self.cycle and not self.cycle.response_complete:
            client_left(cast("dict[str, Any]", self.cycle.scope))
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Called for what comes, of requests or of parts of them."""
        if self._head >= 0:
            self._head += len(data)
        super().data_received(data)
        if self._head > _MOST_HEAD:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, f"Send at most {_MOST_HEAD:,} bytes of headers.")

    def on_message_begin(self) -> None:
        """Called for the first byte of a request."""
        super().on_message_begin()
        self._since = self._since or self.loop.time()

    def on_headers_complete(self) -> None:
        """Called at the end of the headers."""
        self._head = -1
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Called at the end of the body."""
        self._head, self._since = 0, None
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Called for what is no HTTP."""
        self._refuse(HTTPStatus.BAD_REQUEST, msg)

    def _unsupported_upgrade_warning(self) -> None:
        """Called for another protocol that is asked for, which is not spoken here; then the body is not read."""
        if self._since is not None:
            self._refuse(HTTPStatus.BAD_REQUEST, "Send requests without Upgrade.")

    def _look_after(self) -> None:
        if self._since is not None and self.loop.time() - self._since > self._seconds - _LOOK_SECONDS:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, f"Send a request within {self._seconds} seconds.")
        elif not self.transport.is_closing():
            self._look = self.loop.call_later(_LOOK_SECONDS, self._look_after)

    def _refuse(self, status: HTTPStatus, message: str) -> None:
        """Answer and close, unless an answer is on its way already."""
        if self.transport.is_closing():
            return
        if not (self.cycle and self.cycle.response_started and not self.cycle.response_complete):
            self.transport.write(_answer(status, errors.plain(_CODES[status], message)))
        self.transport.close()


_CODES: Mapping[HTTPStatus, str] = {
    HTTPStatus.BAD_REQUEST: "BAD_REQUEST",
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
