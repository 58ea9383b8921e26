import sys
from collections import Counter
from contextlib import contextmanager

import pytest

from db.records import BillOfMaterialsItem, ProductionOrder, ProductionOrderPropertyValue

MANY = 6_000
NOTHING = "01JCH3EPVP-1MNNDJTS-37Z75NGA"
SAVE = "mutation ($inputs: [{0}Input!]!) {{ save{0}s(inputs: $inputs) {{ {1} }} }}"
ORDER = "id name quantity status notes version"


@pytest.fixture
def order(plant):
    """The input of a valid order: `order("Order1", quantity=5)`."""
    needed = {"productId": plant.material, "unitOfMeasureId": plant.unit_of_measure}
    return lambda name, **fields: {"name": name, **needed, **fields}


@pytest.fixture
def item(plant):
    """The input of a valid item: `item(position=1)`."""
    references = {"materialId": plant.material, "unitOfMeasureId": plant.unit_of_measure}
    needed = {"materialGroup": "Milk", "quantityOrder": 1, "quantityPerProducedUnit": 1}
    return lambda **fields: {**references, **needed, **fields}


@pytest.fixture
def save(execute):
    """Saves records with one call: `orders = await save(ProductionOrder, "id name", *inputs)`."""

    async def run(record, shown, *inputs):
        name = record.__name__
        return (await execute(SAVE.format(name, shown), inputs=inputs))[f"save{name}s"]

    return run


@pytest.fixture
def refused(execute):
    async def run(record, *inputs):
        return await execute.failing(SAVE.format(record.__name__, "id"), inputs=inputs)

    return run


async def test_new_records_come_back_in_the_order_of_their_inputs(save, order):
    names = [f"Order {number}" for number in (3, 1, 2)]

    saved = await save(ProductionOrder, ORDER, *map(order, names))

    assert [row["name"] for row in saved] == names
    assert {(row["status"], row["quantity"], row["version"]) for row in saved} == {("IDLE", 0, 1)}


async def test_new_and_changed_records_are_saved_together(save, order):
    first, second = await save(ProductionOrder, ORDER, order("A", quantity=5, notes="fragile"), order("B"))

    saved = await save(
        ProductionOrder,
        ORDER,
        {"id": second["id"], "status": "RUNNING"},
        order("C", quantity=1),
        {"id": first["id"], "notes": None, "expectedVersion": 1},
    )

    assert saved == [
        {**second, "status": "RUNNING", "version": 2},
        {**saved[1], "name": "C", "quantity": 1, "version": 1},
        {**first, "notes": None, "version": 2},
    ]


async def test_a_record_that_does_not_differ_stays_as_it_is(save, order):
    kept, other = await save(ProductionOrder, f"{ORDER} modifiedDate", order("A"), order("B"))

    saved = await save(
        ProductionOrder, f"{ORDER} modifiedDate", order("A", id=kept["id"]), {"id": other["id"], "quantity": 1}
    )

    assert saved[0] == kept
    assert saved[1]["version"] == 2


async def test_no_records_are_saved_with_no_inputs(save):
    assert await save(ProductionOrder, ORDER) == []


async def test_what_is_related_is_shown_as_it_is_then(save, order, item):
    (saved,) = await save(ProductionOrder, "id", order("A"))

    shown = await save(
        BillOfMaterialsItem,
        "position product { name } productionOrder { billOfMaterials { position } }",
        item(productionOrderId=saved["id"], position=2),
        item(productionOrderId=saved["id"], position=1),
    )

    items = {"billOfMaterials": [{"position": 1}, {"position": 2}]}
    assert shown == [
        {"position": position, "product": {"name": "Milk"}, "productionOrder": items} for position in (2, 1)
    ]


async def test_values_take_the_data_types_and_the_defaults_of_their_properties(save, order, production_order_property):
    orders = await save(ProductionOrder, "id", order("A"), order("B"))
    size, colour = [
        await production_order_property(**rules)
        for rules in ({"dataType": "Int", "defaultValue": 3}, {"options": "red, green"})
    ]

    saved = await save(
        ProductionOrderPropertyValue,
        "dataType value",
        {"productionOrderId": orders[0]["id"], "propertyId": size.id},
        {"productionOrderId": orders[1]["id"], "propertyId": size.id, "value": 4},
        {"productionOrderId": orders[1]["id"], "propertyId": colour.id, "value": "red"},
    )

    assert saved == [
        {"dataType": "Int", "value": 3},
        {"dataType": "Int", "value": 4},
        {"dataType": "String", "value": "red"},
    ]


async def test_every_violation_is_told_by_its_place(refused, order, stored):
    failure = await refused(
        ProductionOrder,
        order("A"),
        order(" ", quantity=-1),
        {"name": "B", "productId": NOTHING, "expectedVersion": 1},
        order("C", startDate="2026-01-02T00:00:00Z", endDate="2026-01-01T00:00:00Z", locationId=NOTHING),
    )

    assert failure.code == "BAD_USER_INPUT"
    assert failure.violations == {
        "inputs[1].name": ["must not be empty"],
        "inputs[1].quantity": ["must be at least 0"],
        "inputs[2].unitOfMeasureId": ["is required"],
        "inputs[2].expectedVersion": ["needs the id of the record that has it"],
        "inputs[2].productId": ["refers to no material that is there"],
        "inputs[3].endDate": ["must not be less than startDate"],
        "inputs[3].locationId": ["refers to no location that is there"],
    }
    assert await stored(ProductionOrder) == 0


async def test_the_rules_of_properties_are_told_by_place(refused, save, order, production_order_property):
    (owner,) = await save(ProductionOrder, "id", order("A"))
    size = await production_order_property(dataType="Int", lowLimit=0)
    pair = {"productionOrderId": owner["id"], "propertyId": size.id}

    failure = await refused(
        ProductionOrderPropertyValue,
        {**pair, "value": -1},
        {**pair, "value": 1, "dataType": "Float"},
        {"productionOrderId": owner["id"], "propertyId": NOTHING},
        {"propertyId": size.id, "value": "x"},
    )

    assert failure.violations == {
        "inputs[0].value": ["must be at least 0"],
        "inputs[1].dataType": ["must be Int, the data type of the property"],
        "inputs[2].propertyId": ["refers to no production order property that is there"],
        "inputs[3].productionOrderId": ["is required"],
        "inputs[3].value": ["must be an integer of 64 bits"],
    }


async def test_of_very_many_violations_the_first_are_told(refused, order):
    failure = await refused(ProductionOrder, *(order(f"Order {number}", quantity=-1) for number in range(150)))

    assert len(failure.violations) == 101
    assert failure.violations["inputs[99].quantity"] == ["must be at least 0"]
    assert failure.violations["inputs"] == ["have 50 more wrong fields"]


async def test_an_id_can_be_given_once(refused, save, order):
    (saved,) = await save(ProductionOrder, "id", order("A"))

    failure = await refused(ProductionOrder, {**saved, "quantity": 1}, order("B"), {**saved, "quantity": 2})

    assert (failure.code, failure.violations) == ("BAD_USER_INPUT", {"inputs[2].id": ["is given already"]})


async def test_ids_that_are_not_there_are_not_found(refused, save, order, stored):
    (saved,) = await save(ProductionOrder, "id", order("A"))

    failure = await refused(ProductionOrder, order("B"), {"id": NOTHING}, {**saved, "quantity": 2})

    assert (failure.code, failure.violations) == ("NOT_FOUND", {"inputs[1].id": ["is that of no record"]})
    assert await stored(ProductionOrder) == 1


async def test_other_versions_than_the_expected_ones_are_a_conflict(refused, save, execute, order):
    first, second = await save(ProductionOrder, "id", order("A"), order("B"))

    failure = await refused(
        ProductionOrder,
        {**first, "quantity": 2, "expectedVersion": 1},
        {**second, "quantity": 2, "expectedVersion": 3},
    )

    assert failure.code == "CONFLICT"
    assert failure.violations == {"inputs[1].expectedVersion": ["is not the version that it has, 1"]}
    assert (failure.currentVersion, failure.differingFields) == (1, ["inputs[1].quantity"])
    assert (await execute("{ getAllProductionOrders { quantity } }"))["getAllProductionOrders"] == [
        {"quantity": 0},
        {"quantity": 0},
    ]


async def test_names_that_are_taken_are_a_conflict_by_place(refused, save, order, stored):
    await save(ProductionOrder, "id", order("Caf\u00e9"), order("B"))

    failure = await refused(ProductionOrder, order("C"), order("Cafe\u0301 "), order("D"), order("B"), order("D"))

    assert failure.code == "CONFLICT"
    assert failure.message == "There is another production order with the name 'Caf\u00e9' already."
    assert failure.violations == {f"inputs[{place}].name": ["is taken already"] for place in (1, 3, 4)}
    assert await stored(ProductionOrder) == 2


async def test_a_name_that_a_later_input_gives_up_is_still_taken(refused, save, order):
    (saved,) = await save(ProductionOrder, "id", order("A"))

    failure = await refused(ProductionOrder, order("A"), {**saved, "name": "B"})

    assert (failure.code, failure.violations) == ("CONFLICT", {"inputs[0].name": ["is taken already"]})


async def test_a_second_value_of_a_property_is_a_conflict_by_place(refused, save, order, production_order_property):
    (owner,) = await save(ProductionOrder, "id", order("A"))
    pairs = [{"productionOrderId": owner["id"], "propertyId": (await production_order_property()).id} for _ in range(2)]
    await save(ProductionOrderPropertyValue, "id", pairs[0])

    failure = await refused(ProductionOrderPropertyValue, pairs[1], pairs[0], pairs[1])

    assert failure.code == "CONFLICT"
    assert failure.violations == {f"inputs[{place}].propertyId": ["is taken already"] for place in (1, 2)}


async def test_more_inputs_than_an_answer_holds_are_refused(execute, order, stored):
    failure = await execute.failing(SAVE.format("ProductionOrder", "id"), inputs=[order("A")] * 10_001)

    assert failure.code == "BAD_USER_INPUT"
    assert failure.violations == {"inputs": ["must be at most 10,000: save the rest of them with another call"]}
    assert await stored(ProductionOrder) == 0


@pytest.fixture
async def new(save, order, item, production_order_property):
    """Makes inputs of new records: `inputs = new(ProductionOrder, 10)`."""
    owners = iter(await save(ProductionOrder, "id", *(order(f"Owner {number}") for number in range(200))))
    rule = await production_order_property()
    one = {
        ProductionOrder: lambda owner: order(f"New {owner}"),
        ProductionOrderPropertyValue: lambda owner: {"productionOrderId": owner, "propertyId": rule.id},
        BillOfMaterialsItem: lambda owner: item(productionOrderId=owner),
    }
    return lambda record, many: [one[record](next(owners)["id"]) for _ in range(many)]


# What the rules need of other records, what the references and the unique fields meet: each is read with one statement.
@pytest.mark.parametrize(
    ("record", "reads"), [(ProductionOrder, 2), (ProductionOrderPropertyValue, 3), (BillOfMaterialsItem, 2)]
)
async def test_any_number_of_records_takes_the_same_statements(save, new, statements, record, reads):
    for many in (1, 10, 100):
        inputs = new(record, many)
        statements.clear()
        ids = await save(record, "id", *inputs)

        assert kinds(statements) == [*["select"] * reads, "with"]

        statements.clear()
        await save(record, "id", *({**one, "notes": "changed"} for one in ids))

        assert kinds(statements) == ["select", "with"]


def kinds(statements):
    """The first words of the statements, without those of the transaction."""
    return [kind for sql in statements if (kind := sql.split()[0].lower()) not in ("begin;", "commit;")]


@pytest.mark.parametrize("held", ["PRODUCTION_ORDER.READ", "PRODUCTION_ORDER.WRITE.DELETE"])
async def test_a_caller_without_the_permission_saves_nothing(caller, order, stored, held):
    planner = await caller(held)

    failure = await planner.failing(SAVE.format("ProductionOrder", "id"), inputs=[order("A")])

    assert (failure.code, failure.permission) == ("FORBIDDEN", "PRODUCTION_ORDER.WRITE.SAVE")
    assert await stored(ProductionOrder) == 0


async def test_a_field_of_the_wrong_type_is_told_with_its_place(execute):
    failure = await execute.failing(
        "mutation ($inputs: [ProductionOrderInput!]!) { saveProductionOrders(inputs: $inputs) { id } }",
        inputs=[{"name": "A"}, {"name": "B", "quantity": "many"}],
    )

    assert failure.code == "BAD_USER_INPUT"
    assert list(failure.violations) == ["inputs[1].quantity"]


@contextmanager
def counted_calls():
    """Counts how often each function is called on the event loop, or calls others; other threads are not looked at."""
    calls = Counter()
    sys.setprofile(lambda frame, event, _: calls.update([(frame.f_code, event)]))
    try:
        yield calls
    finally:
        sys.setprofile(None)


@pytest.mark.parametrize("kind", ["new", "changed", "the same", "without a product", "with one name"])
async def test_nothing_is_done_on_the_loop_for_each_of_many_records(execute, order, kind):
    document = SAVE.format("ProductionOrder", "id")
    saved = await execute(document, inputs=[order(f"Order {number}") for number in range(MANY)])
    ids = [row["id"] for row in saved["saveProductionOrders"]]
    inputs = {
        "new": [order(f"New {number}", notes="a" * 100) for number in range(MANY)],
        "changed": [{"id": one, "quantity": 5, "notes": "a" * 100} for one in ids],
        "the same": [{"id": one, "name": f"Order {number}", "quantity": 0} for number, one in enumerate(ids)],
        "without a product": [order(f"New {number}", productId=NOTHING) for number in range(MANY)],
        "with one name": [order("Order 1") for _ in range(MANY)],
    }

    with counted_calls() as calls:
        await execute.answer(document, inputs=inputs[kind])

    assert max(calls.values()) < MANY
