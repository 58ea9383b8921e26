import pytest

from db.records import Location
from db.repositories import repository


@pytest.fixture
async def plant(save):
    """The id of a plant with three lines."""
    plant = (await save(Location, name="Plant")).id
    for name, sort_order in (("Line 3", 0), ("Line_2", 1), ("Line 1", 1)):
        await save(Location, name=name, sort_order=sort_order, parent_id=plant)
    return plant


@pytest.fixture
def names(session, shown):
    """The names that a method of the repository gives."""

    async def run(method, text):
        return [location.name for location in await shown(getattr(repository(Location, session), method)(text))]

    return run


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ant/Li", ["Line 1", "Line 3", "Line_2"]),
        ("Line_", ["Line_2"]),
        ("%", []),
        ("line", []),
        ("/Plant", ["Plant", "Line 1", "Line 3", "Line_2"]),
    ],
)
@pytest.mark.usefixtures("plant")
async def test_a_part_of_a_path_finds_the_locations_that_have_it(names, text, found):
    assert await names("by_partial_path", text) == found


@pytest.mark.parametrize("text", ["Plant", "/Plant/", None])
async def test_children_come_in_their_order_and_then_by_name(plant, names, text):
    assert await names("children", text or plant) == ["Line 3", "Line 1", "Line_2"]


@pytest.mark.parametrize("text", ["Plant/Line 1", "Nowhere"])
@pytest.mark.usefixtures("plant")
async def test_what_has_no_children_or_is_not_there_has_none(names, text):
    assert await names("children", text) == []
