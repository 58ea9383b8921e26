"""The demo's plant: what is in it, and what loading it leaves alone."""

# ruff: noqa: S608 (the statements are put together from constants)

import asyncio
import secrets
from urllib.parse import urlsplit

import asyncpg
import pytest

from db import enumerations, mixed, records
from db.declaration import RECORDS
from db.demo import load_demo
from db.enumerations import DataType
from db.mixed import kept_value
from db.repository import fields
from db.validation import checked

TABLES = [record.table for record in RECORDS.values() if record is not records.Role]
USERS_ID = "01JZZZZZZZ-ZZZZZZZZ-ZZZZZZZZ"
NOW = "timestamptz '2026-11-21T10:00Z'"


@pytest.fixture(scope="module")
async def demo(administration, postgres, template):
    """A connection to a database with the demo, to look at."""
    name = f"mes_orders_test_{secrets.token_hex(6)}"
    await administration.execute(f"create database {name} template {template} strategy file_copy")
    connection = await asyncpg.connect(urlsplit(postgres)._replace(path=f"/{name}").geturl())
    await load_demo(connection)
    yield connection
    await connection.close()
    await administration.execute(f"drop database {name} with (force)")


@pytest.fixture
async def connection(database):
    """A connection to a database of the test's own, empty but for what the test puts there."""
    opened = await asyncpg.connect(database)
    yield opened
    await opened.close()


async def stored(connection):
    """Every row of every table."""
    return {table: await connection.fetch(f"select * from {table} order by id") for table in TABLES}


async def test_every_table_but_that_of_the_roles_has_rows(demo):
    """Who may do what is not for a demo to say."""
    rows = await stored(demo)

    assert [table for table, found in rows.items() if not found] == []
    assert await demo.fetchval("select count(*) from roles") == 0


async def test_every_load_stores_the_same(demo, connection):
    await load_demo(connection)

    assert await stored(connection) == await stored(demo)


async def test_there_are_200_orders_made_by_the_demo(demo):
    assert await demo.fetchval("select count(*) from production_orders where created_by = 'demo'") == 200


@pytest.mark.parametrize(
    ("table", "column", "enumeration"),
    [
        ("production_orders", "status", enumerations.ProductionOrderStatus),
        ("production_orders", "schedule_priority", enumerations.SchedulePriority),
        ("production_order_properties", "data_type", enumerations.DataType),
        ("production_order_property_values", "data_type", enumerations.DataType),
        ("production_order_bill_of_materials", "material_type", enumerations.MaterialType),
        ("locations", "type", enumerations.LocationType),
        ("locations", "process_type", enumerations.ProcessType),
        ("locations", "lot_use_strategy", enumerations.LotUseStrategy),
        ("shifts", "shift_schedule_source", enumerations.ShiftScheduleSource),
        ("shift_records", "status", enumerations.ShiftRecordStatus),
    ],
)
async def test_every_value_of_an_enumeration_appears(demo, table, column, enumeration):
    rows = await demo.fetch(f"select distinct {column} from {table}")

    assert {row[column] for row in rows} == {member.value for member in enumeration}


async def test_the_documents_material_is_counted_in_the_documents_unit(demo):
    unit_id = await demo.fetchval("select unit_of_measure_id from materials where id = '01JCH3ENGW-82KJDZDR-JHGYCXQN'")

    assert unit_id == "01JCH3EPVP-1MNNDJTS-37Z75NGB"


async def test_the_names_that_the_documents_examples_create_are_free(demo):
    taken = await demo.fetchval(
        """
        select count(*)
        from (select name from production_orders union all select name from production_order_properties) named
        where name in ('Order001', 'Order002', 'Batch Size')
        """
    )

    assert taken == 0


@pytest.mark.parametrize("record", [record for record in RECORDS.values() if record is not records.Role])
async def test_a_save_would_take_every_row(demo, record):
    rows = [fields(record, row) for row in await demo.fetch(f"select * from {record.table}")]
    inputs = [{field: value for field, value in row.items() if record.columns[field].given} for row in rows]

    assert [checked(record, given, None) for given in inputs] == [(given, {}) for given in inputs]


@pytest.mark.parametrize(
    ("property_table", "value_table"),
    [
        ("production_order_properties", "production_order_property_values"),
        ("material_properties", "material_property_values"),
    ],
)
async def test_every_value_obeys_its_property(demo, property_table, value_table):
    properties = await demo.fetch(f"select * from {property_table}")
    values = await demo.fetch(f"select * from {value_table}")

    rules = {property_["id"]: property_ for property_ in properties}
    for value in values:
        data_type, kept = DataType(value["data_type"]), kept_value(DataType(value["data_type"]), value)
        assert kept is not None or rules[value["property_id"]]["nullable"]
        if kept is not None:
            mixed.check_limits(data_type, kept, rules[value["property_id"]])


@pytest.mark.parametrize("table", ["production_order_properties", "material_properties", "location_properties"])
async def test_every_default_value_obeys_its_property(demo, table):
    for rules in await demo.fetch(f"select * from {table}"):
        data_type = DataType(rules["data_type"])
        mixed.check_options(data_type, rules["options"])
        if kept_value(data_type, rules, "default_") is not None:
            mixed.check_limits(data_type, kept_value(data_type, rules, "default_"), rules)


@pytest.mark.parametrize("rule", ["low_limit", "high_limit", "options", "format", "unit_of_measure_id", "nullable"])
async def test_some_properties_have_a_rule_and_some_have_not(demo, rule):
    ruled = {bool(row[rule]) for row in await demo.fetch(f"select {rule} from production_order_properties")}

    assert ruled == {True, False}


@pytest.mark.parametrize(
    ("status", "fact"),
    [
        ("IDLE", f"start_date is null and end_date is null and quantity_produced = 0 and due_date > {NOW}"),
        ("SCHEDULED", f"start_date is null and quantity_scheduled = quantity and due_date > {NOW}"),
        ("RUNNING", f"start_date < {NOW} and end_date is null and quantity_produced between 1 and quantity"),
        ("PAUSED", f"start_date < {NOW} and end_date is null and quantity_produced between 1 and quantity"),
        ("STOPPED", f"end_date < {NOW} and end_date > start_date and quantity_produced between 1 and quantity / 2"),
        ("CLOSED", f"end_date < {NOW} and end_date > start_date and quantity_produced > quantity * 0.9"),
        ("CANCELLED", "start_date is null and end_date is null and quantity_produced = 0"),
    ],
)
async def test_an_order_is_as_far_as_its_status_says(demo, status, fact):
    others = await demo.fetch(f"select name from production_orders where status = $1 and not ({fact})", status)

    assert others == []


async def test_an_order_was_made_before_it_started_and_before_the_demos_now(demo):
    others = await demo.fetch(
        f"select name from production_orders where created_date >= least({NOW}, start_date, due_date)"
    )

    assert others == []


async def test_a_line_makes_one_order_at_a_time(demo):
    overlapping = await demo.fetch(
        f"""
        select earlier.name, later.name
        from production_orders earlier
        join production_orders later on later.location_id = earlier.location_id and later.id > earlier.id
        where (earlier.start_date, coalesce(earlier.end_date, {NOW}))
            overlaps (later.start_date, coalesce(later.end_date, {NOW}))
        """
    )

    assert overlapping == []


async def test_an_order_starts_in_its_shift_record_at_that_place(demo):
    others = await demo.fetch(
        """
        select o.name
        from production_orders o
        join shift_records r on r.id = o.shift_record_id
        join locations area on area.id = r.location_id
        join locations line on line.id = o.location_id
        where line.parent_id <> area.id or o.start_date not between r.start_date and r.start_date + interval '8 hours'
        """
    )

    assert others == []


async def test_the_shift_records_that_run_are_the_current_ones(demo):
    running = await demo.fetch("select id from shift_records where status = 'RUNNING' order by id")
    current = await demo.fetch(
        "select current_shift_record_id as id from shifts where current_shift_record_id is not null order by 1"
    )

    assert running == current != []


async def test_a_bill_of_materials_begins_with_the_orders_product(demo):
    others = await demo.fetch(
        """
        select o.name
        from production_order_bill_of_materials item
        join production_orders o on o.id = item.production_order_id
        where item.product_material_id <> o.product_material_id
            or (item.position = 0) <> (item.material_id = o.product_material_id and item.material_type = 'PRODUCT')
        """
    )

    assert others == []


async def test_a_bill_of_materials_is_numbered_without_gaps(demo):
    others = await demo.fetch(
        """
        select production_order_id
        from production_order_bill_of_materials
        group by production_order_id
        having min(position) <> 0 or max(position) <> count(*) - 1 or count(distinct position) <> count(*)
        """
    )

    assert others == []


async def test_the_quantities_of_an_item_follow_from_that_of_the_order(demo):
    others = await demo.fetch(
        """
        select item.id
        from production_order_bill_of_materials item
        join production_orders o on o.id = item.production_order_id
        join materials m on m.id = item.material_id
        where abs(item.quantity_order - item.quantity_per_produced_unit * o.quantity) > 0.00001
            or item.unit_of_measure_id <> m.unit_of_measure_id
        """
    )

    assert others == []


async def test_a_material_has_values_only_of_the_properties_of_its_classes(demo):
    others = await demo.fetch(
        """
        select value.id
        from material_property_values value
        join materials material on material.id = value.material_id
        join material_properties property on property.id = value.property_id
        join material_classes class on class.id = property.material_class_id
        where not starts_with(material.path, class.path || '/')
        """
    )

    assert others == []


@pytest.mark.parametrize("details", ["production_order_property_values", "production_order_bill_of_materials"])
async def test_most_orders_have(demo, details):
    assert await demo.fetchval(f"select count(distinct production_order_id) from {details}") > 150


@pytest.mark.parametrize(
    ("table", "parent_table", "parent_column"),
    [
        ("materials", "material_classes", "material_class_id"),
        ("material_classes", "material_classes", "parent_id"),
        ("locations", "locations", "parent_id"),
    ],
)
async def test_a_path_is_that_of_the_parent_and_the_name(demo, table, parent_table, parent_column):
    others = await demo.fetch(
        f"""
        select child.path
        from {table} child
        left join {parent_table} parent on parent.id = child.{parent_column}
        where child.path <> coalesce(parent.path, '') || '/' || child.name or child.name like '%/%'
        """
    )

    assert others == []


async def test_loading_twice_changes_nothing(connection):
    await load_demo(connection)
    before = await stored(connection)

    await load_demo(connection)

    assert await stored(connection) == before


async def test_what_a_user_has_changed_stays_so(connection):
    await load_demo(connection)
    await connection.execute("update materials set name = 'Best Butter', version = 2 where name = 'Farmhouse Butter'")
    await connection.execute("update shifts set current_shift_record_id = null")
    before = await stored(connection)

    await load_demo(connection)

    assert await stored(connection) == before


async def test_what_a_user_has_deleted_stays_so(connection):
    await load_demo(connection)
    await connection.execute("delete from production_order_property_values")
    await connection.execute("delete from production_order_properties")
    before = await stored(connection)

    await load_demo(connection)

    assert await stored(connection) == before


async def test_two_servers_may_load_it_at_once(connection, pool, demo):
    async with pool.acquire() as other_connection:
        await asyncio.gather(load_demo(connection), load_demo(other_connection))

    assert await stored(connection) == await stored(demo)


@pytest.mark.parametrize(("name", "symbol"), [("Kilogram", "KG"), ("Kilo", "kg"), ("Kilogram", "kg")])
async def test_a_users_own_unit_stands_in_for_the_demos(connection, demo, name, symbol):
    await connection.execute(
        "insert into unit_of_measure (id, name, symbol) values ($1, $2, $3)", USERS_ID, name, symbol
    )

    await load_demo(connection)

    found = await stored(connection)
    assert {table: len(rows) for table, rows in found.items()} == {
        table: len(rows) for table, rows in (await stored(demo)).items()
    }
    butter = "select unit_of_measure_id from materials where name = 'Farmhouse Butter'"
    assert await connection.fetchval(butter) == USERS_ID
