import pytest

from db.records import RECORDS, Customer, Location, Material, MaterialClass, Shift, UnitOfMeasure
from db.records import ProductionOrderProperty as Property
from db.records import ProductionOrderPropertyValue as Value

NOTHING = "01JCH3EPVP-1MNNDJTS-37Z75NGA"
VALIDATE = "query ($input: {0}Input!) {{ validate{0}(input: $input) }}"
SAVE = "mutation ($input: {0}Input!) {{ save{0}(input: $input) {{ id }} }}"
KINDS = [record for record in RECORDS.values() if not record.view]

# What a save refuses although each field is valid in itself: the code of the save, and what validate tells.
REFUSED = {
    "name is taken": (
        Customer,
        lambda _: {"name": "Corner Shop"},
        "CONFLICT",
        {"name": ["is taken already"]},
    ),
    "symbol is taken": (
        UnitOfMeasure,
        lambda _: {"name": "Kilo", "symbol": "kg"},
        "CONFLICT",
        {"symbol": ["is taken already"]},
    ),
    "name is taken in this place": (
        MaterialClass,
        lambda _: {"name": "Dairy"},
        "CONFLICT",
        {"name": ["is taken already in this place of the tree"]},
    ),
    "name is taken at this location": (
        Shift,
        lambda plant: {"name": "Early", "locationId": plant.location},
        "CONFLICT",
        {"name": ["is taken already"]},
    ),
    "no such id": (Customer, lambda _: {"id": NOTHING}, "NOT_FOUND", {"id": ["is that of no record"]}),
    "another version": (
        Customer,
        lambda plant: {"id": plant.customer, "expectedVersion": 2},
        "CONFLICT",
        {"expectedVersion": ["is not the version that it has, 1"]},
    ),
    "version of a new record": (
        Customer,
        lambda _: {"name": "Baker", "expectedVersion": 1},
        "BAD_USER_INPUT",
        {"expectedVersion": ["needs the id of the record that has it"]},
    ),
    "reference to nothing": (
        Material,
        lambda plant: {"id": plant.material, "unitOfMeasureId": plant.customer},
        "BAD_USER_INPUT",
        {"unitOfMeasureId": ["refers to no unit of measure that is there"]},
    ),
    "circle": (
        Location,
        lambda plant: {"id": plant.location, "parentId": plant.location},
        "BAD_USER_INPUT",
        {"parentId": ["must not be the location itself or one below it"]},
    ),
    "options of another type": (
        Property,
        lambda _: {"name": "Fat", "dataType": "Int", "options": "a, b", "defaultValue": "c"},
        "BAD_USER_INPUT",
        {
            "options": ["must hold values of the type Int, which 'a' is not"],
            "defaultValue": ["must be an integer of 64 bits"],
        },
    ),
}


@pytest.fixture
def validate(execute):
    """What a save would refuse: `violations = await validate(Customer, name="")`."""

    async def run(record, **given):
        answer = await execute(VALIDATE.format(record.__name__), input=given)
        return answer[f"validate{record.__name__}"]

    return run


@pytest.fixture
def refused(execute):
    async def run(record, **given):
        return await execute.failing(SAVE.format(record.__name__), input=given)

    return run


def wrong(column):
    """A value that the rules of a column refuse; None if they refuse none."""
    if column.target:
        return NOTHING
    least = -1 if column.minimum == 0 else None
    return {str: "\u0007" * 20_000, int: least, float: least, list[str]: []}.get(column.kind)


def all_wrong(record):
    columns = [column for column in record.columns.values() if column.given]
    return {column.documented: wrong(column) for column in columns if wrong(column) is not None}


@pytest.mark.settings(max_body=10**8, max_bulk_body=10**8)
async def test_every_record_is_validated_as_it_is_saved(validate, refused, content):
    before = await content()

    for record in KINDS:
        for given in ({}, all_wrong(record)):
            violations = await validate(record, **given)
            assert violations == (await refused(record, **given)).violations
            assert given.keys() <= violations.keys()
    assert await content() == before


async def test_every_valid_record_is_validated_and_not_kept(validate, saved, content, execute):
    for record in KINDS:
        shown = " ".join(column.documented for column in record.columns.values() if column.required)
        key = await saved(record)
        stored = (await execute(f'{{ node(id: "{key}") {{ ... on {record.__name__} {{ {shown} }} }} }}'))["node"]
        before = await content()

        violations = await validate(record, id=key, notes="changed", **stored)

        assert (record, violations) == (record, {})
        assert await content() == before


@pytest.mark.parametrize("case", REFUSED)
async def test_validate_tells_what_the_save_refuses(validate, refused, content, plant, case):
    record, given, code, violations = REFUSED[case]
    before = await content()

    assert await validate(record, **given(plant)) == violations
    failure = await refused(record, **given(plant))

    assert (failure.code, failure.violations) == (code, violations)
    assert await content() == before


async def test_a_second_value_of_a_property_is_told(validate, saved, production_order, production_order_property):
    order, rule = await production_order(), await production_order_property()
    pair = {"productionOrderId": order.id, "propertyId": rule.id}
    await saved(Value, **pair)

    assert await validate(Value, **pair) == {"propertyId": ["is taken already"]}


async def test_a_data_type_that_values_keep_is_told(validate, saved, production_order_property):
    rule = await production_order_property(dataType="Int")
    await saved(Value, propertyId=rule.id)

    assert await validate(Property, id=rule.id, dataType="Float") == {
        "dataType": ["can't change while there are values for the property"]
    }


@pytest.mark.settings(max_root_fields=100, max_aliases=100, max_tokens=10_000)
async def test_what_is_validated_side_by_side_is_seen_by_no_other_field(execute, plant):
    fields = " ".join(
        f"""
        new{number}: validateCustomer(input: {{name: "Baker"}})
        renamed{number}: validateCustomer(input: {{id: "{plant.customer}", name: "Baker"}})
        taken{number}: validateUnitOfMeasure(input: {{name: "Kilogram", symbol: "x"}})
        moved{number}: validateMaterialClass(input: {{id: "{plant.material_classe}", name: "Milk"}})
        baker{number}: getCustomer(idOrName: "Baker") {{ id }}
        shop{number}: getCustomer(idOrName: "{plant.customer}") {{ name version }}
        milk{number}: getMaterial(idOrPath: "{plant.material}") {{ path }}
        customers{number}: findCustomers(queryRequest: {{}}) {{ totalElements }}
        """
        for number in range(5)
    )

    answer = await execute(f"{{ {fields} }}")

    expected = {
        "new": {},
        "renamed": {},
        "taken": {"name": ["is taken already"]},
        "moved": {},
        "baker": None,
        "shop": {"name": "Corner Shop", "version": 1},
        "milk": {"path": "/Dairy/Milk"},
        "customers": {"totalElements": 1},
    }
    assert answer == {f"{name}{number}": shown for number in range(5) for name, shown in expected.items()}


async def test_what_is_validated_can_be_saved_afterwards(validate, saved, stored):
    assert await validate(Customer, name="Baker") == {}

    await saved(Customer, name="Baker")

    assert await stored(Customer) == 2


async def test_validate_rolls_back_the_statements_of_a_save(validate, plant, statements):
    await validate(Customer, name="Baker")
    statements.clear()

    await validate(Customer, id=plant.customer, name="Baker")

    assert [sql.split()[0].lower() for sql in statements] == ["begin;", "select", "with", "rollback;"]
