"""What stands between this server and PostgreSQL, found by trying."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import AsyncExitStack
from enum import Enum, auto

import asyncpg

from db.errors import ServiceUnavailable
from db.machines import connect
from db.pool import connection
from db.translation import translated

_MOST = 25
"""How many connections are opened to find out: more than PgBouncer usually has sessions."""
_PATIENCE = 1.0
_LONGEST_SILENCE = 3.0
"""Seconds after which a machine counts as away."""
_PID = "select pg_backend_pid()"
_STATEMENT_MODE = "statement pooling mode"
"""What PgBouncer says to a transaction there, under the SQLSTATE of a database that is away."""


class Pooling(Enum):
    """How sessions of PostgreSQL come to connections."""

    NONE = auto()
    """Each connection has one."""
    KEEPING = auto()
    """A pooler gives them, and statements that are prepared stay so."""
    LOSING = auto()
    """A pooler gives each transaction another one, in which nothing is prepared."""
    REFUSING = auto()
    """A pooler gives each statement another one, and lets no transaction begin."""


async def pooling(dsn: str) -> Pooling:
    """What is found at this DSN, which names one machine. Raises `ServiceUnavailable`."""
    try:
        with translated():
            # One machine of several may be gone without a word: the others are not to be kept waiting for long.
            async with asyncio.timeout(_LONGEST_SILENCE), connection(dsn, pooled=True) as other:
                # A pooler tells its clients a number of its own.
                if other.get_server_pid() == await other.fetchval(_PID):
                    return Pooling.NONE
    except ServiceUnavailable as error:
        if _STATEMENT_MODE in str(error.__cause__):
            return Pooling.REFUSING
        raise
    return Pooling.LOSING if await _lost(dsn) else Pooling.KEEPING


async def _lost(dsn: str) -> bool:
    """Whether a statement is lost that is prepared on one connection, when others have their turn."""
    with translated():
        one = await connect(dsn, timeout=_PATIENCE)
    try:
        statement = await one.prepare(_PID, name=f"mes_orders_{secrets.token_hex(8)}")
        async with AsyncExitStack() as others:
            # Inside of its transaction each of them has a session, at last the one in which the statement is.
            for _ in range(_MOST):
                try:
                    async with asyncio.timeout(_PATIENCE):
                        await others.enter_async_context(connection(dsn, pooled=True))
                except (ServiceUnavailable, TimeoutError):
                    return False
                # Without a timeout of the driver's: it would send a cancel request, at which PgBouncer 1.18 ends.
                asked = asyncio.ensure_future(statement.fetchval())
                if not (await asyncio.wait({asked}, timeout=_PATIENCE))[0]:
                    # Who waits in vain has no session of its own either: others have all of them.
                    one.terminate()
                    await asyncio.gather(asked, return_exceptions=True)
                    return True
                await asked
    except asyncpg.InvalidSQLStatementNameError:
        return True
    finally:
        one.terminate()
    return False
