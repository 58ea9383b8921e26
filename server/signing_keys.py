"""The keys that an issuer signs with, as its JSON Web Key Set tells them, kept fresh."""

from __future__ import annotations

import asyncio
import math
import time
from contextvars import Context
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import httpx
import orjson
import structlog
from jwt import PyJWK, PyJWTError

from db.turns import Turns
from server.graphql_request import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ALGORITHMS = ("RS256", "ES256", "EdDSA")
"""What tokens may be signed by: never with a secret that is shared, never with nothing."""
KEPT_SECONDS = 5.0
"""A key that the issuer has taken back is refused after this time at the latest."""
_REFRESHED_SECONDS = 2.5
"""After this time keys are read anew beside the requests, so that none has to wait for it."""
_PAUSE_SECONDS = 1.0
"""How often an issuer is asked at most, whatever strangers send."""
_PATIENCE = 2.0
"""Seconds that a request waits for keys, and that each step of reading them may take."""
_MOST_BYTES = 256 * 1024

_log = structlog.get_logger()


class Signer(NamedTuple):
    """A key, and until when it may be taken for one of the issuer's, on the clock."""

    key: PyJWK
    until: float


class SigningKeys:
    """Read anew as long as they are asked for; what is known stays while the issuer is away."""

    def __init__(self, source: str | Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._source = _File(source) if isinstance(source, Path) else _Address(source)
        self._clock = clock
        self._keys: Mapping[tuple[str | None, str], PyJWK] | None = None
        self._read_at = self._tried_at = -math.inf
        self._away = False
        self._reading: asyncio.Task[None] | None = None
        self._turns = Turns("the reading of the issuer's keys")

    async def signer(self, kid: str | None, algorithm: str) -> Signer | None:
        """The key with this id, or the only one for the algorithm. Raises `Refused` while there are no keys."""
        if self._age >= _REFRESHED_SECONDS:
            self._read_anew()
            await self._wait_for_what_is_new()
        if self._keys is not None and (kid, algorithm) not in self._keys:
            self._read_anew()
            await self._wait()
        if self._keys is None:
            told = "The keys to check tokens of your kind with can't be read now. Try again."
            raise Refused(503, "SERVICE_UNAVAILABLE", told, {"Retry-After": "1"}, retryable=True)
        key = self._keys.get((kid, algorithm))
        return Signer(key, self._until()) if key else None

    @property
    def _age(self) -> float:
        return self._clock() - self._read_at

    async def _wait_for_what_is_new(self) -> None:
        """Wait where there are no keys, or too old ones; a reading that began long ago may bring such ones again."""
        for _ in range(2):
            if self._keys is None or (self._age >= KEPT_SECONDS and not self._away):
                self._read_anew()
                await self._wait()

    def _until(self) -> float:
        """When keys are looked for again: first to read them beside the requests, then because they are too old."""
        now = self._clock()
        kept = _REFRESHED_SECONDS if self._age < _REFRESHED_SECONDS else KEPT_SECONDS
        return max(self._read_at + kept, now + _PAUSE_SECONDS) if self._away else self._read_at + kept

    def _read_anew(self) -> None:
        if self._reading is None and self._clock() - self._tried_at >= _PAUSE_SECONDS:
            self._reading = asyncio.create_task(self._read(), context=Context())

    async def _wait(self) -> None:
        if self._reading:
            await asyncio.wait({self._reading}, timeout=_PATIENCE)

    async def _read(self) -> None:
        # What is read is as old as this moment, however long the reading takes.
        begun = self._tried_at = self._clock()
        keys = None
        try:
            with self._turns:
                keys = await self._told()
        finally:
            self._reading = None
        if keys is not None:
            if self._away:
                _log.info("keys of the issuer can be read again")
            self._keys, self._read_at = keys, begun
        self._away = keys is None

    async def _told(self) -> Mapping[tuple[str | None, str], PyJWK] | None:
        """The keys that the issuer tells; None if he does not."""
        try:
            return await asyncio.to_thread(lambda: _keys(self._source.read()))
        except (OSError, httpx.HTTPError, ValueError) as error:
            if not self._away:
                _log.warning("keys of the issuer can't be read", error=type(error).__name__, said=str(error)[:200])
            return None


class _File:
    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> bytes:
        with self._path.open("rb") as file:
            return _bounded(file.read(_MOST_BYTES + 1))


class _Address:
    """Asked from a thread: neither names nor certificates hold up the requests."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client: httpx.Client | None = None

    def read(self) -> bytes:
        if self._client is None:
            self._client = httpx.Client(timeout=_PATIENCE, limits=httpx.Limits(max_keepalive_connections=0))
        ends, body = time.monotonic() + _PATIENCE, b""
        with self._client.stream("GET", self._url, headers={"Accept": "application/json"}) as response:
            if response.status_code != httpx.codes.OK:
                raise ValueError(f"the answer has the status {response.status_code}")
            for part in response.iter_bytes():
                body = _bounded(body + part)
                if time.monotonic() > ends:
                    raise ValueError("the answer takes too long")
        return body


def _bounded(text: bytes) -> bytes:
    if len(text) > _MOST_BYTES:
        raise ValueError(f"there are more than {_MOST_BYTES:,} bytes")
    return text


def _keys(text: bytes) -> Mapping[tuple[str | None, str], PyJWK]:
    """The keys of a set by their ids and algorithms; without an id those that are the only ones of their kind."""
    told = orjson.loads(text)
    if not isinstance(told, dict) or not isinstance(told.get("keys"), list):
        raise ValueError("it is no JSON Web Key Set")  # noqa: TRY004 (it is read from a text)
    keys = [key for one in told["keys"] if (key := _key(one))]
    kinds = [key.algorithm_name for key in keys]
    alone = {(None, key.algorithm_name): key for key in keys if kinds.count(key.algorithm_name) == 1}
    return alone | {(key.key_id, key.algorithm_name): key for key in keys if key.key_id is not None}


def _key(told: object) -> PyJWK | None:
    """A public key that tokens may be signed with; the others are no concern of ours."""
    if not isinstance(told, dict) or told.get("use", "sig") != "sig" or "d" in told or "k" in told:
        return None
    try:
        key = PyJWK(told)
    except (PyJWTError, TypeError, ValueError) as error:
        _log.debug("key of the issuer is passed over", error=type(error).__name__)
        return None
    return key if key.algorithm_name in ALGORITHMS and isinstance(key.key_id, str | None) else None
