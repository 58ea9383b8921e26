"""The connections to PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import asyncpg

from db.connections import Connections
from db.errors import ServiceUnavailable
from db.machines import connect
from db.pool_size import PoolSize
from db.translation import translated

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection = asyncpg.Connection[Any] | PoolConnectionProxy[asyncpg.Record]

_APPLICATION = {"application_name": "mes-orders"}
_TIMEOUTS = ("statement_timeout", "lock_timeout", "transaction_timeout", "idle_in_transaction_session_timeout")
_ALL_THE_TIME = "select set_config(name, '0', $2) from pg_settings where name = any($1)"
"""Without these timeouts; PostgreSQL 15 and 16 do not know them all."""
_KEPT_STATEMENTS = 100
"""How many statements stay prepared on a connection: as many as the driver would keep."""
_PATIENCE = 10.0
"""Seconds to wait for PostgreSQL to accept a connection."""
_FAREWELL = 1.0
"""Seconds that connections may take to close."""


@asynccontextmanager
async def pool(
    dsn: str,
    size: int | PoolSize,
    connection_class: type[asyncpg.Connection[Any]] | None = None,
    *,
    pooled: bool = False,
) -> AsyncIterator[Connections]:
    """At most `size` connections, opened as they are needed and closed at the end.

    If they are `pooled` by a PgBouncer in transaction mode, no statement stays prepared on them.
    """
    with translated():
        opened = await asyncpg.create_pool(
            dsn,
            # None is needed to begin with: a process may start while PostgreSQL is away for a moment.
            min_size=0,
            max_size=size if isinstance(size, int) else size.most,
            timeout=_PATIENCE,
            connect=cast("Any", connect),  # The stubs want each of its parameters by name.
            server_settings=_APPLICATION,
            connection_class=connection_class or asyncpg.Connection,
            statement_cache_size=0 if pooled else _KEPT_STATEMENTS,
            # A statement is as long as its selection; the usual limit would have the long ones planned each time.
            max_cacheable_statement_size=0,
            reset=nothing_to_reset,
        )
    try:
        async with Connections(opened, allowed=None if isinstance(size, int) else size) as connections:
            yield connections
    finally:
        # Whoever has a connection still does not give it back any more; the pool ends them when it may not wait longer.
        with suppress(TimeoutError):
            async with asyncio.timeout(_FAREWELL):
                await opened.close()


async def nothing_to_reset(_: object) -> None:
    """No request changes the state of its database session, so none needs the round trip that would restore it.

    A transaction that was left open is rolled back all the same.
    """


class Capacity(NamedTuple):
    """How many connections PostgreSQL takes from all of its clients, and how many of them it keeps for a few."""

    most: int
    reserved: int


async def capacity(connection: Connection) -> Capacity:
    """What PostgreSQL is set to take."""
    row = await connection.fetchrow(
        """
        select
            current_setting('max_connections')::integer as most,
            current_setting('superuser_reserved_connections')::integer
                + coalesce(current_setting('reserved_connections', true)::integer, 0) as reserved
        """
    )
    assert row
    return Capacity(**row)


@asynccontextmanager
async def connection(dsn: str, *, pooled: bool = False) -> AsyncIterator[asyncpg.Connection[Any]]:
    """One connection, for work beside the server's, which takes the time that it needs.

    If it is `pooled`, all of the work is one transaction, because no other one would come to the same session.
    """
    with translated():
        try:
            cache = 0 if pooled else _KEPT_STATEMENTS
            opened = await connect(dsn, timeout=_PATIENCE, server_settings=_APPLICATION, statement_cache_size=cache)
        except (asyncpg.PostgresError, ValueError, OverflowError) as error:
            # A port that is none, a parameter that PostgreSQL does not know: the URL is wrong, not the network.
            raise ServiceUnavailable("The database does not let this server in.") from error
    try:
        async with opened.transaction() if pooled else nullcontext():
            with translated():
                await opened.execute(_ALL_THE_TIME, list(_TIMEOUTS), pooled)
            yield opened
    finally:
        await opened.close()
