"""What an integration script does, against the server."""

import json
from datetime import datetime, timedelta, timezone

import asyncpg
import pytest
from graphql import parse, validate

from client import MesError, Result, connect
from client.connection import Connection
from client.functions import Functions
from db.roles import create_role
from db.tokens import create_token
from resolvers.access import Permission
from server.schema import make_schema

MILK = "01JCH3ENGW-82KJDZDR-JHGYCXQN"
KILOGRAM = "01JCH3EPVP-1MNNDJTS-37Z75NGB"
PLANT = f"""
    insert into unit_of_measure (id, name, symbol) values ('{KILOGRAM}', 'Kilogram', 'kg');
    insert into material_classes (id, name, path) values ('{KILOGRAM}', 'Dairy', '/Dairy');
    insert into materials (id, name, path, material_class_id, unit_of_measure_id)
    values ('{MILK}', 'Milk', '/Dairy/Milk', '{KILOGRAM}', '{KILOGRAM}');
"""  # noqa: S608 (constants)


@pytest.fixture
async def token_of(database):
    """Makes a token that has the given permissions; there is a material and its unit."""
    connection = await asyncpg.connect(database)
    await connection.execute(PLANT)
    await create_role(connection, "Everything", [permission.value for permission in Permission])
    await create_role(connection, "Looking", ["PRODUCTION_ORDER.READ"])
    await create_role(connection, "Writing", ["PRODUCTION_ORDER.WRITE"])
    yield {level: await create_token(connection, level, [level]) for level in ("Everything", "Looking", "Writing")}
    await connection.close()


@pytest.fixture
def system(live_url, token_of):
    with connect(live_url, token=token_of["Everything"]) as system:
        yield system


@pytest.fixture
def orders(system):
    return system.mes.productionOrder


@pytest.fixture
def saved(orders):
    """An order that was saved as the documents show it."""
    draft = orders.newProductionOrder()
    draft["name"] = "Order 1"
    draft["productId"] = MILK
    draft["unitOfMeasureId"] = KILOGRAM
    return orders.saveProductionOrder(**draft)


def test_an_order_is_saved_from_its_draft(saved):
    assert type(saved) is Result
    assert saved.id == saved["id"]
    assert (saved.name, saved.status, saved.quantity, saved.productName) == ("Order 1", "IDLE", 0.0, "Milk")
    assert json.loads(str(saved)) == saved


def test_an_order_is_changed_from_a_draft_with_its_id_and_a_numeric_text(orders, saved):
    draft = orders.newProductionOrder()
    draft["id"] = saved.id
    draft["quantity"] = "100"
    changed = orders.saveProductionOrder(**draft)

    assert (changed.id, changed.name, changed.quantity, changed.version) == (saved.id, "Order 1", 100.0, 2)


def test_a_mutation_with_the_key_of_one_that_was_done_gives_its_data(system, saved):
    document = (
        "mutation ($id: ULID!, $notes: String) { saveProductionOrder(input: {id: $id, notes: $notes}) { version } }"
    )
    variables = {"id": saved.id, "notes": "a"}

    first = system.graphql(document, variables, idempotency_key="a")
    again = system.graphql(document, variables, idempotency_key="a")

    assert first == again == {"saveProductionOrder": {"version": 2}}


def test_a_save_takes_the_object_itself(orders, saved):
    changed = orders.saveProductionOrder({"id": saved.id, "notes": "Käse"})

    assert changed.notes == "Käse"


def test_an_order_that_was_read_is_changed_and_given_back(orders, saved):
    order = orders.getProductionOrder(saved.name)
    order.quantity = 5

    assert orders.validateProductionOrder(**order) == {}
    changed = orders.saveProductionOrder(**order, expectedVersion=order.version)
    assert (changed.quantity, changed.version) == (5.0, 2)


def test_an_order_that_was_read_with_another_record_is_refused(system, orders, saved):
    order = system.graphql(
        "query ($id: String!) { order: getProductionOrder(productionOrderIdOrName: $id) { id product { name } } }",
        {"id": saved.id},
    ).order

    with pytest.raises(MesError, match="product"):
        orders.saveProductionOrder(**order)


def test_a_property_value_is_saved_from_its_draft(orders, saved):
    draft = orders.newProductionOrderProperty()
    draft.name, draft.dataType = "Size", "Int"
    size = orders.saveProductionOrderProperty(**draft)
    value = orders.newProductionOrderPropertyValue()
    value.productionOrderId, value.propertyId = saved.id, size.id
    unset = orders.saveProductionOrderPropertyValue(**value)

    assert (unset.dataType, unset.value) == ("Int", None)
    assert orders.saveProductionOrderPropertyValue(id=unset.id, value=100).value == 100


def test_an_order_is_read_with_its_lists_and_without_other_records(orders, saved):
    order = orders.getProductionOrder("Order 1")

    assert order == saved == orders.getProductionOrder(productionOrderIdOrName=saved.id)
    assert order.propertyValues == order.billOfMaterials == []
    assert "product" not in order


def test_what_is_not_there_is_none(orders):
    assert orders.getProductionOrder("nothing") is None


def test_a_list_is_a_list(orders, saved):
    assert orders.getProductionOrderPropertyValuesForOrder(saved.id) == []
    assert "PRODUCTION_ORDER.READ.GET" in orders.getProductionOrderPermissions()


def test_a_time_is_sent_with_its_offset_and_comes_back_in_utc(orders, saved):
    noon = datetime(2026, 12, 31, 12, tzinfo=timezone(timedelta(hours=2)))

    assert orders.saveProductionOrder(id=saved.id, dueDate=noon).dueDate == "2026-12-31T10:00:00Z"


def test_every_wrong_field_is_told(orders):
    with pytest.raises(MesError) as caught:
        orders.saveProductionOrder(name="", quantity=-1)

    assert caught.value.code == "BAD_USER_INPUT"
    assert {"name", "quantity", "productId", "unitOfMeasureId"} <= caught.value.violations.keys()
    assert all(field in str(caught.value) for field in caught.value.violations)


@pytest.mark.parametrize("given", [{"quantity": "١٢"}, {"quantity": "NaN"}, {"colour": "red"}])
def test_what_the_server_does_not_take_it_refuses_itself(orders, given):
    with pytest.raises(MesError) as caught:
        orders.saveProductionOrder(name="Order 2", productId=MILK, unitOfMeasureId=KILOGRAM, **given)

    assert caught.value.code == "BAD_USER_INPUT"
    assert next(iter(given)) in str(caught.value)


def test_a_name_that_is_taken_is_a_conflict(orders, saved):
    with pytest.raises(MesError) as caught:
        orders.saveProductionOrder(name=saved.name, productId=MILK, unitOfMeasureId=KILOGRAM)

    assert caught.value.code == "CONFLICT"
    assert caught.value.path == ["saveProductionOrder"]


def test_a_call_without_the_permission_is_forbidden(live_url, token_of):
    with connect(live_url, token=token_of["Looking"]) as system, pytest.raises(MesError) as caught:
        system.mes.productionOrder.saveProductionOrder(name="Order 1", productId=MILK, unitOfMeasureId=KILOGRAM)

    assert caught.value.code == "FORBIDDEN"


def test_a_save_needs_no_other_permission_than_its_own(live_url, token_of):
    with connect(live_url, token=token_of["Writing"]) as system:
        saved = system.mes.productionOrder.saveProductionOrder(name="Order 1", productId=MILK, unitOfMeasureId=KILOGRAM)

    assert saved.name == "Order 1"


@pytest.mark.parametrize("token", [None, "mo_01JCH3ENGW82KJDZDRJHGYCXQN_wrong"])
def test_without_a_valid_token_nobody_is_let_in(live_url, token):
    with connect(live_url, token=token) as system, pytest.raises(MesError) as caught:
        system.mes.productionOrder.newProductionOrder()

    assert caught.value.code == "UNAUTHENTICATED"


def test_a_free_query_follows_relations(system, saved):
    data = system.graphql(
        "query ($id: String!) { order: getProductionOrder(productionOrderIdOrName: $id) { product { name } } }",
        {"id": saved.id},
    )

    assert data.order.product.name == "Milk"


def test_the_document_of_every_function_is_valid(live_url, token_of):
    connection = Connection(live_url, token_of["Everything"], timeout=10, backoff=0)
    functions = Functions(connection).by_name
    connection.close()
    schema = make_schema()._schema  # noqa: SLF001 (as graphql-core knows it)

    wrong = {name: validate(schema, parse(each.document)) for name, each in functions.items()}
    assert functions
    assert {name: errors for name, errors in wrong.items() if errors} == {}
