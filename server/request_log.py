"""One log line for each request, with its id and what was noted while it was answered."""

from __future__ import annotations

import asyncio
import random
import re
import time
from contextvars import Context
from typing import TYPE_CHECKING, Any

import structlog

from server import errors
from server.departure import was_sent_away
from server.headers import headers
from server.log import write_lines
from server.notes import NOTES, without_tokens

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from server.metrics import Metrics

_HEADER = b"x-request-id"
_ALLOWED = re.compile(r"[A-Za-z0-9._-]{1,39}|[a-z0-9._-]{40,64}|[A-Z0-9._-]{40,64}")
"""What may be in an id that a client sends. What is longer in both cases may be the secret of a token."""
_DELAY = 0.01
"""Seconds after which the lines are written that came up meanwhile.

One after the other in the middle of the requests they cost three times as much: a third of a short request.
"""

_SERVER_FAILED = 500

_log = structlog.get_logger()


class RequestLog:
    """Gives each request an id (its own, or the one that the client sent) and writes down how it went."""

    def __init__(self, app: ASGIApp, metrics: Metrics | None, slow_seconds: float) -> None:
        self.metrics = metrics
        self._app = app
        self._slow_ms = slow_seconds * 1000
        self._answered: list[tuple[float, dict[str, Any]]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and log it when it is answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = headers(scope).get(_HEADER)
        # Nothing is to be kept secret by it, and to ask the system for something random takes longer.
        usable = given and _ALLOWED.fullmatch(given) and without_tokens(given) == given
        known = given if usable else f"{random.getrandbits(64):016x}"
        notes: dict[str, Any] = {"request_id": known}
        NOTES.set(notes)
        started, status, answered = time.perf_counter(), 0, 0.0

        def answer(message: Message) -> Awaitable[None]:
            nonlocal status, answered
            if message["type"] == "http.response.start":
                # How long the client takes to take the rest is not the server's doing.
                status, answered = message["status"], time.perf_counter()
                message["headers"] = [*message.get("headers", ()), (_HEADER, known.encode())]
            return send(message)

        try:
            await self._app(scope, receive, answer)
        finally:
            if not was_sent_away(scope):
                notes["method"], notes["path"], notes["status"] = scope["method"], scope["path"], status
                notes["duration_ms"] = round(((answered or time.perf_counter()) - started) * 1000, 3)
                self._write_later(notes)

    def refused(self, status: int, code: str, address: str) -> None:
        """Log and count what was refused before it was a request."""
        _log.info("refused", status=int(status), codes=[code], address=address)
        if self.metrics:
            self.metrics.count_refused(code)

    def write(self) -> None:
        """Write the lines of the requests that are answered, and count them."""
        answered, self._answered = self._answered, []
        write_lines("request", ((ended, self._level(notes), notes) for ended, notes in answered))
        if self.metrics:
            self.metrics.count([notes for _, notes in answered])

    def _level(self, notes: dict[str, Any]) -> str:
        """How bad a request's line is. A request that went well is not told apart by its document."""
        slow, codes = notes["duration_ms"] >= self._slow_ms, notes.get("codes")
        if slow:
            notes["slow"] = True
        elif not codes:
            notes.pop("document", None)
        if slow or notes["status"] >= _SERVER_FAILED or (codes and errors.server_failed(codes)):
            return "warning"
        return "info" if notes["path"] == "/graphql" else "debug"

    def _write_later(self, notes: dict[str, Any]) -> None:
        if not self._answered:
            # In a context of its own, where nothing is noted of this request.
            asyncio.get_running_loop().call_later(_DELAY, self.write, context=Context())
        self._answered.append((time.time(), notes))
