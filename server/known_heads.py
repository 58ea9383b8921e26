"""Heads of requests that have come before: what the parser made of them is kept.

A client sends the same head again and again, byte for byte, and to take it apart is a seventh of what the shortest
request costs. What the parser makes of a head depends on nothing but its bytes.
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
"""How many heads are kept, and so many met; a head tells how long the body is, so that a client has several."""
_LONGEST = 2 * 1024
"""Bytes of a head that is kept."""
_OF_THE_HEAD = "type", "asgi", "http_version", "root_path", "headers", "method", "path", "raw_path", "query_string"
"""What is in every scope and does not come of the connection."""
_MORE_TO_IT = b"transfer-encoding", b"expect", b"upgrade"
"""Headers of requests that are more than a head and so many bytes of a body."""


class KnownHeads:
    """What is in the scopes of requests, by their heads; those that were kept first are forgotten for new ones.

    A head is kept when it comes for the second time: one with an id of its request in it never comes again.
    """

    def __init__(self) -> None:
        self._met: dict[int, None] = {}
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
        body = data.find(_END) + len(_END)
        head, length = data[:body], len(data) - body
        if body > _LONGEST or self._is_new(hash(head)):
            return
        scope: Any = cycle.scope
        given = headers(scope)
        plain = cycle.keep_alive and not any(given.found(name) for name in _MORE_TO_IT)
        if not plain or given.get(b"content-length", "0") != str(length):
            return
        if len(self._kept) >= _KEPT:
            del self._kept[next(iter(self._kept))]
        kept = {key: scope[key] for key in _OF_THE_HEAD}
        # It is in the scope of every request that has this head, and is read once for all of them.
        kept["headers"] = tuple(kept["headers"])
        headers(kept)
        self._kept[head] = kept, length

    def _is_new(self, head: int) -> bool:
        if head in self._met:
            return False
        if len(self._met) >= _KEPT:
            del self._met[next(iter(self._met))]
        self._met[head] = None
        return True
