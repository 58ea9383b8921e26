"""One log line for each request, and its id."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import structlog
from starlette.datastructures import Headers, MutableHeaders
from structlog.contextvars import bind_contextvars, clear_contextvars

from db.ulid import new_ulid

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEADER = "x-request-id"
_ALLOWED = re.compile(r"[A-Za-z0-9._-]{1,64}")

_log = structlog.get_logger()


class RequestLog:
    """Gives each request an id (its own, or the one that the client sent) and writes down how it went."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and log it when it is answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(_HEADER, "")
        request_id = given if _ALLOWED.fullmatch(given) else new_ulid()
        clear_contextvars()
        bind_contextvars(request_id=request_id)
        started, status = time.perf_counter(), 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[_HEADER] = request_id
            await send(message)

        try:
            await self._app(scope, receive, answer)
        finally:
            duration = round((time.perf_counter() - started) * 1000, 3)
            told = _log.info if scope["path"] == "/graphql" else _log.debug
            told("request", method=scope["method"], path=scope["path"], status=status, duration_ms=duration)
