import asyncio
from itertools import permutations

import pytest

from db.records import BillOfMaterialsItem, Material

SAVE = """
mutation ($input: BillOfMaterialsItemInput!) {
  saveBillOfMaterialsItem(input: $input) { id productId productionOrderId position materialType version }
}
"""
SWAP = """
mutation ($one: ULID!, $other: ULID!) {
  swapBillOfMaterialsPositions(item1Id: $one, item2Id: $other) { success message error }
}
"""
OF_ORDER = "query ($key: String!) { getBillOfMaterialsForOrder(productionOrderIdOrName: $key) { id position } }"
FLATTENED = """
query ($key: String!) {
  getBillOfMaterialsForOrderFlattened(productionOrderIdOrName: $key) {
    materialClassId materialClassName materialClassDescription materialName materialDescription productName
    productDescription unitOfMeasureName unitOfMeasureSymbol productionOrderName subs { id position materialName }
  }
}
"""
FOR_MATERIAL = """
query ($order: String!, $material: String!) {
  getBillOfMaterialsFor(productionOrderIdOrName: $order, materialIdOrPath: $material) { id }
}
"""
DELETE_ALL = """
mutation ($key: String!) {
  deleteBillOfMaterialsForOrder(productionOrderIdOrName: $key) { success message data error }
}
"""
SAVE_ORDER = "mutation ($input: ProductionOrderInput!) { saveProductionOrder(input: $input) { id } }"
SHOWN = "query ($id: ULID!) { getBillOfMaterialsItem(id: $id) { position version modifiedBy modifiedDate } }"
NOTHING = "01JCH3EPVP-1MNNDJTS-37Z75NGA"


@pytest.fixture
def item(plant):
    """The input of an item that belongs to nothing."""
    return {
        "materialId": plant.material,
        "quantityPerProducedUnit": 0.5,
        "quantityOrder": 2.5,
        "unitOfMeasureId": plant.unit_of_measure,
        "materialGroup": "milk",
    }


@pytest.fixture
def save(execute, item):
    async def run(**fields):
        return (await execute(SAVE, input={**item, **fields}))["saveBillOfMaterialsItem"]

    return run


@pytest.fixture
def items(execute):
    """The items of an order, by id or name."""

    async def run(key):
        return (await execute(OF_ORDER, key=key))["getBillOfMaterialsForOrder"]

    return run


@pytest.fixture
def swap(execute):
    async def run(one, other):
        return (await execute(SWAP, one=one, other=other))["swapBillOfMaterialsPositions"]

    return run


@pytest.fixture
def shown(execute):
    async def run(item_id):
        return (await execute(SHOWN, id=item_id))["getBillOfMaterialsItem"]

    return run


async def test_an_item_takes_the_product_of_its_order(save, production_order, plant):
    order = await production_order()

    assert (await save(productionOrderId=order.id))["productId"] == plant.material


async def test_a_given_product_wins_over_that_of_the_order(save, saved, production_order):
    order, cheese = await production_order(), await saved(Material)

    assert (await save(productionOrderId=order.id, productId=cheese))["productId"] == cheese


async def test_an_item_without_order_and_product_belongs_to_none(save):
    saved = await save(productId=None)

    assert (saved["productId"], saved["productionOrderId"]) == (None, None)
    assert (saved["position"], saved["materialType"]) == (0, "PRODUCT")


async def test_an_item_that_is_given_to_an_order_takes_its_product(save, production_order, plant):
    saved, order = await save(), await production_order()

    assert (await save(id=saved["id"], productionOrderId=order.id))["productId"] == plant.material


async def test_an_item_of_no_order_that_is_there_is_a_violation(execute, item):
    failure = await execute.failing(SAVE, input={**item, "productionOrderId": NOTHING})

    assert failure.violations == {"productionOrderId": ["refers to no production order that is there"]}


async def test_the_items_of_an_order_come_by_position(save, items, production_order):
    order = await production_order(name="Order 7")
    ids = [(await save(productionOrderId=order.id, position=position))["id"] for position in (2, 0, 1, 0)]

    for key in (order.id, "Order 7"):
        assert [one["id"] for one in await items(key)] == [ids[1], ids[3], ids[2], ids[0]]


async def test_an_order_without_items_has_an_empty_list_and_no_order_has_none(items, production_order):
    order = await production_order()

    assert await items(order.id) == []
    assert await items("nothing") is None


async def test_flattened_items_tell_the_names_and_descriptions_of_their_records(
    execute, save, production_order, plant, pool
):
    order = await production_order(name="Order 7")
    await save(productionOrderId=order.id)
    await pool.execute("update materials set description = 'white'; update material_classes set description = 'cold'")

    (flattened,) = (await execute(FLATTENED, key="Order 7"))["getBillOfMaterialsForOrderFlattened"]

    assert flattened == {
        "materialClassId": plant.material_classe,
        "materialClassName": "Dairy",
        "materialClassDescription": "cold",
        "materialName": "Milk",
        "materialDescription": "white",
        "productName": "Milk",
        "productDescription": "white",
        "unitOfMeasureName": "Kilogram",
        "unitOfMeasureSymbol": "kg",
        "productionOrderName": "Order 7",
        "subs": [],
    }


async def test_the_subs_of_a_flattened_item_are_those_of_which_its_material_is_the_product(
    execute, save, saved, production_order
):
    order, curd, rennet = await production_order(), await saved(Material), await saved(Material)
    await save(productionOrderId=order.id, materialId=curd)
    below = [(await save(productId=curd, materialId=rennet, position=position))["id"] for position in (1, 0)]
    await save(productId=rennet)

    (flattened,) = (await execute(FLATTENED, key=order.id))["getBillOfMaterialsForOrderFlattened"]

    assert [(sub["id"], sub["position"]) for sub in flattened["subs"]] == [(below[1], 0), (below[0], 1)]


async def test_an_item_that_is_the_product_itself_has_no_subs(execute, save, production_order, plant):
    order = await production_order()
    await save(productionOrderId=order.id, materialId=plant.material)

    (flattened,) = (await execute(FLATTENED, key=order.id))["getBillOfMaterialsForOrderFlattened"]

    assert flattened["subs"] == []


async def test_flattened_items_are_one_statement(execute, save, production_order, statements):
    order = await production_order()
    await save(productionOrderId=order.id)
    statements.clear()

    await execute(FLATTENED, key=order.id)

    assert len(statements) == 1


async def test_the_items_of_a_material_are_found_by_its_id_and_path(execute, save, saved, production_order, plant):
    order, other = await production_order(name="Order 7"), await production_order()
    found = [(await save(productionOrderId=order.id, position=position))["id"] for position in (1, 0)]
    await save(productionOrderId=order.id, materialId=await saved(Material))
    await save(productionOrderId=other.id)

    for material in (plant.material, "/Dairy/Milk", "Dairy/Milk"):
        answer = await execute(FOR_MATERIAL, order="Order 7", material=material)
        assert [one["id"] for one in answer["getBillOfMaterialsFor"]] == found[::-1]


@pytest.mark.parametrize(("order", "material"), [("nothing", "Dairy/Milk"), ("Order 7", "Milk"), ("", "")])
async def test_of_what_is_not_there_there_are_no_items(execute, save, production_order, order, material):
    await save(productionOrderId=(await production_order(name="Order 7")).id)
    await save()

    assert (await execute(FOR_MATERIAL, order=order, material=material))["getBillOfMaterialsFor"] == []


async def test_all_items_of_an_order_are_deleted_and_no_others(execute, save, items, stored, production_order):
    order, other = await production_order(name="Order 7"), await production_order()
    for production_order_id in (order.id, order.id, other.id, None):
        await save(productionOrderId=production_order_id)

    answer = await execute(DELETE_ALL, key="Order 7")

    assert answer["deleteBillOfMaterialsForOrder"] == {
        "success": True,
        "message": "Bill-of-materials items deleted: 2.",
        "data": None,
        "error": None,
    }
    assert (await items(order.id), await stored(BillOfMaterialsItem)) == ([], 2)


async def test_the_items_of_no_order_are_not_deleted(execute, save, stored):
    await save()

    answer = (await execute(DELETE_ALL, key="nothing"))["deleteBillOfMaterialsForOrder"]

    assert (answer["success"], answer["error"]) == (False, "There is no production order with this id or name.")
    assert await stored(BillOfMaterialsItem) == 1


async def test_two_items_change_places(save, swap, items, production_order):
    order = await production_order()
    first, _, third = [(await save(productionOrderId=order.id, position=place))["id"] for place in range(3)]

    answer = await swap(first, third)

    assert answer["success"]
    assert [one["id"] for one in await items(order.id)][::2] == [third, first]


async def test_a_swap_is_a_change_of_both_items(save, swap, shown):
    first, second = (await save(position=0))["id"], (await save(position=1))["id"]

    await swap(first, second)

    for item_id, position in ((first, 1), (second, 0)):
        told = await shown(item_id)
        assert (told["position"], told["version"], told["modifiedBy"]) == (position, 2, "planner")
        assert told["modifiedDate"]


async def test_items_of_one_position_are_not_changed_by_a_swap(save, swap, shown):
    first, second = (await save(position=4))["id"], (await save(position=4))["id"]

    assert (await swap(first, second))["success"]

    assert [(await shown(item_id))["version"] for item_id in (first, second)] == [1, 1]


async def test_an_item_is_not_changed_by_a_swap_with_itself(save, swap, shown):
    first = (await save(position=4))["id"]

    assert (await swap(first, first))["success"]

    assert (await shown(first))["version"] == 1


async def test_an_item_does_not_change_places_with_one_that_is_not_there(save, swap, shown):
    first = (await save(position=4))["id"]

    for one, other in ((first, NOTHING), (NOTHING, first), (NOTHING, NOTHING)):
        answer = await swap(one, other)
        assert (answer["success"], answer["error"]) == (
            False,
            "There are no two bill-of-materials items with these ids.",
        )
    assert await shown(first) == {"position": 4, "version": 1, "modifiedBy": None, "modifiedDate": None}


async def test_swaps_at_once_lose_no_position(save, swap, shown):
    ids = [(await save(position=position))["id"] for position in range(6)]

    for _ in range(5):
        await asyncio.gather(*(swap(one, other) for one, other in permutations(ids, 2)))

    assert sorted([(await shown(item_id))["position"] for item_id in ids]) == [0, 1, 2, 3, 4, 5]


async def test_a_swap_is_two_statements_beside_begin_and_commit(save, swap, statements):
    first, second = (await save(position=0))["id"], (await save(position=1))["id"]
    statements.clear()

    await swap(first, second)

    assert [sql.split()[0].lower() for sql in statements] == ["begin;", "select", "update", "commit;"]
