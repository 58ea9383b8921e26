"""The ASGI application: its routes, and what is told of a request that meets none of them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from server import graphiql, health
from server.config import LOOPBACK, Settings
from server.cross_origin import CrossOrigin
from server.graphql_endpoint import GraphQLEndpoint, refusal
from server.graphql_request import Refused
from server.headers import headers
from server.metrics import Metrics
from server.request_log import RequestLog
from server.schema import make_schema

if TYPE_CHECKING:
    from collections.abc import Awaitable
    from pathlib import Path

    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

    from db.connections import Connections
    from server.staleness import Staleness
    from server.tracing import Tracing

_KEPT = 256
"""How many spellings of a host are kept with what they mean."""
_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([^][@:/?#,\s]+))(?::\d*)?")
_CODES = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}


def make_app(
    connections: Connections,
    settings: Settings | None = None,
    metrics_folder: Path | None = None,
    traces: Tracing | None = None,
    staleness: Staleness | None = None,
) -> RequestLog:
    """The application, answering from this database, and from its standbys if there are any."""
    settings = settings or Settings()
    endpoint = GraphQLEndpoint(make_schema(), connections, settings, staleness)
    metrics = Metrics(connections, endpoint.operations.kept, metrics_folder) if settings.shows_metrics else None
    graphql: ASGIApp = traces.traced(endpoint) if traces else endpoint
    if settings.origins:
        graphql = CrossOrigin(graphql, settings.origins)
    pages = Starlette(
        routes=[
            *health.routes(connections),
            *(metrics.routes(anywhere=settings.metrics is True) if metrics else ()),
            *(graphiql.routes() if settings.graphiql else ()),
        ],
        exception_handlers={HTTPException: _http_error},
    )
    # A redirect would go to the host that the request names.
    pages.router.redirect_slashes = False

    hosts = _allowed_hosts(settings)

    def app(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if hosts and scope["type"] == "http" and _without_port(headers(scope).get(b"host")) not in hosts:
            return (pages if _asks_after_health(scope) else _refuse_host)(scope, receive, send)
        # What is asked a thousand times a second does not go through the routes of what is asked now and then.
        return (graphql if scope["type"] == "http" and scope["path"] == "/graphql" else pages)(scope, receive, send)

    return RequestLog(_behind(settings.trusted_proxies, app), metrics, settings.slow_seconds)


def _behind(proxies: tuple[str, ...], app: ASGIApp) -> ASGIApp:
    """The application, which takes from these proxies that a request comes from another address."""
    trusting: Any = ProxyHeadersMiddleware(app, list(proxies)) if proxies else app  # type: ignore[arg-type] # One of ASGI.
    return trusting  # type: ignore[no-any-return]


def _asks_after_health(scope: Scope) -> bool:
    """Whether somebody looks after the server, who calls it by its address or, in HTTP/1.0, by nothing."""
    host = headers(scope).get(b"host")
    return scope["path"] in health.PATHS and "," not in host and bool(host or scope["http_version"] == "1.0")


async def _refuse_host(scope: Scope, receive: Receive, send: Send) -> None:
    told = "This server is not called by this host name. MES_ORDERS_HOSTS names those that it is called by."
    await refusal(Refused(400, "BAD_REQUEST", told))(scope, receive, send)


def _allowed_hosts(settings: Settings) -> set[str]:
    """The names by which requests may call this server; none where it is any."""
    if "*" in settings.hosts or not (settings.hosts or settings.host in LOOPBACK):
        return set()
    return {*(settings.hosts or LOOPBACK)}


@lru_cache(_KEPT)
def _without_port(host: str) -> str:
    """The host that a request names; what is no host, or several of them, is the name of none."""
    found = _HOST.fullmatch(host.lower())
    return (found[1] or found[2]) if found else ""


async def _http_error(_: Request, error: Any) -> Any:
    code = _CODES.get(error.status_code, "BAD_REQUEST")
    return refusal(Refused(error.status_code, code, f"{error.detail}.", error.headers))
