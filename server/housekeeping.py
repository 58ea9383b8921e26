"""What is done beside the requests, now and then."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import asyncpg
import structlog

from db.errors import Failure
from db.idempotency import forget_old_answers
from db.turns import Turns

if TYPE_CHECKING:
    from db.connections import Connections
    from server.metrics import Metrics

_PAUSE = 3_600.0
_LOOK_SECONDS = 1.0

_log = structlog.get_logger()


async def keep_house(connections: Connections) -> None:
    """Delete what need not be kept any longer, once an hour, until cancelled."""
    turns = Turns("housekeeping")
    while True:
        with turns:
            try:
                await forget_old_answers(connections)
            except (Failure, asyncpg.PostgresError) as failure:
                _log.info("Old answers could not be deleted; there will be another try", error=type(failure).__name__)
        await asyncio.sleep(_PAUSE)


async def look_after(metrics: Metrics | None) -> None:
    """Keep up to date what other processes tell of this one, also while it answers nothing, until cancelled."""
    turns = Turns("the look at this process")
    while metrics:
        with turns:
            metrics.look()
        await asyncio.sleep(_LOOK_SECONDS)
