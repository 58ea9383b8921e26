"""Whether the process lives, and whether it can answer, changes too."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.routing import BaseRoute, Route

from db.errors import Failure, ServiceUnavailable
from db.migrations import lacking, migrations
from db.session import Session
from db.translation import translated
from server.notes import note
from server.protocol import LEAVING
from server.response import Response, json_response

if TYPE_CHECKING:
    from starlette.requests import Request

    from db.connections import Connections

PATHS = ("/health/live", "/health/ready")
_PATIENCE = 1.0
"""Seconds in which the database has to answer."""


def routes(connections: Connections) -> list[BaseRoute]:
    """`/health/live` and `/health/ready`."""
    needed = migrations()[-1].number
    looks: set[asyncio.Task[Failure | None]] = set()

    async def live(_: Request) -> Response:
        return json_response({"status": "live"}, 200)

    async def ready(request: Request) -> Response:
        if LEAVING in request.scope.get("state", ()):
            return _not_ready(ServiceUnavailable("The server was told to stop."))
        look = asyncio.create_task(_looked(connections, needed))
        looks.add(look)
        look.add_done_callback(looks.discard)
        # On a machine that is stuck it takes a while longer until what was broken off is given back.
        await asyncio.wait({look}, timeout=_PATIENCE)
        failure = look.result() if look.done() else ServiceUnavailable("The database does not answer.")
        return _not_ready(failure) if failure else json_response({"status": "ready"}, 200)

    return [Route(path, answer) for path, answer in zip(PATHS, (live, ready), strict=True)]


async def _looked(connections: Connections, needed: int) -> Failure | None:
    """Why changes can't be answered now, for a program whose last migration is the one with this number."""
    try:
        with translated():
            async with asyncio.timeout(_PATIENCE), Session(connections, "health") as session:
                row = await session.row("select current_setting('transaction_read_only')::boolean as read_only")
                assert row
                if row["read_only"]:
                    # Of several machines this is not the primary any more.
                    connections.distrust()
                    return ServiceUnavailable("The database can't be written.")
                if told := await lacking(session, needed):
                    note(reason=told)
                    return ServiceUnavailable(told)
    except Failure as failure:
        return failure
    return None


def _not_ready(failure: Failure) -> Response:
    return json_response({"status": "not ready", "code": failure.code}, 503)
