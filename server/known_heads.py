"""Heads of requests that have come before: what the parser made of them is kept.

A client sends the same head again and again, byte for byte, and to take it apart takes a fifth of the time of a short
request. What the parser makes of a head depends on nothing but its bytes.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from server.headers import headers

if TYPE_CHECKING:
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_END = b"\r\n\r\n"
_KEPT = 256
"""How many heads are kept; a head tells how long the body is, so that a client has several."""
_LONGEST = 2 * 1024
"""Bytes of a head that is kept."""
_OF_THE_CONNECTION = "server", "client", "scheme", "state"
"""What is in a scope that does not come of the head."""
_MORE_TO_IT = b"transfer-encoding", b"expect", b"upgrade"
"""Headers of requests that are more than a head and so many bytes of a body."""


class KnownHeads:
    """What is in the scopes of requests, by their heads; those that were kept first are forgotten for new ones."""

    def __init__(self) -> None:
        self._kept: dict[bytes, tuple[dict[str, Any], int]] = {}

    def cycle(self, data: bytes, connection: HttpToolsProtocol) -> RequestResponseCycle | None:
        """The request that all of this data is, as uvicorn would have it; None if its head is not known."""
        body = data.find(_END) + len(_END)
        known = self._kept.get(data[:body])
        if known is None or len(data) - body != known[1]:
            return None
        scope: Any = known[0].copy()
        scope["server"], scope["client"], scope["scheme"] = connection.server, connection.client, connection.scheme
        scope["state"] = connection.app_state.copy()
        cycle = RequestResponseCycle(
            scope=scope,
            transport=connection.transport,
            flow=connection.flow,
            logger=connection.logger,
            access_logger=connection.access_logger,
            access_log=connection.access_log,
            default_headers=connection.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=False,
            keep_alive=True,
            on_response=connection.on_response_complete,
        )
        cycle.body += data[body:]
        cycle.more_body = False
        cycle.message_event.set()
        return cycle

    def keep(self, data: bytes, cycle: RequestResponseCycle) -> None:
        """Keep the head of this, which the parser has found to be one request."""
        scope: Any = cycle.scope
        given, body = headers(scope), data.find(_END) + len(_END)
        length = len(data) - body
        plain = cycle.keep_alive and not any(given.found(name) for name in _MORE_TO_IT)
        if body > _LONGEST or not plain or given.get(b"content-length", "0") != str(length):
            return
        if len(self._kept) >= _KEPT:
            del self._kept[next(iter(self._kept))]
        of_the_head = {key: value for key, value in scope.items() if key not in _OF_THE_CONNECTION}
        # It is in the scope of every request that has this head.
        of_the_head["headers"] = tuple(scope["headers"])
        self._kept[data[:body]] = of_the_head, length
