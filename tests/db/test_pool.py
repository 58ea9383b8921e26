import asyncio

import asyncpg
import pytest

from db.errors import ServiceUnavailable
from db.pool import capacity, pool
from db.pool_size import PoolSize

RESERVED = "select sum(setting::integer) from pg_settings where name in ('superuser_reserved_connections', $1)"
STATE = """
select
    (select string_agg(concat(name, '=', setting), ';' order by name) from pg_settings) as settings,
    (select count(*) from pg_locks where locktype = 'advisory') as advisory_locks,
    (select count(*) from pg_cursors where name <> '') as cursors,
    (select count(*) from pg_listening_channels()) as channels,
    (select count(*) from pg_class where relpersistence = 't') as temporary_tables
"""

SHOW = "query ($key: String!) { getProductionOrder(productionOrderIdOrName: $key) { id product { name } } }"


async def test_no_request_changes_the_state_of_a_database_session(connections, execute, production_order):
    # The first save loads a library, whose settings are there from then on.
    await production_order()
    async with connections.taken() as connection:
        before = await connection.fetchrow(STATE)

    order = await production_order()
    await execute(SHOW, key=order.id)
    await execute.failing("mutation { saveProductionOrder(input: {quantity: -1}) { id } }")

    async with connections.taken() as same:
        assert same is connection
        assert await same.fetchrow(STATE) == before


async def test_the_capacity_is_what_postgresql_is_set_to(pool):
    most, reserved = await capacity(pool)

    assert most == int(await pool.fetchval("show max_connections"))
    assert reserved == await pool.fetchval(RESERVED, "reserved_connections")


async def test_a_save_that_fails_is_rolled_back(execute, production_order, statements):
    order = await production_order()
    statements.clear()

    await execute.failing(
        "mutation ($id: ULID!) { saveProductionOrder(input: {id: $id, quantity: -1}) { id } }", id=order.id
    )

    assert statements[0] == "BEGIN;"
    assert statements[-1] == "ROLLBACK;"


async def test_a_pool_ends_what_does_not_end_by_itself(database):
    async with pool(database, 1) as connections:
        connection = await connections.take()
        hanging = asyncio.create_task(connection.execute("set statement_timeout = 0; select pg_sleep(3600)"))
        await asyncio.sleep(0)

    with pytest.raises(asyncpg.PostgresConnectionError):
        await hanging


async def test_a_pool_has_one_connection_until_its_size_is_told(server_url):
    size = PoolSize(3)
    async with pool(server_url, size) as connections, connections.taken():
        with pytest.raises(ServiceUnavailable):
            await connections.take()

        size.tell(2)

        async with connections.taken():
            with pytest.raises(ServiceUnavailable):
                await connections.take()
        assert connections.most == 2
