import pytest

FIELDS = "id productionOrderId propertyId dataType value intValue floatValue notes enabled version"

SAVE = f"""
mutation ($input: ProductionOrderPropertyValueInput!) {{
  saveProductionOrderPropertyValue(input: $input) {{ {FIELDS} }}
}}
"""

GET = f"query ($id: ULID!) {{ getProductionOrderPropertyValue(id: $id) {{ {FIELDS} property {{ name }} }} }}"

FOR_ORDER = """
query ($key: String!) {
  getProductionOrderPropertyValuesForOrder(productionOrderIdOrName: $key) { value property { name } }
}
"""

DRAFT = {
    "productionOrderId": None,
    "propertyId": None,
    "dataType": "String",
    "value": None,
    "id": None,
    "notes": None,
    "enabled": True,
    "spare1": None,
    "spare2": None,
    "spare3": None,
}

NOTHING = "01JCH3EPVP-1MNNDJTS-37Z75NGA"


@pytest.fixture
def save(execute):
    async def run(**fields):
        return (await execute(SAVE, input=fields))["saveProductionOrderPropertyValue"]

    return run


@pytest.fixture
def refused(execute):
    async def run(**fields):
        return await execute.failing(SAVE, input=fields)

    return run


@pytest.fixture
def pair(production_order, production_order_property):
    """An order and a property with these rules, as the input of a value."""

    async def make(**rules):
        order, rule = await production_order(), await production_order_property(**rules)
        return {"productionOrderId": order.id, "propertyId": rule.id}

    return make


async def test_new_returns_the_documented_keys_and_defaults(execute):
    data = await execute(f"{{ newProductionOrderPropertyValue {{ {' '.join(DRAFT)} }} }}")

    assert data["newProductionOrderPropertyValue"] == DRAFT


async def test_an_untouched_draft_takes_the_data_type_of_its_property(save, pair):
    saved = await save(**{**DRAFT, **await pair(dataType="Int")})

    assert (saved["dataType"], saved["value"]) == ("Int", None)


async def test_an_untouched_draft_with_an_id_and_a_value_changes_the_value(save, pair):
    saved = await save(**await pair(dataType="Int"))

    changed = await save(**{**DRAFT, "id": saved["id"], "dataType": "Int", "value": 100})

    assert (changed["value"], changed["intValue"], changed["version"]) == (100, 100, 2)


async def test_a_new_value_takes_the_default_value(save, pair):
    assert (await save(**await pair(dataType="Float", defaultValue=1.5)))["value"] == 1.5


async def test_a_given_value_wins_over_the_default(save, pair):
    assert (await save(**await pair(dataType="Boolean", defaultValue=True), value=False))["value"] is False


@pytest.mark.parametrize("data_type", ["Int", "String"])
async def test_another_data_type_than_that_of_the_property_is_a_violation(refused, pair, data_type):
    failure = await refused(**await pair(dataType="Float"), dataType=data_type, value=1)

    assert failure.violations["dataType"] == ["must be Float, the data type of the property"]


@pytest.mark.parametrize(
    ("data_type", "value"),
    [
        ("String", ""),
        ("String", 'quoted "ü" \n \\'),
        ("Int", -(2**63)),
        ("Float", 1e300),
        ("Float", -0.1),
        ("Boolean", False),
        ("DateTime", "2026-01-01T00:00:00.5Z"),
        ("Blob", ""),
        ("Blob", "A" * 400),
    ],
)
async def test_a_value_is_shown_as_it_was_saved(save, execute, pair, data_type, value):
    saved = await save(**await pair(dataType=data_type), value=value)

    shown = (await execute(GET, id=saved["id"]))["getProductionOrderPropertyValue"]

    assert (saved["value"], shown["value"]) == (value, value)


async def test_an_instant_is_shown_in_utc(save, pair):
    saved = await save(**await pair(dataType="DateTime"), value="2026-01-01T01:00:00+01:00")

    assert saved["value"] == "2026-01-01T00:00:00Z"


@pytest.mark.parametrize(("data_type", "value"), [("Int", "1"), ("Boolean", 0), ("String", 1), ("Blob", "?")])
async def test_a_value_must_be_of_the_data_type(refused, pair, data_type, value):
    failure = await refused(**await pair(dataType=data_type), value=value)

    assert (failure.code, list(failure.violations)) == ("BAD_USER_INPUT", ["value"])


@pytest.mark.parametrize("value", [[1], {"a": 1}])
async def test_a_value_is_no_list_and_no_object(refused, pair, value):
    failure = await refused(**await pair(), value=value)

    assert (failure.code, list(failure.violations)) == ("BAD_USER_INPUT", ["value"])


async def test_limits_are_inclusive(save, refused, pair):
    given = await pair(dataType="Int", lowLimit=1, highLimit=3)

    saved = await save(**given, value=3)

    assert (await save(id=saved["id"], value=1))["value"] == 1
    assert (await refused(id=saved["id"], value=4)).violations == {"value": ["must be at most 3"]}
    assert (await refused(id=saved["id"], value=0)).violations == {"value": ["must be at least 1"]}


async def test_a_value_is_one_of_the_options(save, refused, pair):
    given = await pair(options="[red, green]")

    assert (await refused(**given, value="blue")).violations == {"value": ["must be one of red, green"]}
    assert (await save(**given, value="red"))["value"] == "red"


async def test_a_set_value_cannot_be_set_to_null_where_the_property_is_not_nullable(save, refused, pair):
    saved = await save(**await pair(), value="x")

    assert list((await refused(id=saved["id"], value=None)).violations) == ["value"]


async def test_a_set_value_can_be_set_to_null_where_the_property_is_nullable(save, pair):
    saved = await save(**await pair(nullable=True), value="x")

    assert (await save(id=saved["id"], value=None))["value"] is None


async def test_a_value_that_is_left_out_is_kept(save, pair):
    saved = await save(**await pair(), value="x")

    assert (await save(id=saved["id"], notes="n"))["value"] == "x"


async def test_a_second_value_for_the_same_order_and_property_is_a_conflict(save, refused, pair):
    given = await pair()
    await save(**given)

    assert (await refused(**given)).code == "CONFLICT"


async def test_a_value_stays_with_its_order_and_property(save, refused, pair):
    first, second = await pair(), await pair()
    saved = await save(**first)

    failure = await refused(id=saved["id"], **second)

    assert sorted(failure.violations) == ["productionOrderId", "propertyId"]
    assert (await save(id=saved["id"], **first, value="x"))["value"] == "x"


async def test_a_value_needs_an_order_and_a_property(refused):
    assert (await refused(value="x")).violations == {
        "productionOrderId": ["is required"],
        "propertyId": ["is required"],
    }


async def test_a_value_of_nothing_for_nothing_tells_both(refused):
    failure = await refused(productionOrderId=NOTHING, propertyId=NOTHING, value="x")

    assert failure.violations == {
        "productionOrderId": ["refers to no production order that is there"],
        "propertyId": ["refers to no production order property that is there"],
    }


async def test_a_change_of_an_id_that_is_not_there_is_not_found(refused):
    assert (await refused(id=NOTHING, value="x")).code == "NOT_FOUND"


async def test_the_values_for_an_order_are_found_by_its_id_and_name(
    execute, save, production_order, production_order_property
):
    order = await production_order(name="Order7")
    for name in ("Fat", "Salt"):
        rule = await production_order_property(name=name)
        await save(productionOrderId=order.id, propertyId=rule.id, value=name.lower())

    for key in (order.id, "Order7"):
        assert (await execute(FOR_ORDER, key=key))["getProductionOrderPropertyValuesForOrder"] == [
            {"value": "fat", "property": {"name": "Fat"}},
            {"value": "salt", "property": {"name": "Salt"}},
        ]


async def test_the_values_for_an_order_are_one_statement(execute, save, pair, statements):
    given = await pair()
    await save(**given, value="x")
    statements.clear()

    await execute(FOR_ORDER, key=given["productionOrderId"])

    assert len(statements) == 1


async def test_the_values_for_an_order_without_any_are_none_and_of_no_order_null(execute, production_order):
    order = await production_order()

    assert await execute(FOR_ORDER, key=order.id) == {"getProductionOrderPropertyValuesForOrder": []}
    assert await execute(FOR_ORDER, key="nothing") == {"getProductionOrderPropertyValuesForOrder": None}


async def test_get_of_what_is_not_there_is_null(execute):
    assert await execute(GET, id=NOTHING) == {"getProductionOrderPropertyValue": None}


async def test_get_by_what_is_no_id_is_refused(execute):
    failure = await execute.failing(GET, id="01ILOU0000000000000000000I")

    assert (failure.code, list(failure.violations)) == ("BAD_USER_INPUT", ["id"])


async def test_a_save_shows_what_it_saved_wherever_the_selection_leads_back_to_it(execute, pair):
    given = await pair(dataType="Int")
    document = """
    mutation ($input: ProductionOrderPropertyValueInput!) {
      saveProductionOrderPropertyValue(input: $input) { value productionOrder { propertyValues { value } } }
    }
    """

    created = (await execute(document, input={**given, "value": 1}))["saveProductionOrderPropertyValue"]

    assert created == {"value": 1, "productionOrder": {"propertyValues": [{"value": 1}]}}


async def test_a_conflict_tells_that_the_value_would_be_changed(save, refused, pair):
    saved = await save(**await pair(dataType="Int"), value=1)
    await save(id=saved["id"], value=2)

    failure = await refused(id=saved["id"], value=3, expectedVersion=1)

    assert (failure.code, failure.currentVersion, failure.differingFields) == ("CONFLICT", 2, ["value"])
