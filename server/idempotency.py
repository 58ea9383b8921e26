"""Mutations with an idempotency key: sent again, they are not run again, but answered as the first time."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import TYPE_CHECKING

import orjson

from db.apart import apart
from db.idempotency import Answering, KeptAnswer, Turns, answered_once
from server.graphql_request import GraphQLRequest, Refused
from server.notes import note
from server.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from resolvers.context import Context
    from server.headers import Headers

_HEADER = b"idempotency-key"
_LONGEST = 255
_PASSING = {"SERVICE_UNAVAILABLE", "TIMEOUT", "INTERNAL_SERVER_ERROR"}
"""What the same request may not be told when it is sent again."""


def checked_key(given: Headers) -> str | None:
    """The key of a request that has one. Raises `Refused` for a text that is none, and for two of them."""
    key = given.found(_HEADER)
    if key is None:
        return None
    if given.repeats(_HEADER):
        raise Refused(400, "BAD_REQUEST", "Send one Idempotency-Key with a request.")
    if not (0 < len(key) <= _LONGEST and key.isascii() and key.isprintable()):
        told = f"An Idempotency-Key has 1 to {_LONGEST} printable ASCII characters, as a UUID does."
        raise Refused(400, "BAD_REQUEST", told)
    return key


async def once(
    context: Context, turns: Turns, key: str, asked: GraphQLRequest, run: Callable[[], Awaitable[Outcome]]
) -> Outcome:
    """The outcome of a mutation; that of the first time, where the caller sent it with the same key before.

    Where something failed that may go well later, nothing of it is stored, and what it would have stored is not told.
    Raises `Conflict` for a key that was another request's, and `Forbidden` where more was granted the first time.
    """
    sha256 = await apart(partial(_sha256, asked)) if asked.large else _sha256(asked)

    async def answer() -> Answering:
        outcome = await run()
        final = outcome.codes.isdisjoint(_PASSING)
        data = b"".join(outcome.data) if final and outcome.data else b"null"
        errors = orjson.dumps(outcome.errors) if outcome.errors else None
        return Answering(KeptAnswer(data, errors, sorted(context.caller.permissions)), final)

    kept, replayed = await answered_once(context.session, turns, key, sha256, answer)
    note(replayed=replayed)
    if replayed:
        context.caller.require_all(kept.granted)
    return Outcome(orjson.loads(kept.errors) if kept.errors else [], [kept.data], replayed=replayed)


def _sha256(asked: GraphQLRequest) -> bytes:
    """What differs from request to request, however its JSON is written."""
    same = (asked.query, asked.operation_name, asked.variables or {})
    return hashlib.sha256(orjson.dumps(same, option=orjson.OPT_SORT_KEYS)).digest()
