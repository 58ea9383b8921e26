"""What is sent back: JSON, with a status and headers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping

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


class Response:
    """JSON in UTF-8 that is there already, sent as it is: all that most requests need of Starlette's response."""

    def __init__(
        self, body: bytes, status: int = 200, media_type: str = JSON, headers: Mapping[str, str] | None = None
    ) -> None:
        self._body = body
        self._status = status
        self._headers = [
            (b"content-length", b"%d" % len(body)),
            _CONTENT_TYPES[media_type],
            *EVERY_ANSWER,
        ]
        if headers:
            self.tell(headers)

    def tell(self, headers: Mapping[str, str]) -> None:
        """Send these headers too."""
        self._headers += [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send it."""
        await send({"type": "http.response.start", "status": self._status, "headers": self._headers})
        await send({"type": "http.response.body", "body": self._body})


def json_response(body: Any, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """The JSON of this value."""
    return Response(orjson.dumps(body), status, headers=headers)
