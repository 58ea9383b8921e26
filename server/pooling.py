"""Whether a PgBouncer stands before PostgreSQL, and whether the settings say so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from db.errors import ServiceUnavailable
from db.pooling import Pooling, pooling
from server.failures import StartFailure

if TYPE_CHECKING:
    from server.config import Settings

_log = structlog.get_logger()


def pooled(settings: Settings) -> bool:
    """Whether each transaction may come to another session of PostgreSQL."""
    return settings.pgbouncer == "transaction"


async def check_pooling(settings: Settings) -> None:
    """Raises `StartFailure` if statements would get lost."""
    for url in filter(None, (settings.database_url, settings.read_url)):
        try:
            found = await pooling(url)
        except ServiceUnavailable:
            continue  # It is told where it is needed; a standby may be away.
        if found is Pooling.LOSING and not pooled(settings):
            raise StartFailure(
                "A PgBouncer in transaction mode stands before the database, and statements that are prepared get lost "
                "there. Set MES_ORDERS_PGBOUNCER=transaction."
            )
        if found is not Pooling.LOSING and pooled(settings):
            _log.warning("MES_ORDERS_PGBOUNCER=transaction is not needed here, and each statement takes longer with it")
