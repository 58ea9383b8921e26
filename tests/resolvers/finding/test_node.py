import pytest

NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id %s } }"
NODE = "query ($id: ID!) { node(id: $id) { __typename id } }"
NOBODY = "01JCH3ENGZ-00000000-00000000"


async def test_records_of_several_kinds_are_one_statement_in_the_order_of_their_ids(execute, plant, statements):
    ids = [plant.customers[0], plant.orders[3], NOBODY, plant.materials[1], plant.orders[3]]
    fields = "... on ProductionOrder { name product { name } } ... on Material { path } ... on Customer { city }"
    await execute("{ __typename }")
    statements.clear()

    data = await execute(NODES % fields, ids=ids)

    assert data["nodes"] == [
        {"__typename": "Customer", "id": ids[0], "city": None},
        {"__typename": "ProductionOrder", "id": ids[1], "name": "Order_ 3", "product": {"name": "Milk"}},
        None,
        {"__typename": "Material", "id": ids[3], "path": "/Brie"},
        {"__typename": "ProductionOrder", "id": ids[1], "name": "Order_ 3", "product": {"name": "Milk"}},
    ]
    assert len(statements) == 1


@pytest.mark.parametrize("spell", [str, str.lower, lambda key: key.replace("-", "")])
async def test_a_node_is_found_by_its_id_in_any_spelling(execute, plant, spell):
    data = await execute(NODE, id=spell(plant.orders[0]))

    assert data["node"] == {"__typename": "ProductionOrder", "id": plant.orders[0]}


async def test_an_unknown_id_is_null(execute):
    assert await execute(NODE, id=NOBODY) == {"node": None}


async def test_no_ids_are_no_nodes(execute):
    assert await execute(NODES % "", ids=[]) == {"nodes": []}


async def test_aliases_and_fragments_merge_on_nodes(execute, plant):
    document = """
    query ($id: ID!) {
      a: node(id: $id) { ...Any ... on ProductionOrder { title: name ...Named } ... on Material { name path } }
      b: node(id: $id) { key: id ... on Node { id } ... @include(if: false) { id } }
    }
    fragment Any on Node { id kind: __typename }
    fragment Named on ProductionOrder { name product { id } product { name } }
    """

    data = await execute(document, id=plant.orders[0])

    material = {"id": plant.material, "name": "Milk"}
    assert data["a"] == {
        "id": plant.orders[0],
        "kind": "ProductionOrder",
        "title": "Order % 0",
        "name": "Order % 0",
        "product": material,
    }
    assert data["b"] == {"key": plant.orders[0], "id": plant.orders[0]}


async def test_connections_can_be_shown_of_a_node(execute, plant):
    shown = "... on Material { productionOrders(first: 1, orderBy: [{name: DESC}]) { totalCount nodes { name } } }"

    data = await execute(NODES % shown, ids=[plant.material])

    assert data["nodes"][0]["productionOrders"] == {"totalCount": 12, "nodes": [{"name": "é 15"}]}


@pytest.mark.parametrize("wrong", ["", "x", "\0", "01JCH3ENGW-82KJDZDR", "01JCH3ENGW-82KJDZDR-JHGYCXQU"])
async def test_what_is_no_id_is_refused(execute, plant, wrong):
    one = await execute.failing(NODE, id=wrong)
    several = await execute.failing(NODES % "", ids=[plant.orders[0], wrong])

    assert (one.code, list(one.violations)) == ("BAD_USER_INPUT", ["id"])
    assert (several.code, list(several.violations)) == ("BAD_USER_INPUT", ["ids[1]"])


async def test_more_nodes_than_an_answer_holds_are_refused(execute):
    failure = await execute.failing(NODES % "", ids=[NOBODY] * 51)

    assert (failure.code, failure.violations) == ("BAD_USER_INPUT", {"ids": ["must be at most 50"]})


async def test_a_node_that_the_caller_may_not_see_is_as_if_it_were_not_there(caller, plant):
    planner = await caller("PRODUCTION_ORDER.READ")
    ids = [plant.orders[0], plant.material, NOBODY, plant.customers[0], plant.orders[1]]

    found = await planner(NODES % "... on Material { name } ... on Customer { name }", ids=ids)

    assert [node and node["id"] for node in found["nodes"]] == [ids[0], None, None, None, ids[4]]
