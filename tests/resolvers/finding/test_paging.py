"""Whoever pages on while others save and delete sees every order that was there all the time, once."""

from itertools import count
from random import Random

import pytest

ORDERS = """
query ($orderBy: [ProductionOrderOrderBy!], $first: Int, $after: String, $last: Int, $before: String) {
  productionOrders(orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
    edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""
INSERT = """
insert into production_orders
    (id, name, notes, due_date, quantity, customer_id, product_material_id, unit_of_measure_id)
select $1, 'Late ' || $1, notes, due_date, quantity, customer_id, product_material_id, unit_of_measure_id
from production_orders
order by id
offset $2
limit 1
"""
DELETE = """
delete from production_orders
where id = $1 and id not in (select production_order_id from production_order_property_values)
"""
DISTURBED_PAGES = 12
CHANCE_OF_DELETE = 0.3
NUMBERS = count()
FORWARD = ("first", "after", "endCursor", "hasNextPage")
BACKWARD = ("last", "before", "startCursor", "hasPreviousPage")
KEYS = [
    [],
    [{"id": "DESC"}],
    [{"name": "ASC"}],
    [{"notes": "DESC"}],
    [{"dueDate": "ASC"}],
    [{"dueDate": "DESC"}, {"quantity": "ASC"}],
    [{"quantity": "DESC"}, {"dueDate": "ASC"}, {"id": "DESC"}],
    [{"enabled": "ASC"}],
    [{"customer": {"name": "ASC"}}],
    [{"customer": {"name": "DESC"}}, {"product": {"shelfLifeDays": "ASC"}}],
    [{"product": {"image": "DESC"}}, {"notes": "ASC"}],
]


@pytest.fixture
async def disturb(pool, plant):  # noqa: ARG001 (there is nothing to disturb without it)
    """Inserts an order that equals another one by all but id and name, and may delete the one that was shown last."""
    await pool.execute("create table if not exists kept as table production_orders")

    async def run(random, shown):
        await pool.execute(INSERT, f"{random.choice('07')}{next(NUMBERS):09}-00000000-00000000", random.randrange(20))
        if random.random() < CHANCE_OF_DELETE:
            await pool.execute(DELETE, shown)

    yield run
    await pool.execute("delete from production_orders where name like 'Late %'")
    await pool.execute("insert into production_orders select * from kept on conflict do nothing")


@pytest.mark.parametrize("direction", [FORWARD, BACKWARD], ids=["forward", "backward"])
@pytest.mark.parametrize("order", KEYS, ids=str)
async def test_paging_repeats_and_skips_nothing_that_was_there_all_the_time(execute, pool, disturb, order, direction):
    random = Random(str((order, direction)))  # noqa: S311 (the same each time)
    size, cursor, end, more = direction
    ids = "select id from production_orders"
    there = {row["id"] for row in await pool.fetch(ids)}
    seen, given = [], {size: random.randint(1, 4)}
    for page in count():
        part = (await execute(ORDERS, orderBy=order, **given))["productionOrders"]
        found = [edge["node"]["id"] for edge in part["edges"]]
        seen += found if direction is FORWARD else found[::-1]
        if not part["pageInfo"][more]:
            break
        if page < DISTURBED_PAGES:
            await disturb(random, seen[-1])
        given = {size: random.randint(1, 4), cursor: part["pageInfo"][end]}

    throughout = there & {row["id"] for row in await pool.fetch(ids)}
    assert len(seen) == len(set(seen))
    assert throughout <= set(seen)


@pytest.mark.parametrize("order", KEYS, ids=str)
@pytest.mark.usefixtures("plant")
async def test_paging_back_shows_the_same_as_paging_on(execute, order):
    part = (await execute(ORDERS, orderBy=order, first=50))["productionOrders"]["edges"]

    back = (await execute(ORDERS, orderBy=order, last=6, before=part[10]["cursor"]))["productionOrders"]
    on = (await execute(ORDERS, orderBy=order, first=6, after=part[3]["cursor"]))["productionOrders"]

    assert back["edges"] == on["edges"] == part[4:10]
    assert back["pageInfo"] == on["pageInfo"]
    assert on["pageInfo"] == {
        "hasNextPage": True,
        "hasPreviousPage": True,
        "startCursor": part[4]["cursor"],
        "endCursor": part[9]["cursor"],
    }


@pytest.mark.usefixtures("plant")
async def test_there_is_nothing_before_the_first_record_even_if_that_is_gone(execute, pool):
    first = {"orderBy": [{"name": "ASC"}], "first": 1}
    await pool.execute(INSERT.replace("'Late '", "'!'"), "00000000A0-00000000-00000000", 0)
    part = (await execute(ORDERS, **first))["productionOrders"]
    await pool.execute("delete from production_orders where id = $1", part["edges"][0]["node"]["id"])

    rest = await execute(ORDERS, **first, after=part["edges"][0]["cursor"])

    assert rest["productionOrders"]["pageInfo"]["hasPreviousPage"] is False
