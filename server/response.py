"""What is sent back: JSON, with a status and headers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import orjson

from server.departure import has_left
from server.notes import note

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from starlette.types import Receive, Scope, Send

GRAPHQL_RESPONSE = "application/graphql-response+json"
JSON = "application/json"
_CONTENT_TYPES = {
    media_type: (b"content-type", f"{media_type}; charset=utf-8".encode()) for media_type in (GRAPHQL_RESPONSE, JSON)
}
EVERY_ANSWER = [
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]
"""An answer is one caller's: no cache between here and there keeps it, and no browser takes it for anything else."""
_SHORT = 64 * 1024
"""Bytes up to which a body is sent at once."""
_PART = 256 * 1024
"""Bytes that are sent of a longer one before it is the turn of others."""


class Response:
    """JSON in UTF-8 that is there already, in pieces: all that most requests need of Starlette's response."""

    def __init__(
        self, body: Sequence[bytes], status: int = 200, media_type: str = JSON, headers: Mapping[str, str] | None = None
    ) -> None:
        self._length = sum(map(len, body))
        self._body = body
        self._status = status
        self._headers = [
            (b"content-length", b"%d" % self._length),
            _CONTENT_TYPES[media_type],
            *EVERY_ANSWER,
        ]
        if headers:
            self.tell(headers)

    def tell(self, headers: Mapping[str, str]) -> None:
        """Send these headers too."""
        self._headers += [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Send it."""
        await send({"type": "http.response.start", "status": self._status, "headers": self._headers})
        if self._length <= _SHORT:
            await send({"type": "http.response.body", "body": b"".join(self._body)})
        else:
            await self._send_in_parts(scope, send)

    async def _send_in_parts(self, scope: Scope, send: Send) -> None:
        """Send one part after the other, as the client takes them, as long as it is there."""
        left = self._length
        for part in _parts(self._body):
            left -= len(part)
            await send({"type": "http.response.body", "body": part, "more_body": left > 0})
            # Who takes all of it at once would get it all at once.
            await asyncio.sleep(0)
            if left and has_left(scope):
                note(client_left=True)
                return


def _parts(pieces: Sequence[bytes]) -> Iterator[bytes]:
    """The pieces one after the other, cut and put together to parts of the same length; the last one may be shorter."""
    part: list[bytes | memoryview] = []
    room = _PART
    for piece in pieces:
        rest = memoryview(piece)
        while len(rest) > room:
            yield b"".join([*part, rest[:room]])
            part, rest, room = [], rest[room:], _PART
        part.append(rest)
        room -= len(rest)
    yield b"".join(part)


def json_response(body: Any, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """The JSON of this value."""
    return Response([orjson.dumps(body)], status, headers=headers)
