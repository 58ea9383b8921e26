"""What the tests of the server share."""

import asyncio
from contextlib import asynccontextmanager

import psutil
import pytest

from tests.conftest import OWN, PATIENCE


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
