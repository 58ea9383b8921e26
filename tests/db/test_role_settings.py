import asyncpg
import pytest

from db.role_settings import SETTINGS, settle

VALUES = "select name, reset_val || coalesce(unit, '') as value from pg_settings where name = any($1)"
EXPECTED = {
    "statement_timeout": "5000ms",
    "lock_timeout": "1000ms",
    "transaction_timeout": "10000ms",
    "idle_in_transaction_session_timeout": "5000ms",
    "jit": "off",
}


@pytest.fixture
def decide(database):
    """Decides how a setting is for the role of the tests, in the test's database."""

    async def run(name, value):
        connection = await asyncpg.connect(database)
        base = await connection.fetchval("select quote_ident(current_database())")
        await connection.execute(f"alter role current_user in database {base} set {name} = '{value}'")
        await connection.close()

    return run


@pytest.fixture
def settled(database):
    """What a new connection finds after the role got its settings."""

    async def run():
        connection = await asyncpg.connect(database)
        await settle(connection)
        await connection.close()
        connection = await asyncpg.connect(database)
        rows = await connection.fetch(VALUES, list(SETTINGS))
        await connection.close()
        return {row["name"]: row["value"] for row in rows}

    return run


async def test_a_role_gets_the_timeouts_that_it_lacks(decide, settled, pool):
    known = {
        row["name"] for row in await pool.fetch("select name from pg_settings where name = any($1)", list(SETTINGS))
    }
    for name in known:
        await decide(name, "on" if name == "jit" else 0)

    assert await settled() == {name: EXPECTED[name] for name in known}
    assert len(known) >= len(EXPECTED) - 1


async def test_what_somebody_has_decided_stays(decide, settled):
    await decide("statement_timeout", "30s")

    assert (await settled())["statement_timeout"] == "30000ms"
