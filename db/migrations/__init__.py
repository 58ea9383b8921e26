"""The numbered SQL files that make the tables, each applied once, in its own transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
import structlog

from db.translation import translated

if TYPE_CHECKING:
    from db.session import Session

OLDEST_POSTGRESQL = 15
LOCK = 0x4D45534F
"""The advisory lock that lets one process at a time see to tables and rights: "MESO"."""

_log = structlog.get_logger()


class MigrationRefused(Exception):  # noqa: N818 (a word for the event)
    """The database cannot be brought to the state that the code needs: one clear sentence."""


@dataclass(frozen=True)
class Migration:
    """One file: `0001_master_data.sql`."""

    number: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """What changes when the file is edited."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def migrations(folder: Path = Path(__file__).parent) -> list[Migration]:
    """The migrations of a folder, by number."""
    files = sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql"))
    return [Migration(int(file.stem[:4]), file.stem[5:], file.read_text(encoding="utf-8")) for file in files]


async def migrate(connection: asyncpg.Connection[Any], known: list[Migration] | None = None) -> None:
    """Apply what is missing. Raises `MigrationRefused`."""
    known = migrations() if known is None else known
    with translated(), explained():
        await _check_server(connection)
        # What is inside of one transaction already, as behind a pooler, is seen by others when that has ended.
        if connection.is_in_transaction():
            await connection.execute("select pg_advisory_xact_lock($1)", LOCK)
            await _apply_missing(connection, known)
            return
        await connection.execute("select pg_advisory_lock($1)", LOCK)
        try:
            await _apply_missing(connection, known)
        finally:
            await connection.execute("select pg_advisory_unlock($1)", LOCK)


async def lacking(session: Session, needed: int) -> str | None:
    """What this database lacks for a program whose last migration is the one with this number; None if nothing."""
    try:
        row = await session.row("select coalesce(max(number), 0) as number from schema_migrations")
    except (asyncpg.UndefinedTableError, asyncpg.InsufficientPrivilegeError):
        return "The database is not prepared."
    # A newer program may have added to it: while a cluster is upgraded, both answer.
    if row is None or row["number"] < needed:
        return f"The database has no migration {needed:04}."
    return None


async def _apply_missing(connection: asyncpg.Connection[Any], known: list[Migration]) -> None:
    applied = await _applied(connection)
    _check_history(applied, known)
    for migration in known:
        if migration.number not in applied:
            await _apply(connection, migration)


@contextmanager
def explained() -> Iterator[None]:
    """What is wrong with the database or its user is told as `MigrationRefused`."""
    try:
        yield
    except asyncpg.InsufficientPrivilegeError as error:
        raise MigrationRefused(f"The database does not let this user make the tables: {error.args[0]}.") from error
    except asyncpg.DuplicateTableError as error:
        raise MigrationRefused(
            f"The database holds something else already: {error.args[0]}. Give an empty database."
        ) from error


async def _check_server(connection: asyncpg.Connection[Any]) -> None:
    version = connection.get_server_version()
    if version.major < OLDEST_POSTGRESQL:
        raise MigrationRefused(
            f"The database server is PostgreSQL {version.major}; MES Orders needs {OLDEST_POSTGRESQL} or newer."
        )
    encoding = await connection.fetchval("show server_encoding")
    if encoding != "UTF8":
        raise MigrationRefused(f"The database's encoding is {encoding}; MES Orders needs UTF8: create it with that.")


async def _applied(connection: asyncpg.Connection[Any]) -> dict[int, str]:
    """The checksums of the applied migrations by number."""
    async with connection.transaction():
        await connection.execute(
            """
            create table if not exists schema_migrations (
                number integer primary key,
                name text not null,
                checksum text not null,
                applied_date timestamptz not null default now()
            )
            """
        )
    rows = await connection.fetch("select number, checksum from schema_migrations")
    return {row["number"]: row["checksum"] for row in rows}


def _check_history(applied: Mapping[int, str], known: list[Migration]) -> None:
    """Refuse a database that is newer than the code, and migrations that were edited after they were applied."""
    newer = applied.keys() - {migration.number for migration in known}
    if newer:
        raise MigrationRefused(
            f"The database has migration {max(newer):04}, which this version of MES Orders does not know: "
            "it was made by a newer one. Run that, or give another database."
        )
    for migration in known:
        if applied.get(migration.number, migration.checksum) != migration.checksum:
            raise MigrationRefused(
                f"The migration {migration.number:04}_{migration.name}.sql was edited after it was applied to this "
                "database. Put the file back as it was; changes belong in a new migration."
            )


async def _apply(connection: asyncpg.Connection[Any], migration: Migration) -> None:
    async with connection.transaction():
        await connection.execute(migration.sql)
        await connection.execute(
            "insert into schema_migrations (number, name, checksum) values ($1, $2, $3)",
            migration.number,
            migration.name,
            migration.checksum,
        )
    _log.info("migration applied", number=migration.number, name=migration.name)
