"""The databases that all peers answer from: PostgreSQL of our own, migrated and filled with orders."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg
import psutil

from db.migrations import migrate
from db.pool import connection

_ORDERS = Path(__file__).with_name("orders.sql")
SAVED = "Saved "
"""How the names of the orders begin that a workload saves."""
STATUSES = ("IDLE", "SCHEDULED", "RUNNING", "STOPPED", "CLOSED")
"""Each is the status of a fifth of the orders."""


def record_id(kind: str, number: int) -> str:
    """The id of a row that orders.sql has made."""
    digits = f"{number:016}"
    return f"01JCH3ENG{kind}-{digits[:8]}-{digits[8:]}"


@dataclass(frozen=True)
class Database:
    """A database with so many orders; `administration` is a connection to it for all that is not measured."""

    dsn: str
    orders: int
    administration: asyncpg.Connection[Any]

    @property
    def environment(self) -> dict[str, str]:
        """Where it is, in the variables that libpq and its like read."""
        given = urlsplit(self.dsn)
        asked = parse_qs(given.query)
        return {
            "PGHOST": asked["host"][0],
            "PGPORT": asked["port"][0],
            "PGUSER": str(given.username),
            "PGDATABASE": given.path.lstrip("/"),
        }

    async def server(self) -> psutil.Process:
        """The process that all of PostgreSQL's others descend from."""
        own = psutil.Process(await self.administration.fetchval("select pg_backend_pid()"))
        return psutil.Process(own.ppid())

    async def backends(self, application: str) -> list[psutil.Process]:
        """The processes that serve the connections of an application."""
        rows = await self.administration.fetch(
            "select pid from pg_stat_activity where datname = current_database() and application_name = $1", application
        )
        return [psutil.Process(row["pid"]) for row in rows]

    async def forget_saved(self) -> None:
        """Remove what a workload has saved, so that the next one finds the orders as they were."""
        await self.administration.execute("delete from production_orders where name >= $1 and name < $1 || '~'", SAVED)
        await self.administration.execute("vacuum (analyze) production_orders")


@asynccontextmanager
async def filled(server: str, orders: int) -> AsyncIterator[Database]:
    """A new database on the server with so many orders, dropped at the end."""
    name = f"orders_{orders}"
    dsn = urlsplit(server)._replace(path=f"/{name}").geturl()
    async with connection(server) as over_all:
        await over_all.execute(f"create database {name}")
        try:
            async with connection(dsn) as administration:
                await _fill(administration, orders)
                yield Database(dsn, orders, administration)
        finally:
            await over_all.execute(f"drop database {name} with (force)")


async def _fill(administration: asyncpg.Connection[Any], orders: int) -> None:
    await migrate(administration)
    await administration.execute(f"set bench.orders = {orders:d}")
    await administration.execute(_ORDERS.read_text(encoding="utf-8"))
    await administration.execute("vacuum (analyze)")
    await administration.execute("checkpoint")
