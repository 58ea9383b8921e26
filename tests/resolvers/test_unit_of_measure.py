import asyncio

import pytest

from db.records import UnitOfMeasure

GET_OR_CREATE = """
mutation ($input: UnitOfMeasureInput!) { getUnitOfMeasureOrCreateNew(input: $input) { id name symbol version } }
"""
SAVE = "mutation ($input: UnitOfMeasureInput!) { saveUnitOfMeasure(input: $input) { id name symbol version } }"
GET = "query ($key: String!) { getUnitOfMeasure(idOrName: $key) { name } doesUnitOfMeasureExist(idOrName: $key) }"


@pytest.fixture
def get_or_create(execute):
    async def run(**fields):
        return (await execute(GET_OR_CREATE, input=fields))["getUnitOfMeasureOrCreateNew"]

    return run


async def test_a_unit_is_found_by_its_id_and_name(execute, plant):
    for key in (plant.unit_of_measure, plant.unit_of_measure.replace("-", ""), "Kilogram", " Kilogram "):
        assert await execute(GET, key=key) == {
            "getUnitOfMeasure": {"name": "Kilogram"},
            "doesUnitOfMeasureExist": True,
        }


async def test_no_other_text_finds_a_unit(execute):
    for key in ("", "kg", "kilogram", "%", "01JCH3EPVP-1MNNDJTS-37Z75NGA"):
        assert await execute(GET, key=key) == {"getUnitOfMeasure": None, "doesUnitOfMeasureExist": False}


async def test_all_units_come_in_the_order_in_which_they_were_created(execute, saved):
    for name in ("Ton", "Gram"):
        await saved(UnitOfMeasure, name=name)

    data = await execute("{ getAllUnitsOfMeasure { name } }")

    assert [unit["name"] for unit in data["getAllUnitsOfMeasure"]] == ["Kilogram", "Ton", "Gram"]


async def test_a_symbol_is_of_one_unit(execute):
    failure = await execute.failing(SAVE, input={"name": "Kilo", "symbol": "kg"})

    assert failure.code == "CONFLICT"
    assert failure.message == "There is another unit of measure with the symbol 'kg' already."


async def test_a_unit_that_is_there_is_got_as_it_is(get_or_create, plant):
    assert await get_or_create(name=" Kilogram ", symbol="kilo") == {
        "id": plant.unit_of_measure,
        "name": "Kilogram",
        "symbol": "kg",
        "version": 1,
    }


async def test_a_unit_that_is_not_there_is_made(get_or_create):
    made = await get_or_create(name="Gram", symbol="g")

    assert made == {"id": made["id"], "name": "Gram", "symbol": "g", "version": 1}


async def test_a_unit_with_a_symbol_that_is_taken_is_not_made(execute, stored):
    failure = await execute.failing(GET_OR_CREATE, input={"name": "Kilo", "symbol": "kg"})

    assert failure.code == "CONFLICT"
    assert await stored(UnitOfMeasure) == 1


async def test_a_unit_without_a_symbol_is_not_made(execute):
    failure = await execute.failing(GET_OR_CREATE, input={"name": "Gram"})

    assert failure.violations == {"symbol": ["is required"]}


async def test_callers_who_get_or_create_at_once_get_one_unit(get_or_create, stored):
    got = await asyncio.gather(*(get_or_create(name="Gram", symbol="g") for _ in range(12)))

    assert len({unit["id"] for unit in got}) == 1
    assert await stored(UnitOfMeasure) == 2


async def test_in_one_request_a_unit_is_made_and_then_got(execute):
    data = await execute(
        """
        mutation {
          a: getUnitOfMeasureOrCreateNew(input: {name: "Gram", symbol: "g"}) { id version }
          b: getUnitOfMeasureOrCreateNew(input: {name: "Gram", symbol: "kg"}) { id version }
        }
        """
    )

    assert data["a"] == data["b"]
