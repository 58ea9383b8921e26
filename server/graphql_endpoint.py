"""The GraphQL endpoint: from a request to its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
import structlog
from starlette.requests import ClientDisconnect

from db.errors import Failure
from db.session import Session
from resolvers.compiled.execution import Execution
from resolvers.compiled.operation import NotUnderstood, Uncoerced
from resolvers.context import Context
from server import errors
from server.authentication import Authentication
from server.graphql_request import (
    GraphQLRequest,
    Headers,
    Refused,
    check_media_type,
    from_body,
    from_query_string,
    response_type,
)
from server.notes import note, request_id
from server.response import GRAPHQL_RESPONSE, Response, json_response

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from db.connections import Connections
    from resolvers.access import Caller
    from server.schema import Schema

_METHODS = ("GET", "POST")
_BAD_REQUEST = 400
_OK = 200
_UNAVAILABLE = 503

_log = structlog.get_logger()


class Outcome(NamedTuple):
    """What goes into the response: errors, and the JSON of the data, None for an operation that was not run."""

    errors: list[dict[str, Any]]
    data: bytes | None = None


class GraphQLEndpoint:
    """Knows the caller, reads the operation, runs it, and tells how it went."""

    def __init__(self, schema: Schema, connections: Connections, row_limit: int) -> None:
        self._execution = Execution(schema._schema)  # noqa: SLF001 (strawberry has no other way to graphql-core's)
        self._connections = connections
        self._authentication = Authentication(connections)
        self._row_limit = row_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            response = await self._response(scope, receive)
        except Refused as refused:
            response = refusal(refused)
        except ClientDisconnect:
            return  # Nobody is left to be answered.
        except Failure as failure:
            errors.log_cause(failure)
            body = {"errors": [{"message": str(failure), "extensions": failure.extensions}]}
            response = json_response(body, _UNAVAILABLE, {"Retry-After": "1"})
        except Exception as error:  # noqa: BLE001 (whatever happens, the caller is answered)
            _log.error("request failed", exc_info=error)
            response = json_response({"errors": [errors.internal(request_id())]}, 500)
        await response(scope, receive, send)

    async def _response(self, scope: Scope, receive: Receive) -> Response:
        method, given = scope["method"], Headers(scope)
        if method not in _METHODS:
            raise Refused(405, "METHOD_NOT_ALLOWED", "Use POST, or GET for queries.", {"Allow": ", ".join(_METHODS)})
        if method == "POST":
            check_media_type(given.get(b"content-type"), given.get(b"content-encoding", b"identity"))
        media_type = response_type(given.get(b"accept"))
        caller = await self._authentication.caller(given.get(b"authorization"))
        if caller is None:
            raise Refused(
                401,
                "UNAUTHENTICATED",
                "Send a valid API token in the header: Authorization: Bearer mo_….",
                {"WWW-Authenticate": 'Bearer realm="MES Orders"'},
            )
        note(caller=caller.name)
        asked = from_query_string(scope["query_string"]) if method == "GET" else await from_body(receive)
        return _response(await self._answer(asked, caller), media_type)

    async def _answer(self, asked: GraphQLRequest, caller: Caller) -> Outcome:
        """Run the operation in a session of its caller."""
        async with Session(self._connections, caller.name, self._row_limit) as session:
            answer = await self._executed(asked, Context(caller, session))
        note(statements=session.statements)
        if answer.errors:
            note(codes=sorted({error["extensions"]["code"] for error in answer.errors}))
        return answer

    async def _executed(self, asked: GraphQLRequest, context: Context) -> Outcome:
        try:
            operation = self._execution.operation(asked.query, asked.operation_name)
            if operation.changing and asked.reads_only:
                raise Refused(405, "METHOD_NOT_ALLOWED", "Use POST for mutations.", {"Allow": "POST"})
            note(operation=operation.node.operation.value, name=operation.name)
            answer = await self._execution.answer(operation, asked.variables or {}, context)
        except Uncoerced as failure:
            return Outcome(errors.uncoerced(failure.errors))
        except NotUnderstood as failure:
            return Outcome(errors.refused(failure.errors, request_id()))
        return Outcome(errors.failed(answer.errors, request_id()) if answer.errors else [], answer.data)


def _response(answer: Outcome, media_type: str) -> Response:
    """The status is that of GraphQL over HTTP: an operation that could not be run is only for plain JSON a success."""
    told = [b'"errors":' + orjson.dumps(answer.errors)] if answer.errors else []
    if answer.data is not None:
        told.append(b'"data":' + answer.data)
    refused = answer.data is None and media_type == GRAPHQL_RESPONSE
    return Response(b"{%b}" % b",".join(told), _BAD_REQUEST if refused else _OK, media_type)


def refusal(refused: Refused, **extensions: Any) -> Response:
    """The answer to a request that is no GraphQL operation, told as GraphQL tells errors."""
    note(codes=[refused.code])
    body = {"errors": [errors.plain(refused.code, str(refused), **extensions)]}
    return json_response(body, refused.status, refused.headers)
