"""How many connections each process may have, so that those of all fit into PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.failures import StartFailure
from server.pooling import pooled

if TYPE_CHECKING:
    from db.pool import Capacity
    from server.config import Settings

USUAL = 10
"""How many connections a process may have, where they fit."""
_KEPT_FREE = 5
"""Connections for `mes-orders token`, and for whoever looks after the database."""
_LOOKS = 2
"""Where there are standbys: one asks how far the primary is, and one whether the primary is a standby again."""


class TooFewConnections(StartFailure):
    """PostgreSQL takes fewer connections than the processes may open."""


def pool_share(settings: Settings, capacity: Capacity) -> int:
    """The pool size that is set, or else the usual one, made smaller where it does not fit.

    Behind a PgBouncer any fits: who finds no session of PostgreSQL waits there. Raises `TooFewConnections`.
    """
    if pooled(settings):
        return settings.pool_size or USUAL
    free = max(0, capacity.most - capacity.reserved - _KEPT_FREE)
    fitting = free // settings.workers - (_LOOKS if settings.read_url else 0)
    size = settings.pool_size or max(1, min(USUAL, fitting))
    if size > fitting:
        raise TooFewConnections(
            f"The server may open {settings.workers * size} connections ({size} for each of its processes, "
            f"{settings.workers} in number), and PostgreSQL has {free} for it: of its max_connections = "
            f"{capacity.most}, {capacity.reserved} are reserved and {_KEPT_FREE} stay free for commands. "
            "Lower MES_ORDERS_WORKERS or MES_ORDERS_POOL_SIZE, or raise max_connections."
        )
    return size
