"""What the database writes down of every change."""

import re
from pathlib import Path

import asyncpg
import pytest

from db.demo import load_demo
from db.errors import Failure
from db.records import RECORDS, Location, MaterialClass, ProductionOrder
from db.repositories import repository, special
from db.repositories.bill_of_materials import BillsOfMaterials
from db.repositories.material_class import MaterialClasses
from db.repositories.property_value import ProductionOrderPropertyValues
from db.tokens import create_token
from tests.conftest import OWN
from tests.db.conftest import answered

TABLES = sorted({record.table for record in RECORDS.values()} | {"api_tokens"})
MANY = 2_000
DEPLOY = Path(__file__).parents[2] / "deploy" / "README.md"


@pytest.fixture
def logged(pool):
    """What was logged of a kind of record since it was asked before: what was done, the old and the new values."""
    seen = {}

    async def run(record_type):
        rows = await pool.fetch(
            """
            select id, record_id, changed_by, old, new
            from changes
            where record_type = $1 and id > $2
            order by id
            """,
            record_type,
            seen.get(record_type, 0),
        )
        seen[record_type] = max((row["id"] for row in rows), default=seen.get(record_type, 0))
        return rows

    return run


def deeds(rows):
    """What was done, as it can be counted."""
    return ["created" if row["old"] is None else "deleted" if row["new"] is None else "changed" for row in rows]


@pytest.fixture
async def order(save, plant):
    return await save(
        ProductionOrder, name="Butter", product_id=plant.material, unit_of_measure_id=plant.unit_of_measure
    )


async def test_a_transaction_that_began_long_before_makes_no_change_look_older(pool):
    async with pool.acquire() as connection, connection.transaction():
        began = await connection.fetchval("select now()")
        await connection.execute("insert into customers (id, name) values ('01JCH3ENGW-82KJDZDR-JHGYCXQN', 'Shop')")
        await connection.execute("delete from api_tokens")

        assert await connection.fetchval("select min(changed_date) from changes") > began


async def test_a_statement_that_changes_no_value_is_not_logged(pool):
    async with pool.acquire() as connection:
        await load_demo(connection)
    before = await pool.fetchval("select count(*) from changes")

    for table in TABLES:
        await pool.execute(f"update {table} set id = id")  # noqa: S608

    assert await pool.fetchval("select count(*) from changes") == before


async def test_what_is_rolled_back_is_not_in_the_log(pool, logged, order):
    await logged("ProductionOrder")

    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("update production_orders set notes = 'x' where id = $1", order.id)
        assert await connection.fetchval("select count(*) from changes where record_id = $1", order.id) == 2
        await transaction.rollback()

    assert await logged("ProductionOrder") == []


async def test_what_is_only_validated_is_not_in_the_log(session, logged, plant, order):
    await logged("ProductionOrder")
    needed = {"product_id": plant.material, "unit_of_measure_id": plant.unit_of_measure}

    assert await repository(ProductionOrder, session).violations({"name": "Cheese", **needed}) == {}
    assert await repository(ProductionOrder, session).violations({"id": order.id, "name": "Cheese"}) == {}

    assert await logged("ProductionOrder") == []


async def test_a_save_that_fails_is_not_in_the_log(save, logged, plant, order):
    await logged("ProductionOrder")

    with pytest.raises(Failure):
        await save(ProductionOrder, name="Butter", product_id=plant.material, unit_of_measure_id=plant.unit_of_measure)

    assert order
    assert await logged("ProductionOrder") == []


async def test_many_saved_at_once_are_logged_one_by_one(session, logged, plant, order):
    await logged("ProductionOrder")
    needed = {"product_id": plant.material, "unit_of_measure_id": plant.unit_of_measure}
    orders = repository(ProductionOrder, session)
    inputs = [{"name": f"Order {number}", **needed} for number in range(MANY)]

    async with session.transaction():
        saved = await answered(session, await orders.save_all([*inputs, {"id": order.id, "notes": "x"}]))
    created = await logged("ProductionOrder")
    async with session.transaction():
        await answered(session, await orders.save_all([{"id": one.id, "quantity": 5} for one in saved]))
    changed = await logged("ProductionOrder")

    assert sorted(deeds(created)) == ["changed", *["created"] * MANY]
    assert deeds(changed) == ["changed"] * (MANY + 1)
    assert {row["record_id"] for row in changed} == {one.id for one in saved}


async def test_a_save_of_thousands_after_saves_of_one_is_not_planned_for_one(pool, plant):
    """The plan that a session keeps of the trigger's statement is made while there is one row in it."""
    await pool.execute(
        """
        insert into production_orders (id, name, product_material_id, unit_of_measure_id)
        select '01JCH3ENGW-82KJDZDR-' || lpad(n::text, 8, '0'), 'Order ' || n, $1, $2 from generate_series(1, 20000) n
        """,
        plant.material,
        plant.unit_of_measure,
    )
    async with pool.acquire() as connection:
        for _ in range(10):
            await connection.execute("update production_orders set quantity = quantity + 1 where name = 'Order 1'")

        # A loop in a loop over them would take minutes.
        await connection.execute("set statement_timeout = '20s'")
        await connection.execute("update production_orders set quantity = quantity + 1")
        await connection.execute("reset statement_timeout")

    assert await pool.fetchval("select count(*) from changes where old is not null") == 20_010


async def test_what_moves_with_a_record_is_logged_with_who_moved_it(save, logged):
    dairy = await save(MaterialClass, name="Dairy")
    await save(MaterialClass, name="Butter", parent_id=dairy.id)
    await logged("MaterialClass")

    await save(MaterialClass, id=dairy.id, name="Milk")

    rows = await logged("MaterialClass")
    assert {row["changed_by"] for row in rows} == {"planner"}
    assert sorted(row["new"] for row in rows if "version" not in row["new"]) == ['{"path": "/Milk/Butter"}']
    assert deeds(rows) == ["changed", "changed"]


async def test_the_classes_of_a_path_are_logged(session, logged):
    classes = special(MaterialClasses, session)

    async with session.transaction():
        await answered(session, await classes.create_classes_for_path("/Dairy/Cheese"))

    rows = await logged("MaterialClass")
    assert (deeds(rows), {row["changed_by"] for row in rows}) == (["created", "created"], {"planner"})


async def test_property_values_that_are_set_are_logged(session, save, logged, order):
    for name in ("Salt", "Fat"):
        await save(RECORDS["ProductionOrderProperty"], name=name)
    values = special(ProductionOrderPropertyValues, session)
    owner = repository(ProductionOrder, session).by_id(order.id)

    for given in ({"Salt": "a"}, {"Salt": "b", "Fat": "c"}, {"Fat": "c"}):
        async with session.transaction():
            await answered(session, await values.set(owner, given, "productionOrderIdOrName"))

    rows = await logged("ProductionOrderPropertyValue")
    assert sorted(deeds(rows)) == ["changed", "created", "created"]
    assert {row["changed_by"] for row in rows} == {"planner"}


async def test_items_that_change_places_or_are_deleted_together_are_logged(session, save, logged, plant, order):
    needed = {"material_id": plant.material, "unit_of_measure_id": plant.unit_of_measure, "material_group": "Milk"}
    item = {"production_order_id": order.id, "quantity_order": 1, "quantity_per_produced_unit": 1, **needed}
    items = [await save(RECORDS["BillOfMaterialsItem"], position=position, **item) for position in range(2)]
    bills = special(BillsOfMaterials, session)

    async with session.transaction():
        await bills.swap_positions(items[0].id, items[1].id)
    async with session.transaction():
        await bills.delete_of_order(repository(ProductionOrder, session).by_id(order.id))

    rows = await logged("BillOfMaterialsItem")
    assert deeds(rows) == ["created"] * 2 + ["changed"] * 2 + ["deleted"] * 2
    assert {row["changed_by"] for row in rows} == {"planner"}


async def test_the_demo_is_logged_as_the_demo(pool):
    async with pool.acquire() as connection:
        await load_demo(connection)

    rows = await pool.fetch("select count(*) as logged, changed_by, request_id from changes group by 2, 3")
    stored = [await pool.fetchval(f"select count(*) from {table}") for table in TABLES]  # noqa: S608
    assert [tuple(row) for row in rows] == [(sum(stored), "demo", None)]


async def test_who_asked_is_forgotten_with_the_transaction(save, pool, connections):
    await save(Location, name="Line 2")

    async with connections.taken() as connection:
        assert not await connection.fetchval("select current_setting('mes_orders.request', true)")
    await pool.execute("delete from locations")
    assert await pool.fetchval("select changed_by <> 'planner' from changes order by id desc limit 1")


@pytest.mark.parametrize("table", TABLES)
async def test_what_could_not_be_logged_is_refused(pool, table):
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match=f"{table} is not truncated"):
        await pool.execute(f"truncate {table} cascade")


@pytest.mark.skipif(not OWN, reason="who asks this PostgreSQL may be no superuser")
async def test_an_administrator_shortens_the_log_as_the_example_says(save, pool):
    (recipe,) = re.findall(r"^    begin;\n(?:    .*\n)*?    commit;\n", DEPLOY.read_text(), re.MULTILINE)
    await save(Location, name="Line 2")
    await pool.execute(
        """
        begin;
        set local session_replication_role = replica;
        update changes set changed_date = now() - interval '10 years';
        commit
        """
    )
    await save(Location, name="Line 3")

    await pool.execute(recipe)

    assert await pool.fetchval("select array_agg(new ->> 'name') from changes") == ["Line 3"]


async def test_a_new_secret_of_a_token_is_logged_without_it(pool, logged):
    await create_token(pool, "terminal", ["Planner"])
    await logged("ApiToken")

    await pool.execute("update api_tokens set secret_sha256 = sha256('mine')")
    await pool.execute("update api_tokens set secret_sha256 = sha256('yours'), name = 'press'")

    told = [(row["old"], row["new"]) for row in await logged("ApiToken")]
    assert told == [
        ("{}", '{"secret": "changed"}'),
        ('{"name": "terminal"}', '{"name": "press", "secret": "changed"}'),
    ]


async def test_a_change_is_logged_however_a_session_spells_numbers(pool, logged, order):
    await pool.execute("update production_orders set quantity = 1.5 where id = $1", order.id)
    await logged("ProductionOrder")

    async with pool.acquire() as connection:
        await connection.execute("set extra_float_digits = -15")
        await connection.execute("update production_orders set quantity = 1.52 where id = $1", order.id)
        await connection.execute("reset extra_float_digits")

    assert [(row["old"], row["new"]) for row in await logged("ProductionOrder")] == [
        ('{"quantity": 1.5}', '{"quantity": 1.52}')
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "update changes set changed_by = 'nobody'",
        "delete from changes",
        "truncate changes",
        "insert into changes (record_type, record_id, changed_by, changed_date) values ('Role', '', 'nobody', now())",
    ],
)
async def test_nobody_alters_the_log_by_mistake(pool, statement):
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="only ever added to"):
        await pool.execute(statement)
