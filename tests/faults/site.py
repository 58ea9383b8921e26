"""A server of two workers on two database machines, with callers who save."""

import asyncio
from contextlib import ExitStack, suppress

import asyncpg
import httpx

from tests.conftest import PATIENCE, planted
from tests.faults.cluster import TwoMachines, free_port
from tests.faults.disk import Disk
from tests.faults.load import Load
from tests.server.served import Server

_STORED = "select name as key from production_orders union all select notes from shift_records"
"""The keys of what is stored: names of orders, notes of shift records."""


class Site:
    """The whole, in a folder of its own: `async with Site(folder) as site`."""

    def __init__(self, folder):
        self._folder = folder
        self._port = free_port()
        self._open = ExitStack()
        self.disk = Disk(folder / "disk")
        self.machines = self.server = self.plant = self.load = None
        self.first_saves, self.exits, self.complaints = [], [], []

    async def __aenter__(self):
        self._open.enter_context(self.disk)
        self.machines = TwoMachines(self.disk.folder)
        await asyncio.to_thread(self._open.enter_context, self.machines)
        self._open.callback(lambda: self.server and self.stop_server())
        await self.start_server()
        async with self.connected() as connection:
            self.plant = await planted(connection)
        self.load = Load(self.url, self.token, self.plant)
        return self

    async def __aexit__(self, *_):
        await asyncio.to_thread(self._open.close)

    @property
    def url(self):
        return f"http://127.0.0.1:{self._port}"

    @property
    def token(self):
        return (self._folder / "admin-token").read_text().strip()

    def connected(self):
        """A connection to the primary, beside the server's: `async with site.connected() as connection`."""
        return asyncpg.create_pool(self.machines.primary.url, min_size=1, max_size=1)

    def client(self):
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx.AsyncClient(base_url=self.url, headers=headers, timeout=30)

    async def stored(self):
        """The keys of all that is stored."""
        async with self.connected() as connection:
            return [row["key"] for row in await connection.fetch(_STORED)]

    async def start_server(self):
        settings = {
            "MES_ORDERS_DATABASE_URL": self.machines.url,
            "MES_ORDERS_ALLOW_SUPERUSER": "on",
            "MES_ORDERS_LOG_LEVEL": "error",
        }
        self.server = Server("--port", self._port, "--data", self._folder, "--workers", 2, **settings)
        self.server.read_on()
        await self.ready()

    def stop_server(self):
        """Tell it to stop, and wait until it has; what it has complained of is kept."""
        self.server.stop()
        _, complaint, _ = self.server.told()
        self.complaints += complaint.splitlines()

    async def ready(self):
        """Returns when the server says that it can answer."""
        async with asyncio.timeout(PATIENCE), httpx.AsyncClient(base_url=self.url) as client:
            while True:
                with suppress(httpx.HTTPError):
                    if (await client.get("/health/ready")).status_code == 200:
                        return
                await asyncio.sleep(0.02)
