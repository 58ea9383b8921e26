"""Whether the process lives, and whether it can answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from db.errors import Failure, ServiceUnavailable
from db.session import Session

if TYPE_CHECKING:
    from starlette.requests import Request

    from db.connections import Connections


def routes(connections: Connections) -> list[BaseRoute]:
    """`/health/live` and `/health/ready`."""

    async def live(_: Request) -> Response:
        return JSONResponse({"status": "live"})

    async def ready(_: Request) -> Response:
        try:
            async with Session(connections, "health") as session:
                row = await session.row("select to_regclass('schema_migrations') is null as empty")
                if row and row["empty"]:
                    raise ServiceUnavailable("The database is not prepared yet.")
        except Failure as failure:
            return JSONResponse({"status": "not ready", "code": failure.code}, 503)
        return JSONResponse({"status": "ready"})

    return [Route("/health/live", live), Route("/health/ready", ready)]
