"""Answers that are there as a whole, written as a whole.

uvicorn writes the head of an answer when it is told, and the body when that is told: two calls of the system, each of
which takes longer than all that it does to a short answer. Here a head waits for what comes of its body; an application
that fails in between is answered for by uvicorn, as if there had been no head.
"""

from __future__ import annotations

import re
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from uvicorn._types import ASGI3Application
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

_START, _BODY = "http.response.start", "http.response.body"
_LENGTH = b"content-length"
_NAMED = itemgetter(0)
_NAME = re.compile(rb"[0-9a-z-]+")
_FRAMING = b"connection", b"transfer-encoding"
"""What says more of how the answer is sent than how long it is."""
_FIT_FOR_VALUES = bytes({9, *range(32, 127), *range(128, 256)})
_KEPT = 256


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
    if cycle.scope["method"] == "HEAD" or not _are_plain(tuple(map(_NAMED, told))):
        return None
    lines = b"\r\n".join(map(b": ".join, told))
    # Nothing that a header says may begin another one.
    fit = lines.translate(None, _FIT_FOR_VALUES) == b"\r\n" * (len(told) - 1)
    if not fit or (_LENGTH, b"%d" % length) not in told:
        return None
    return STATUS_LINE[status] + lines + (b"\r\n\r\n" if cycle.keep_alive else b"\r\nconnection: close\r\n\r\n")


@lru_cache(_KEPT)
def _are_plain(names: tuple[bytes, ...]) -> bool:
    """Whether headers of these names, one of which tells the length, are only to be written down."""
    return names.count(_LENGTH) == 1 and all(name not in _FRAMING and _NAME.fullmatch(name) for name in names)
