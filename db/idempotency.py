"""Answers kept for requests that may be sent again: one transaction stores an answer and what it tells of."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple
from weakref import WeakValueDictionary

from db.connections import Connections
from db.errors import Conflict, ServiceUnavailable, Timeout
from db.session import Session

TABLE = "idempotent_answers"
_PATIENCE = 10.0
"""Seconds that a request waits for another one of the same key, which is being answered."""
_LONGEST = 60.0
"""Seconds after which a database that has yet to delete some answers counts as stuck."""
_BUSY = "The first request with this Idempotency-Key is still being answered. Send it again later."
_DAYS = 7
"""How long an answer is kept."""
_FORGOTTEN_AT_ONCE = 1_000


class KeptAnswer(NamedTuple):
    """The JSON of the data and of the errors, in UTF-8; None for an answer without errors."""

    data: bytes
    errors: bytes | None
    granted: list[str]
    """What was granted to the caller to whom it was told."""


class Answering(NamedTuple):
    """An answer, and whether it is the last word on what was asked for: otherwise nothing of that is stored."""

    answer: KeptAnswer
    final: bool


class _StillAnswering(Exception):  # noqa: N818 (a word for the event)
    """Another request has the key, and is not answered yet."""


class Turns:
    """The requests of one caller and key in this process, one after the other: who waits here needs no connection."""

    def __init__(self) -> None:
        # A lock is there as long as somebody has it or waits for it.
        self._locks: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, caller: str, key: str, seconds: float) -> AsyncIterator[None]:
        """The turn of one of them. Raises `ServiceUnavailable` if it does not come within so many seconds."""
        lock = self._locks.setdefault((caller, key), asyncio.Lock())
        try:
            async with asyncio.timeout(seconds):
                await lock.acquire()
        except TimeoutError as late:
            raise ServiceUnavailable(_BUSY) from late
        try:
            yield
        finally:
            lock.release()


async def answered_once(
    session: Session, turns: Turns, key: str, request_sha256: bytes, answer: Callable[[], Awaitable[Answering]]
) -> tuple[KeptAnswer, bool]:
    """The answer to a request with this key of the session's caller, and whether it was given before.

    An answer is kept if something was stored with it. Raises `Conflict` if the key is another request's, and
    `ServiceUnavailable` if the same one is not answered in time.
    """
    until = time.monotonic() + _PATIENCE
    async with turns.turn(session.caller, key, _PATIENCE):
        while True:
            try:
                return await _answered(session, key, request_sha256, answer)
            except _StillAnswering as busy:
                if time.monotonic() > until:
                    raise ServiceUnavailable(_BUSY) from busy


async def forget_old_answers(connections: Connections) -> None:
    """Delete the answers that need not be kept any longer, some at a time."""
    deleted = _FORGOTTEN_AT_ONCE
    while deleted == _FORGOTTEN_AT_ONCE:
        async with connections.taken() as connection, asyncio.timeout(_LONGEST):
            deleted = await connection.fetchval(
                f"""
                with old as (
                    delete from idempotent_answers
                    where (caller, key) in (
                        select caller, key from idempotent_answers
                        where created_date < now() - interval '{_DAYS} days'
                        limit {_FORGOTTEN_AT_ONCE}
                        for update skip locked
                    )
                    returning 1
                )
                select count(*) from old
                """
            )


async def _answered(
    session: Session, key: str, request_sha256: bytes, answer: Callable[[], Awaitable[Answering]]
) -> tuple[KeptAnswer, bool]:
    async def claimed_and_answered() -> tuple[KeptAnswer, bool]:
        if not await _claimed(session, key, request_sha256):
            return await _given_before(session, key, request_sha256), True
        made, final = await answer()
        if final and session.stored:
            await session.row(
                "update idempotent_answers set data = $3, errors = $4, granted = $5 where caller = $1 and key = $2",
                session.caller,
                key,
                *made,
            )
        else:
            session.take_back()
        return made, False

    return await session.changed(claimed_and_answered)


async def _claimed(session: Session, key: str, request_sha256: bytes) -> bool:
    """Whether the key is this request's now; a request that has it already is waited for until it is answered."""
    try:
        claimed = await session.row(
            f"""
            insert into idempotent_answers as known (caller, key, request_sha256)
            values ($1, $2, $3)
            on conflict (caller, key) do update
            set request_sha256 = excluded.request_sha256, data = null, errors = null, created_date = now()
            where known.created_date < now() - interval '{_DAYS} days'
            returning true
            """,
            session.caller,
            key,
            request_sha256,
        )
    except Timeout as waited:
        raise _StillAnswering from waited
    return claimed is not None


async def _given_before(session: Session, key: str, request_sha256: bytes) -> KeptAnswer:
    row = await session.row(
        "select request_sha256, data, errors, granted from idempotent_answers where caller = $1 and key = $2",
        session.caller,
        key,
    )
    # The try to take the key has locked it, so that nobody forgets it meanwhile.
    assert row
    if row["request_sha256"] != request_sha256:
        told = "This Idempotency-Key was sent with another request. Send each request with a key of its own."
        raise Conflict(told, {})
    # What was stored the first time may not have been confirmed by a standby. This is written behind it, so that the
    # COMMIT waits until the standby has both.
    await session.row("select pg_logical_emit_message(true, 'mes-orders', '')")
    return KeptAnswer(row["data"], row["errors"], row["granted"])
