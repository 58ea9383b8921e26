"""`mes-orders serve` as a process of its own."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from threading import Thread

import httpx
import psutil

from tests.conftest import PATIENCE


class Server:
    """A process of `mes-orders serve`, which logs JSON."""

    def __init__(self, *arguments, **variables):
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("MES_ORDERS_")}
        self._process = subprocess.Popen(  # noqa: S603 (our own words)
            [sys.executable, "-m", "server.command", "serve", *map(str, arguments)],
            env={**inherited, "MES_ORDERS_LOG_FORMAT": "json", **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.client = self.token = self.url = None
        self._reader, self._read = None, []

    @property
    def pid(self):
        return self._process.pid

    def line(self, event):
        """The next line that it logs of this event."""
        return next(line for line in map(json.loads, self._process.stderr) if line["event"] == event)

    def read_on(self):
        """Take what it logs from here on away, so that it can log more than fits into a pipe."""
        self._reader = Thread(target=lambda: self._read.append(self._process.stderr.read()))
        self._reader.start()

    def told(self):
        """What it has printed, what it has complained of, and its exit status, when it is at its end."""
        if self._reader:
            self._reader.join(timeout=PATIENCE)
            with self._process:
                return self._process.stdout.read(), "".join(self._read), self._process.wait(timeout=PATIENCE)
        printed, complaint = self._process.communicate(timeout=PATIENCE)
        return printed, complaint, self._process.returncode

    def worker(self):
        """The next worker that it starts."""
        return psutil.Process(self.line("A worker starts")["process"])

    def stop(self):
        self._process.send_signal(signal.SIGTERM)

    def stop_all(self, number):
        """Tell all its processes, as a terminal or a service manager does."""
        os.killpg(self._process.pid, number)

    def kill(self, *others):
        for process in (psutil.Process(self._process.pid), *others):
            process.kill()
        self.told()

    def end(self):
        if self._process.poll() is None:
            self.stop()
            self.told()

    def new_client(self):
        """A client of its administrator, with connections of its own."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx.AsyncClient(base_url=self.url, headers=headers, timeout=PATIENCE)

    async def asked(self, document, **variables):
        return (await self.client.post("/graphql", json={"query": document, "variables": variables})).json()


@contextlib.asynccontextmanager
async def listening(data, *options, **variables):
    """A server that listens, with a client of its administrator."""
    server = Server("--port", 0, "--data", data, *options, **variables)
    try:
        server.url = server.line("MES Orders listens")["url"]
        server.token = (data / "admin-token").read_text().strip()
        async with server.new_client() as server.client:
            yield server
    finally:
        server.end()
