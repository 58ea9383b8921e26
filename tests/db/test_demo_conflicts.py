"""The demo beside what a user has already."""

# ruff: noqa: S608 (the statements are put together from constants)

import asyncpg
import pytest

from db.demo import load_demo

USERS_ID = "01JZZZZZZZ-ZZZZZZZZ-ZZZZZZZZ"


@pytest.fixture
async def connection(database):
    """A connection to a database of the test's own, empty but for what the test puts there."""
    opened = await asyncpg.connect(database)
    yield opened
    await opened.close()


async def test_units_that_one_of_the_users_stands_in_for_have_no_conversion(connection):
    await connection.execute("insert into unit_of_measure (id, name, symbol) values ($1, 'Gram', 'kg')", USERS_ID)

    await load_demo(connection)

    to_itself = "from_unit_of_measure_id = to_unit_of_measure_id"
    assert await connection.fetchval(f"select count(*) from unit_of_measure_conversions where {to_itself}") == 0
    assert await connection.fetchval("select count(*) from unit_of_measure_conversions") > 10


async def test_a_users_own_material_class_stands_in_for_the_demos(connection):
    await connection.execute(
        "insert into material_classes (id, name, path) values ($1, 'Packaging', '/Packaging')", USERS_ID
    )

    await load_demo(connection)

    primary = "select parent_id from material_classes where path = '/Packaging/Primary'"
    assert await connection.fetchval(primary) == USERS_ID


async def test_a_users_own_order_gets_nothing_of_the_demos(connection, production_order):
    own = await production_order(name="PO-2026-0001")

    await load_demo(connection)

    assert await connection.fetchval("select count(*) from production_orders") == 200
    for details in ("production_order_property_values", "production_order_bill_of_materials"):
        count = f"select count(*) from {details} where production_order_id = $1"
        assert await connection.fetchval(count, own.id) == 0


async def test_a_users_own_property_gets_nothing_of_the_demos(connection, production_order_property):
    own = await production_order_property(name="Label Artwork", dataType="Int")

    await load_demo(connection)

    assert await connection.fetchval("select count(*) from production_order_properties") == 15
    count = "select count(*) from production_order_property_values where property_id = $1"
    assert await connection.fetchval(count, own.id) == 0


async def test_a_users_own_material_property_gets_nothing_of_the_demos(connection):
    await connection.execute("insert into material_classes (id, name, path) values ($1, 'Goods', '/Goods')", USERS_ID)
    await connection.execute(
        "insert into material_properties (id, name, material_class_id) values ($1, 'Net Weight', $1)", USERS_ID
    )

    await load_demo(connection)

    assert await connection.fetchval("select count(*) from material_properties where name = 'Net Weight'") == 1
    assert (
        await connection.fetchval("select count(*) from material_property_values where property_id = $1", USERS_ID) == 0
    )


async def test_the_places_below_a_users_own_are_left_out(connection):
    await connection.execute("insert into locations (id, name, path) values ($1, 'Weidenhof', '/Weidenhof')", USERS_ID)

    await load_demo(connection)

    assert await connection.fetchval("select count(*) from locations") == 1
    assert await connection.fetchval("select count(*) from shift_records") == 0
    assert await connection.fetchval("select count(*) from materials") > 0
