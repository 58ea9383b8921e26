"""Who is calling: the API token of a request, and what the roles grant to its security levels."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from db.pool import acquired
from db.roles import granted_permissions
from db.tokens import ApiToken, find_token, parsed_token
from resolvers.access import Caller
from server.request_log import note

if TYPE_CHECKING:
    from collections.abc import Callable

    from db.pool import Pool
    from db.ulid import Ulid

_SCHEME = "bearer"
_KEPT_SECONDS = 5.0
"""A revoked token is refused after this time at the latest."""
_MOST_KEPT = 10_000


@dataclass(frozen=True)
class _Known:
    token: ApiToken
    caller: Caller
    until: float


class Authentication:
    """Knows callers by their tokens, and remembers them for a few seconds."""

    def __init__(self, pool: Pool, clock: Callable[[], float] = time.monotonic) -> None:
        self._pool = pool
        self._clock = clock
        self._known: dict[Ulid, _Known] = {}

    async def caller(self, authorization: str) -> Caller | None:
        """The caller whom the request's Authorization header names; None unless it has a valid token."""
        credentials = authorization.split(" ")
        if len(credentials) != 2 or credentials[0].lower() != _SCHEME:  # noqa: PLR2004 (a scheme and a token)
            return None
        parsed = parsed_token(credentials[1])
        known = await self._lookup(parsed[0]) if parsed else None
        if parsed is None or known is None:
            return None
        return known.caller if known.token.matches(parsed[1]) and known.token.valid else None

    async def _lookup(self, token_id: Ulid) -> _Known | None:
        known = self._known.get(token_id)
        if known and known.until > self._clock():
            return known
        note(caller_looked_up=True)
        async with acquired(self._pool) as connection:
            token = await find_token(connection, token_id)
            permissions = await granted_permissions(connection, token.security_levels) if token else frozenset()
        if token is None:
            return None
        if len(self._known) >= _MOST_KEPT:
            self._known.clear()
        until = self._clock() + _KEPT_SECONDS
        known = self._known[token_id] = _Known(token, Caller(token.name, permissions), until)
        return known
