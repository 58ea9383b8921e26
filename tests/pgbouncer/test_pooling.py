"""The server behind a PgBouncer in transaction mode."""

import asyncio
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from db.pooling import Pooling, pooling
from server.config import Settings
from server.failures import StartFailure
from server.pooling import check_pooling
from tests.server.served import Server, listening

SAVE = """
mutation ($notes: String!) {
  saveRole(input: {securityLevels: ["Line 1"], permissions: ["MATERIAL.READ"], notes: $notes}) { id }
}
"""
GET = "query ($id: String!) { getRole(id: $id) { notes } }"
CALLERS = 40
SUPERUSER = {"MES_ORDERS_ALLOW_SUPERUSER": "on"}
NOT_NEEDED = "MES_ORDERS_PGBOUNCER=transaction is not needed here, and each statement takes longer with it"


async def test_a_pgbouncer_in_transaction_mode_loses_statements(bounced):
    assert await pooling(bounced) is Pooling.LOSING


async def test_without_a_pgbouncer_each_connection_has_a_session(database):
    assert await pooling(database) is Pooling.NONE


@pytest.mark.parametrize("setting", ["database_url", "read_url", "owner_url"])
async def test_before_any_of_several_machines_it_is_noticed(bouncer, database, pool, setting):
    base = urlsplit(database).path
    # As a standby it can't be written, which a server that looks for its primary passes by.
    await pool.execute(f"alter database {base[1:]} set default_transaction_read_only = on")
    user, _, host = bouncer.partition("@")
    several = {setting: f"postgresql://{user}@127.0.0.1:1,{host}{base}"}

    with pytest.raises(StartFailure, match=f"A PgBouncer in transaction mode stands before the database at {host}"):
        await check_pooling(replace(Settings(database_url=database), **several))


def test_without_its_setting_the_server_does_not_start(bounced, tmp_path):
    _, complaint, status = Server("--port", 0, "--data", tmp_path, MES_ORDERS_DATABASE_URL=bounced, **SUPERUSER).told()

    place = bounced.partition("@")[2].partition("/")[0]
    assert status == 1
    assert complaint == (
        f"mes-orders: A PgBouncer in transaction mode stands before the database at {place}, and statements that are "
        "prepared get lost there. Set MES_ORDERS_PGBOUNCER=transaction.\n"
    )


@pytest.mark.parametrize("setting", ["off", "transaction"])
def test_statement_mode_is_told_at_the_start(bouncer, tmp_path, setting):
    variables = {"MES_ORDERS_DATABASE_URL": f"postgresql://{bouncer}/in_statements", "MES_ORDERS_PGBOUNCER": setting}

    _, complaint, status = Server("--port", 0, "--data", tmp_path, **variables, **SUPERUSER).told()

    assert status == 1
    assert complaint.startswith("mes-orders: A PgBouncer in statement mode stands before the database")


@pytest.mark.parametrize("pgbouncer", ["off", "transaction"])
@pytest.mark.parametrize("setting", ["database_url", "read_url", "owner_url"])
async def test_before_any_of_several_machines_statement_mode_is_noticed(bouncer, database, setting, pgbouncer):
    user, _, host = bouncer.partition("@")
    several = {setting: f"postgresql://{user}@127.0.0.1:1,{host}/in_statements"}
    settings = replace(Settings(database_url=database, pgbouncer=pgbouncer), **several)

    with pytest.raises(StartFailure, match=f"A PgBouncer in statement mode stands before the database at {host}"):
        await check_pooling(settings)


async def test_a_setting_that_is_not_needed_is_told(database, tmp_path):
    variables = {"MES_ORDERS_DATABASE_URL": database, "MES_ORDERS_PGBOUNCER": "transaction", **SUPERUSER}
    server = Server("--port", 0, "--data", tmp_path, **variables)
    try:
        line = server.line(
            "MES_ORDERS_PGBOUNCER=transaction is not needed here, and each statement takes longer with it"
        )
    finally:
        server.end()

    assert line["level"] == "warning"


async def test_with_its_setting_many_callers_share_few_sessions(bounced, tmp_path):
    variables = {"MES_ORDERS_DATABASE_URL": bounced, "MES_ORDERS_PGBOUNCER": "transaction", **SUPERUSER}
    async with listening(tmp_path, "--workers", 2, **variables) as server:
        server.read_on()

        async def saved_and_read(number):
            saved = await server.asked(SAVE, notes=f"Role {number}")
            return await server.asked(GET, id=saved["data"]["saveRole"]["id"])

        answers = await asyncio.gather(*map(saved_and_read, range(CALLERS)))

    expected = [{"data": {"getRole": {"notes": f"Role {number}"}}} for number in range(CALLERS)]
    assert answers == expected
