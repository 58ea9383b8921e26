import pytest

from db.records import BillOfMaterialsItem

GET = "query ($key: String!) { getProductionOrder(productionOrderIdOrName: $key) { id name quantity version notes } }"

FIND = """
query ($key: String!) {
  getProductionOrder(productionOrderIdOrName: $key) { id }
  getBillOfMaterialsForOrder(productionOrderIdOrName: $key) { id }
  getProductionOrderReferences(productionOrderIdOrName: $key) { tableName }
}
"""
DELETE = "mutation ($key: String!) { deleteBillOfMaterialsForOrder(productionOrderIdOrName: $key) { success } }"


@pytest.mark.parametrize("spell", [str, str.lower, lambda key: key.replace("-", "")])
async def test_get_takes_an_id_in_any_spelling(execute, production_order, spell):
    order = await production_order()

    assert (await execute(GET, key=spell(order.id)))["getProductionOrder"]["id"] == order.id


async def test_get_takes_a_name(execute, production_order):
    order = await production_order(name="Café")

    assert (await execute(GET, key=" Cafe\u0301 "))["getProductionOrder"]["id"] == order.id


async def test_a_name_that_looks_like_an_id_leads_to_its_order(execute, production_order, saved):
    order = await production_order(name="01JCH3ENGW82KJDZDRJHGYCXQN")
    item = await saved(BillOfMaterialsItem, productionOrderId=order.id)

    found = await execute(FIND, key=order.name)
    deleted = await execute(DELETE, key=order.name)

    assert found["getProductionOrder"]["id"] == order.id
    assert found["getBillOfMaterialsForOrder"] == [{"id": item}]
    assert len(found["getProductionOrderReferences"]) == 1
    assert deleted["deleteBillOfMaterialsForOrder"]["success"]


async def test_an_id_is_looked_for_among_ids_first_and_a_name_among_names_alone(execute, production_order, statements):
    order = await production_order()
    statements.clear()

    await execute(GET, key=order.id)
    await execute(GET, key=order.name)

    by_id, by_name = (statement for statement in statements if "production_orders" in statement)
    assert "where name = $" not in by_id
    assert "where id = $" not in by_name


async def test_get_of_what_is_not_there_is_null(execute):
    assert await execute(GET, key="nothing") == {"getProductionOrder": None}


@pytest.mark.parametrize("key", ["", "x" * 100_000, "%", "Order_"])
async def test_get_by_any_text_is_an_answer(execute, production_order, key):
    await production_order()

    assert await execute(GET, key=key) == {"getProductionOrder": None}


async def test_get_by_a_text_that_no_name_can_be_is_refused(execute):
    failure = await execute.failing(GET, key="a\u0000")

    assert (failure.code, failure.violations) == (
        "BAD_USER_INPUT",
        {"productionOrderIdOrName": ["must not contain control characters"]},
    )


async def test_an_order_shows_the_records_it_refers_to_and_their_names(execute, production_order, plant):
    order = await production_order(
        customerId=plant.customer, locationId=plant.location, scheduleShiftRecordId=plant.shift_record
    )

    data = await execute(
        """
        query ($key: String!) {
          getProductionOrder(productionOrderIdOrName: $key) {
            product { name path materialClass { path } } customer { name } location { path } unitOfMeasure { symbol }
            scheduleShiftRecord { id shift { name location { name } } }
            productName customerName locationName unitOfMeasureName scheduleShiftId scheduleShiftName
            propertyValues { id } billOfMaterials { id }
          }
        }
        """,
        key=order.id,
    )

    assert data["getProductionOrder"] == {
        "product": {"name": "Milk", "path": "/Dairy/Milk", "materialClass": {"path": "/Dairy"}},
        "customer": {"name": "Corner Shop"},
        "location": {"path": "/Line 1"},
        "unitOfMeasure": {"symbol": "kg"},
        "scheduleShiftRecord": {
            "id": plant.shift_record,
            "shift": {"name": "Early", "location": {"name": "Line 1"}},
        },
        "productName": "Milk",
        "customerName": "Corner Shop",
        "locationName": "Line 1",
        "unitOfMeasureName": "Kilogram",
        "scheduleShiftId": plant.shift,
        "scheduleShiftName": "Early",
        "propertyValues": [],
        "billOfMaterials": [],
    }


async def test_the_bill_of_materials_is_shown_by_position(execute, production_order, plant, pool):
    order = await production_order()
    await pool.executemany(
        """
        insert into production_order_bill_of_materials
            (id, production_order_id, material_id, unit_of_measure_id, material_group, quantity_order,
             quantity_per_produced_unit, position)
        values ($1, $2, $3, $4, 'milk', 2.5, 0.5, $5)
        """,
        [
            (f"01JCH3EPVP-1MNNDJTS-37Z75NG{last}", order.id, plant.material, plant.unit_of_measure, position)
            for last, position in (("A", 2), ("B", 0), ("C", 1))
        ],
    )

    data = await execute(
        """
        query ($key: String!) {
          getProductionOrder(productionOrderIdOrName: $key) {
            billOfMaterials { position quantityOrder materialType materialName unitOfMeasureName material { name } }
          }
        }
        """,
        key=order.id,
    )

    items = data["getProductionOrder"]["billOfMaterials"]
    assert [item["position"] for item in items] == [0, 1, 2]
    assert items[0] == {
        "position": 0,
        "quantityOrder": 2.5,
        "materialType": "PRODUCT",
        "materialName": "Milk",
        "unitOfMeasureName": "Kilogram",
        "material": {"name": "Milk"},
    }


async def test_the_permissions_of_production_orders_are_those_of_their_part_of_the_api(execute):
    data = await execute("{ getProductionOrderPermissions }")

    assert data["getProductionOrderPermissions"] == [
        "PRODUCTION_ORDER.READ.GET",
        "PRODUCTION_ORDER.READ.VALIDATE",
        "PRODUCTION_ORDER.WRITE.DELETE",
        "PRODUCTION_ORDER.WRITE.SAVE",
    ]
