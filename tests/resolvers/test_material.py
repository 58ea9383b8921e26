import pytest

from db.records import MaterialClass, MaterialProperty, MaterialPropertyValue

SAVE = """
mutation ($input: MaterialInput!) {
  saveMaterial(input: $input) { id name path erpId version materialClass { path } }
}
"""
GET = "query ($key: String!) { getMaterial(idOrPath: $key) { path } doesMaterialExist(idOrPath: $key) }"
BY_ERP_ID = "query ($key: String!) { getMaterialByErpId(erpId: $key) { name } }"
PROPERTIES = """
query ($key: String!) {
  getPropertiesAndValuesForMaterial(idOrPath: $key) {
    materialId materialClassId materialPropertyId materialPropertyValueId name dataType unitOfMeasureName
    unitOfMeasureSymbol defaultValue value
  }
}
"""


@pytest.fixture
def save(execute, plant):
    async def run(**fields):
        needed = {"materialClassId": plant.material_classe, "unitOfMeasureId": plant.unit_of_measure}
        return (await execute(SAVE, input=fields if "id" in fields else {**needed, **fields}))["saveMaterial"]

    return run


async def test_a_material_is_found_by_its_id_and_path(execute, plant):
    for key in (plant.material, "/Dairy/Milk", "Dairy/Milk", " /Dairy/Milk/ "):
        assert await execute(GET, key=key) == {"getMaterial": {"path": "/Dairy/Milk"}, "doesMaterialExist": True}


async def test_no_other_text_finds_a_material(execute):
    for key in ("", "/", "Milk", "Dairy", "Dairy//Milk", "Dairy/%", "/Dairy/Mil_"):
        assert await execute(GET, key=key) == {"getMaterial": None, "doesMaterialExist": False}


async def test_a_rename_moves_a_material(execute, save, plant):
    assert (await save(id=plant.material, name="Whole milk"))["path"] == "/Dairy/Whole milk"
    assert (await execute(GET, key="Dairy/Whole milk"))["doesMaterialExist"]


async def test_a_material_that_changes_its_class_changes_its_path(save, saved, plant):
    other = await saved(MaterialClass, name="Drinks")

    moved = await save(id=plant.material, materialClassId=other)

    assert (moved["path"], moved["materialClass"]) == ("/Drinks/Milk", {"path": "/Drinks"})


async def test_two_materials_of_a_class_have_two_names(execute, plant):
    given = {"name": "Milk", "materialClassId": plant.material_classe, "unitOfMeasureId": plant.unit_of_measure}

    failure = await execute.failing(SAVE, input=given)

    assert failure.code == "CONFLICT"
    assert "'/Dairy/Milk'" in failure.message


async def test_a_material_is_found_by_its_number_in_the_erp_system(execute, save):
    await save(name="Butter", erpId="ERP-7 / a")

    for key, found in (("ERP-7 / a", {"name": "Butter"}), ("ERP-7", None), ("", None)):
        assert await execute(BY_ERP_ID, key=key) == {"getMaterialByErpId": found}


async def test_a_number_in_the_erp_system_is_of_one_material(execute, save, plant):
    await save(name="Butter", erpId="7")

    failure = await execute.failing(SAVE, input={"id": plant.material, "erpId": "7"})

    assert failure.code == "CONFLICT"


async def test_a_material_shows_the_properties_of_its_classes_with_its_values(execute, saved, plant):
    needed = {"materialClassId": plant.material_classe, "unitOfMeasureId": plant.unit_of_measure}
    fat = await saved(MaterialProperty, name="Fat", dataType="Float", defaultValue=3.5, **needed)
    colour = await saved(MaterialProperty, name="Colour", **needed)
    await saved(MaterialProperty, name="Of another class")
    value = await saved(MaterialPropertyValue, materialId=plant.material, propertyId=fat, value=1.5)

    shown = (await execute(PROPERTIES, key="Dairy/Milk"))["getPropertiesAndValuesForMaterial"]

    common = {
        "materialId": plant.material,
        "materialClassId": plant.material_classe,
        "unitOfMeasureName": "Kilogram",
        "unitOfMeasureSymbol": "kg",
    }
    none = {"materialPropertyValueId": None, "value": None}
    assert shown == [
        {**common, **none, "materialPropertyId": colour, "name": "Colour", "dataType": "String", "defaultValue": None},
        {
            **common,
            "materialPropertyId": fat,
            "materialPropertyValueId": value,
            "name": "Fat",
            "dataType": "Float",
            "defaultValue": 3.5,
            "value": 1.5,
        },
    ]


async def test_a_material_that_is_not_there_has_no_properties(execute):
    assert await execute(PROPERTIES, key="nothing") == {"getPropertiesAndValuesForMaterial": None}
