import pytest

from db.enumerations import DataType
from db.records import Material, MaterialClass, MaterialProperty, MaterialPropertyValue, UnitOfMeasure
from db.repositories import repository

KEYS = {
    "materialClassId",
    "materialId",
    "materialPropertyId",
    "materialPropertyValueId",
    "materialPropertyNotes",
    "materialPropertyValueNotes",
    "materialPropertyEnabled",
    "materialPropertyValueEnabled",
    "name",
    "description",
    "dataType",
    "lowLimit",
    "highLimit",
    "format",
    "unitOfMeasureId",
    "unitOfMeasureName",
    "unitOfMeasureSymbol",
    "options",
    "nullable",
    "defaultValue",
    "value",
}


@pytest.fixture
async def milk(save):
    """The material /Dairy/Fresh/Milk, and what it hangs in."""
    unit = await save(UnitOfMeasure, name="Percent", symbol="%")
    dairy = await save(MaterialClass, name="Dairy")
    fresh = await save(MaterialClass, name="Fresh", parent_id=dairy.id)
    milk = await save(Material, name="Milk", material_class_id=fresh.id, unit_of_measure_id=unit.id)
    return {"unit": unit.id, "dairy": dairy.id, "fresh": fresh.id, "milk": milk.id}


@pytest.fixture
def properties(session):
    """The properties and values of a material."""

    async def run(id_or_path="Dairy/Fresh/Milk"):
        return await repository(Material, session).properties_and_values(id_or_path)

    return run


async def test_a_material_has_the_properties_of_its_class_and_of_those_above_it(milk, save, properties):
    fresh_one = await save(MaterialClass, name="Fresh One", parent_id=milk["dairy"])
    beside = await save(MaterialClass, name="Milk", parent_id=milk["fresh"])
    for name, material_class in {
        "Fat": milk["dairy"],
        "Acidity": milk["fresh"],
        "Price": fresh_one.id,
        "Taste": beside.id,
    }.items():
        await save(MaterialProperty, name=name, material_class_id=material_class)

    found = await properties()

    assert [(row["name"], row["materialClassId"]) for row in found] == [
        ("Acidity", milk["fresh"]),
        ("Fat", milk["dairy"]),
    ]


async def test_a_property_is_shown_with_its_value(milk, save, properties):
    fat = await save(
        MaterialProperty,
        name="Fat",
        material_class_id=milk["dairy"],
        data_type=DataType.Float,
        low_limit=0.5,
        high_limit=85.0,
        unit_of_measure_id=milk["unit"],
        default_value=3.5,
        notes="By weight.",
    )
    value = await save(MaterialPropertyValue, material_id=milk["milk"], property_id=fat.id, value=3.8, notes="Winter.")

    assert await properties(milk["milk"]) == [
        {
            "materialClassId": milk["dairy"],
            "materialId": milk["milk"],
            "materialPropertyId": fat.id,
            "materialPropertyValueId": value.id,
            "materialPropertyNotes": "By weight.",
            "materialPropertyValueNotes": "Winter.",
            "materialPropertyEnabled": True,
            "materialPropertyValueEnabled": True,
            "name": "Fat",
            "description": None,
            "dataType": "Float",
            "lowLimit": 0.5,
            "highLimit": 85.0,
            "format": None,
            "unitOfMeasureId": milk["unit"],
            "unitOfMeasureName": "Percent",
            "unitOfMeasureSymbol": "%",
            "options": None,
            "nullable": False,
            "defaultValue": 3.5,
            "value": 3.8,
        }
    ]


async def test_a_property_without_a_value_has_null_for_what_is_the_values(milk, save, properties):
    await save(MaterialProperty, name="Fat", material_class_id=milk["dairy"])

    (row,) = await properties()

    assert row.keys() == KEYS
    assert (row["materialPropertyValueId"], row["materialPropertyValueEnabled"], row["value"]) == (None, None, None)


@pytest.mark.parametrize(
    ("data_type", "value"),
    [
        (DataType.String, 'A "quoted" text'),
        (DataType.Int, 2**63 - 1),
        (DataType.Float, 0.1),
        (DataType.Boolean, False),
        (DataType.DateTime, "2026-01-05T06:00:00.5Z"),
        (DataType.Blob, "AAEC"),
    ],
)
async def test_a_value_of_each_data_type_is_shown_as_it_was_given(milk, save, properties, data_type, value):
    rule = await save(
        MaterialProperty, name="Any", material_class_id=milk["fresh"], data_type=data_type, default_value=value
    )
    await save(MaterialPropertyValue, material_id=milk["milk"], property_id=rule.id)

    (row,) = await properties()

    assert (row["defaultValue"], row["value"]) == (value, value)


async def test_a_material_without_properties_has_an_empty_list(milk, properties):
    assert await properties(milk["milk"]) == []


async def test_a_material_that_is_not_there_has_none(properties):
    assert await properties("Dairy/Water") is None
