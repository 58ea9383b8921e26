"""What answers requests in one process."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import signal
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from multiprocessing import parent_process
from typing import TYPE_CHECKING

import structlog

from db.pool import pool
from db.standbys import standbys
from server.app import make_app
from server.housekeeping import keep_house, look_after
from server.log import configure_logging
from server.optional_tracing import tracing
from server.pooling import pooled
from server.staleness import Staleness

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable
    from pathlib import Path

    from starlette.types import Receive, Scope, Send

    from db.connections import Connections
    from db.pool_size import PoolSize
    from server.config import Settings
    from server.request_log import RequestLog
    from server.staleness import LastChanges
    from server.tracing import Tracing

_GARBAGE = 5_000, 5, 10_000
"""When the collector looks for cycles: after so many new objects, among older ones every so many times, and so on.

Of a request hardly anything is a cycle. Among all that is kept it takes longer than any request should wait: so seldom.
"""

_log = structlog.get_logger()


@dataclass
class Worker:
    """The application, with a pool that is opened where and as long as it runs; until then it can be sent elsewhere."""

    dsn: str = field(repr=False)
    pool_size: PoolSize = field(repr=False)
    settings: Settings
    metrics_folder: Path | None = None
    """Where the processes write what `/metrics` tells, if there are several."""
    changes: LastChanges | None = field(default=None, repr=False)
    _app: RequestLog = field(init=False, repr=False)

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Do as ASGI says."""
        return self._live(receive, send) if scope["type"] == "lifespan" else self._app(scope, receive, send)

    def refused(self, status: int, code: str, address: str) -> None:
        """Called for what is refused before it is a request."""
        self._app.refused(status, code, address)

    async def _live(self, receive: Receive, send: Send) -> None:
        _follow_the_supervisor(self.settings)
        async with (
            tracing(self.settings) as traces,
            self._pool(traces) as connections,
            self._near(traces) as staleness,
        ):
            self._app = make_app(connections, self.settings, self.metrics_folder, traces, staleness)
            house = asyncio.create_task(keep_house(connections))
            looking = asyncio.create_task(look_after(self._app.metrics if self.metrics_folder else None))
            await receive()
            # What is there now stays: the collector of garbage need not look at it again and again.
            gc.collect()
            gc.freeze()
            gc.set_threshold(*_GARBAGE)
            await send({"type": "lifespan.startup.complete"})
            await receive()
            house.cancel()
            looking.cancel()
            self._app.write()
            self._clean_up()
        await send({"type": "lifespan.shutdown.complete"})

    def _clean_up(self) -> None:
        """Remove what its supervisor would have removed, were it not gone."""
        supervisor = parent_process()
        if self.metrics_folder and supervisor and not supervisor.is_alive():
            shutil.rmtree(self.metrics_folder, ignore_errors=True)

    def _pool(self, traces: Tracing | None) -> AbstractAsyncContextManager[Connections]:
        kind = traces.connections() if traces else None
        return pool(self.dsn, self.pool_size, kind, pooled=pooled(self.settings))

    @asynccontextmanager
    async def _near(self, traces: Tracing | None) -> AsyncIterator[Staleness | None]:
        """What knows the standbys, if there are any."""
        most = self.settings
        if most.read_url is None or self.changes is None:
            yield None
            return
        kind = traces.connections() if traces else None
        async with standbys(self.dsn, most.read_url, self.pool_size, kind, pooled=pooled(most)) as known:
            yield Staleness(known, self.changes, most.max_staleness)


def _follow_the_supervisor(settings: Settings) -> None:
    """Log as it does and end when it has ended, if this is a process that it has started."""
    supervisor = parent_process()
    if supervisor:
        configure_logging(settings.log_format, settings.log_level)
        asyncio.get_running_loop().add_reader(supervisor.sentinel, _stop, supervisor.sentinel)
        _log.info("A worker starts", process=os.getpid())


def _stop(sentinel: int) -> None:
    asyncio.get_running_loop().remove_reader(sentinel)
    # First of all: where the supervisor was, nobody may read the log any more.
    signal.raise_signal(signal.SIGTERM)
    _log.error("The supervisor is gone, so this worker stops", process=os.getpid())
