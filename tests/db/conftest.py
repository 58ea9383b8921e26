"""Sessions of a caller, and what they show."""

import asyncio
from types import SimpleNamespace

import orjson
import pytest

from db.repositories import repository
from db.selection import Selected
from db.session import Session
from db.statement import Projection


@pytest.fixture
async def session(connections):
    """One caller's conversation with the test's database."""
    async with Session(connections, "planner") as opened:
        yield opened


@pytest.fixture
def shown(session):
    """What rows show: `location = await shown(rows)`; a list of many rows, None of none."""

    async def run(rows):
        return await answered(session, rows)

    return run


@pytest.fixture
def save(session):
    """Saves a record: `location = await save(Location, name="Line 1")`."""

    async def run(record, **given):
        async with session.transaction():
            return await answered(session, await repository(record, session).save(given))

    return run


@pytest.fixture
async def other_session(connections):
    """Another caller's conversation with it."""
    async with Session(connections, "foreman") as opened:
        yield opened


@pytest.fixture
def save_in(other_session):
    """Saves a record in another session."""

    async def run(record, **given):
        async with other_session.transaction():
            return await answered(other_session, await repository(record, other_session).save(given))

    return run


@pytest.fixture
def paths(pool):
    """Every path of a table."""

    async def run(table):
        rows = await pool.fetch(f"select path from {table} order by path")  # noqa: S608
        return [row["path"] for row in rows]

    return run


@pytest.fixture
def stale(pool):
    """The paths that are not those of the record above and the name."""

    async def run():
        rows = await pool.fetch(
            """
            with children as (
                select path, name, parent_id from material_classes
                union all
                select path, name, material_class_id from materials
            )
            select children.path
            from children
            left join material_classes above on above.id = children.parent_id
            where children.path <> coalesce(above.path, '') || '/' || children.name
            """
        )
        return [row["path"] for row in rows]

    return run


@pytest.fixture
def waiting(pool):
    """Returns when somebody waits for a lock."""

    async def run():
        async with asyncio.timeout(10):
            while not await pool.fetchval("select exists (select from pg_locks where not granted)"):
                pass

    return run


async def answered(session, rows):
    """Every column of the rows, by Python's names."""
    columns = rows.record.columns.values()
    text = await session.answer(rows, Projection(tuple(Selected(column.name, column) for column in columns)))
    answer = orjson.loads(text) if text else None
    if isinstance(answer, list):
        return [SimpleNamespace(**row) for row in answer]
    return SimpleNamespace(**answer) if answer else None
