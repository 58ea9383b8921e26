"""A connection whose end is told before it is closed: in between it can be asked, and answers nothing."""

import asyncio
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest

from db.errors import ServiceUnavailable
from db.translation import translated


class Relay:
    """Passes on all that a client and PostgreSQL say to each other, but not that one of them has gone."""

    def __init__(self, database):
        url = urlsplit(database)
        self._host, self._port = parse_qs(url.query).get("host", [url.hostname])[0], url.port or 5432
        self._writers = []
        self.ended = asyncio.Event()

    async def serve(self, *client):
        server = await self._server()
        self._writers += [client[1], server[1]]
        await asyncio.gather(self._pass_on(client[0], server[1]), self._pass_on(server[0], client[1]))

    def close(self):
        for writer in self._writers:
            writer.transport.abort()

    async def _server(self):
        if self._host.startswith("/"):
            return await asyncio.open_unix_connection(f"{self._host}/.s.PGSQL.{self._port}")
        return await asyncio.open_connection(self._host, self._port)

    async def _pass_on(self, reader, writer):
        while data := await reader.read(65536):
            writer.write(data)
        self.ended.set()


@pytest.fixture
async def relay(database):
    """A relay to the server of the test's database, and its own port."""
    relay = Relay(database)
    async with await asyncio.start_server(relay.serve, "127.0.0.1", 0) as server:
        yield relay, server.sockets[0].getsockname()[1]
        relay.close()


async def test_a_connection_that_was_told_its_end_and_is_not_closed_is_unavailable(database, relay, pool):
    relay, port = relay
    connection = await asyncpg.connect(database, host="127.0.0.1", port=port)
    await pool.execute("select pg_terminate_backend($1)", connection.get_server_pid())
    await relay.ended.wait()
    # While PostgreSQL answers another one, the news comes through.
    await pool.execute("select 1")

    with pytest.raises(ServiceUnavailable), translated():
        await connection.fetchval("select 1")

    connection.terminate()
