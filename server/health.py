"""Whether the process lives, and whether it can answer, changes too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import BaseRoute, Route

from db.errors import Failure, ServiceUnavailable
from db.migrations import lacking, migrations
from db.session import Session
from server.notes import note
from server.protocol import LEAVING
from server.response import Response, json_response

if TYPE_CHECKING:
    from starlette.requests import Request

    from db.connections import Connections


PATHS = ("/health/live", "/health/ready")


def routes(connections: Connections) -> list[BaseRoute]:
    """`/health/live` and `/health/ready`."""
    needed = migrations()[-1].number

    async def live(_: Request) -> Response:
        return json_response({"status": "live"}, 200)

    async def ready(request: Request) -> Response:
        try:
            if LEAVING in request.scope.get("state", ()):
                raise ServiceUnavailable("The server was told to stop.")
            async with Session(connections, "health") as session:
                row = await session.row("select current_setting('transaction_read_only')::boolean as read_only")
                assert row
                if row["read_only"]:
                    # Of several machines this is not the primary any more.
                    connections.distrust()
                    raise ServiceUnavailable("The database can't be written.")
                if told := await lacking(session, needed):
                    note(reason=told)
                    raise ServiceUnavailable(told)
        except Failure as failure:
            return json_response({"status": "not ready", "code": failure.code}, 503)
        return json_response({"status": "ready"}, 200)

    return [Route(path, answer) for path, answer in zip(PATHS, (live, ready), strict=True)]
