"""The GraphQL endpoint: from a request to its answer."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import structlog
from starlette.requests import ClientDisconnect

from db.errors import Failure, ServiceUnavailable
from server import errors, idempotency
from server.authentication import KEPT_SECONDS, Authentication
from server.departure import has_left
from server.graphql_request import (
    Refused,
    check_length,
    check_media_type,
    check_transfer,
    from_body,
    from_query_string,
    response_type,
)
from server.headers import headers
from server.json_web_tokens import JsonWebTokens
from server.notes import Document, note, request_id
from server.operations import Operations
from server.points import Points
from server.response import Response, json_response
from server.staleness import PREFER
from server.strangers import Strangers

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.types import Receive, Scope, Send

    from db.connections import Connections, Source
    from resolvers.access import Caller
    from server.config import Settings
    from server.headers import Headers
    from server.schema import Schema
    from server.staleness import Staleness

_METHODS = ("GET", "POST")
_COST_HEADER = b"x-query-cost"
_STOPPING = ServiceUnavailable("The server was told to stop, and could not wait longer. Send the request again.")

_log = structlog.get_logger()


class GraphQLEndpoint:
    """Knows the caller, reads the operation, runs it, and tells how it went."""

    def __init__(
        self, schema: Schema, connections: Connections, settings: Settings, staleness: Staleness | None = None
    ) -> None:
        tokens = JsonWebTokens(settings) if settings.oidc_jwks else None
        self._authentication = Authentication(connections, json_web_tokens=tokens)
        self._strangers = Strangers(settings.failed_authentications)
        self._points = Points(settings.points_per_minute) if settings.points_per_minute else None
        self._staleness = staleness
        self._settings = settings
        self.operations = Operations(schema, connections, settings, self._points, staleness)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            response = await self._response(scope, receive)
        except Refused as refused:
            response = refusal(refused)
        except ClientDisconnect:
            note(client_left=True)
            return  # Nobody is left to be answered.
        except Failure as failure:
            errors.log_cause(failure)
            response = _unavailable(failure)
        except asyncio.CancelledError:
            if has_left(scope):
                note(client_left=True)
                return
            response = _unavailable(_STOPPING)
        except Exception as error:  # noqa: BLE001 (whatever happens, the caller is answered)
            note(codes=["INTERNAL_SERVER_ERROR"])
            _log.error("request failed", exc_info=error)
            response = json_response({"errors": [errors.internal(request_id())]}, 500)
        if self._points and "user" in scope:
            response.tell(self._points.headers(scope["user"]))
        await response(scope, receive, send)

    async def _response(self, scope: Scope, receive: Receive) -> Response:
        method, given, most = scope["method"], headers(scope), self._settings
        if method not in _METHODS:
            raise Refused(405, "METHOD_NOT_ALLOWED", "Use POST, or GET for queries.", {"Allow": ", ".join(_METHODS)})
        media_type = given.once(_accepted if method == "GET" else self._accepted_with_body)
        authorization = given.get(b"authorization")
        caller, by_standby = self._authentication.remembered(authorization), False
        if caller is None:
            caller, by_standby = await self._looked_up(scope, given, authorization)
        note(caller=caller.name)
        if self._points:
            scope["user"] = caller
            self._points.spend_on_request(caller)
        if method == "GET":
            asked = from_query_string(scope["query_string"], most.max_nesting)
        else:
            asked = await from_body(receive, most.max_body, most.max_bulk_body, most.max_nesting)
        note(document=Document(asked.query))
        key, costed = given.once(_wishes)
        if key or costed:
            asked = asked._replace(costed=costed, idempotency_key=key)
        if self._staleness:
            asked = asked._replace(prefer=given.get(PREFER), by_standby=by_standby)
        answer = await self.operations.outcome(asked, caller, scope)
        return answer.response(media_type, most.max_cost)

    def _accepted_with_body(self, given: Headers) -> str:
        """The media type of the answer. Raises `Refused`, also for a body too long, or no JSON, by its headers."""
        length = given.get(b"content-length")
        if length:
            check_length(length, self._settings.max_bulk_body)
        else:
            check_transfer(given.get(b"transfer-encoding", "chunked"))
        check_media_type(given.get(b"content-type"), given.get(b"content-encoding", "identity"))
        return _accepted(given)

    async def _looked_up(self, scope: Scope, given: Headers, authorization: str) -> tuple[Caller, bool]:
        """Who is calling, and whether a standby said so. Raises `Refused` for strangers."""
        find = partial(self._authentication.caller, authorization, check=partial(self._strangers.check, scope))
        by_standby = False
        try:
            caller = await find()
        except ServiceUnavailable:
            caller, by_standby = await self._by_standby(given, find), True
        if caller is None:
            raise self._strangers.refused(scope, authorization)
        return caller, by_standby

    async def _by_standby(self, given: Headers, find: Callable[[Source], Awaitable[Caller | None]]) -> Caller | None:
        """Who is calling, as long as the primary is away, for callers who accept what a standby answers.

        How old it may be what the standby knows of them is not for them to say: their tokens may be revoked.
        """
        staleness = self._staleness
        if staleness and staleness.accepted(given.get(PREFER)):
            for standby in staleness.standbys(KEPT_SECONDS):
                with suppress(ServiceUnavailable):
                    return await find(standby)
        raise  # noqa: PLE0704 (the exception that is being handled)


def _accepted(given: Headers) -> str:
    return response_type(given.get(b"accept"))


def _wishes(given: Headers) -> tuple[str | None, bool]:
    """The idempotency key of a request that has one, and whether the caller wants to know what it costs."""
    return idempotency.checked_key(given), bool(given.get(_COST_HEADER))


def _unavailable(failure: Failure) -> Response:
    note(codes=[failure.code])
    return json_response({"errors": [errors.told(failure)]}, 503, {"Retry-After": "1"})


def refusal(refused: Refused) -> Response:
    """The answer to a request that is no GraphQL operation, told as GraphQL tells errors."""
    note(codes=[refused.code])
    if refused.hit:
        note(limit=refused.hit[0], value=refused.hit[1])
    body = {"errors": [errors.plain(refused.code, str(refused), **refused.extensions)]}
    return json_response(body, refused.status, refused.headers)
