import asyncio
from types import SimpleNamespace

import pytest

SET_VALUE = """
mutation ($order: String!, $rule: String!, $value: Mixed!) {
  setPropertyValue(productionOrderIdOrName: $order, propertyIdOrName: $rule, value: $value) {
    id value dataType version createdBy modifiedBy
  }
}
"""

SET_VALUES = """
mutation ($order: String!, $values: Mixed!) {
  setPropertyValues(productionOrderIdOrName: $order, values: $values) { value version property { name } }
}
"""

VALUE_FOR = """
query ($order: String!, $rule: String!) {
  getProductionOrderPropertyValueFor(productionOrderIdOrName: $order, propertyIdOrName: $rule) { id value }
}
"""

FOR_ORDER = """
query ($key: String!) {
  getProductionOrderPropertyValuesForOrder(productionOrderIdOrName: $key) { value property { name } }
}
"""

SAVE = """
mutation ($input: ProductionOrderPropertyValueInput!) { saveProductionOrderPropertyValue(input: $input) { id } }
"""


@pytest.fixture
async def plan(production_order, production_order_property):
    """The ids of an order named Plan and of two properties of different types."""
    fat = await production_order_property(name="Fat", dataType="Int", lowLimit=0, highLimit=100)
    colour = await production_order_property(name="Colour", options="red, green", defaultValue="red", nullable=True)
    return SimpleNamespace(order=(await production_order(name="Plan")).id, fat=fat.id, colour=colour.id)


@pytest.fixture
def set_value(execute, plan):  # noqa: ARG001 (the order and the properties are to be there)
    async def run(value, rule="Fat", order="Plan"):
        return (await execute(SET_VALUE, order=order, rule=rule, value=value))["setPropertyValue"]

    return run


@pytest.fixture
def set_values(execute, plan):  # noqa: ARG001 (as above)
    async def run(values, order="Plan"):
        return (await execute(SET_VALUES, order=order, values=values))["setPropertyValues"]

    return run


@pytest.fixture
def kept(execute):
    """The values of the order, by the names of their properties."""

    async def run():
        values = (await execute(FOR_ORDER, key="Plan"))["getProductionOrderPropertyValuesForOrder"]
        return {value["property"]["name"]: value["value"] for value in values}

    return run


async def test_a_value_is_created_and_then_changed_by_setting_it(set_value):
    created = await set_value(3)
    changed = await set_value(4)

    assert (created["value"], created["dataType"], created["version"], created["modifiedBy"]) == (3, "Int", 1, None)
    assert changed == {**created, "value": 4, "version": 2, "modifiedBy": "planner"}


async def test_a_value_is_set_by_ids_as_by_names(set_value, plan):
    created = await set_value(3)

    for order in ("Plan", plan.order, plan.order.lower()):
        for rule in (plan.fat, " Fat "):
            assert (await set_value(3, rule, order))["id"] == created["id"]


async def test_to_set_the_same_value_again_is_no_change(set_value):
    assert await set_value(3) == await set_value(3)


async def test_a_value_that_breaks_the_rules_of_its_property_is_not_set(execute, plan, kept):
    expected = [
        (101, "must be at most 100"),
        (-1, "must be at least 0"),
        ("3", "must be an integer of 64 bits"),
        ({"a": 1}, "must be an integer of 64 bits"),
    ]

    for value, message in expected:
        failure = await execute.failing(SET_VALUE, order=plan.order, rule="Fat", value=value)
        assert (failure.code, failure.violations) == ("BAD_USER_INPUT", {"value": [message]})
    assert await kept() == {}


async def test_a_value_of_no_order_is_not_found(execute, plan):
    failure = await execute.failing(SET_VALUE, order="nothing", rule=plan.fat, value=1)

    assert (failure.code, failure.message) == ("NOT_FOUND", "There is no production order of this id or name.")


async def test_a_value_of_no_property_is_not_found(execute, plan):
    failure = await execute.failing(SET_VALUE, order=plan.order, rule="Salt", value=1)

    assert failure.code == "NOT_FOUND"
    assert failure.message == "There is no production order property with the id or name 'Salt'."


async def test_values_set_at_once_are_one_value(set_value, execute, plan):
    answers = await asyncio.gather(*(set_value(number) for number in range(20)))

    assert len({answer["id"] for answer in answers}) == 1
    assert sorted(answer["version"] for answer in answers) == list(range(1, 21))
    (last,) = [answer for answer in answers if answer["version"] == 20]
    found = await execute(VALUE_FOR, order=plan.order, rule=plan.fat)
    assert found["getProductionOrderPropertyValueFor"] == {"id": last["id"], "value": last["value"]}


async def test_values_set_and_saved_at_once_are_one_value(execute, set_value, plan):
    given = {"productionOrderId": plan.order, "propertyId": plan.fat, "value": 0}
    saves = [execute.answer(SAVE, input=given) for _ in range(5)]

    *answers, _, _ = await asyncio.gather(*saves, set_value(1), set_value(2))

    refused = [answer["errors"][0]["extensions"]["code"] for answer in answers if "errors" in answer]
    assert set(refused) <= {"CONFLICT"}
    assert len(refused) >= 4


async def test_values_are_set_by_ids_and_names_and_come_back_in_the_given_order(set_values, plan):
    first = await set_values({"Fat": 3, plan.colour: "green"})
    second = await set_values({"Colour": "red", plan.fat: 3})

    assert [(one["property"]["name"], one["value"], one["version"]) for one in first] == [
        ("Fat", 3, 1),
        ("Colour", "green", 1),
    ]
    assert [(one["property"]["name"], one["value"], one["version"]) for one in second] == [
        ("Colour", "red", 2),
        ("Fat", 3, 1),
    ]


async def test_of_several_values_all_are_set_or_none(execute, set_values, kept):
    await set_values({"Fat": 3})

    failure = await execute.failing(SET_VALUES, order="Plan", values={"Fat": 4, "Colour": "blue"})

    assert failure.violations == {"Colour": ["must be one of red, green"]}
    assert await kept() == {"Fat": 3}


async def test_every_wrong_value_is_told_by_the_name_it_is_given_by(execute, plan):
    failure = await execute.failing(SET_VALUES, order="Plan", values={plan.fat: 101, "Colour": "blue"})

    assert failure.violations == {plan.fat: ["must be at most 100"], "Colour": ["must be one of red, green"]}


async def test_a_property_is_given_once(execute, plan, kept):
    failure = await execute.failing(SET_VALUES, order="Plan", values={"Fat": 1, plan.fat: 1})

    assert failure.violations == {plan.fat: ["names a property that is given already"]}
    assert await kept() == {}


async def test_a_value_without_one_takes_the_default_and_is_not_changed_back_to_it(set_values, kept):
    await set_values({"Colour": None, "Fat": None})
    assert await kept() == {"Colour": "red", "Fat": None}

    await set_values({"Colour": None})
    assert await kept() == {"Colour": None, "Fat": None}


async def test_a_set_value_of_a_property_that_is_not_nullable_cannot_be_set_to_null(execute, set_values, kept):
    await set_values({"Fat": 3})

    failure = await execute.failing(SET_VALUES, order="Plan", values={"Fat": None})

    assert failure.violations == {"Fat": ["is set and can't be set to null: its property is not nullable"]}
    assert await kept() == {"Fat": 3}


async def test_no_values_are_an_empty_list(set_values):
    assert await set_values({}) == []


async def test_values_of_no_order_are_not_found(execute, plan):  # noqa: ARG001 (Fat is to be there)
    for values in ({}, {"Fat": 1}):
        assert (await execute.failing(SET_VALUES, order="nothing", values=values)).code == "NOT_FOUND"


async def test_with_a_property_that_is_not_there_no_value_is_set(execute, plan, kept):  # noqa: ARG001 (as above)
    failure = await execute.failing(SET_VALUES, order="Plan", values={"Fat": 1, "Salt": 1, "Sugar": 1})

    assert failure.code == "NOT_FOUND"
    assert await kept() == {}


async def test_values_are_an_object_of_the_names_of_properties(execute, plan):  # noqa: ARG001 (as above)
    message = "must be an object of values by the ids or names of their properties"

    for values in ("Fat", 3, True, {"a\u0000": 1}):
        failure = await execute.failing(SET_VALUES, order="Plan", values=values)
        assert failure.violations == {"values": [message]}


async def test_values_are_no_lists_and_no_objects(execute, plan):  # noqa: ARG001 (as above)
    for values in ([1], {"Fat": [1]}, {"Fat": {"a": 1}}):
        assert (await execute.failing(SET_VALUES, order="Plan", values=values)).code == "BAD_USER_INPUT"


async def test_values_written_into_the_document_are_set(execute, plan, kept):  # noqa: ARG001 (as above)
    await execute(
        'mutation { setPropertyValues(productionOrderIdOrName: "Plan", values: {Fat: 3, Colour: "red"}) { id } }'
    )

    assert await kept() == {"Fat": 3, "Colour": "red"}


async def test_values_are_set_with_three_statements_however_many_they_are(set_values, statements):
    await set_values({"Colour": "green"})

    for values in ({"Fat": 3}, {"Fat": 4, "Colour": "red"}, {"Fat": 5, "Colour": None}):
        statements.clear()
        await set_values(values)
        assert [sql.split()[0].lower() for sql in statements] == ["begin;", "select", "with", "with", "commit;"]


async def test_a_value_is_found_by_its_order_and_property(execute, set_value, plan):
    created = await set_value(3)

    for order, rule in (("Plan", "Fat"), (plan.order, plan.fat), (" Plan ", plan.fat.lower())):
        found = await execute(VALUE_FOR, order=order, rule=rule)
        assert found["getProductionOrderPropertyValueFor"] == {"id": created["id"], "value": 3}


async def test_of_what_is_not_there_there_is_no_value(execute, set_value):
    await set_value(3)

    for order, rule in (("Plan", "Colour"), ("nothing", "Fat"), ("Plan", "nothing"), ("", "")):
        assert await execute(VALUE_FOR, order=order, rule=rule) == {"getProductionOrderPropertyValueFor": None}
