import pytest

SAVE = """
mutation ($input: LocationInput!) {
  saveLocation(input: $input) { id path version children { nodes { path } } }
}
"""
GET = "query ($key: String!) { getLocation(idOrPath: $key) { path } }"
CHILDREN = "query ($key: String!) { getChildren(locationIdOrPath: $key) { name } }"
PARTIAL = "query ($text: String!) { getLocationsByPartialPath(path: $text) { path } }"
TREE = """
query ($text: String) { getLocationTree(filter: $text) { name children { name children { name children { name } } } } }
"""


@pytest.fixture
def save(execute):
    async def run(**fields):
        return (await execute(SAVE, input=fields))["saveLocation"]

    return run


@pytest.fixture
async def site(save):
    """A site with a hall of two lines, and a yard: their ids by their names."""
    ids = {}
    for name, parent, order in (
        ("Site", None, 0),
        ("Yard", "Site", 1),
        ("Hall", "Site", 0),
        ("L_2", "Hall", 0),
        ("L%1", "Hall", 0),
        ("First", "Hall", -1),
    ):
        saved = await save(name=name, parentId=ids.get(parent), sortOrder=order)
        ids[name] = saved["id"]
    return ids


@pytest.fixture
def names(execute):
    async def run(document, **variables):
        (found,) = (await execute(document, **variables)).values()
        return [next(iter(one.values())) for one in found]

    return run


def tree(shown):
    """A tree as objects of objects by name."""
    return {one["name"]: tree(one.get("children", [])) for one in shown}


async def test_a_location_is_found_by_its_id_and_path(execute, site):
    for key in (site["L%1"], "/Site/Hall/L%1", "Site/Hall/L%1/"):
        assert await execute(GET, key=key) == {"getLocation": {"path": "/Site/Hall/L%1"}}


async def test_a_rename_moves_what_is_below_and_its_own_answer_shows_it(save, site):
    renamed = await save(id=site["Hall"], name="Hall 2")

    assert (renamed["path"], renamed["version"]) == ("/Site/Hall 2", 2)
    assert sorted(child["path"] for child in renamed["children"]["nodes"]) == [
        "/Site/Hall 2/First",
        "/Site/Hall 2/L%1",
        "/Site/Hall 2/L_2",
    ]


async def test_a_location_moves_with_all_that_is_below_it(save, execute, site):
    await save(id=site["Hall"], parentId=site["Yard"])

    assert (await execute(GET, key=site["L%1"]))["getLocation"] == {"path": "/Site/Yard/Hall/L%1"}


async def test_children_come_by_their_order_and_then_by_name(names, site):
    for key in (site["Hall"], "Site/Hall"):
        assert await names(CHILDREN, key=key) == ["First", "L%1", "L_2"]
    assert await names(CHILDREN, key="Site") == ["Hall", "Yard"]


async def test_what_is_not_there_and_what_has_nothing_below_it_has_no_children(names, site):  # noqa: ARG001
    for key in ("Site/Yard", "nothing", ""):
        assert await names(CHILDREN, key=key) == []


async def test_a_part_of_a_path_is_taken_as_it_is_written(names, site):  # noqa: ARG001
    expected = {
        "Hall/L": ["/Site/Hall/L%1", "/Site/Hall/L_2"],
        "%": ["/Site/Hall/L%1"],
        "_": ["/Site/Hall/L_2"],
        "\\": [],
        "hall": [],
        "/Site/Y": ["/Site/Yard"],
    }

    assert {text: await names(PARTIAL, text=text) for text in expected} == expected


async def test_the_tree_is_every_location_in_order(execute, site):  # noqa: ARG001
    for text in (None, "", " "):
        shown = (await execute(TREE, text=text))["getLocationTree"]

        assert tree(shown) == {"Line 1": {}, "Site": {"Hall": {"First": {}, "L%1": {}, "L_2": {}}, "Yard": {}}}
        assert [one["name"] for one in shown[1]["children"]] == ["Hall", "Yard"]


async def test_a_filter_leaves_what_has_it_in_its_path_and_what_is_above(execute, site):  # noqa: ARG001
    expected = {
        "L%": {"Site": {"Hall": {"L%1": {}}}},
        "_2": {"Site": {"Hall": {"L_2": {}}}},
        "Yard": {"Site": {"Yard": {}}},
        "Hall": {"Site": {"Hall": {"First": {}, "L%1": {}, "L_2": {}}}},
        "Line": {"Line 1": {}},
        "nothing": {},
    }

    assert {text: tree((await execute(TREE, text=text))["getLocationTree"]) for text in expected} == expected


async def test_a_filter_of_the_tree_leaves_out_nothing_of_what_its_locations_lead_to(execute, site, plant):
    move = "mutation ($input: ShiftInput!) { saveShift(input: $input) { id } }"
    await execute(move, input={"id": plant.shift, "locationId": site["Yard"]})

    data = await execute(
        """
        {
          getLocationTree(filter: "Yard") {
            children {
              parent { children { nodes { name } } }
              shifts { nodes { shiftRecords { nodes { locationPath location { name } } } } }
            }
          }
        }
        """
    )

    ((yard,),) = [one["children"] for one in data["getLocationTree"]]
    record = {"locationPath": "/Line 1", "location": {"name": "Line 1"}}
    assert sorted(one["name"] for one in yard["parent"]["children"]["nodes"]) == ["Hall", "Yard"]
    assert yard["shifts"]["nodes"] == [{"shiftRecords": {"nodes": [record]}}]


async def test_the_tree_is_one_statement(execute, site, statements):  # noqa: ARG001
    statements.clear()

    await execute(TREE, text="L")

    assert len(statements) == 1


async def test_all_properties_of_locations_are_shown(execute):
    save = "mutation ($input: LocationPropertyInput!) { saveLocationProperty(input: $input) { id } }"
    for name, data_type, default in (("Area", "Float", 1.5), ("Cold", "Boolean", False)):
        await execute(save, input={"name": name, "dataType": data_type, "defaultValue": default})

    data = await execute("{ getAllLocationProperties { name dataType defaultValue } }")

    assert data["getAllLocationProperties"] == [
        {"name": "Area", "dataType": "Float", "defaultValue": 1.5},
        {"name": "Cold", "dataType": "Boolean", "defaultValue": False},
    ]
