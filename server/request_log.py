"""One log line for each request, with its id and what was noted while it was answered."""

from __future__ import annotations

import re
import secrets
import time
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEADER = b"x-request-id"
_ALLOWED = re.compile(rb"[A-Za-z0-9._-]{1,64}")
NOTES: ContextVar[dict[str, Any]] = ContextVar("notes")
"""What was noted of the request that is being answered."""

_log = structlog.get_logger()


def note(**facts: Any) -> None:
    """Put facts on every line that is logged from here on until the request is answered."""
    noted = NOTES.get(None)
    if noted is not None:
        noted.update(facts)


def request_id() -> str:
    """The id of the request that is being answered."""
    return str(NOTES.get({}).get("request_id", ""))


def with_notes(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor of structlog: the line with what was noted."""
    return {**NOTES.get({}), **event}


class RequestLog:
    """Gives each request an id (its own, or the one that the client sent) and writes down how it went."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._log = _log.bind()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and log it when it is answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = next((value for name, value in scope["headers"] if name == _HEADER), b"")
        known = given.decode() if _ALLOWED.fullmatch(given) else secrets.token_hex(8)
        NOTES.set({"request_id": known})
        started, status = time.perf_counter(), 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (_HEADER, known.encode())]
            await send(message)

        try:
            await self._app(scope, receive, answer)
        finally:
            duration = round((time.perf_counter() - started) * 1000, 3)
            told = self._log.info if scope["path"] == "/graphql" else self._log.debug
            told("request", method=scope["method"], path=scope["path"], status=status, duration_ms=duration)
