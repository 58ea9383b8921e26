"""Records saved with one call are stored as if they were saved one by one."""

import asyncio
from datetime import UTC, datetime
from types import SimpleNamespace

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.enumerations import DataType, MaterialType, ProductionOrderStatus
from db.errors import Unsaved
from db.records import BillOfMaterialsItem as Item
from db.records import ProductionOrder as Order
from db.records import ProductionOrderProperty as Property
from db.records import ProductionOrderPropertyValue as Value
from db.repositories import repository
from db.selection import Selected
from db.statement import Projection

NOTHING = "01JCH3EPVP-1MNNDJTS-37Z75NGA"
ACCIDENTAL = ("id", "created_date", "modified_date")
TABLES = (Order, Value, Item)

examples = settings(
    max_examples=60,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
async def stored(save, plant):
    """The ids of what there is to begin with, by record."""
    orders = [
        await save(Order, name=name, product_id=plant.material, unit_of_measure_id=plant.unit_of_measure, quantity=5.0)
        for name in "ABCDEFGH"
    ]
    rules = [
        await save(Property, name="Size", data_type=DataType.Int, low_limit=0.0, default_value=3),
        await save(Property, name="Colour", options="red, green"),
        await save(Property, name="Picture", data_type=DataType.Blob, nullable=True, default_value=""),
        await save(Property, name="Due", data_type=DataType.DateTime),
    ]
    given = [(0, 0, 1), (1, 0, 2), (2, 0, None), (0, 1, "red"), (0, 2, "aGk="), (0, 3, "0001-01-01T00:00:00Z")]
    values = [
        await save(Value, production_order_id=orders[order].id, property_id=rules[rule].id, value=value)
        for order, rule, value in given
    ]
    needed = {"material_id": plant.material, "unit_of_measure_id": plant.unit_of_measure, "material_group": "Milk"}
    items = [
        await save(Item, **needed, **given, quantity_order=1.0, quantity_per_produced_unit=1.0)
        for given in ({}, {"production_order_id": orders[1].id})
    ]
    found = {Order: orders, Property: rules, Value: values, Item: items}
    return {record: [row.id for row in rows] for record, rows in found.items()}


def inputs_of(record, stored, plant):
    """Some inputs, mostly right ones, of which no two have the same id."""
    needed, more = FIELDS[record](SimpleNamespace(stored=stored, plant=plant))
    new = st.fixed_dictionaries(needed, optional=more)
    known = {"id": mostly(stored[record][:3], *stored[record][3:])}
    # A value stays with its order and its property.
    kept = {} if record is Value else needed
    changed = st.fixed_dictionaries(known, optional={**kept, **more, "expected_version": mostly([1], 2)})
    return st.lists(new | changed, max_size=5, unique_by=lambda given: given.get("id") or object())


def mostly(right, *wrong):
    return st.sampled_from([*right * 30, *wrong])


INSTANTS = mostly([None, datetime.min.replace(tzinfo=UTC), datetime(1, 1, 1, 6, 0, 0, 120000, UTC)])
QUANTITIES = mostly([0.0, 5.0, 0.1, 1e300, 5e-324, None], -1.0)
NOTES = mostly([None, "x", 'quotes " and \\ and\n lines, 🏭 \u2028'], "\0")
VALUES = mostly([None, 1, 3, 7], -1, "red", "blue", "aGk=", "2026-11-22T06:00:00.5+01:00")
FIELDS = {
    Order: lambda known: (
        {
            "name": mostly([f" Order {number}" for number in range(30)], "A", "B", "Caf\u00e9", "Cafe\u0301", ""),
            "product_id": st.just(known.plant.material),
            "unit_of_measure_id": mostly([known.plant.unit_of_measure], NOTHING),
        },
        {
            "status": st.sampled_from(ProductionOrderStatus),
            "quantity": QUANTITIES,
            "start_date": INSTANTS,
            "due_date": INSTANTS,
            "end_date": mostly([datetime.max.replace(tzinfo=UTC)], datetime.min.replace(tzinfo=UTC)),
            "customer_id": st.sampled_from([known.plant.customer, None]),
            "notes": NOTES,
            "enabled": st.booleans(),
        },
    ),
    Value: lambda known: (
        {
            "production_order_id": mostly(known.stored[Order][3:], *known.stored[Order][:3], NOTHING),
            "property_id": mostly(known.stored[Property][:1], *known.stored[Property][1:], NOTHING),
        },
        {"value": VALUES, "data_type": mostly([DataType.Int], DataType.String), "notes": NOTES},
    ),
    Item: lambda known: (
        {
            "material_id": mostly([known.plant.material], NOTHING),
            "unit_of_measure_id": st.just(known.plant.unit_of_measure),
            "material_group": st.sampled_from(["Milk", "Packaging"]),
            "quantity_order": QUANTITIES.map(lambda quantity: quantity or 1.0),
            "quantity_per_produced_unit": st.just(1.0),
        },
        {
            "production_order_id": mostly([*known.stored[Order], None], NOTHING),
            "product_id": st.sampled_from([known.plant.material, None]),
            "position": mostly([0, 1, 9], -1),
            "material_type": st.sampled_from(MaterialType),
        },
    ),
}


@pytest.mark.parametrize("record", TABLES, ids=lambda record: record.__name__)
@examples
@given(data=st.data())
async def test_many_records_are_saved_as_each_would_be_alone(session, stored, plant, record, data):
    inputs = data.draw(inputs_of(record, stored, plant))

    singly = await outcome(session, record, one_by_one, inputs)

    assert await outcome(session, record, at_once, inputs) == singly


async def outcome(session, record, save, inputs):
    """What is answered, and what is stored then; nothing of it where something is refused. Nothing is kept."""
    async with session.transaction(kept=False):
        try:
            async with session.transaction():
                return await save(session, record, inputs), await content(session)
        except Unsaved:
            return "refused"


async def one_by_one(session, record, inputs):
    return [await shown(session, await repository(record, session).save(given)) for given in inputs]


async def at_once(session, record, inputs):
    return await shown(session, await repository(record, session).save_all(inputs))


async def shown(session, rows):
    columns = [column for column in rows.record.columns.values() if column.name not in ACCIDENTAL]
    answer = await session.answer(rows, Projection(tuple(Selected(column.name, column) for column in columns)))
    return orjson.loads(answer)


async def content(session):
    """What the tables hold, without what is another with each save."""
    rows = {record: await session.fetch(f"select * from {record.table}") for record in TABLES}  # noqa: S608
    return {
        record: sorted(repr({name: value for name, value in row.items() if name not in ACCIDENTAL}) for row in table)
        for record, table in rows.items()
    }


@pytest.mark.parametrize(
    ("inputs", "names"),
    [
        ([("A", "X"), (None, "A")], ["X", "A"]),
        ([("A", "X"), ("B", "A"), ("C", "B")], ["X", "A", "B"]),
        ([(None, "X"), ("C", "Y"), (None, "Z"), ("A", "A")], ["X", "Y", "Z", "A"]),
    ],
)
async def test_a_name_that_an_earlier_input_gives_up_is_free(session, stored, plant, inputs, names):
    ids = dict(zip("ABC", stored[Order], strict=False))
    needed = {"product_id": plant.material, "unit_of_measure_id": plant.unit_of_measure}
    given = [{"name": name, **({"id": ids[old]} if old else needed)} for old, name in inputs]

    async with session.transaction(kept=False):
        rows = await repository(Order, session).save_all(given)
        answer = await session.answer(rows, Projection((Selected("name", Order.columns["name"]),)))

    assert orjson.loads(answer) == [{"name": name} for name in names]


async def test_callers_who_save_the_same_records_in_another_order_wait_for_each_other(
    session, other_session, pool, stored
):
    async def change(session, number, ids):
        given = [{"id": one, "notes": f"{session.caller} {number}"} for one in ids]
        async with session.transaction():
            await session.answer(await repository(Order, session).save_all(given), Projection(()))

    for number in range(20):
        await asyncio.gather(change(session, number, stored[Order]), change(other_session, number, stored[Order][::-1]))

    assert await pool.fetchval("select array_agg(distinct version) from production_orders") == [41]
    assert await pool.fetchval("select count(distinct modified_by) from production_orders") == 1


async def test_new_records_are_stored_in_one_order_in_whichever_they_are_given(session, pool, plant):
    needed = {"product_id": plant.material, "unit_of_measure_id": plant.unit_of_measure}

    saved = await at_once(session, Order, [{"name": name, **needed} for name in "cab"])

    assert [order["name"] for order in saved] == ["c", "a", "b"]
    assert await pool.fetchval("select array_agg(name order by ctid) from production_orders") == ["a", "b", "c"]
