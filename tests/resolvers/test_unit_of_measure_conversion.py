import pytest

from db.records import Material, UnitOfMeasure, UnitOfMeasureConversion

CONVERT = """
query ($amount: Float!, $from: String!, $to: String!, $material: String) {
  convert(amount: $amount, from: $from, to: $to, materialIdOrPath: $material)
}
"""
ADD = """
mutation ($from: String!, $to: String!, $factor: Float!, $material: ULID) {
  addConversion(fromIdOrName: $from, toIdOrName: $to, conversionFactor: $factor, materialId: $material) {
    id fromUnitOfMeasure { name } toUnitOfMeasure { name } conversionFactor materialId version
  }
}
"""
STORED = """
query ($from: String!, $to: String!, $material: ULID) {
  getConversionFor(fromIdOrName: $from, toIdOrName: $to, materialId: $material) { conversionFactor }
  doesConversionExist(fromIdOrName: $from, toIdOrName: $to, materialId: $material)
}
"""
NOTHING = "01JCH3EPVP-1MNNDJTS-37Z75NGA"


@pytest.fixture
def units(saved):
    """Makes units: `await units("Gram", "Ton")`."""

    async def make(*names):
        return [await saved(UnitOfMeasure, name=name, symbol=name.lower()) for name in names]

    return make


@pytest.fixture
def add(execute):
    async def run(from_, to, factor, material=None):
        answer = await execute(ADD, **{"from": from_, "to": to, "factor": factor, "material": material})
        return answer["addConversion"]

    return run


@pytest.fixture
def convert(execute):
    async def run(amount, from_, to, material=None):
        answer = await execute(CONVERT, **{"amount": amount, "from": from_, "to": to, "material": material})
        return answer["convert"]

    return run


async def test_a_conversion_is_added_by_the_names_of_its_units(add, units):
    await units("Gram")

    added = await add("Kilogram", " Gram ", 1000)

    assert added == {
        "id": added["id"],
        "fromUnitOfMeasure": {"name": "Kilogram"},
        "toUnitOfMeasure": {"name": "Gram"},
        "conversionFactor": 1000,
        "materialId": None,
        "version": 1,
    }


async def test_a_conversion_is_added_by_the_ids_of_its_units_for_a_material(add, units, plant):
    (gram,) = await units("Gram")

    assert (await add(plant.unit_of_measure, gram, 1030, plant.material))["materialId"] == plant.material


@pytest.mark.parametrize(
    ("given", "violations"),
    [
        (
            {"from": "Kilogram", "to": "Ton", "factor": 1},
            {"toIdOrName": ["refers to no unit of measure that is there"]},
        ),
        ({"from": "", "to": "Gram", "factor": 1}, {"fromIdOrName": ["refers to no unit of measure that is there"]}),
        ({"from": "Kilogram", "to": "Gram", "factor": 0}, {"conversionFactor": ["must be greater than 0"]}),
        ({"from": "Kilogram", "to": "Gram", "factor": -1}, {"conversionFactor": ["must be greater than 0"]}),
        ({"from": "Gram", "to": "Gram", "factor": 1}, {"toId": ["must not be the unit it converts from"]}),
    ],
)
async def test_a_conversion_that_makes_no_sense_is_not_added(execute, units, stored, given, violations):
    await units("Gram")

    failure = await execute.failing(ADD, **given)

    assert (failure.code, failure.violations) == ("BAD_USER_INPUT", violations)
    assert await stored(UnitOfMeasureConversion) == 0


async def test_a_second_conversion_between_two_units_is_a_conflict(execute, add, units):
    await units("Gram")
    await add("Kilogram", "Gram", 1000)

    failure = await execute.failing(ADD, **{"from": "Kilogram", "to": "Gram", "factor": 1})

    assert failure.code == "CONFLICT"


async def test_an_amount_is_converted_there_and_back(add, convert, units):
    await units("Gram")
    await add("Kilogram", "Gram", 1000)

    assert await convert(2.5, "Kilogram", "Gram") == 2500
    assert await convert(2500, "Gram", "Kilogram") == 2.5
    assert await convert(-1, "Kilogram", "Gram") == -1000
    assert await convert(3, "Gram", "Gram") == 3


async def test_an_amount_is_converted_by_one_unit_in_between(add, convert, units):
    await units("Gram", "Ton")
    await add("Kilogram", "Gram", 1000)
    await add("Ton", "Kilogram", 1000)

    assert await convert(2, "Ton", "Gram") == 2_000_000
    assert await convert(2_000_000, "Gram", "Ton") == 2


async def test_a_materials_own_conversion_counts_for_it_alone(add, convert, units, plant):
    await units("Litre")
    await add("Litre", "Kilogram", 1)
    await add("Litre", "Kilogram", 1.03, plant.material)

    assert await convert(100, "Litre", "Kilogram") == 100
    for material in (plant.material, "/Dairy/Milk", "Dairy/Milk"):
        assert await convert(100, "Litre", "Kilogram", material) == 103


async def test_units_between_which_nothing_leads_are_told(execute, units):
    await units("Litre")

    failure = await execute.failing(CONVERT, **{"amount": 1, "from": "Litre", "to": "Kilogram"})

    assert failure.violations == {
        "to": ["can't be reached: there is no conversion from 'Litre' to 'Kilogram'"],
    }


async def test_everything_that_is_not_there_is_told(execute):
    failure = await execute.failing(CONVERT, **{"amount": 1, "from": "x", "to": "y", "material": "z"})

    assert sorted(failure.violations) == ["from", "materialIdOrPath", "to"]


async def test_an_amount_that_no_number_holds_is_refused(execute, add, units):
    await units("Gram")
    await add("Kilogram", "Gram", 1000)

    for amount in ("1e308", "-1e308", "1e400", "9" * 400):
        failure = await execute.failing(f'{{ convert(amount: {amount}, from: "Kilogram", to: "Gram") }}')
        assert (failure.code, list(failure.violations)) == ("BAD_USER_INPUT", ["amount"])


async def test_the_stored_conversion_is_that_of_one_direction_and_one_material(execute, add, units, plant):
    await units("Litre")
    await add("Litre", "Kilogram", 1)
    await add("Litre", "Kilogram", 1.03, plant.material)
    forth, back = {"from": "Litre", "to": "Kilogram"}, {"from": "Kilogram", "to": "Litre"}
    none = {"getConversionFor": None, "doesConversionExist": False}

    assert await execute(STORED, **forth) == {"getConversionFor": {"conversionFactor": 1}, "doesConversionExist": True}
    assert await execute(STORED, **forth, material=plant.material) == {
        "getConversionFor": {"conversionFactor": 1.03},
        "doesConversionExist": True,
    }
    assert await execute(STORED, **back) == none
    assert await execute(STORED, **forth, material=NOTHING) == none
    assert await execute(STORED, **{"from": "", "to": "nothing"}) == none


async def test_the_conversions_of_a_material_are_its_own(execute, add, saved, units, plant):
    await units("Litre")
    own = await add("Litre", "Kilogram", 1.03, plant.material)
    await add("Litre", "Kilogram", 1)
    await add("Litre", "Kilogram", 2, await saved(Material))
    document = "query ($id: ULID!) { getAllConversionsForMaterial(id: $id) { id } getAllConversions { id } }"

    data = await execute(document, id=plant.material)

    assert data["getAllConversionsForMaterial"] == [{"id": own["id"]}]
    assert len(data["getAllConversions"]) == 3
    assert (await execute(document, id=NOTHING))["getAllConversionsForMaterial"] == []


async def test_a_conversion_is_got_under_both_of_its_names(execute, saved):
    key = await saved(UnitOfMeasureConversion, conversionFactor=7)
    document = "query ($id: ULID!) { getConversion(id: $id) { conversionFactor } getUnitOfMeasureConversion(id: $id) "

    data = await execute(f"{document} {{ conversionFactor }} }}", id=key)

    assert data["getConversion"] == data["getUnitOfMeasureConversion"] == {"conversionFactor": 7}
