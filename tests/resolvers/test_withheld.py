import pytest

from db.records import ProductionOrder
from resolvers.access import Caller
from resolvers.selection import Related
from resolvers.withheld import Views

MANY, TOLD = 40, 5
SHOWN = """
query ($n: Int) {
  productionOrders(first: $n, orderBy: [{ name: ASC }]) {
    nodes { name quantity product { name } propertyValues { value } location { path } }
  }
}
"""


@pytest.fixture
async def clerk(caller):
    return await caller("PRODUCTION_ORDER")


async def test_each_gap_is_null_and_told_of_at_its_place(clerk, production_order, plant):
    await production_order(name="A")
    await production_order(name="B", locationId=plant.location)

    answer = await clerk.answer(SHOWN)

    assert [order["product"] for order in answer["data"]["productionOrders"]["nodes"]] == [None, None]
    assert {(*error["path"], error["extensions"]["permission"]) for error in answer["errors"]} == {
        ("productionOrders", "nodes", place, *gap)
        for place in (0, 1)
        for gap in (("product", "MATERIAL.READ.GET"), ("location", "LOCATION.READ.GET"))
    }


@pytest.mark.parametrize("name", ['a"],[{', "\\", '\\"', ',"x":', "}{][", "\u20ac\\\\", "{}", '"'])
async def test_what_looks_like_json_in_a_text_moves_no_place(clerk, production_order, name):
    await production_order(name=name, notes=name)

    answer = await clerk.answer("{ getAllProductionOrders { name notes product { id } spare1 } }")

    assert answer["data"]["getAllProductionOrders"] == [{"name": name, "notes": name, "product": None, "spare1": None}]
    assert [error["path"] for error in answer["errors"]] == [["getAllProductionOrders", 0, "product"]]


async def test_of_many_gaps_some_are_told_and_all_are_null(clerk, production_order):
    for _ in range(MANY):
        await production_order()

    answer = await clerk.answer(SHOWN, n=MANY)

    assert [order["product"] for order in answer["data"]["productionOrders"]["nodes"]] == [None] * MANY
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"] * TOLD


async def test_who_may_not_see_all_gets_the_text_of_postgresql_too(clerk, production_order):
    order = await production_order(quantity=1e20)
    document = f'{{ getProductionOrder(productionOrderIdOrName: "{order.id}") {{ quantity product {{ id }} }} }}'
    headers = {"Authorization": f"Bearer {clerk.token}"}

    response = await clerk.http.post("/graphql", json={"query": document}, headers=headers)

    # Python and orjson would write it as 1e20.
    assert '"data":{"getProductionOrder":{"quantity":1e+20,"product":null}}' in response.text


def test_what_callers_see_is_made_once_for_those_who_may_read_the_same_of_it():
    views = Views((Related("product", ProductionOrder.members["product"]),))
    clerk, planner, engineer = (
        Caller(name, frozenset({permission}))
        for name, permission in (("clerk", "CUSTOMER"), ("planner", "SHIFT"), ("engineer", "MATERIAL"))
    )

    assert views.of(clerk) is views.of(planner)
    assert views.of(clerk) is not views.of(engineer)
