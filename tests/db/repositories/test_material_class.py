import asyncio

import pytest

from db.errors import Invalid
from db.records import MaterialClass
from db.repositories import repository


async def test_missing_classes_along_a_path_are_created(save, session, shown, paths):
    await save(MaterialClass, name="Dairy")

    async with session.transaction():
        deepest = await shown(await repository(MaterialClass, session).create_classes_for_path("Dairy/Cheese/Hard/"))

    assert deepest.path == "/Dairy/Cheese/Hard"
    assert (deepest.created_by, deepest.version) == ("planner", 1)
    assert await paths("material_classes") == ["/Dairy", "/Dairy/Cheese", "/Dairy/Cheese/Hard"]


async def test_a_class_that_is_there_is_the_answer(save, session, shown):
    dairy = await save(MaterialClass, name="Dairy")

    async with session.transaction():
        found = await shown(await repository(MaterialClass, session).create_classes_for_path("/Dairy/"))

    assert (found.id, found.version) == (dairy.id, 1)


async def test_two_callers_may_create_the_classes_of_one_path(session, other_session, shown, waiting, stale):
    async def create():
        async with other_session.transaction():
            return await repository(MaterialClass, other_session).create_classes_for_path("A/B/C/E")

    async with asyncio.timeout(20):
        async with session.transaction():
            await shown(await repository(MaterialClass, session).create_classes_for_path("A/B/C/D"))
            other = asyncio.create_task(create())
            await waiting()
        found = await shown(await other)

    assert found.path == "/A/B/C/E"
    assert await stale() == []


@pytest.mark.parametrize(
    ("path", "violation"),
    [
        ("", "has the name '', which must not be empty"),
        ("/", "has the name '', which must not be empty"),
        ("A//B", "has the name '', which must not be empty"),
        ("A/" + "b" * 256, f"has the name '{'b' * 64}', which must have at most 255 characters"),
        ("A/\x07", "has the name '\\x07', which must not contain control or invisible characters"),
        ("/".join(["x" * 250] * 9), "must have at most 2,000 bytes"),
    ],
)
async def test_what_is_wrong_along_a_path_is_told(session, path, violation):
    with pytest.raises(Invalid) as refused:
        async with session.transaction():
            await repository(MaterialClass, session).create_classes_for_path(path)

    assert refused.value.violations == {"path": [violation]}
