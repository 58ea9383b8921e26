import pytest

from db.enumerations import DataType
from db.errors import Conflict, Invalid
from db.records import LocationProperty, MaterialClass, MaterialProperty


@pytest.fixture
async def dairy(save):
    """The id of a material class."""
    return (await save(MaterialClass, name="Dairy")).id


@pytest.mark.parametrize("record", [MaterialProperty, LocationProperty])
async def test_every_kind_of_property_has_the_same_rules(save, dairy, record):
    needed = {"material_class_id": dairy} if record is MaterialProperty else {}

    with pytest.raises(Invalid) as refused:
        await save(
            record,
            name="Layers",
            data_type=DataType.Int,
            low_limit=5.0,
            high_limit=3.0,
            options="4, many",
            default_value="six",
            **needed,
        )

    assert refused.value.violations.keys() == {"highLimit", "options", "defaultValue"}


async def test_a_default_value_is_kept_in_the_column_of_its_type(save):
    saved = await save(LocationProperty, name="Layers", data_type=DataType.Int, default_value=4)

    assert (saved.default_int_value, saved.default_string_value) == (4, None)


async def test_a_material_property_is_unique_within_its_class(save, dairy):
    fresh = await save(MaterialClass, name="Fresh", parent_id=dairy)
    await save(MaterialProperty, name="Fat", material_class_id=dairy)
    await save(MaterialProperty, name="Fat", material_class_id=fresh.id)

    with pytest.raises(Conflict, match="material class has a property of this name already"):
        await save(MaterialProperty, name="Fat", material_class_id=dairy)


async def test_a_location_property_is_unique(save):
    await save(LocationProperty, name="Noise")

    with pytest.raises(Conflict, match="location property with the name 'Noise'"):
        await save(LocationProperty, name="Noise")
