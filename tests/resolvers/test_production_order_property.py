import asyncio

import pytest

SAVE = """
mutation ($input: ProductionOrderPropertyInput!) {
  saveProductionOrderProperty(input: $input) {
    id name description dataType lowLimit highLimit format unitOfMeasureId unitOfMeasureName unitOfMeasureSymbol options
    nullable defaultValue defaultIntValue defaultFloatValue defaultStringValue defaultDateValue defaultBlobValue version
  }
}
"""

SAVE_VALUE = (
    "mutation ($input: ProductionOrderPropertyValueInput!) { saveProductionOrderPropertyValue(input: $input) { id } }"
)

GET = "query ($key: String!) { getProductionOrderProperty(idOrName: $key) { id name unitOfMeasure { symbol } } }"

GET_OR_CREATE = """
mutation ($input: ProductionOrderPropertyInput!) {
  getProductionOrderPropertyOrCreateNew(input: $input) { id name description dataType version }
}
"""

DRAFT = {
    "name": None,
    "description": None,
    "dataType": "String",
    "lowLimit": None,
    "highLimit": None,
    "format": None,
    "unitOfMeasureId": None,
    "unitOfMeasureName": None,
    "unitOfMeasureSymbol": None,
    "options": None,
    "nullable": False,
    "defaultValue": None,
    "id": None,
    "notes": None,
    "enabled": True,
    "spare1": None,
    "spare2": None,
    "spare3": None,
}

LARGEST = 2**63 - 1


@pytest.fixture
def save(execute):
    async def run(**fields):
        return (await execute(SAVE, input={"name": "Fat", **fields}))["saveProductionOrderProperty"]

    return run


@pytest.fixture
def refused(execute):
    async def run(**fields):
        return await execute.failing(SAVE, input={"name": "Fat", **fields})

    return run


async def test_new_returns_the_documented_keys_and_defaults(execute):
    data = await execute(f"{{ newProductionOrderProperty {{ {' '.join(DRAFT)} }} }}")

    assert data["newProductionOrderProperty"] == DRAFT


async def test_a_draft_with_a_name_can_be_saved(save):
    saved = await save(**{**DRAFT, "name": "Fat"})

    assert (saved["dataType"], saved["nullable"], saved["defaultValue"]) == ("String", False, None)


async def test_a_property_shows_the_name_and_symbol_of_its_unit(save, plant):
    saved = await save(unitOfMeasureId=plant.unit_of_measure)

    assert (saved["unitOfMeasureName"], saved["unitOfMeasureSymbol"]) == ("Kilogram", "kg")


async def test_get_takes_an_id_or_a_name(execute, save, plant):
    saved = await save(unitOfMeasureId=plant.unit_of_measure)

    for key in (saved["id"], "Fat"):
        found = (await execute(GET, key=key))["getProductionOrderProperty"]
        assert found == {"id": saved["id"], "name": "Fat", "unitOfMeasure": {"symbol": "kg"}}


async def test_two_properties_cannot_have_one_name(save, refused):
    await save()

    assert (await refused()).code == "CONFLICT"


@pytest.mark.parametrize(
    ("data_type", "value", "column", "kept"),
    [
        ("String", "fine", "defaultStringValue", "fine"),
        ("Int", LARGEST, "defaultIntValue", LARGEST),
        ("Int", -LARGEST - 1, "defaultIntValue", -LARGEST - 1),
        ("Float", 1.5, "defaultFloatValue", 1.5),
        ("Float", 2, "defaultFloatValue", 2),
        ("Boolean", True, "defaultIntValue", 1),
        ("Boolean", False, "defaultIntValue", 0),
        ("DateTime", "2026-01-01T00:00:00Z", "defaultDateValue", "2026-01-01T00:00:00Z"),
        ("Blob", "AAEC/w==", "defaultBlobValue", "AAEC/w=="),
    ],
)
async def test_a_default_value_is_kept_in_the_column_of_its_type(save, data_type, value, column, kept):
    saved = await save(dataType=data_type, defaultValue=value)

    assert (saved["defaultValue"], saved[column]) == (value, kept)


@pytest.mark.parametrize(
    ("data_type", "value"),
    [
        ("String", 1),
        ("Int", "1"),
        ("Int", 1.5),
        ("Int", LARGEST + 1),
        ("Int", True),
        ("Float", "1.5"),
        ("Float", "NaN"),
        ("Float", False),
        ("Boolean", 1),
        ("Boolean", "true"),
        ("DateTime", "2026-01-01T00:00:00"),
        ("DateTime", 0),
        ("Blob", "not base64!"),
    ],
)
async def test_a_default_value_must_be_of_the_data_type(refused, data_type, value):
    failure = await refused(dataType=data_type, defaultValue=value)

    assert (failure.code, list(failure.violations)) == ("BAD_USER_INPUT", ["defaultValue"])


async def test_a_word_without_quotes_is_no_text(execute):
    failure = await execute.failing(
        'mutation { saveProductionOrderProperty(input: {name: "A", defaultValue: RED}) { id } }'
    )

    assert failure.code == "GRAPHQL_VALIDATION_FAILED"


@pytest.mark.parametrize(("value", "message"), [(9.5, "must be at least 10"), (90.5, "must be at most 90")])
async def test_limits_bind_the_default_value(save, refused, value, message):
    rules = {"dataType": "Float", "lowLimit": 10, "highLimit": 90}

    failure = await refused(**rules, defaultValue=value)

    assert failure.violations == {"defaultValue": [message]}
    assert (await save(**rules, defaultValue=10))["defaultValue"] == 10


@pytest.mark.parametrize("options", ["[red, green]", "red, green", "red,green,"])
async def test_options_bind_the_default_value(save, refused, options):
    failure = await refused(options=options, defaultValue="blue")

    assert failure.violations == {"defaultValue": ["must be one of red, green"]}
    assert (await save(options=options, defaultValue="green"))["defaultValue"] == "green"


async def test_options_are_values_of_the_data_type(save, refused):
    failure = await refused(dataType="Int", options="1, two")

    assert failure.violations == {"options": ["must hold values of the type Int, which 'two' is not"]}
    assert (await save(dataType="Float", options="1.50, 2", defaultValue=1.5))["defaultValue"] == 1.5


@pytest.mark.parametrize("number", ["1e400", "-1e400", "9" * 350])
@pytest.mark.parametrize("field", ["lowLimit", "highLimit"])
async def test_a_limit_is_finite(execute, field, number):
    failure = await execute.failing(
        f'mutation {{ saveProductionOrderProperty(input: {{name: "A", dataType: Float, {field}: {number}}}) {{ id }} }}'
    )

    assert (failure.code, failure.violations) == ("BAD_USER_INPUT", {field: ["must be a finite number"]})


async def test_wrong_options_do_not_hide_a_wrong_default_value(refused):
    failure = await refused(dataType="Int", options="two", highLimit=2, defaultValue=3)

    assert sorted(failure.violations) == ["defaultValue", "options"]


async def test_new_limits_bind_the_default_value_that_is_kept(save, refused):
    saved = await save(dataType="Int", defaultValue=5)

    failure = await refused(id=saved["id"], highLimit=4)

    assert failure.violations == {"defaultValue": ["must be at most 4"]}


async def test_a_high_limit_is_not_below_the_low_limit(refused):
    failure = await refused(dataType="Int", lowLimit=2, highLimit=1)

    assert failure.violations == {"highLimit": ["must not be less than lowLimit"]}


async def test_a_default_value_that_is_left_out_is_kept_and_null_clears_it(save):
    saved = await save(dataType="Int", defaultValue=5)

    assert (await save(id=saved["id"], description="x"))["defaultValue"] == 5
    assert (await save(id=saved["id"], defaultValue=None))["defaultValue"] is None


async def test_the_data_type_can_change_while_there_are_no_values(save, refused):
    saved = await save(dataType="Int", defaultValue=5)

    failure = await refused(id=saved["id"], dataType="String")
    changed = await save(id=saved["id"], dataType="String", defaultValue="five")

    assert failure.violations == {"defaultValue": ["is of the type Int: give one of the new type, or null"]}
    assert (changed["dataType"], changed["defaultValue"], changed["defaultIntValue"]) == ("String", "five", None)


async def test_the_data_type_of_a_property_with_values_cannot_change(save, refused, execute, production_order):
    order, saved = await production_order(), await save(dataType="Int")
    await execute(SAVE_VALUE, input={"productionOrderId": order.id, "propertyId": saved["id"], "value": 1})

    failure = await refused(id=saved["id"], dataType="Float")

    assert (failure.code, list(failure.violations)) == ("BAD_USER_INPUT", ["dataType"])
    assert (await save(id=saved["id"], dataType="Int", description="x"))["version"] == 2


@pytest.fixture
def get_or_create(execute):
    async def run(**fields):
        return (await execute(GET_OR_CREATE, input=fields))["getProductionOrderPropertyOrCreateNew"]

    return run


async def test_a_property_that_is_not_there_is_made(get_or_create):
    made = await get_or_create(**{**DRAFT, "name": " Fat ", "dataType": "Int", "description": "much"})

    assert made == {"id": made["id"], "name": "Fat", "description": "much", "dataType": "Int", "version": 1}
    assert await get_or_create(name="Fat") == made


async def test_a_property_that_is_there_is_got_as_it_is(save, get_or_create):
    saved = await save(dataType="Int", description="much")

    got = await get_or_create(name="Fat", dataType="Float", description="little")

    assert (got["id"], got["dataType"], got["description"], got["version"]) == (saved["id"], "Int", "much", 1)


async def test_a_property_is_got_by_its_id_and_not_renamed(save, get_or_create):
    saved = await save()

    got = await get_or_create(id=saved["id"], name="Salt")

    assert (got["id"], got["name"], got["version"]) == (saved["id"], "Fat", 1)


async def test_an_id_that_is_not_there_makes_no_property(execute):
    failure = await execute.failing(GET_OR_CREATE, input={"id": "01JCH3EPVP-1MNNDJTS-37Z75NGA", "name": "Fat"})

    assert failure.code == "NOT_FOUND"


async def test_an_id_as_a_name_is_a_name(save, get_or_create):
    saved = await save()

    assert (await get_or_create(name=saved["id"]))["id"] != saved["id"]


async def test_a_property_without_a_valid_name_is_not_made(execute):
    expected = {
        "a\u0000": "must not contain control or invisible characters",
        "": "must not be empty",
        "x" * 256: "must have at most 255 characters",
        None: "is required",
    }

    for name, message in expected.items():
        failure = await execute.failing(GET_OR_CREATE, input={"name": name})
        assert (failure.code, failure.violations) == ("BAD_USER_INPUT", {"name": [message]})


async def test_two_callers_who_get_or_create_at_once_get_one_property(get_or_create):
    got = await asyncio.gather(*(get_or_create(name="Fat", description=f"of {number}") for number in range(12)))

    assert len({(one["id"], one["description"], one["version"]) for one in got}) == 1
