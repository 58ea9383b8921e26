import asyncio

import orjson
import pytest

from db.declaration import Many
from db.errors import Conflict, Invalid, NotFound
from db.records import Location, Material, MaterialClass
from db.repositories import repository
from db.selection import Selected
from db.statement import Projection
from db.ulid import new_ulid


@pytest.fixture
async def dairy(save, pool):
    """Classes and materials three levels deep."""
    unit = new_ulid()
    await pool.execute("insert into unit_of_measure (id, name, symbol) values ($1, 'Liter', 'L')", unit)
    dairy = await save(MaterialClass, name="Dairy")
    fresh = await save(MaterialClass, name="Fresh", parent_id=dairy.id)
    for name in ("Milk", "Cream"):
        await save(Material, name=name, material_class_id=fresh.id, unit_of_measure_id=unit)
    await save(MaterialClass, name="Dairy Alternatives")
    return {"dairy": dairy.id, "fresh": fresh.id, "unit": unit}


@pytest.fixture
def race(session, shown, save_in, waiting):
    """Saves a record while another caller waits to save a second one; what the second save shows."""

    async def run(first, second):
        async with asyncio.timeout(20):
            async with session.transaction():
                await shown(await repository(first[0], session).save(first[1]))
                other = asyncio.create_task(save_in(second[0], **second[1]))
                await waiting()
            return await other

    return run


async def test_a_path_is_made_of_the_names_from_the_root(save):
    plant = await save(Location, name="Plant")
    line = await save(Location, name=" Line 1 ", parent_id=plant.id)

    assert [plant.path, line.path] == ["/Plant", "/Plant/Line 1"]


async def test_a_material_hangs_in_its_class(dairy, save):
    butter = await save(Material, name="Butter", material_class_id=dairy["dairy"], unit_of_measure_id=dairy["unit"])

    assert butter.path == "/Dairy/Butter"


async def test_a_renamed_class_takes_along_all_that_is_below_it(dairy, save, paths):
    renamed = await save(MaterialClass, id=dairy["dairy"], name="Milk Products")

    assert renamed.path == "/Milk Products"
    assert await paths("material_classes") == ["/Dairy Alternatives", "/Milk Products", "/Milk Products/Fresh"]
    assert await paths("materials") == ["/Milk Products/Fresh/Cream", "/Milk Products/Fresh/Milk"]


async def test_a_moved_class_takes_along_all_that_is_below_it(dairy, save, paths):
    await save(MaterialClass, id=dairy["fresh"], parent_id=None)

    assert await paths("material_classes") == ["/Dairy", "/Dairy Alternatives", "/Fresh"]
    assert await paths("materials") == ["/Fresh/Cream", "/Fresh/Milk"]


async def test_a_moved_material_gets_the_path_of_its_new_class(dairy, save, pool, paths):
    milk = await pool.fetchval("select id from materials where name = 'Milk'")

    await save(Material, id=milk, material_class_id=dairy["dairy"])

    assert await paths("materials") == ["/Dairy/Fresh/Cream", "/Dairy/Milk"]


async def test_a_renamed_location_takes_along_all_that_is_below_it(save, paths):
    plant = await save(Location, name="Plant_%")
    line = await save(Location, name="Line", parent_id=plant.id)
    await save(Location, name="Cell", parent_id=line.id)
    await save(Location, name="PlantXY")

    await save(Location, id=plant.id, name="Works")

    assert await paths("locations") == ["/PlantXY", "/Works", "/Works/Line", "/Works/Line/Cell"]


async def test_the_answer_to_a_rename_shows_the_new_paths_below(save, session):
    plant = await save(Location, name="Plant")
    await save(Location, name="Line", parent_id=plant.id)
    path = Selected("path", Location.columns["path"])
    children = Many(name="children", description="", target="Location", by="parent_id", order="name")

    async with session.transaction():
        rows = await repository(Location, session).save({"id": plant.id, "name": "Works"})
        text = await session.answer(rows, Projection((path, Selected("children", children, (path,)))))

    assert orjson.loads(text) == {"path": "/Works", "children": [{"path": "/Works/Line"}]}


async def test_what_is_taken_along_is_not_changed_otherwise(dairy, save, pool):
    await save(MaterialClass, id=dairy["dairy"], name="Milk Products")

    rows = await pool.fetch(
        """
        select version, modified_date from material_classes where id = $1
        union all
        select version, modified_date from materials
        """,
        dairy["fresh"],
    )
    assert [tuple(row) for row in rows] == [(1, None)] * 3


async def test_a_rename_counts_as_one_change_of_the_record_itself(dairy, save):
    renamed = await save(MaterialClass, id=dairy["dairy"], name="Milk Products")

    assert (renamed.version, renamed.modified_by) == (2, "planner")


async def test_a_save_of_the_same_place_is_no_change(dairy, save):
    fresh = await save(MaterialClass, id=dairy["fresh"], name="Fresh ", parent_id=dairy["dairy"])

    assert (fresh.path, fresh.version) == ("/Dairy/Fresh", 1)


async def test_a_save_of_another_field_keeps_the_path(dairy, save):
    fresh = await save(MaterialClass, id=dairy["fresh"], description="Kept cool.")

    assert (fresh.path, fresh.version) == ("/Dairy/Fresh", 2)


@pytest.mark.parametrize("record", [Location, MaterialClass])
async def test_a_name_must_not_hold_a_slash(save, record):
    with pytest.raises(Invalid) as refused:
        await save(record, name="Milk/Cream")

    assert refused.value.violations == {"name": ['must not contain "/"']}


@pytest.mark.parametrize("above", ["dairy", "fresh"])
async def test_a_class_can_not_be_moved_to_itself_or_below_itself(dairy, save, above):
    with pytest.raises(Invalid) as refused:
        await save(MaterialClass, id=dairy["dairy"], parent_id=dairy[above])

    assert refused.value.violations == {"parentId": ["must not be the material class itself or one below it"]}


async def test_a_class_may_be_moved_beside_one_whose_path_begins_like_its_own(dairy, save, pool):
    alternatives = await pool.fetchval("select id from material_classes where name = 'Dairy Alternatives'")

    moved = await save(MaterialClass, id=dairy["dairy"], parent_id=alternatives)

    assert moved.path == "/Dairy Alternatives/Dairy"


async def test_a_parent_that_is_not_there_is_a_violation(save):
    with pytest.raises(Invalid) as refused:
        await save(Location, name="Line 1", parent_id=new_ulid())

    assert refused.value.violations == {"parentId": ["refers to no location that is there"]}


async def test_a_record_that_is_not_there_is_not_moved(save):
    with pytest.raises(NotFound):
        await save(Location, id=new_ulid(), name="Line 1")


async def test_two_siblings_of_one_name_are_a_conflict(dairy, save):
    with pytest.raises(Conflict, match="'/Dairy/Fresh'"):
        await save(MaterialClass, name="Fresh", parent_id=dairy["dairy"])


@pytest.mark.usefixtures("dairy")
async def test_a_conflict_of_a_rename_names_the_renamed_record_not_one_below_it(save, paths):
    other = await save(MaterialClass, name="Other")
    await save(MaterialClass, name="Fresh", parent_id=other.id)
    before = await paths("material_classes")

    with pytest.raises(Conflict, match="'/Dairy'"):
        await save(MaterialClass, id=other.id, name="Dairy")

    assert await paths("material_classes") == before


async def test_a_path_that_no_index_holds_is_a_violation(save):
    above = None
    for _ in range(3):
        above = (await save(Location, name="ü" * 255, parent_id=above)).id

    with pytest.raises(Invalid) as refused:
        await save(Location, name="ü" * 255, parent_id=above)

    assert refused.value.violations == {"name": ["makes a path of more than 2,000 bytes"]}


async def test_a_rename_that_makes_a_path_below_too_long_is_a_violation(save):
    top = await save(Location, name="x")
    above = top.id
    for _ in range(7):
        above = (await save(Location, name="y" * 255, parent_id=above)).id

    with pytest.raises(Invalid) as refused:
        await save(Location, id=top.id, name="x" * 255)

    assert refused.value.violations == {"name": ["makes a path of more than 2,000 bytes"]}


@pytest.mark.parametrize("text", ["Dairy/Fresh", "/Dairy/Fresh", "/Dairy/Fresh/", " /Dairy/Fresh "])
async def test_a_path_is_found_with_or_without_the_slashes_at_its_ends(dairy, session, shown, text):
    found = await shown(repository(MaterialClass, session).by_id_or("path", text))

    assert found.id == dairy["fresh"]


async def test_a_path_is_found_by_the_id_of_its_record(dairy, session, shown):
    found = await shown(repository(MaterialClass, session).by_id_or("path", dairy["fresh"].replace("-", "").lower()))

    assert found.path == "/Dairy/Fresh"


async def test_a_record_named_like_an_id_is_found_by_its_path(save, session, shown):
    name = new_ulid()
    await save(Location, name=name)

    assert (await shown(repository(Location, session).by_id_or("path", name))).name == name


@pytest.mark.parametrize("text", ["", "/", "Dairy//Fresh", "dairy", "Fresh"])
@pytest.mark.usefixtures("dairy")
async def test_no_other_text_finds_it(session, shown, text):
    assert await shown(repository(MaterialClass, session).by_id_or("path", text)) is None


async def test_a_rename_waits_for_a_material_that_is_being_made_below(dairy, race, stale):
    kefir = {"name": "Kefir", "material_class_id": dairy["fresh"], "unit_of_measure_id": dairy["unit"]}

    await race((Material, kefir), (MaterialClass, {"id": dairy["dairy"], "name": "Milk Products"}))

    assert await stale() == []


async def test_a_material_waits_for_the_rename_of_a_class_above_it(dairy, race, stale):
    kefir = {"name": "Kefir", "material_class_id": dairy["fresh"], "unit_of_measure_id": dairy["unit"]}

    saved = await race((MaterialClass, {"id": dairy["dairy"], "name": "Milk Products"}), (Material, kefir))

    assert saved.path == "/Milk Products/Fresh/Kefir"
    assert await stale() == []


async def test_a_rename_waits_for_a_class_that_is_being_made_below(dairy, race, stale):
    cream = {"name": "Cream", "parent_id": dairy["fresh"]}

    await race((MaterialClass, cream), (MaterialClass, {"id": dairy["dairy"], "name": "Milk Products"}))

    assert await stale() == []


async def test_two_renames_wait_for_each_other_and_not_for_ever(dairy, race, stale):
    above, below = {"id": dairy["dairy"], "name": "Milk Products"}, {"id": dairy["fresh"], "name": "Cooled"}

    saved = await race((MaterialClass, above), (MaterialClass, below))

    assert saved.path == "/Milk Products/Cooled"
    assert await stale() == []


async def test_two_moves_that_together_would_make_a_circle_are_refused(dairy, save, race):
    cheese = await save(MaterialClass, name="Cheese")
    down, up = {"id": cheese.id, "parent_id": dairy["fresh"]}, {"id": dairy["dairy"], "parent_id": cheese.id}

    with pytest.raises(Invalid, match="parentId must not be"):
        await race((MaterialClass, down), (MaterialClass, up))
