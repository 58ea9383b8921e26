"""Connections that are lost at a chosen call: PostgreSQL really ends the process behind them."""

import asyncpg

CALLS = ("copy_records_to_table", "execute", "executemany", "fetch", "fetchmany", "fetchrow", "fetchval")
"""What sends something; BEGIN, COMMIT and savepoints are executed too."""


class Doom:
    """Counts the calls that go to the database, and loses the connection of one of them."""

    def __init__(self, executioner):
        self._executioner = executioner
        self.spare()

    def spare(self):
        """Let all calls from now on be answered, and count them."""
        self.befall(0, done=False)

    def befall(self, call, *, done):
        """Lose the connection at the call of this number: before it is sent, or when it is `done` and not answered."""
        self.calls, self._last, self._done = 0, call, done

    async def through(self, connection, call):
        """What the call gives, or how it fails."""
        self.calls += 1
        if self.calls != self._last:
            return await call()
        if self._done:
            await call()
        await self._end(connection)
        return await call()

    async def _end(self, connection):
        """End the process behind it; PostgreSQL's own wait for that takes a tenth of a second."""
        await self._executioner.execute("select pg_terminate_backend($1)", connection.get_server_pid())
        while not connection.is_closed():
            await self._executioner.execute("select 1")


def doomed_by(doom):
    """The class of connections all of whose calls go through `doom`."""

    def through(method):
        async def call(connection, *asked, **how):
            return await doom.through(connection, lambda: method(connection, *asked, **how))

        return call

    calls = {name: through(getattr(asyncpg.Connection, name)) for name in CALLS}
    return type("Doomed", (asyncpg.Connection,), calls)
