import re

import graphql
import pytest

from db.records import RECORDS
from server.schema import make_schema

SCHEMA = graphql.build_schema(make_schema().as_str())
FUNCTIONS = {
    name: RECORDS[re.fullmatch(r"get(\w+)References", name)[1]]
    for name in SCHEMA.query_type.fields
    if name.endswith("References")
}
FOREIGN_KEYS = {
    name: [
        (record, column)
        for record in RECORDS.values()
        for column in record.columns.values()
        if not record.view and column.target == target.__name__
    ]
    for name, target in FUNCTIONS.items()
}
NOTHING = "01JCH3EPVP-1MNNDJTS-37Z75NGA"


@pytest.fixture
def references(execute):
    """What refers to a record: `found = await references("getShiftReferences", shift_id)`."""

    async def run(name, key):
        (argument,) = SCHEMA.query_type.fields[name].args
        document = f'{{ {name}({argument}: "{key}") {{ tableName references {{ fkColName id }} }} }}'
        return (await execute(document))[name]

    return run


def test_every_documented_kind_of_record_tells_what_refers_to_it():
    kinds = "ProductionOrder ProductionOrderProperty Material MaterialClass UnitOfMeasure UnitOfMeasureConversion"

    assert {*kinds.split(), "Location", "Shift", "Customer"} <= {record.__name__ for record in FUNCTIONS.values()}


@pytest.mark.parametrize("name", [name for name, keys in FOREIGN_KEYS.items() if keys])
async def test_each_foreign_key_is_among_the_references(references, saved, name):
    target = await saved(FUNCTIONS[name])
    expected = [
        (record.table, column.stored_as, await saved(record, **{column.documented: target}))
        for record, column in FOREIGN_KEYS[name]
    ]

    found = await references(name, target)

    assert sorted(
        (table["tableName"], one["fkColName"], one["id"]) for table in found for one in table["references"]
    ) == sorted(expected)


async def test_a_record_that_nothing_refers_to_has_no_references(references, saved):
    found = {name: await references(name, await saved(record)) for name, record in FUNCTIONS.items()}

    assert found == {name: [] for name in FUNCTIONS}


async def test_a_record_that_is_not_there_has_no_references(references):
    assert {name: await references(name, NOTHING) for name in FUNCTIONS} == {name: [] for name in FUNCTIONS}


async def test_references_are_told_table_by_table(references, saved, production_order, plant):
    orders = [(await production_order()).id for _ in range(2)]
    unit = await saved(RECORDS["UnitOfMeasure"])
    item = await saved(
        RECORDS["BillOfMaterialsItem"],
        productId=plant.material,
        materialId=plant.material,
        productionOrderId=orders[0],
        unitOfMeasureId=unit,
    )

    assert await references("getMaterialReferences", "Dairy/Milk") == [
        {
            "tableName": "production_order_bill_of_materials",
            "references": [
                {"fkColName": "material_id", "id": item},
                {"fkColName": "product_material_id", "id": item},
            ],
        },
        {
            "tableName": "production_orders",
            "references": [{"fkColName": "product_material_id", "id": order} for order in orders],
        },
    ]


async def test_a_record_is_named_as_it_is_where_it_is_read(references, saved, production_order, plant):
    order = await production_order(name="Order 7", customerId=plant.customer)
    await saved(RECORDS["BillOfMaterialsItem"], productionOrderId=order.id)

    for key in ("/Dairy/Milk", "Dairy/Milk/"):
        assert await references("getMaterialReferences", key) == await references(
            "getMaterialReferences", plant.material
        )
    assert await references("getMaterialClassReferences", "Dairy")
    assert await references("getLocationReferences", "Line 1")
    assert await references("getCustomerReferences", "Corner Shop")
    assert await references("getProductionOrderReferences", "Order 7")


async def test_references_are_one_statement(references, plant, statements):
    await references("getMaterialReferences", plant.material)
    statements.clear()

    await references("getMaterialReferences", plant.material)

    assert len(statements) == 1
