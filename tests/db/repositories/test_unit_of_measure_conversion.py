import pytest

from db.errors import Conflict, Invalid
from db.records import Material, MaterialClass, UnitOfMeasure, UnitOfMeasureConversion
from db.repositories import repository
from db.ulid import new_ulid

UNITS = {"Ton": "t", "Kilogram": "kg", "Gram": "g", "Liter": "L", "Milliliter": "mL", "Piece": "pcs"}


@pytest.fixture
async def units(save):
    """The ids of some units by their symbols."""
    return {symbol: (await save(UnitOfMeasure, name=name, symbol=symbol)).id for name, symbol in UNITS.items()}


@pytest.fixture
async def milk(save, units):
    """The id of the material /Dairy/Milk."""
    dairy = await save(MaterialClass, name="Dairy")
    return (await save(Material, name="Milk", material_class_id=dairy.id, unit_of_measure_id=units["L"])).id


@pytest.fixture
def convert(units, save):
    """Stores conversions: `await convert("kg", "g", 1000)`."""

    async def store(from_, to, factor, material_id=None, **fields):
        given = {"from_id": units[from_], "to_id": units[to], "conversion_factor": factor, "material_id": material_id}
        return await save(UnitOfMeasureConversion, **given, **fields)

    return store


@pytest.fixture
def conversions(session):
    return repository(UnitOfMeasureConversion, session)


async def test_a_unit_is_one_of_itself(conversions, units):
    assert await conversions.factor("Gram", units["g"]) == 1


async def test_the_factor_is_the_stored_one(conversions, convert):
    await convert("kg", "g", 1000)

    assert await conversions.factor("Kilogram", "Gram") == 1000


async def test_a_stored_conversion_holds_the_other_way_round(conversions, convert):
    await convert("kg", "g", 1000)

    assert await conversions.factor("Gram", "Kilogram") == 0.001


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("t", "kg", 1000), ("kg", "g", 1000)),
        (("kg", "t", 0.001), ("kg", "g", 1000)),
        (("t", "kg", 1000), ("g", "kg", 0.001)),
        (("kg", "t", 0.001), ("g", "kg", 0.001)),
    ],
)
async def test_a_third_unit_leads_from_one_to_another(conversions, convert, first, second):
    await convert(*first)
    await convert(*second)

    assert await conversions.factor("Ton", "Gram") == 1_000_000
    assert await conversions.factor("Gram", "Ton") == 0.000001


async def test_a_fourth_unit_does_not(conversions, convert):
    await convert("t", "kg", 1000)
    await convert("kg", "g", 1000)
    await convert("g", "mL", 1)

    with pytest.raises(Invalid) as refused:
        await conversions.factor("Ton", "Milliliter")

    told = "can't be reached: there is no conversion from 'Ton' to 'Milliliter'"
    assert refused.value.violations == {"to": [told]}


async def test_fewer_steps_win(conversions, convert):
    await convert("t", "kg", 1000)
    await convert("kg", "g", 1000)
    await convert("g", "t", 0.5)

    assert await conversions.factor("Ton", "Gram") == 2


async def test_the_stored_direction_wins_over_the_other(conversions, convert):
    await convert("g", "kg", 0.25)
    await convert("kg", "g", 1000)

    assert await conversions.factor("Kilogram", "Gram") == 1000
    assert await conversions.factor("Gram", "Kilogram") == 0.25


async def test_a_disabled_conversion_does_not_count(conversions, convert):
    await convert("kg", "g", 1000, enabled=False)

    with pytest.raises(Invalid, match="no conversion from 'Kilogram' to 'Gram'"):
        await conversions.factor("Kilogram", "Gram")


@pytest.mark.parametrize("material", ["/Dairy/Milk", "Dairy/Milk/", None])
async def test_a_materials_own_conversion_wins_over_the_general_one(conversions, convert, milk, material):
    await convert("L", "kg", 1)
    await convert("L", "kg", 1.03, milk)

    assert await conversions.factor("Liter", "Kilogram", material or milk) == 1.03
    assert await conversions.factor("Liter", "Kilogram") == 1


async def test_a_materials_own_and_a_general_conversion_lead_on_together(conversions, convert, milk):
    await convert("L", "kg", 1.03, milk)
    await convert("L", "kg", 1)
    await convert("kg", "g", 1000)

    assert await conversions.factor("Liter", "Gram", milk) == 1030
    assert await conversions.factor("Liter", "Gram") == 1000


async def test_another_materials_conversion_does_not_count(conversions, convert, milk):
    await convert("L", "kg", 1.03, milk)

    with pytest.raises(Invalid, match="no conversion from 'Liter' to 'Kilogram'"):
        await conversions.factor("Liter", "Kilogram")


async def test_a_missing_conversion_of_a_material_says_that_it_is_of_one(conversions, milk):
    with pytest.raises(Invalid, match="no conversion from 'Liter' to 'Kilogram' for this material"):
        await conversions.factor("Liter", "Kilogram", milk)


async def test_everything_that_is_not_there_is_told(conversions):
    with pytest.raises(Invalid) as refused:
        await conversions.factor("Stone", new_ulid(), "/Nowhere")

    unit, material = "refers to no unit of measure that is there", "refers to no material that is there"
    assert refused.value.violations == {"from": [unit], "to": [unit], "materialIdOrPath": [material]}


@pytest.mark.parametrize("factors", [(1e200, 1e200), (1e-200, 1e-200)])
async def test_a_factor_that_no_number_holds_is_refused(conversions, convert, factors):
    await convert("t", "kg", factors[0])
    await convert("kg", "g", factors[1])

    for way in (("Ton", "Gram"), ("Gram", "Ton")):
        with pytest.raises(Invalid, match="too large or too small"):
            await conversions.factor(*way)


async def test_a_factor_is_found_with_one_statement(conversions, convert, session):
    await convert("kg", "g", 1000)
    before = session.statements

    await conversions.factor("Gram", "Kilogram")

    assert session.statements == before + 1


@pytest.mark.parametrize("factor", [0, -1.5])
async def test_every_wrong_field_is_told(convert, factor):
    with pytest.raises(Invalid) as refused:
        await convert("kg", "kg", factor)

    assert refused.value.violations == {
        "conversionFactor": ["must be greater than 0"],
        "toId": ["must not be the unit it converts from"],
    }


async def test_a_change_must_not_make_it_lead_to_its_own_unit(convert, save, units):
    stored = await convert("kg", "g", 1000)

    with pytest.raises(Invalid, match="toId must not be"):
        await save(UnitOfMeasureConversion, id=stored.id, to_id=units["kg"])


async def test_a_general_conversion_is_stored_once(convert):
    await convert("kg", "g", 1000)

    with pytest.raises(Conflict, match="conversion between these units already"):
        await convert("kg", "g", 1000)


async def test_the_conversion_between_two_units_is_the_one_that_is_stored_so(conversions, convert, shown, milk):
    general = await convert("L", "kg", 1)
    own = await convert("L", "kg", 1.03, milk)

    assert (await shown(conversions.between("Liter", "Kilogram"))).id == general.id
    assert (await shown(conversions.between("Liter", "Kilogram", milk))).id == own.id
    assert await shown(conversions.between("Kilogram", "Liter")) is None
    assert await shown(conversions.between("Kilogram", "Stone")) is None


async def test_a_conversion_is_added_by_the_names_of_its_units(conversions, session, shown, units, milk):
    async with session.transaction():
        added = await shown(await conversions.add("Liter", units["kg"], 1.03, milk))

    assert (added.from_id, added.to_id) == (units["L"], units["kg"])
    assert (added.conversion_factor, added.material_id) == (1.03, milk)


async def test_units_that_are_not_there_are_told_when_a_conversion_is_added(conversions):
    with pytest.raises(Invalid) as refused:
        await conversions.add("Stone", "Pound", 14)

    told = ["refers to no unit of measure that is there"]
    assert refused.value.violations == {"fromIdOrName": told, "toIdOrName": told}
