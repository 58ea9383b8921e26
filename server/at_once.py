"""Answers that are there as a whole, written as a whole.

uvicorn writes the head of an answer when it is told, and the body when that is told: two calls of the system, each of
which takes longer than all that it does to a short answer.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from uvicorn._types import ASGI3Application
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

_STATUS_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus}
_START, _BODY = "http.response.start", "http.response.body"
_LENGTH = b"content-length"
_FRAMING = b"connection:", b"transfer-encoding:"
"""What says more of how the answer is sent than how long it is."""


class AtOnce:
    """An application as uvicorn runs it for one request, whose answer waits with its head for the first of its body."""

    __slots__ = ("_app", "_cycle", "_start")

    def __init__(self, app: ASGI3Application, cycle: RequestResponseCycle) -> None:
        self._app = app
        self._cycle = cycle
        self._start: Any = None

    def __call__(self, scope: Any, receive: Any, _send: Any) -> Any:
        """Answer the request."""
        return self._app(scope, receive, self._send)

    async def _send(self, message: Any) -> None:
        """Send what belongs to the answer. uvicorn does it, unless all of it is there now and there is room for it."""
        cycle, start = self._cycle, self._start
        if start is None:
            if message["type"] != _START or cycle.response_started:
                await cycle.send(message)
            else:
                self._start = message
            return
        self._start, body = None, message.get("body", b"")
        whole = message["type"] == _BODY and not (
            message.get("more_body") or cycle.flow.write_paused or cycle.disconnected
        )
        head = _head(cycle, start["status"], start.get("headers", ()), len(body)) if whole else None
        if head is None:
            await cycle.send(start)
            await cycle.send(message)
            return
        cycle.response_started, cycle.waiting_for_100_continue = True, False
        cycle.transport.write(head + body)
        cycle.expected_content_length, cycle.response_complete = 0, True
        cycle.message_event.set()
        if not cycle.keep_alive:
            cycle.transport.close()
        cycle.on_response()


def _head(
    cycle: RequestResponseCycle, status: int, headers: Sequence[tuple[bytes, bytes]], length: int
) -> bytes | None:
    """The head of an answer with a body of so many bytes; None where there is more to it than to write it down."""
    told = [*cycle.default_headers, *headers]
    lines = b"".join([b"%b: %b\r\n" % header for header in told])
    plain = cycle.scope["method"] != "HEAD" and (_LENGTH, b"%d" % length) in told
    # Nothing that a header says may begin another one.
    if not plain or len(lines.splitlines()) != len(told) or any(map(lines.lower().__contains__, _FRAMING)):
        return None
    return _STATUS_LINES[status] + lines + (b"\r\n" if cycle.keep_alive else b"connection: close\r\n\r\n")
