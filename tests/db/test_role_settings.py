import asyncpg
import pytest

from db.role_settings import SETTINGS, settle
from tests.conftest import dsn_of

VALUES = "select name, reset_val || coalesce(unit, '') as value from pg_settings where name = any($1)"
EXPECTED = {
    "statement_timeout": "5000ms",
    "lock_timeout": "1000ms",
    "transaction_timeout": "10000ms",
    "idle_in_transaction_session_timeout": "5000ms",
    "jit": "off",
}


@pytest.fixture
async def role(administration, postgres, template):
    """The DSN of a new role in a database of its own, and what makes it a setting of its own."""
    name = "settings_test_role"
    await administration.execute(f"create database {name} template {template} strategy file_copy")
    await administration.execute(f"create role {name} login")
    yield name, dsn_of(postgres, name)
    await administration.execute(f"drop database {name} with (force)")
    await administration.execute(f"drop role {name}")


async def values(dsn, role):
    """What a new connection of the role finds."""
    connection = await asyncpg.connect(dsn, user=role)
    rows = await connection.fetch(VALUES, list(SETTINGS))
    await connection.close()
    return {row["name"]: row["value"] for row in rows}


async def as_postgresql_comes(administration, role):
    for name in SETTINGS:
        known = await administration.fetchval("select count(*) from pg_settings where name = $1", name)
        if known:
            await administration.execute(f"alter role {role} set {name} = '{'on' if name == 'jit' else 0}'")


async def settled(dsn, role):
    connection = await asyncpg.connect(dsn, user=role)
    await settle(connection)
    await connection.close()


async def test_a_role_gets_the_timeouts_that_it_lacks(administration, role):
    name, dsn = role
    await as_postgresql_comes(administration, name)

    await settled(dsn, name)

    found = await values(dsn, name)
    assert found == {setting: EXPECTED[setting] for setting in found}
    assert len(found) >= len(EXPECTED) - 1


async def test_what_somebody_has_decided_stays(administration, role):
    name, dsn = role
    await as_postgresql_comes(administration, name)
    await administration.execute(f"alter role {name} set statement_timeout = '30s'")

    await settled(dsn, name)

    assert (await values(dsn, name))["statement_timeout"] == "30000ms"
