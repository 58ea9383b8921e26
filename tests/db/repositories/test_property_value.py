import pytest

from db.enumerations import DataType
from db.errors import Conflict, Invalid
from db.records import Material, MaterialClass, MaterialProperty, MaterialPropertyValue


@pytest.fixture
async def dairy(save):
    """The id of a material class."""
    return (await save(MaterialClass, name="Fresh")).id


@pytest.fixture
def material(save, dairy, plant):
    """Makes materials of this class: `cream = await material("Cream")`, its id."""

    async def make(name):
        made = await save(Material, name=name, material_class_id=dairy, unit_of_measure_id=plant.unit_of_measure)
        return made.id

    return make


@pytest.fixture
def fat(save, dairy, material):
    """Makes a material and a property of its class, as the input of a value."""

    async def make(**rules):
        rule = await save(MaterialProperty, name="Fat", material_class_id=dairy, **rules)
        return {"material_id": await material("Milk"), "property_id": rule.id}

    return make


async def test_a_value_takes_the_data_type_and_the_default_of_its_property(save, fat):
    value = await save(MaterialPropertyValue, **await fat(data_type=DataType.Float, default_value=3.5))

    assert (value.data_type, value.float_value) == ("Float", 3.5)


async def test_a_value_obeys_the_rules_of_its_property(save, fat):
    given = await fat(data_type=DataType.Float, high_limit=85.0)

    with pytest.raises(Invalid) as refused:
        await save(MaterialPropertyValue, **given, value=86)

    assert refused.value.violations == {"value": ["must be at most 85"]}


async def test_a_value_stays_with_its_material(save, fat, material):
    value = await save(MaterialPropertyValue, **await fat(), value="low")
    cream = await material("Cream")

    with pytest.raises(Invalid) as refused:
        await save(MaterialPropertyValue, id=value.id, material_id=cream)

    assert refused.value.violations.keys() == {"materialId"}


async def test_a_material_has_one_value_of_a_property(save, fat):
    given = await fat()
    await save(MaterialPropertyValue, **given, value="low")

    with pytest.raises(Conflict, match="material has a value for this property already"):
        await save(MaterialPropertyValue, **given, value="high")
