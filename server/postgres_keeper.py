"""PostgreSQL started again when it has ended without being told to."""

from __future__ import annotations

from threading import Event, Thread
from typing import TYPE_CHECKING

import structlog

from db.turns import Turns
from server.failures import StartFailure

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator

    from server.postgres_cluster import Cluster

_LONGEST_PAUSE = 10.0

_log = structlog.get_logger()


class Keeper:
    """Watches the postmaster from a thread until it is stopped, together with PostgreSQL."""

    def __init__(self, cluster: Cluster, start: Callable[[], subprocess.Popen[bytes]]) -> None:
        self._cluster = cluster
        self._start = start
        self._stopping = Event()
        self._thread = Thread(target=self._watch, args=[start()], name="postgres-keeper", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End PostgreSQL for good, also one that is just being started again."""
        self._stopping.set()
        while self._thread.is_alive():
            self._cluster.stop()
            self._thread.join(timeout=0.1)
        self._cluster.stop()

    def _watch(self, postmaster: subprocess.Popen[bytes] | None) -> None:
        while postmaster:
            postmaster.wait()
            if self._stopping.is_set():
                return
            _log.error("PostgreSQL has ended by itself, and is started again", status=postmaster.returncode)
            postmaster = next(self._tries(), None)

    def _tries(self) -> Iterator[subprocess.Popen[bytes]]:
        """Postmasters that have started; none if the keeper is stopped meanwhile."""
        pause, turns = 0.0, Turns("the start of PostgreSQL")
        while not self._stopping.wait(pause):
            pause = min(2 * pause + 0.5, _LONGEST_PAUSE)
            with turns:
                # Processes of the one that has ended may still be at work on its files.
                self._cluster.stop()
                try:
                    yield self._start()
                except StartFailure as failure:
                    _log.error("PostgreSQL could not be started again", reason=str(failure), next_try_in_seconds=pause)
