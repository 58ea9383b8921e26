"""What the tests of the server share."""

import asyncio
from contextlib import asynccontextmanager

import psutil
import pytest
import uvicorn
from uvicorn.server import ServerState

from tests.conftest import OWN, PATIENCE

KEEP_ALIVE = 65


@asynccontextmanager
async def served(app, protocol, keep_alive=KEEP_ALIVE):
    """The port where an application is served, each connection by what `protocol(config, state, app_state)` makes."""
    config = uvicorn.Config(
        app,
        interface="asgi3",
        ws="none",
        log_config=None,
        lifespan="off",
        access_log=False,
        timeout_keep_alive=keep_alive,
    )
    config.load()
    state = ServerState()
    server = await asyncio.get_running_loop().create_server(lambda: protocol(config, state, {}), "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for connection in list(state.connections):
            connection.transport.abort()
        await asyncio.gather(*state.tasks, return_exceptions=True)


@pytest.fixture
def clock():
    """A clock that stands still until the test moves it: `clock.now += 5`."""

    class Clock:
        now = 0.0

        def __call__(self):
            return self.now

    return Clock()


@pytest.fixture
def silence(connections):
    """Stops the process behind the connection that is taken next: `async with silence():`."""
    if not OWN:
        pytest.skip("the processes of this PostgreSQL may be elsewhere")

    @asynccontextmanager
    async def silent():
        async with connections.taken() as connection:
            process = psutil.Process(connection.get_server_pid())
        process.suspend()
        try:
            async with asyncio.timeout(PATIENCE):
                yield
        finally:
            process.resume()

    return silent
