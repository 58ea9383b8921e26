"""The processes that answer requests, from their start to their end."""

from __future__ import annotations

import contextlib
import logging
import signal
import time
from functools import partial
from multiprocessing import resource_tracker
from typing import TYPE_CHECKING

import uvicorn
from prometheus_client.multiprocess import mark_process_dead
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from server.failures import StartFailure
from server.known_heads import KnownHeads
from server.protocol import Protocol

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator
    from pathlib import Path

    from server.worker import Worker

_KEEP_ALIVE_SECONDS = 65
"""How long a connection stays open on which nothing is asked: longer than load balancers use theirs (60).

What they send in the moment in which it is closed would be lost.
"""
_DRAIN_SECONDS = 16
"""How long requests that are being answered may take after the server was told to stop.

A transaction takes 10 at most. What hangs all the same is broken off, so that everything ends in 25.
"""
_FAREWELL_SECONDS = 3
"""How long a worker may take to end when no request is left."""
_LOOK_SECONDS = 0.05
"""How often the supervisor looks for signals, and for workers that have died."""


def supervised(worker: Worker, listener: socket.socket) -> None:
    """Answer what comes to the listener, until told to stop."""
    config = uvicorn.Config(
        worker,
        interface="asgi3",
        ws="none",
        loop="uvloop",
        http=partial(Protocol, settings=worker.settings, told=worker.refused, heads=KnownHeads()),  # type: ignore[arg-type] # It makes one.
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        # Whom to believe about the address of a client, the application knows: see MES_ORDERS_TRUSTED_PROXIES.
        proxy_headers=False,
        workers=worker.settings.workers,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_DRAIN_SECONDS,
    )
    if worker.settings.workers == 1:
        uvicorn.Server(config).run([listener])
        return
    # What uvicorn tells of its workers: that one died, or has yet to end.
    logging.getLogger("uvicorn.error").setLevel(worker.settings.log_level.upper())
    _Supervisor(config, [listener], worker.metrics_folder).run()


class _Supervisor(Multiprocess):
    """uvicorn's supervisor, which ends as a server of one process does."""

    def __init__(self, config: uvicorn.Config, sockets: list[socket.socket], metrics_folder: Path | None) -> None:
        super().__init__(config, sockets)
        self._metrics_folder = metrics_folder
        self._interrupted = False
        # uvicorn would start more workers than have connections.
        for number in (signal.SIGHUP, signal.SIGTTIN, signal.SIGTTOU):
            signal.signal(number, signal.SIG_DFL)

    def run(self) -> None:
        self.init_processes()
        # uvicorn would look every half a second, and take requests for as long after it was told to stop.
        while not self.should_exit.wait(_LOOK_SECONDS):
            self.handle_signals()
            self.keep_subprocess_alive()
        self.terminate_all()
        self.join_all()
        if self._interrupted:
            raise KeyboardInterrupt
        if any(process.exitcode == STARTUP_FAILURE for process in self.processes):
            raise StartFailure("A worker could not start; the log says why.")

    def init_processes(self) -> None:
        with _ctrl_c_kept_away():
            super().init_processes()

    def keep_subprocess_alive(self) -> None:
        # uvicorn would ask the living as well and, deaf to signals, wait for the answers of those that still start.
        living = [process for process in self.processes if process.process.is_alive()]
        self.processes = [process for process in self.processes if process not in living]
        for process in self.processes:
            if self._metrics_folder and process.pid:
                mark_process_dead(process.pid, str(self._metrics_folder))  # type: ignore[no-untyped-call]
        with _ctrl_c_kept_away():
            super().keep_subprocess_alive()
        self.processes += living

    def handle_int(self) -> None:
        self._interrupted = True
        super().handle_int()

    def terminate_all(self) -> None:
        # Nobody is to wait for an answer at a port where all workers have stopped listening.
        for listener in self.sockets:
            listener.close()
        super().terminate_all()

    def join_all(self) -> None:
        until = time.monotonic() + _DRAIN_SECONDS + _FAREWELL_SECONDS
        for process in self.processes:
            process.process.join(max(0.0, until - time.monotonic()))
            if process.process.is_alive():
                process.kill()
        super().join_all()


@contextlib.contextmanager
def _ctrl_c_kept_away() -> Iterator[None]:
    """Processes that are started meanwhile leave the Ctrl-C of the terminal to their supervisor, which ends them."""
    # Python starts the tracker beside the first of them and would let the signal through after that.
    resource_tracker.ensure_running()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
