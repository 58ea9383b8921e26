import asyncio
import re

import graphql
import pytest

from db.records import RECORDS, BillOfMaterialsItem, Customer, Material, ProductionOrder
from server.schema import make_schema

SCHEMA = graphql.build_schema(make_schema().as_str())
FUNCTIONS = {
    name: RECORDS[found[1]]
    for name in SCHEMA.mutation_type.fields
    if (found := re.fullmatch(r"delete(\w+)", name)) and found[1] in RECORDS
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
SAVE_ORDER = "mutation ($input: ProductionOrderInput!) { saveProductionOrder(input: $input) { id } }"


@pytest.fixture
def delete(execute):
    """Deletes what a key names: `answer = await delete("deleteShift", shift_id)`."""

    async def run(name, key):
        (argument,) = SCHEMA.mutation_type.fields[name].args
        document = f"mutation ($key: {'ULID' if takes_ulid(name) else 'String'}!) {{ {name}({argument}: $key) "
        return (await execute(f"{document} {{ success message data error }} }}", key=key))[name]

    return run


def takes_ulid(name):
    (argument,) = SCHEMA.mutation_type.fields[name].args.values()
    return "ULID" in str(argument.type)


def test_every_record_can_be_deleted():
    assert set(FUNCTIONS.values()) == {record for record in RECORDS.values() if not record.view}


async def test_a_record_that_nothing_refers_to_is_deleted(delete, saved, pool):
    for name, record in FUNCTIONS.items():
        key = await saved(record)

        assert await delete(name, key) == {
            "success": True,
            "message": f"The {record.singular} is deleted.",
            "data": key,
            "error": None,
        }
        assert not await pool.fetchval(f"select exists (select from {record.table} where id = $1)", key)  # noqa: S608


async def test_a_delete_of_nothing_deletes_nothing_and_says_so(delete, content):
    before = await content()

    for name, record in FUNCTIONS.items():
        answer = await delete(name, NOTHING)
        assert (answer["success"], answer["message"], answer["data"]) == (False, "Nothing was changed.", None)
        assert answer["error"].startswith(f"There is no {record.singular} with this id")
    assert await content() == before


@pytest.mark.parametrize("name", [name for name, keys in FOREIGN_KEYS.items() if keys])
async def test_a_record_that_others_refer_to_stays_and_the_answer_says_by_what(delete, saved, content, name):
    for record, column in FOREIGN_KEYS[name]:
        key = await saved(FUNCTIONS[name])
        await saved(record, **{column.documented: key})
        before = await content()

        answer = await delete(name, key)

        assert (answer["success"], answer["data"]) == (False, None)
        assert f"1 of {record.table} ({column.stored_as}) refer to it" in answer["error"]
        assert await content() == before


@pytest.mark.parametrize(
    ("name", "key"),
    [("deleteCustomer", "Corner Shop"), ("deleteMaterial", "/Dairy/Milk"), ("deleteMaterial", "Dairy/Milk/")],
)
async def test_a_record_is_named_as_it_is_where_it_is_read(delete, stored, name, key):
    assert (await delete(name, key))["success"]
    assert await stored(FUNCTIONS[name]) == 0


async def test_an_order_with_values_and_items_is_refused_with_both(
    delete, saved, production_order, production_order_property
):
    order, rule = await production_order(), await production_order_property()
    await saved(RECORDS["ProductionOrderPropertyValue"], productionOrderId=order.id, propertyId=rule.id)
    await saved(BillOfMaterialsItem, productionOrderId=order.id)

    answer = await delete("deleteProductionOrder", order.id)

    assert answer["error"] == (
        "The production order is in use: 1 of production_order_bill_of_materials (production_order_id), "
        "1 of production_order_property_values (production_order_id) refer to it."
    )


async def test_a_refused_delete_does_not_hide_the_others_of_its_request(execute, production_order, stored):
    order = await production_order(name="Order 1")
    document = """
    mutation {
      a: deleteMaterial(idOrPath: "/Dairy/Milk") { success }
      b: deleteProductionOrder(productionOrderIdOrName: "Order 1") { data }
      c: deleteMaterial(idOrPath: "/Dairy/Milk") { success }
    }
    """

    answer = await execute(document)

    assert answer == {"a": {"success": False}, "b": {"data": order.id}, "c": {"success": True}}
    assert await stored(Material) == 0


async def test_of_deletes_at_once_one_finds_the_record(delete, plant):
    answers = await asyncio.gather(*(delete("deleteCustomer", plant.customer) for _ in range(10)))

    assert sorted(answer["success"] for answer in answers) == [False] * 9 + [True]


async def test_a_delete_and_a_save_that_refers_to_the_record_do_not_both_succeed(execute, delete, plant, stored):
    order = {"productId": plant.material, "unitOfMeasureId": plant.unit_of_measure, "customerId": plant.customer}

    saves = [execute.answer(SAVE_ORDER, input={"name": f"Order {number}", **order}) for number in range(8)]
    *answers, deleted = await asyncio.gather(*saves, delete("deleteCustomer", plant.customer))

    refused = [answer["errors"][0]["extensions"]["violations"] for answer in answers if "errors" in answer]
    assert all(list(violations) == ["customerId"] for violations in refused)
    assert await stored(ProductionOrder) == len(answers) - len(refused)
    assert deleted["success"] is (await stored(Customer) == 0) is (await stored(ProductionOrder) == 0)


async def test_a_delete_is_one_statement_beside_begin_and_commit(delete, plant, statements):
    await delete("deleteCustomer", NOTHING)
    statements.clear()

    await delete("deleteCustomer", plant.customer)

    assert [sql.split()[0].lower() for sql in statements] == ["begin;", "savepoint", "delete", "release", "commit;"]
