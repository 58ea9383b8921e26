"""Who is calling: the token of a request, and what the roles grant to its security levels."""

from __future__ import annotations

import asyncio
import math
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from db.errors import ServiceUnavailable
from db.roles import granted_permissions
from db.tokens import ApiToken, find_token, parsed_token
from resolvers.access import Caller
from server.notes import note

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from typing import Any

    from db.connections import Connections, Source
    from db.ulid import Ulid
    from server.json_web_tokens import JsonWebTokens

_SCHEME = "bearer"
KEPT_SECONDS = 5.0
"""A revoked token is refused after this time at the latest, whoever tells what is known of it."""
_LOOKUPS_AT_ONCE = 2
_PATIENCE = 1.0
"""Seconds that a request waits for its turn to look its caller up, and then for what the database says."""
_MOST_KEPT = 10_000

K = TypeVar("K")
V = TypeVar("V")


def _welcome() -> None:
    """Let everybody be looked up."""


@dataclass(frozen=True)
class _Known:
    """A caller, looked up anew after `until` on the clock, and nobody any more when it `expires`, in Unix time."""

    caller: Caller
    until: float
    expires: float


@dataclass(frozen=True)
class _Stored:
    """An API token with its caller."""

    token: ApiToken
    known: _Known


class Authentication:
    """Knows callers by their tokens, and remembers them for a few seconds."""

    def __init__(
        self,
        connections: Connections,
        clock: Callable[[], float] = time.monotonic,
        *,
        json_web_tokens: JsonWebTokens | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._connections = connections
        self._clock = clock
        self._json_web_tokens = json_web_tokens
        self._now = now
        self._stored: dict[Ulid, _Stored] = {}
        # Apart from those that are there: whoever makes up ids does not push out what is known of others.
        self._missing: dict[Ulid, float] = {}
        self._told: dict[str, _Known] = {}
        self._lookups = asyncio.Semaphore(_LOOKUPS_AT_ONCE)

    def remembered(self, authorization: str) -> Caller | None:
        """The caller whom the same header named a moment ago."""
        known = self._told.get(authorization)
        if known and known.until > self._clock() and known.expires > self._now():
            return known.caller
        return None

    async def caller(
        self, authorization: str, source: Source | None = None, *, check: Callable[[], None] = _welcome
    ) -> Caller | None:
        """The caller whom the request's Authorization header names; None unless it has a valid token.

        Who is not known is looked for in this source, if it is another one than usual. Raises `Refused` for a token
        that can't be checked now, and what `check` raises where a stranger would have to be looked up.
        """
        if caller := self.remembered(authorization):
            return caller
        known = await self._proved(authorization, source or self._connections, check)
        return known.caller if known and known.expires > self._now() else None

    async def _proved(self, authorization: str, source: Source, check: Callable[[], None]) -> _Known | None:
        """The owner of the token that the header tells, which is remembered with it."""
        credentials = authorization.split(" ")
        if len(credentials) != 2 or credentials[0].lower() != _SCHEME:  # noqa: PLR2004 (a scheme and a token)
            return None
        parsed = parsed_token(credentials[1])
        # A JSON Web Token is looked up for nobody whom the issuer does not know.
        known = await (self._api_caller(*parsed, source, check) if parsed else self._identified(credentials[1], source))
        # What a standby says may be older than what is kept may be.
        if known and source is self._connections:
            _keep(self._told, authorization, known)
        return known

    async def _api_caller(
        self, token_id: Ulid, secret: str, source: Source, check: Callable[[], None]
    ) -> _Known | None:
        allowed = _welcome if self._was_let_in(token_id, secret) else check
        stored = await self._found(token_id, source, allowed)
        return stored.known if stored and stored.token.matches(secret) else None

    def _was_let_in(self, token_id: Ulid, secret: str) -> bool:
        """Whether the token was good when it was looked up last, however long ago."""
        stored = self._stored.get(token_id)
        return stored is not None and stored.known.expires > self._now() and stored.token.matches(secret)

    async def _found(self, token_id: Ulid, source: Source, check: Callable[[], None]) -> _Stored | None:
        if not self._is_known(token_id):
            check()
            # Strangers who make up tokens leave connections to the others, and one look is enough for many requests.
            async with self._turn():
                if not self._is_known(token_id):
                    # Those who came before may have been too many.
                    check()
                    return await self._looked_up(token_id, source)
        return self._stored.get(token_id)

    def _is_known(self, token_id: Ulid) -> bool:
        """Whether it was looked up lately, be it there or not."""
        stored, now = self._stored.get(token_id), self._clock()
        if stored and stored.known.until > now:
            return True
        if self._missing.get(token_id, now) <= now:
            return False
        self._stored.pop(token_id, None)
        return True

    async def _looked_up(self, token_id: Ulid, source: Source) -> _Stored | None:
        # What is read is as old as this moment, however long the reading takes.
        until = self._clock() + KEPT_SECONDS
        stored = await self._lookup(token_id, until, source)
        if source is self._connections:
            if stored:
                _keep(self._stored, token_id, stored)
            else:
                _keep(self._missing, token_id, until)
        return stored

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._lookups.acquire()
        except TimeoutError as error:
            raise ServiceUnavailable("Too many callers have to be looked up. Try again in a moment.") from error
        try:
            yield
        finally:
            self._lookups.release()

    async def _lookup(self, token_id: Ulid, until: float, source: Source) -> _Stored | None:
        async with _asking(source) as connection:
            token = await find_token(connection, token_id)
            if token is None:
                return None
            permissions = await granted_permissions(connection, token.security_levels)
        return _Stored(token, _Known(Caller(token.name, permissions), until, _expiry(token)))

    async def _identified(self, token: str, source: Source) -> _Known | None:
        """The holder of a JSON Web Token, where there is an issuer of them."""
        identity = await self._json_web_tokens.identity(token) if self._json_web_tokens else None
        if identity is None:
            return None
        until = min(identity.until, self._clock() + KEPT_SECONDS)
        async with _asking(source) as connection:
            permissions = await granted_permissions(connection, identity.security_levels)
        return _Known(Caller(identity.name, permissions), until, identity.expires)


@asynccontextmanager
async def _asking(source: Source) -> AsyncIterator[Any]:
    """A connection to ask about a caller. Raises `ServiceUnavailable` where nobody answers."""
    note(caller_looked_up=True)
    # A machine that is stuck would hold both turns until it is gone.
    async with source.taken() as connection, asyncio.timeout(_PATIENCE):
        yield connection


def _expiry(token: ApiToken) -> float:
    """When the token ends, in Unix time: a revoked one has ended."""
    if token.revoked_date:
        return -math.inf
    return token.expires_date.timestamp() if token.expires_date else math.inf


def _keep(kept: dict[K, V], key: K, value: V) -> None:
    """What was looked up longest ago is forgotten for what is new."""
    kept.pop(key, None)
    if len(kept) >= _MOST_KEPT:
        del kept[next(iter(kept))]
    kept[key] = value
