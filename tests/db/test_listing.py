"""What PostgreSQL plans for pages and connections of many orders: with the values, and for values to come."""

import json
import secrets
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

import asyncpg
import pytest

from db.declaration import One, Paged
from db.filters import CONDITIONS, Compared, Every, Related
from db.keyset import complete
from db.parts import CONNECTION, PAGE, PAGE_INFO
from db.records import Customer, ProductionOrder, ProductionOrderPropertyValue
from db.rows import Rows, Shape, Sort, Window, found_by
from db.selection import Selected
from db.statement import Projection
from db.values import Values

LOAD = """
insert into unit_of_measure (id, name, symbol) values ('01JCH3ENGW-00000000-00000000', 'Kilogram', 'kg');
insert into material_classes (id, name, path) values ('01JCH3ENGW-00000000-00000000', 'Dairy', '/Dairy');
insert into materials (id, name, path, material_class_id, unit_of_measure_id)
select id, name, path, id, id from material_classes;
insert into customers (id, name)
select '01JCH3ENGW-82KJDZDR-' || lpad(n::text, 8, '0'), 'Customer ' || n from generate_series(0, 499) n;
insert into production_orders
    (id, name, product_material_id, unit_of_measure_id, customer_id, status, due_date)
select
    '01JCH3ENGX-82KJDZDR-' || lpad(n::text, 8, '0'),
    'Order ' || n || ' ' || md5(n::text),
    '01JCH3ENGW-00000000-00000000',
    '01JCH3ENGW-00000000-00000000',
    case when n % 50 > 0 then '01JCH3ENGW-82KJDZDR-' || lpad((n % 500)::text, 8, '0') end,
    (array['IDLE', 'SCHEDULED', 'RUNNING', 'PAUSED', 'STOPPED', 'CLOSED', 'CANCELLED'])[1 + n % 7],
    case when n % 50 > 0 then timestamptz '2024-01-01 00:00Z' + n * 37 % 10000 * interval '1 minute' end
from generate_series(1, 10000) n;
vacuum analyze
"""
ID = ProductionOrder.columns["id"]
DUE = ProductionOrder.columns["due_date"]
STATUS = ProductionOrder.columns["status"]
NAME = Customer.columns["name"]
QUANTITY = ProductionOrder.columns["quantity"]
VALUE_ID = ProductionOrderPropertyValue.columns["id"]
CUSTOMER_OF = ProductionOrder.members["customer"]
EARLY, LATER = datetime(2024, 1, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, 2, tzinfo=UTC)
ORDER, CUSTOMER = "01JCH3ENGX-82KJDZDR-00000777", "01JCH3ENGW-82KJDZDR-00000077"
EQUAL_STATUS = Compared(STATUS, CONDITIONS["EQUALS"], ("IDLE",))
ORDERS = [
    (),
    (Sort(ID, descending=True),),
    (Sort(DUE),),
    (Sort(DUE, descending=True),),
    (Sort(STATUS), Sort(DUE)),
]
CONTENT = (Selected("content", PAGE["content"], (Selected("id", ID), Selected("dueDate", DUE))),)
PAGE_WITH_COUNT = (*CONTENT, Selected("totalElements", PAGE["totalElements"]))
NODES = (Selected("nodes", CONNECTION["nodes"], (Selected("id", ID), Selected("dueDate", DUE))),)
NODES_WITH_LISTS = (
    Selected(
        "nodes",
        CONNECTION["nodes"],
        (
            Selected("id", ID),
            Selected("customer", CUSTOMER_OF, (Selected("name", NAME),)),
            Selected("values", ProductionOrder.members["property_values"], (Selected("id", VALUE_ID),)),
        ),
    ),
)
EDGES = (
    Selected("nodes", CONNECTION["nodes"], (Selected("id", ID),)),
    Selected("pageInfo", CONNECTION["pageInfo"], tuple(Selected(name, part) for name, part in PAGE_INFO.items())),
)
NODES_ALONE = pytest.mark.parametrize("selection", [NODES, NODES_WITH_LISTS], ids=["alone", "with lists"])


@pytest.fixture(scope="module")
async def plant(administration, postgres, template):
    """A connection to a database with 10,000 orders."""
    name = f"mes_orders_test_{secrets.token_hex(6)}"
    await administration.execute(f"create database {name} template {template} strategy file_copy")
    connection = await asyncpg.connect(urlsplit(postgres)._replace(path=f"/{name}").geturl())
    for command in LOAD.split(";"):
        await connection.execute(command)
    yield connection
    await connection.close()
    await administration.execute(f"drop database {name} with (force)")


@pytest.fixture
def planned(plant):
    """The nodes of the plan of a page or a connection, each with those above it."""

    async def run(rows, selection, *, generic, settings=""):
        asked = Projection(selection).statement(rows, (), 10_000)
        try:
            if not generic:
                return nodes(await plant.fetchval(f"explain (format json) {asked.sql}", *asked.parameters))
            values = f"({', '.join(['null'] * len(asked.parameters))})" if asked.parameters else ""
            await plant.execute(f"set plan_cache_mode = force_generic_plan; {settings}; prepare asked as {asked.sql}")
            return nodes(await plant.fetchval(f"explain (format json) execute asked {values}"))
        finally:
            await plant.execute("deallocate all; reset all")
            await plant.reload_schema_state()

    return run


@pytest.fixture
def kept_plans(plant):
    """For how many of ten pages PostgreSQL takes a plan that it has kept; it plans at least the first five anew."""

    async def run(windows, selection):
        rows = [Rows(ProductionOrder, shape=Shape.CONNECTION, window=window) for window in windows]
        asked = [Projection(selection).statement(one, (), 10_000) for one in rows]
        assert len({one.sql for one in asked}) == 1
        prepared = await plant.prepare(asked[0].sql)
        for place in range(10):
            await prepared.fetchrow(*asked[place % len(asked)].parameters)
        kept = "select generic_plans from pg_prepared_statements where name = $1"
        return await plant.fetchval(kept, prepared.get_name())

    return run


@pytest.mark.parametrize("generic", [False, True], ids=["custom", "generic"])
@pytest.mark.parametrize(
    ("field", "condition", "values"),
    [
        ("name", "EQUALS", ("Order 5",)),
        ("name", "IN", (["Order 5", "Order 6"],)),
        ("name", "STARTS_WITH", ("Order 57",)),
        ("name", "CONTAINS", ("7 f1d",)),
        ("name", "ENDS_WITH", ("abcd",)),
        ("name", "GREATER_THAN", ("Order 999",)),
        ("name", "LESS_THAN_OR_EQUAL_TO", ("Order 10",)),
        ("status", "EQUALS", ("IDLE",)),
        ("status", "IN", (["IDLE"],)),
        ("due_date", "EQUALS", (EARLY,)),
        ("due_date", "IN", ([EARLY, LATER],)),
        ("due_date", "BETWEEN", (EARLY, LATER)),
        ("due_date", "LESS_THAN", (EARLY,)),
        ("due_date", "LESS_THAN_OR_EQUAL_TO", (EARLY,)),
        ("due_date", "GREATER_THAN", (datetime(2024, 1, 7, 22, tzinfo=UTC),)),
        ("due_date", "GREATER_THAN_OR_EQUAL_TO", (datetime(2024, 1, 7, 22, tzinfo=UTC),)),
        ("due_date", "IS_NULL", ()),
        ("id", "EQUALS", (ORDER,)),
        ("id", "IN", ([ORDER, ORDER.lower()],)),
        ("id", "STARTS_WITH", (ORDER[:-2],)),
        ("customer_id", "EQUALS", (CUSTOMER,)),
        ("customer_id", "IN", ([CUSTOMER],)),
        ("customer_id", "IS_NULL", ()),
        ("product_id", "GREATER_THAN", (ORDER,)),
    ],
)
async def test_a_filter_on_an_indexed_column_uses_its_index(planned, field, condition, values, generic):
    column = ProductionOrder.columns[field]
    rows = Rows(ProductionOrder, shape=Shape.PAGE, window=Window(Compared(column, CONDITIONS[condition], values)))
    # Without the value PostgreSQL takes a third of the rows to be less, and reads all: the question is whether it must.
    settings = "set enable_seqscan = off; set enable_indexscan = off"

    plan = await planned(rows, PAGE_WITH_COUNT, generic=generic, settings=settings)

    reads = [node for node, _ in plan if node.get("Relation Name") == "production_orders"]
    conditions = [node["Index Cond"] for node, _ in plan if "Index Cond" in node]
    searched = [one for one in conditions if not one.endswith(LOOKED_UP)]
    assert len(reads) == len(conditions) == len(searched) + 1 == 3
    assert all(column.stored_as in one for one in searched)


@pytest.mark.parametrize("generic", [False, True], ids=["custom", "generic"])
@pytest.mark.parametrize("order", ORDERS, ids=str)
async def test_a_page_in_the_order_of_an_index_sorts_no_more_than_equal_rows(planned, order, generic):
    rows = Rows(ProductionOrder, shape=Shape.PAGE, window=Window(order=order, size=20, offset=40))

    plan = await planned(rows, CONTENT, generic=generic)

    reads = [(node, above) for node, above in plan if node.get("Relation Name") == "production_orders"]
    ((_, above),) = (read for read in reads if not read[0].get("Index Cond", "").endswith(LOOKED_UP))
    assert "Limit" in above
    assert "Sort" not in above[above.index("Limit") :]


@pytest.mark.parametrize("generic", [False, True], ids=["custom", "generic"])
@pytest.mark.parametrize("backward", [False, True], ids=["forward", "backward"])
@pytest.mark.parametrize("order", ORDERS, ids=str)
async def test_a_page_from_a_cursor_on_reads_no_table_from_its_beginning(planned, order, backward, generic):
    values = {ID: ORDER, DUE: EARLY, STATUS: "IDLE"}
    keys = complete(ProductionOrder, order)
    cursor = {"before" if backward else "after": tuple(values[key.column] for key in keys)}
    rows = Rows(
        ProductionOrder, shape=Shape.CONNECTION, window=Window(order=keys, size=20, backward=backward, **cursor)
    )

    plan = await planned(rows, EDGES, generic=generic)

    assert "Seq Scan" not in {node["Node Type"] for node, _ in plan}


STEADY = {
    "the first of all": (Window(order=(Sort(DUE),)),),
    "far into all": tuple(Window(order=(Sort(DUE),), offset=offset) for offset in (4200, 5200, 6200)),
    "a little into all": tuple(Window(order=(Sort(DUE),), offset=offset) for offset in (1023, 1040, 1100)),
    "a little into those of a value": tuple(
        Window(EQUAL_STATUS, order=(Sort(DUE),), offset=offset) for offset in (130, 140, 150)
    ),
    "those without a date": (Window(Compared(DUE, CONDITIONS["IS_NULL"])),),
    "in the order of an index": tuple(
        Window(Every((Compared(STATUS, CONDITIONS["EQUALS"], (status,)),)), order=(Sort(DUE, descending=True),))
        for status in ("IDLE", "RUNNING", "CLOSED")
    ),
    "from a cursor back": (
        Window(order=(Sort(DUE),), before=(EARLY, ORDER), backward=True),
        Window(order=(Sort(DUE),), before=(LATER, ORDER), backward=True),
    ),
    "from a cursor on": (
        Window(order=(Sort(DUE),), after=(EARLY, ORDER)),
        Window(order=(Sort(DUE),), after=(LATER, ORDER)),
    ),
}
UNSTEADY = {
    "in another order": Window(EQUAL_STATUS),
    "of more than one value": Window(Compared(STATUS, CONDITIONS["IN"], (["IDLE"],)), order=(Sort(DUE),)),
    "of two columns": Window(
        Every((EQUAL_STATUS, Compared(QUANTITY, CONDITIONS["EQUALS"], (0,)))),
        order=(Sort(DUE),),
    ),
    "up to a cursor": Window(order=(Sort(DUE),), before=(EARLY, ORDER)),
    "between two cursors": Window(order=(Sort(DUE),), after=(EARLY, ORDER), before=(LATER, ORDER)),
    "backward to a cursor": Window(order=(Sort(DUE),), after=(EARLY, ORDER), backward=True),
    "in the order of a related record": Window(EQUAL_STATUS, order=(Sort(NAME, relation=CUSTOMER_OF),)),
    "by a related record": Window(Related(CUSTOMER_OF, Compared(NAME, CONDITIONS["STARTS_WITH"], ("Customer 1",)))),
}


@pytest.mark.parametrize("selection", [EDGES, NODES, NODES_WITH_LISTS], ids=["with more", "alone", "with lists"])
@pytest.mark.parametrize("size", [1, 50, 1000])
@pytest.mark.parametrize("windows", STEADY.values(), ids=STEADY)
async def test_postgresql_keeps_the_plan_of_pages_that_are_read_alike(kept_plans, windows, size, selection):
    assert await kept_plans([replace(window, size=size) for window in windows], selection) == 5


@pytest.mark.parametrize("window", [Window(), Window(EQUAL_STATUS, order=(Sort(DUE),))], ids=["all", "of a value"])
async def test_postgresql_keeps_a_plan_by_an_index_for_pages_that_share_a_statement(plant, window):
    rows = Rows(ProductionOrder, shape=Shape.PAGE, window=replace(window, size=10))
    asked = Projection(CONTENT).statement(rows, (), 10_000)
    values = [*asked.parameters * 5, *[None] * len(asked.parameters) * 3]
    prepared = await plant.prepare(asked.several())

    answers = [await prepared.fetch(*values) for _ in range(10)]

    alone = await plant.fetchval(asked.sql, *asked.parameters)
    assert all([row["answer"] for row in answer] == [alone] * 5 for answer in answers)
    kept = "select generic_plans from pg_prepared_statements where name = $1"
    assert await plant.fetchval(kept, prepared.get_name()) == 5
    plan = nodes(json.dumps(await prepared.explain(*values)))
    (read,) = [node["Node Type"] for node, _ in plan if node.get("Relation Name") == "production_orders"]
    assert read in ("Index Scan", "Index Only Scan")


IN_PLACE = {
    "all": Window(),
    "in an order": Window(order=(Sort(DUE, descending=True),)),
    "of a value": Window(EQUAL_STATUS, order=(Sort(DUE),)),
    "in the order of a related record": Window(order=(Sort(NAME, relation=CUSTOMER_OF),)),
    "by a related record": Window(Related(CUSTOMER_OF, Compared(NAME, CONDITIONS["STARTS_WITH"], ("Customer 1",)))),
    "the last": Window(order=(Sort(DUE),), backward=True),
}


@NODES_ALONE
@pytest.mark.parametrize("offset", [0, 200, 201, 20_000])
@pytest.mark.parametrize("window", IN_PLACE.values(), ids=IN_PLACE)
async def test_records_are_the_same_whether_they_are_read_in_place_or_once_for_several_parts(
    plant, window, offset, selection
):
    (nodes,) = selection
    rows = Rows(ProductionOrder, shape=Shape.CONNECTION, window=replace(window, size=50, offset=offset))

    async def read(*selected):
        asked = Projection(selected).statement(rows, (), 10_000)
        return json.loads(await plant.fetchval(asked.sql, *asked.parameters))

    in_place = await read(nodes)
    assert len(in_place["nodes"]) == (0 if offset > 10_000 else 50)
    assert in_place == {"nodes": (await read(nodes, replace(nodes, key="again")))["again"]}
    counted = await read(nodes, Selected("totalCount", CONNECTION["totalCount"]))
    assert in_place["nodes"] == counted["nodes"]


@pytest.mark.parametrize(
    ("window", "reads"),
    [
        (Window(order=(Sort(DUE),), offset=80), 1),
        (Window(order=(Sort(DUE),), offset=81), 2),
        (Window(order=(Sort(ID, descending=True),)), 1),
        (Window(EQUAL_STATUS, order=(Sort(DUE),)), 1),
        (Window(Compared(DUE, CONDITIONS["IS_NULL"])), 2),
        (Window(order=(Sort(DUE, descending=True),)), 2),
        (Window(order=(Sort(QUANTITY),)), 2),
        (Window(order=(Sort(NAME, relation=CUSTOMER_OF),)), 2),
    ],
    ids=str,
)
async def test_records_near_the_beginning_of_an_index_are_not_looked_up_again(planned, window, reads):
    rows = Rows(ProductionOrder, shape=Shape.PAGE, window=replace(window, size=20))

    plan = await planned(rows, CONTENT, generic=True)

    assert len([node for node, _ in plan if node.get("Relation Name") == "production_orders"]) == reads


def test_records_of_another_one_are_sorted_without_what_is_shown_of_them():
    """Their ids and keys: they have to be sorted, as no index has those of one record in their order."""
    orders = next(member for member in Customer.members.values() if isinstance(member, Paged))
    (nodes,) = NODES
    selection = (Selected("id", Customer.columns["id"]), Selected("orders", orders, (nodes,)))
    rows = Rows(Customer, found_by(Customer.table, "id", "$1"), (CUSTOMER,), key="id")
    asked = Projection(selection).statement(rows, (Window(size=20),), 10_000)

    assert "stored.id = shown.id" in asked.sql


@pytest.mark.parametrize("window", UNSTEADY.values(), ids=UNSTEADY)
def test_a_plan_is_not_to_be_kept_where_much_depends_on_the_values(window):
    assert Values().window(replace(window, size=50), ProductionOrder).reach is None


def test_a_page_reaches_as_far_as_its_last_row_and_the_one_after_it():
    def reached(**given):
        return Values().window(Window(**given), ProductionOrder).reach

    assert [reached(size=size) for size in (1, 15, 16, 63, 64)] == [16, 16, 64, 64, 256]
    assert reached(size=50, offset=2**40) == 2**42
    assert reached() is None


def test_a_key_that_comes_again_is_left_out_and_the_id_comes_last():
    customer = next(member for member in ProductionOrder.members.values() if isinstance(member, One))
    of_customer = Sort(ID, relation=customer)

    keys = complete(ProductionOrder, (Sort(DUE, descending=True), Sort(STATUS), Sort(DUE), of_customer, of_customer))

    assert keys == (Sort(DUE, descending=True), Sort(STATUS), of_customer, Sort(ID))


LOOKED_UP = ("= page.id)", "= shown.id)")
"""What the records of a page are found by, after the page itself."""


def nodes(plan):
    """Every node of a plan with the types of those above it, from the outermost on."""

    def below(node, above):
        yield node, above
        for inner in node.get("Plans", []):
            yield from below(inner, [*above, node["Node Type"]])

    return list(below(json.loads(plan)[0]["Plan"], []))
