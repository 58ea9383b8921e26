"""Running the server: its database, its port, its process."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import signal
import socket
import tempfile
import time
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import structlog

from db.pool import capacity, connection
from db.pool_size import PoolSize
from db.turns import Turns
from server.config import hand_on
from server.database import Database, DatabaseAway, database, explained, prepare
from server.failures import StartFailure
from server.optional_tracing import tracing_maker
from server.pool_share import USUAL, pool_share
from server.pooling import pooled
from server.staleness import LastChanges
from server.supervision import supervised
from server.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server.config import Settings

_PAUSE = 1.0
"""Seconds until a database that was away is asked again."""

_log = structlog.get_logger()


def serve(settings: Settings, *, demo: bool) -> None:
    """Serve until told to stop. Raises `StartFailure`."""
    # What is missing for it is told before anything is started.
    tracing_maker(settings)
    # uvicorn hands the signal on after it has drained; then the database is to be stopped, not abandoned.
    signal.signal(signal.SIGTERM, _stop)
    with _bound(settings.host, settings.port) as listener, database(settings) as known:
        refused: list[StartFailure] = []
        pool_size = PoolSize(settings.pool_size or USUAL)
        _begin(known, settings, pool_size, refused, demo=demo)
        changes = LastChanges() if settings.read_url else None
        _listen(listener)
        try:
            with _metrics_folder(settings) as folder:
                supervised(Worker(known.url, pool_size, settings, folder, changes), listener)
        finally:
            # Only then could it be seen what is wrong with the database.
            if refused:
                raise refused[0]


def _begin(
    known: Database, settings: Settings, pool_size: PoolSize, refused: list[StartFailure], *, demo: bool
) -> None:
    """Prepare the database, and tell the size of the pools, now or when it is there.

    Where it can't be used when it is there, that is what is `refused`, and the server is told to stop.
    """
    try:
        asyncio.run(_prepare(known, settings, pool_size, demo=demo))
    except DatabaseAway as away:
        _log.warning("The database is away; until it is there, requests are told to come again", reason=str(away))
        waiting = [known, settings, pool_size, refused]
        Thread(target=_prepare_later, args=waiting, kwargs={"demo": demo}, daemon=True).start()


def _prepare_later(
    known: Database, settings: Settings, pool_size: PoolSize, refused: list[StartFailure], *, demo: bool
) -> None:
    told, turns = "", Turns("the preparation of the database")
    while True:
        time.sleep(_PAUSE)
        with turns:
            try:
                asyncio.run(_prepare(known, settings, pool_size, demo=demo))
            except DatabaseAway as away:
                if str(away) != told:
                    told = str(away)
                    _log.warning("The database is still away", reason=told)
            except StartFailure as failure:
                refused.append(failure)
                os.kill(os.getpid(), signal.SIGTERM)
                return
            else:
                _log.info("The database is there")
                return


async def _prepare(known: Database, settings: Settings, pool_size: PoolSize, *, demo: bool) -> None:
    first_token = await prepare(known, settings, demo=demo)
    if first_token:
        print(first_token, flush=True)  # noqa: T201
    with explained():
        async with connection(known.url, pooled=pooled(settings)) as opened:
            pool_size.tell(pool_share(settings, await capacity(opened)))


@contextlib.contextmanager
def _metrics_folder(settings: Settings) -> Iterator[Path | None]:
    """Where several processes write what each of them has counted, so that one can tell of all."""
    if settings.workers == 1 or not settings.shows_metrics:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="mes-orders-metrics-") as folder:
        hand_on("PROMETHEUS_MULTIPROC_DIR", folder)
        yield Path(folder)


def _listen(listener: socket.socket) -> None:
    host, port = listener.getsockname()[:2]
    try:
        listener.listen()
    except OSError as error:  # Two programs can be bound to a port, as long as none listens.
        raise StartFailure(_unbound(host, port, error)) from error
    _log.info("MES Orders listens", url=f"http://{f'[{host}]' if ':' in host else host}:{port}/")


def _stop(_number: int, _frame: object) -> None:
    """Leave through every `finally`, once."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise SystemExit(0)


@contextlib.contextmanager
def _bound(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that has the port, before anything else is started; nobody can connect to it yet."""
    try:
        (family, *_, address) = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise StartFailure(f"There is no address {host!r} to listen on.") from error
    with listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
        except OSError as error:
            raise StartFailure(_unbound(host, port, error)) from error
        yield listener


def _unbound(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"The port {port} of {host} is taken by another program. Stop it, or choose another with --port."
    return f"The port {port} of {host} can't be listened on: {error.strerror}."
