"""Requests of pages from other origins: answered so that a browser shows them to the pages of those that are named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response

from server import errors
from server.headers import headers
from server.notes import note
from server.response import EVERY_ANSWER

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.datastructures import Headers
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_METHODS = ("GET", "POST")
_SENT = ("Authorization", "Idempotency-Key", "Prefer", "X-Query-Cost", "X-Request-Id")
_SHOWN = ("Preference-Applied", "RateLimit", "RateLimit-Policy", "Retry-After", "WWW-Authenticate", "X-Request-Id")
_KEPT_SECONDS = 600
_BAD_REQUEST = 400
_CODE = "BAD_REQUEST"


class CrossOrigin:
    """Starlette's CORS for the origins that are named; the others are told nothing of it at all."""

    def __init__(self, app: ASGIApp, origins: Collection[str]) -> None:
        self._app = app
        self._origins = frozenset(origins)
        self._shared = _Shared(
            app,
            allow_origins=self._origins,
            allow_methods=_METHODS,
            allow_headers=_SENT,
            expose_headers=_SHOWN,
            max_age=_KEPT_SECONDS,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        origin = headers(scope).get(b"origin")

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = _completed(message["headers"])
            await send(message)

        await (self._shared if origin in self._origins else self._app)(scope, receive, answer)


class _Shared(CORSMiddleware):
    """Starlette's own, which says as everything else here does what a page may not ask."""

    def preflight_response(self, request_headers: Headers) -> Response:
        response = super().preflight_response(request_headers)
        if response.status_code != _BAD_REQUEST:
            return response
        note(codes=[_CODE])
        may = f"A page of another origin may send {' and '.join(_METHODS)}, with the headers {', '.join(_SENT)}."
        told = f"{bytes(response.body).decode()}. {may}"
        headers = {name: value for name, value in response.headers.items() if not name.startswith("content-")}
        body = orjson.dumps({"errors": [errors.plain(_CODE, told)]})
        return Response(body, _BAD_REQUEST, headers, "application/json; charset=utf-8")


def _completed(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """That answers differ by origin, and what else every answer says, where it is not said yet."""
    said = {name for name, _ in headers}
    return [*headers, *(one for one in ((b"vary", b"Origin"), *EVERY_ANSWER) if one[0] not in said)]
