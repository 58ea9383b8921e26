"""The database of the server: which one it is, and in the state that the code needs."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, NamedTuple

import asyncpg

from db.demo import load_demo
from db.errors import Failure, ServiceUnavailable
from db.migrations import MigrationRefused, migrate
from db.pool import connection
from db.rights import OWNER, SERVER, check_creation, check_rights, grant, is_superuser, make_roles
from db.role_settings import settle
from db.translation import translated
from server.embedded_postgres import as_role, embedded_postgres, is_made, running_dsn
from server.failures import StartFailure
from server.first_start import first_start
from server.pooling import check_pooling, pooled

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from server.config import Settings


_AWAY = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    # A standby behind the address of the primary is promoted later.
    asyncpg.ReadOnlySQLTransactionError,
    # What the driver says of a connection that was lost a moment ago.
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
"""What passes by itself."""


class DatabaseAway(StartFailure):
    """The database does not take connections now."""


class Database(NamedTuple):
    """The URL by which the server comes to its database, and that of the tables' owner, where it is another role."""

    url: str
    owner_url: str | None = None


@contextlib.contextmanager
def database(settings: Settings, *, attach: bool = False) -> Iterator[Database]:
    """The database of the settings, or that of a PostgreSQL that runs as long as this context.

    With `attach`, one that another process runs in the same data folder will do, and none is made.
    """
    if settings.database_url:
        yield Database(settings.database_url, settings.owner_url)
        return
    running = running_dsn(settings.data) if attach else None
    if running:
        yield _with_roles(running)
        return
    if attach and not is_made(settings.data):
        raise StartFailure(
            f"There is no database in {settings.data}: set MES_ORDERS_DATABASE_URL as the server has it, or give the "
            "server's folder with --data."
        )
    with embedded_postgres(settings.data) as dsn:
        yield _with_roles(dsn)


async def prepare(database: Database, settings: Settings, *, demo: bool = False) -> str | None:
    """Bring the database to the state that the code needs; what to tell of the first token, if there was none.

    Raises `StartFailure`; `DatabaseAway` if the database may be there later.
    """
    with explained():
        await check_pooling(settings)
        async with connection(database.url, pooled=pooled(settings)) as opened:
            if not settings.allow_superuser:
                await _refuse_superuser(opened)
            await _bring_up_to_date(opened, database.owner_url, settings)
            await settle(opened)
            token = await first_start(opened, settings.data)
            if demo:
                await load_demo(opened)
    return token and f"The administrator's token, shown this once, also in {settings.data / 'admin-token'}:\n{token}"


def _with_roles(dsn: str) -> Database:
    """The server's own database, by the roles for it; the DSN is that of its administrator."""

    async def made() -> None:
        async with connection(dsn) as administrator:
            await make_roles(administrator)

    with explained():
        asyncio.run(made())
    return Database(as_role(dsn, SERVER), as_role(dsn, OWNER))


async def _bring_up_to_date(opened: asyncpg.Connection[Any], owner_url: str | None, settings: Settings) -> None:
    """Apply what is missing, as the owner of the tables, who lets the server's role use them."""
    if owner_url is None:
        await migrate(opened)
        return
    role = await opened.fetchval("select current_user")
    async with connection(owner_url, pooled=pooled(settings)) as owner:
        who = await owner.fetchrow("select current_user as name, pg_catalog.current_schemas(false) as schemas")
        assert who
        await check_creation(opened, who["name"], who["schemas"])
        await migrate(owner)
        await grant(owner, role)
    await check_rights(opened)


async def _refuse_superuser(opened: asyncpg.Connection[Any]) -> None:
    if await is_superuser(opened):
        raise StartFailure(
            "The server does not run as a superuser of PostgreSQL, nor as a member of one: name another role in "
            "MES_ORDERS_DATABASE_URL, and the one that owns the tables in MES_ORDERS_OWNER_URL; or set "
            "MES_ORDERS_ALLOW_SUPERUSER=on."
        )


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """What is wrong with the database is told as what keeps the server from starting, for good or for now."""
    try:
        with translated():
            yield
    except ServiceUnavailable as error:
        cause = error.__cause__
        passing = isinstance(cause, _AWAY) and not isinstance(cause, asyncpg.ClientConfigurationError)
        failure = DatabaseAway if passing else StartFailure
        raise failure(f"The database can't be used: {_first_line(cause)}.") from error
    except (MigrationRefused, Failure) as error:
        raise StartFailure(str(error)) from error


def _first_line(cause: BaseException | None) -> str:
    """What the driver says, here to the person who started the server and not to a caller."""
    if isinstance(cause, ConnectionRefusedError):
        return "nobody listens there"
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror if cause.filename is None else f"{cause.strerror}: {cause.filename}"
    return next(iter(str(cause).splitlines()), "it does not answer").rstrip(".")
