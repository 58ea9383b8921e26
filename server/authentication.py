"""Who is calling: the API token of a request, and what the roles grant to its security levels."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from db.roles import granted_permissions
from db.tokens import ApiToken, find_token, parsed_token
from resolvers.access import Caller
from server.notes import note

if TYPE_CHECKING:
    from collections.abc import Callable

    from db.connections import Connections
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

    def __init__(self, connections: Connections, clock: Callable[[], float] = time.monotonic) -> None:
        self._connections = connections
        self._clock = clock
        self._known: dict[Ulid, _Known] = {}
        self._told: dict[str, _Known] = {}

    async def caller(self, authorization: str) -> Caller | None:
        """The caller whom the request's Authorization header names; None unless it has a valid token."""
        known = self._told.get(authorization)
        if known is None or known.until <= self._clock():
            known = await self._proved(authorization)
        return known.caller if known and known.token.valid else None

    async def _proved(self, authorization: str) -> _Known | None:
        """The owner of the token whose secret the header tells, which is remembered with it."""
        credentials = authorization.split(" ")
        if len(credentials) != 2 or credentials[0].lower() != _SCHEME:  # noqa: PLR2004 (a scheme and a token)
            return None
        parsed = parsed_token(credentials[1])
        known = await self._lookup(parsed[0]) if parsed else None
        if not parsed or not known or not known.token.matches(parsed[1]):
            return None
        _keep(self._told, authorization, known)
        return known

    async def _lookup(self, token_id: Ulid) -> _Known | None:
        known = self._known.get(token_id)
        if known and known.until > self._clock():
            return known
        note(caller_looked_up=True)
        # What is read is as old as this moment, however long the reading takes.
        until = self._clock() + _KEPT_SECONDS
        async with self._connections.taken() as connection:
            token = await find_token(connection, token_id)
            permissions = await granted_permissions(connection, token.security_levels) if token else frozenset()
        if token is None:
            return None
        known = _Known(token, Caller(token.name, permissions), until)
        _keep(self._known, token_id, known)
        return known


def _keep(kept: dict[Any, _Known], key: object, known: _Known) -> None:
    if len(kept) >= _MOST_KEPT:
        kept.clear()
    kept[key] = known
