"""Short pages that come up in the same moment: those that are alike but for their values share a statement."""

import asyncio
import itertools
import json
from dataclasses import replace

import pytest

from db.filters import CONDITIONS, Compared
from db.parts import CONNECTION, PAGE, PAGE_INFO
from db.records import RECORDS, ProductionOrder
from db.rows import Rows, Shape, Sort, Window
from db.selection import Selected
from db.session import Session
from db.statement import Projection

ORDERS = """
insert into unit_of_measure (id, name, symbol) values ('01JCH3ENGW-00000000-00000000', 'Kilogram', 'kg');
insert into material_classes (id, name, path) values ('01JCH3ENGW-00000000-00000000', 'Dairy', '/Dairy');
insert into materials (id, name, path, material_class_id, unit_of_measure_id)
select id, name, path, id, id from material_classes;
insert into production_orders (id, name, product_material_id, unit_of_measure_id, status, due_date)
select
    '01JCH3ENGX-82KJDZDR-' || lpad((n * 77 % 1000)::text, 8, '0'), 'Order ' || n, materials.id, unit_of_measure_id,
    (array['IDLE', 'RUNNING', 'CLOSED'])[1 + n % 3],
    case when n % 10 > 0 then timestamptz '2024-01-01 00:00Z' + n * 7 % 60 * interval '1 hour' end
from materials, generate_series(1, 120) n
"""
ID, STATUS, DUE, NAME = (ProductionOrder.columns[name] for name in ("id", "status", "due_date", "name"))
RECORD = (Selected("id", ID), Selected("due", DUE))
CONTENT = Projection((Selected("content", PAGE["content"], RECORD),))
COUNTED = Projection((Selected("content", PAGE["content"], RECORD), Selected("total", PAGE["totalElements"])))
VALUES = ProductionOrder.members["property_values"]
SHOWN_OF_VALUES = tuple(Selected(str(number), RECORDS[VALUES.target].columns["id"]) for number in range(5))
WITH_LISTS = Projection((Selected("content", PAGE["content"], (Selected("values", VALUES, SHOWN_OF_VALUES),)),))
NODES = Projection(
    (
        Selected("nodes", CONNECTION["nodes"], RECORD),
        Selected("pageInfo", CONNECTION["pageInfo"], tuple(Selected(name, part) for name, part in PAGE_INFO.items())),
    )
)
BY_DUE_DATE = (Sort(DUE),)
LATEST_FIRST = (Sort(DUE, descending=True), Sort(ID, descending=True))
SEVERAL = "with given "


def of(status, **given):
    return Window(Compared(STATUS, CONDITIONS["EQUALS"], (status,)), **given)


@pytest.fixture
async def orders(pool):
    """The due dates and ids of orders, some of which have the same date, and some none."""
    await pool.execute(ORDERS)
    return [tuple(row) for row in await pool.fetch("select due_date, id from production_orders order by due_date, id")]


@pytest.fixture
def shown(connections, statements):
    """What is shown of windows that are asked for in the same moment, and how many statements were shared."""

    async def one(window, projection, shape):
        async with Session(connections, "planner") as session:
            text = await session.answer(Rows(ProductionOrder, shape=shape, window=window), projection)
        return json.loads(text)

    async def run(windows, projection=CONTENT):
        shape = Shape.PAGE if "content" in {selected.key for selected in projection.selection} else Shape.CONNECTION
        statements.clear()
        answers = await asyncio.gather(*(one(window, projection, shape) for window in windows))
        shared = sum(statement.startswith(SEVERAL) for statement in statements)
        assert answers == [await one(window, projection, shape) for window in windows]
        return answers, shared

    return run


@pytest.mark.usefixtures("orders")
async def test_each_gets_its_own_page(shown):
    """Of its own size, from its own place, of its own status, which may be that of no order."""
    statuses = itertools.cycle(["IDLE", "RUNNING", "NOWHERE"])
    windows = [
        of(status, order=BY_DUE_DATE, size=size, offset=4 * size)
        for size, status in zip([7, 4, 9, 5, 6, 4, 8], statuses, strict=False)
    ]

    pages, shared = await shown(windows)

    assert [len(page["content"]) for page in pages] == [7, 4, 0, 5, 6, 0, 8]
    assert shared == 1


@pytest.mark.parametrize("count", [2, 8, 9, 17])
async def test_fewer_and_more_than_share_a_statement(orders, shown, count):
    windows = [Window(order=BY_DUE_DATE, size=3, offset=place % 13) for place in range(count)]

    pages, shared = await shown(windows)

    assert pages[1]["content"] == [{"id": key, "due": f"{due:%Y-%m-%dT%H:%M:%SZ}"} for due, key in orders[1:4]]
    assert shared == count // 8 + (count % 8 > 1)


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("order", [BY_DUE_DATE, LATEST_FIRST])
async def test_pages_between_cursors(orders, shown, order, backward):
    """Each end is told with its cursors and with whether more follows; a cursor may stand where there is no date."""
    places = [10, 40, 70, 100, 119, 115]
    side = "before" if backward else "after"
    windows = [
        Window(order=order, size=size, backward=backward, **{side: orders[place]})
        for size, place in enumerate(places, 1)
    ]

    pages, shared = await shown(windows, NODES)

    assert {len(page["nodes"]) for page in pages} > {1, 2, 3}
    # Those past a date are alike, and so are those past an order without one.
    assert shared == 2


@pytest.mark.usefixtures("orders")
@pytest.mark.parametrize(
    ("window", "projection"),
    [
        (Window(size=300), CONTENT),
        (Window(size=10, offset=100), CONTENT),
        (Window(size=30), WITH_LISTS),
        (Window(order=(Sort(NAME), Sort(STATUS)), size=3), CONTENT),
        (Window(Compared(NAME, CONDITIONS["CONTAINS"], ("1",)), size=3), CONTENT),
        (Window(size=3), COUNTED),
        (Window(), CONTENT),
    ],
    ids=[
        "long",
        "far into the order",
        "with long lists",
        "of no index",
        "of values that decide on the plan",
        "counted",
        "all",
    ],
)
async def test_others_are_better_off_alone(shown, window, projection):
    windows = [window if window.size is None else replace(window, size=window.size + more) for more in range(3)]

    _, shared = await shown(windows, projection)

    assert not shared
