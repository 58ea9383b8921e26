"""The files of a PostgreSQL in a data folder, and the processes that work on them."""

from __future__ import annotations

import re
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import psutil

NAME = "mes_orders"
# One last checkpoint may take its time; when it is cut short, the next start replays the log instead.
_STOPPING = ((signal.SIGINT, 4.0), (signal.SIGQUIT, 1.0))
_STARTED_BY_US = re.compile(rf"^postgres: {NAME}: |\bcluster_name={NAME}\b")


class Status(NamedTuple):
    """What a running postmaster tells of itself."""

    pid: int
    socket: Path
    ready: bool


@dataclass(frozen=True)
class Cluster:
    """One PostgreSQL with its databases."""

    data: Path

    @property
    def files(self) -> Path:
        """PostgreSQL's own folder."""
        return self.data / "postgresql"

    @property
    def log(self) -> Path:
        """What PostgreSQL said since it was started last."""
        return self.data / "postgresql.log"

    @property
    def complaint(self) -> str:
        """The last reason in the log for giving up."""
        text = self.log.read_text(errors="replace")
        reasons = re.findall(r"(?:FATAL|PANIC|error|HINT):\s+(.+)", text)
        return " ".join(reasons[-2:] or text.splitlines()[-1:])

    @property
    def status(self) -> Status | None:
        """The postmaster that wrote `postmaster.pid`, once it has written all of it; it may have died since."""
        try:
            lines = (self.files / "postmaster.pid").read_text().splitlines()
            return Status(int(lines[0]), Path(lines[4]), ready=lines[7].strip() == "ready")
        except (FileNotFoundError, NotADirectoryError, IndexError, ValueError):
            return None

    def processes(self) -> list[psutil.Process]:
        """Found by the folder they work in, because a number in a file may be another program's by now."""
        return [
            process
            for process in psutil.process_iter(["name", "cwd"])
            if process.info["name"] in {"postgres", "initdb"} and Path(process.info["cwd"] or "/").parent == self.data
        ]

    def strangers(self) -> list[psutil.Process]:
        """Those of the processes that MES Orders did not start."""
        return [process for process in self.processes() if not self._started(process)]

    def stop(self) -> None:
        """End all processes, in good order where a postmaster can see to it."""
        for number, seconds in _STOPPING:
            if self._postmaster_takes(number) and self._gone(seconds):
                return
        for process in self.processes():
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._gone(seconds=1.0)

    def _postmaster_takes(self, number: signal.Signals) -> bool:
        status = self.status
        for process in self.processes():
            if status and process.pid == status.pid:
                with suppress(psutil.NoSuchProcess):
                    process.send_signal(number)
                return True
        return False

    def _gone(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self.processes():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def _started(self, process: psutil.Process) -> bool:
        # Before there is a cluster there are the processes that make it, in a folder beside it.
        if process.info["cwd"] != str(self.files):
            return True
        try:
            command = process.cmdline()
        except psutil.NoSuchProcess:
            return True
        # One that is about to end has none any more.
        return not command or _STARTED_BY_US.search(" ".join(command)) is not None
