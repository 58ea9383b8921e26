"""The ASGI application: its routes, and what is told of a request that meets none of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException

from db.session import ROW_LIMIT
from server import graphiql, health
from server.graphql_endpoint import GraphQLEndpoint, refusal
from server.graphql_request import Refused
from server.request_log import RequestLog
from server.schema import make_schema

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

    from db.connections import Connections

_CODES = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}


def make_app(connections: Connections, row_limit: int = ROW_LIMIT) -> RequestLog:
    """The application, answering from this database, with so many records at most."""
    endpoint = GraphQLEndpoint(make_schema(), connections, row_limit)
    pages = Starlette(
        routes=[*health.routes(connections), *graphiql.routes()], exception_handlers={HTTPException: _http_error}
    )
    # A redirect would go to the host that the request names.
    pages.router.redirect_slashes = False

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        # What is asked a thousand times a second does not go through the routes of what is asked now and then.
        await (endpoint if scope["type"] == "http" and scope["path"] == "/graphql" else pages)(scope, receive, send)

    return RequestLog(app)


async def _http_error(_: Request, error: Any) -> Any:
    code = _CODES.get(error.status_code, "BAD_REQUEST")
    return refusal(Refused(error.status_code, code, f"{error.detail}.", error.headers))
