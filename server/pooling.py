"""Whether a PgBouncer stands before PostgreSQL, and whether the settings say so."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from db.errors import ServiceUnavailable
from db.machines import machines, place
from db.pooling import Pooling, pooling
from server.failures import StartFailure

if TYPE_CHECKING:
    from server.config import Settings

_log = structlog.get_logger()


def pooled(settings: Settings) -> bool:
    """Whether each transaction may come to another session of PostgreSQL."""
    return settings.pgbouncer == "transaction"


async def check_pooling(settings: Settings) -> None:
    """Raises `StartFailure` if statements would get lost, or transactions be refused, at a machine of the settings."""
    urls = filter(None, (settings.database_url, settings.read_url, settings.owner_url))
    named = list(dict.fromkeys(one for url in urls for one in machines(url)))
    found = dict(zip(named, await asyncio.gather(*map(_found, named)), strict=True))
    if refusing := [place(one) for one in named if found[one] is Pooling.REFUSING]:
        raise StartFailure(
            f"A PgBouncer in statement mode stands before the database at {refusing[0]}, where there are no "
            "transactions: give it pool_mode = transaction, and set MES_ORDERS_PGBOUNCER=transaction."
        )
    losing = [place(one) for one in named if found[one] is Pooling.LOSING]
    if losing and not pooled(settings):
        raise StartFailure(
            f"A PgBouncer in transaction mode stands before the database at {losing[0]}, and statements that are "
            "prepared get lost there. Set MES_ORDERS_PGBOUNCER=transaction."
        )
    if pooled(settings) and named and not losing and None not in found.values():
        _log.warning("MES_ORDERS_PGBOUNCER=transaction is not needed here, and each statement takes longer with it")


async def _found(machine: str) -> Pooling | None:
    """What is found at a machine; None where it is away, which is told where it is needed."""
    try:
        return await pooling(machine)
    except ServiceUnavailable:
        return None
