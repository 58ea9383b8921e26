import pytest

from db.records import Material, MaterialClass

SAVE = """
mutation ($input: MaterialClassInput!) {
  saveMaterialClass(input: $input) { id name path parentId version materials { nodes { path } } }
}
"""
GET = "query ($key: String!) { getMaterialClass(idOrPath: $key) { path } doesMaterialClassExist(idOrPath: $key) }"
CREATE = """
mutation ($path: String!) {
  createMaterialClassesForPath(path: $path) { id name path parent { path parent { path } } }
}
"""


@pytest.fixture
def save(execute):
    async def run(**fields):
        return (await execute(SAVE, input=fields))["saveMaterialClass"]

    return run


async def test_a_path_is_that_of_the_class_above_and_the_name(save, plant):
    saved = await save(name=" Cheese ", parentId=plant.material_classe, path="/is/ignored")

    assert (saved["name"], saved["path"]) == ("Cheese", "/Dairy/Cheese")


async def test_a_class_is_found_by_its_id_and_path(execute, plant):
    for key in (plant.material_classe, "/Dairy", "Dairy", "Dairy/", " Dairy "):
        assert await execute(GET, key=key) == {"getMaterialClass": {"path": "/Dairy"}, "doesMaterialClassExist": True}


async def test_no_other_text_finds_a_class(execute):
    for key in ("", "/", "dairy", "Dairy/Milk", "%"):
        assert await execute(GET, key=key) == {"getMaterialClass": None, "doesMaterialClassExist": False}


async def test_a_rename_moves_what_is_below_and_its_own_answer_shows_it(save, execute, plant):
    renamed = await save(id=plant.material_classe, name="Milk products")

    assert (renamed["path"], renamed["version"]) == ("/Milk products", 2)
    assert renamed["materials"]["nodes"] == [{"path": "/Milk products/Milk"}]
    data = await execute(
        '{ a: getMaterial(idOrPath: "Milk products/Milk") { id } b: doesMaterialExist(idOrPath: "Dairy/Milk") }'
    )
    assert data == {"a": {"id": plant.material}, "b": False}


async def test_a_class_is_not_put_below_itself(save, execute, plant):
    below = await save(name="Cheese", parentId=plant.material_classe)
    lowest = await save(name="Soft", parentId=below["id"])

    for parent in (plant.material_classe, below["id"], lowest["id"]):
        failure = await execute.failing(SAVE, input={"id": plant.material_classe, "parentId": parent})
        assert failure.violations == {"parentId": ["must not be the material class itself or one below it"]}


async def test_null_makes_a_class_a_root(save, plant):
    below = await save(name="Cheese", parentId=plant.material_classe)

    assert (await save(id=below["id"], parentId=None))["path"] == "/Cheese"


async def test_the_missing_classes_of_a_path_are_created(execute, plant, stored):
    for path in ("/Dairy/Cheese/Soft", "Dairy/Cheese/Soft/"):
        data = await execute(CREATE, path=path)
        created = data["createMaterialClassesForPath"]
        assert (created["name"], created["path"]) == ("Soft", "/Dairy/Cheese/Soft")
        assert created["parent"] == {"path": "/Dairy/Cheese", "parent": {"path": "/Dairy"}}
    assert await stored(MaterialClass) == 3
    assert (await execute(CREATE, path="Dairy"))["createMaterialClassesForPath"]["id"] == plant.material_classe


async def test_a_path_that_no_class_can_have_creates_none(execute, stored):
    for path in ("", "/", "A//B", "A/ /B", "A/" + "x" * 256, "A/\u0007", "/".join("ABCDEFGHIJ" * 101)):
        failure = await execute.failing(CREATE, path=path)

        assert (failure.code, list(failure.violations)) == ("BAD_USER_INPUT", ["path"])
    assert await stored(MaterialClass) == 1


async def test_all_classes_and_the_materials_of_one_are_shown(execute, save, saved, plant):
    await save(name="Cheese", parentId=plant.material_classe)
    await saved(Material, name="Butter", materialClassId=plant.material_classe, unitOfMeasureId=plant.unit_of_measure)

    data = await execute("{ getAllMaterialClasses { path materials { nodes { name } } } }")

    assert data["getAllMaterialClasses"] == [
        {"path": "/Dairy", "materials": {"nodes": [{"name": "Milk"}, {"name": "Butter"}]}},
        {"path": "/Dairy/Cheese", "materials": {"nodes": []}},
    ]
