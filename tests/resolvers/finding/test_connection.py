import base64

import pytest

ORDERS = """
query (
  $filter: ProductionOrderFilter, $orderBy: [ProductionOrderOrderBy!]
  $first: Int, $after: String, $last: Int, $before: String
) {
  productionOrders(filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
    %s
  }
}
"""
ALL = "edges { cursor node { id } } totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
NESTED = "{ materials(first: 1) { nodes { productionOrders(%s) { nodes { id } } } } }"
NO_CURSOR = ["is no cursor of a connection in this order"]
NULL = ["must not be null: leave it out, or ask for isNull"]
ONE_FIELD = ["must have one field: give more keys as more items of the list"]

pytestmark = pytest.mark.usefixtures("plant")


def cursor(text):
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


async def test_a_connection_is_one_statement(execute, statements):
    await execute("{ __typename }")
    statements.clear()

    await execute(
        ORDERS % ALL, filter={"customer": {"name": {"contains": "o"}}}, orderBy=[{"product": {"name": "ASC"}}]
    )

    assert len(statements) == 1


async def test_a_connection_is_counted_only_where_that_is_asked_for(execute, statements):
    await execute(ORDERS % "nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }", first=1)
    uncounted = [sql for sql in statements if "count(*) as records" in sql]
    await execute(ORDERS % "totalCount")

    assert not uncounted
    assert "count(*) as records" in statements[-1]


async def test_without_a_size_there_are_fifty_records_at_most(execute, pool):
    number = "'01JCH3ENGX-82KJDZDR-' || lpad(n::text, 8, '0')"
    await pool.execute(f"insert into locations (id, name, path) select {number}, n, n from generate_series(1, 51) n")  # noqa: S608

    data = await execute("{ locations { nodes { id } pageInfo { hasNextPage } } }")

    assert (len(data["locations"]["nodes"]), data["locations"]["pageInfo"]) == (50, {"hasNextPage": True})


@pytest.mark.parametrize(
    ("given", "violations"),
    [
        ({"first": -1}, {"first": ["must be from 1 to 50"]}),
        ({"first": 0}, {"first": ["must be from 1 to 50"]}),
        ({"last": 0}, {"last": ["must be from 1 to 50"]}),
        ({"last": -1}, {"last": ["must be from 1 to 50"]}),
        ({"first": 51}, {"first": ["must be from 1 to 50"]}),
        ({"first": 1, "last": 1}, {"last": ["can't be given together with first"]}),
        ({"filter": {"name": None}}, {"filter.name": NULL}),
        ({"filter": {"name": {"equals": None}}}, {"filter.name.equals": NULL}),
        ({"filter": {"or": [{"not": {"product": None}}]}}, {"filter.or[0].not.product": NULL}),
        ({"filter": {"and": None}}, {"filter.and": NULL}),
        (
            {"filter": {"propertyValues": {"some": None}}},
            {"filter.propertyValues.some": ["must not be null: leave it out"]},
        ),
        ({"filter": {"name": {"in": ["a\0"]}}}, {"filter.name.in": ["must not contain control characters"]}),
        ({"orderBy": [{}]}, {"orderBy[0]": ONE_FIELD}),
        ({"orderBy": [{"id": "ASC"}, {"name": "ASC", "notes": "ASC"}]}, {"orderBy[1]": ONE_FIELD}),
        ({"orderBy": [{"name": None}]}, {"orderBy[0]": ONE_FIELD}),
        ({"orderBy": [{"product": {}}]}, {"orderBy[0].product": ONE_FIELD}),
        (
            {"orderBy": [{"product": {"materialClass": {"name": "ASC"}}}]},
            {"orderBy[0].product": ["reaches through one relation at most"]},
        ),
    ],
)
async def test_wrong_arguments_are_told_by_their_names(execute, given, violations):
    failure = await execute.failing(ORDERS % "totalCount", **given)

    assert (failure.code, failure.violations) == ("BAD_USER_INPUT", violations)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "=",
        "a",
        "é",
        "x" * 100_000,
        cursor(""),
        cursor(b"\xff\xfe"),
        cursor("null"),
        cursor("{}"),
        cursor("[]"),
        cursor('["id"]'),
        cursor('["id",1]'),
        cursor('["id",true]'),
        cursor('["id",[]]'),
        cursor('["id","a\\u0000"]'),
        cursor('["id","\\ud800"]'),
        cursor('["id",NaN]'),
        cursor("[" * 100_000),
        cursor('["id","x","y"]'),
        cursor('["name,id","x","y"]'),
        cursor('["-id","x"]'),
    ],
)
@pytest.mark.parametrize("argument", ["after", "before"])
async def test_what_is_no_cursor_is_refused(execute, text, argument):
    failure = await execute.failing(ORDERS % "totalCount", **{argument: text})

    assert (failure.code, failure.violations) == ("BAD_USER_INPUT", {argument: NO_CURSOR})


@pytest.mark.parametrize("argument", ["after", "before"])
async def test_a_cursor_with_control_characters_is_refused(execute, argument):
    failure = await execute.failing(ORDERS % "totalCount", **{argument: "\0"})

    assert failure.violations == {argument: ["must not contain control characters"]}


@pytest.mark.parametrize(
    "order",
    [[{"name": "DESC"}], [{"name": "ASC"}, {"notes": "ASC"}], [{"product": {"name": "ASC"}}], [{"notes": "ASC"}], []],
)
async def test_a_cursor_of_another_order_is_refused(execute, order):
    data = await execute(ORDERS % "pageInfo { endCursor }", first=1, orderBy=[{"name": "ASC"}])
    failure = await execute.failing(
        ORDERS % "totalCount", after=data["productionOrders"]["pageInfo"]["endCursor"], orderBy=order
    )

    assert failure.violations == {"after": NO_CURSOR}


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("quantity", ["null", "-0.0", "1e308", "18446744073709551615", "123456789012345678901234567890"]),
        ("version", ["null", "1.5", "9223372036854775808", "1e300", "-1"]),
        ("dueDate", ["null", '"0001-01-01T00:00:00Z"', '"9999-12-31T23:59:59.999999Z"']),
        ("enabled", ["null", "true"]),
        ("status", ["null", '""', '"NONE"']),
    ],
)
@pytest.mark.parametrize("argument", ["after", "before"])
async def test_a_cursor_may_stand_where_no_record_is(execute, key, values, argument):
    for value in values:
        given = {argument: cursor(f'["{key},id",{value},"x"]'), "orderBy": [{key: "ASC"}]}

        data = await execute(ORDERS % ALL, **given)

        assert data["productionOrders"]["totalCount"] == 34


@pytest.mark.parametrize(
    ("filter_", "before", "after"),
    [
        ({"name": {"lessThan": "Order 2"}}, True, False),
        ({"name": {"greaterThan": "Order 2"}}, False, True),
        ({"name": {"equals": "Order 2"}}, True, True),
        ({"name": {"equals": "nothing"}}, False, False),
    ],
)
async def test_only_records_that_match_are_before_or_after_a_cursor(execute, filter_, before, after):
    order = {"orderBy": [{"name": "ASC"}]}
    at = {"filter": {"name": {"equals": "Order 2"}}, **order}
    place = (await execute(ORDERS % ALL, **at))["productionOrders"]["edges"][0]["cursor"]

    on = await execute(ORDERS % ALL, filter=filter_, after=place, **order)
    back = await execute(ORDERS % ALL, filter=filter_, last=50, before=place, **order)

    assert on["productionOrders"]["pageInfo"]["hasPreviousPage"] is before
    assert back["productionOrders"]["pageInfo"]["hasNextPage"] is after


@pytest.mark.parametrize("depth", [1, 10, 14])
async def test_a_filter_may_be_nested_deeply(execute, depth):
    nested = {"name": {"isNull": False}}
    for _ in range(depth):
        nested = {"not": nested}

    data = await execute(ORDERS % "totalCount", filter=nested)

    assert data["productionOrders"]["totalCount"] == (0 if depth % 2 else 34)


@pytest.mark.parametrize("word", ["and", "or"])
async def test_a_filter_without_a_condition_counts_as_one(execute, word):
    failure = await execute.failing(ORDERS % "totalCount", filter={word: [{}] * 500})

    assert failure.violations == {"filter": ["has more than 500 conditions: give a list of values to `in`"]}
    assert await execute(ORDERS % "totalCount", filter={word: [{}] * 499})


async def test_an_order_has_16_keys_at_most(execute):
    failure = await execute.failing(ORDERS % "totalCount", orderBy=[{"id": "ASC"}] * 17)

    assert failure.violations == {"orderBy": ["must have at most 16 keys"]}
    assert await execute(ORDERS % "totalCount", orderBy=[{"id": "ASC"}] * 16)


async def test_a_filter_with_too_many_conditions_is_refused(execute):
    wanted = [{"name": {"equals": f"Order {number}"}} for number in range(500)]

    failure = await execute.failing(ORDERS % "totalCount", filter={"or": wanted})

    assert failure.violations == {"filter": ["has more than 500 conditions: give a list of values to `in`"]}


@pytest.mark.parametrize(
    ("wanted", "number"),
    [
        ({"name": {"contains": "Order"}}, 499),
        ({"name": {"in": ["a", "b"], "contains": "Order"}}, 249),
        ({"not": {"name": {"contains": "Order"}}}, 249),
        ({"product": {"name": {"contains": "Order"}}}, 249),
    ],
)
async def test_conditions_and_what_leads_to_them_are_counted(execute, wanted, number):
    failure = await execute.failing(ORDERS % "totalCount", filter={"or": [wanted] * (number + 1)})

    assert failure.violations == {"filter": ["has more than 500 conditions: give a list of values to `in`"]}
    assert await execute(ORDERS % "totalCount", filter={"or": [wanted] * number})


@pytest.mark.parametrize(("depth", "code"), [(17, "BAD_USER_INPUT"), (300, "BAD_REQUEST")])
async def test_a_filter_that_is_nested_too_deeply_is_refused(execute, depth, code):
    nested = {}
    for _ in range(depth):
        nested = {"not": nested}

    variable = await execute.failing(ORDERS % "totalCount", filter=nested)
    literal = await execute.failing(
        f"{{ productionOrders(filter: {'{not: ' * 5_000}{{}}{'}' * 5_000}) {{ totalCount }} }}"
    )

    assert (variable.code, literal.code) == (code, "QUERY_TOO_COMPLEX")


async def test_an_order_by_as_many_keys_as_there_may_be_can_be_paged(execute):
    order = [
        *({name: "DESC"} for name in ("status", "enabled", "startDate", "notes", "quantity")),
        *({"product": {name: "ASC"}} for name in ("description", "path", "shelfLifeDays", "image")),
        *({"customer": {name: "DESC"}} for name in ("city", "notes", "version")),
        *({"unitOfMeasure": {name: "ASC"}} for name in ("symbol", "spare1")),
        {"location": {"path": "ASC"}},
        {"scheduleShiftRecord": {"startDate": "ASC"}},
    ]
    every = (await execute(ORDERS % ALL, orderBy=order))["productionOrders"]["edges"]

    rest = await execute(ORDERS % ALL, orderBy=order, after=every[9]["cursor"])

    assert len(order) == 16
    assert rest["productionOrders"]["edges"] == every[10:]


@pytest.mark.parametrize(
    "given",
    [
        {"filter": {"product": {}}},
        {"filter": {"not": {"or": [{"product": {"name": {"equals": "x"}}}]}}},
        {"filter": {"and": [{"propertyValues": {"none": {"property": {"unitOfMeasure": {}}}}}]}},
        {"orderBy": [{"id": "ASC"}, {"product": {"name": "ASC"}}]},
    ],
)
async def test_what_a_filter_or_an_order_reaches_needs_its_permission(caller, execute, given):
    planner = await caller("PRODUCTION_ORDER.READ")

    failure = await planner.failing(ORDERS % "totalCount", **given)

    assert failure.code == "FORBIDDEN"
    assert failure.permission in ("MATERIAL.READ.GET", "UNIT_OF_MEASURE.READ.GET")
    assert (await execute(ORDERS % "totalCount", **given))["productionOrders"]


async def test_a_filter_by_the_id_of_a_related_record_needs_no_further_permission(caller, plant):
    planner = await caller("PRODUCTION_ORDER.READ")

    data = await planner(ORDERS % "totalCount", filter={"productId": {"equals": plant.material}})

    assert data["productionOrders"]["totalCount"] == 12


@pytest.mark.parametrize("given", ["filter: {customer: {city: {isNull: true}}}", "orderBy: [{customer: {name: ASC}}]"])
async def test_a_nested_connection_needs_the_permission_of_what_it_reaches(caller, given):
    planner = await caller("PRODUCTION_ORDER.READ", "MATERIAL.READ")

    failure = await planner.failing(NESTED % given)
    allowed = await planner(NESTED % "first: 1")

    assert (failure.code, failure.permission) == ("FORBIDDEN", "CUSTOMER.READ.GET")
    assert allowed["materials"]["nodes"]


async def test_a_nested_connection_refuses_wrong_arguments(execute):
    failure = await execute.failing(NESTED % "first: -1")

    assert (failure.code, failure.violations) == ("BAD_USER_INPUT", {"first": ["must be from 1 to 50"]})


async def test_a_connection_can_be_shown_several_times_with_different_arguments(execute):
    data = await execute(
        """
        query ($first: Int) {
          up: productionOrders(first: $first, orderBy: [{name: ASC}]) { nodes { name } }
          down: productionOrders(last: 2, orderBy: [{name: ASC}]) { nodes { name } }
          findMaterials(queryRequest: {sortFields: ["name"], pageSize: 2}) {
            content {
              name
              one: productionOrders(first: $first, orderBy: [{name: ASC}]) { totalCount nodes { name } }
              two: productionOrders(filter: {enabled: {equals: false}}, first: 1) { totalCount }
            }
          }
        }
        """,
        first=1,
    )

    assert data == {
        "up": {"nodes": [{"name": "Order % 0"}]},
        "down": {"nodes": [{"name": "é 31"}, {"name": "é 7"}]},
        "findMaterials": {
            "content": [
                {
                    "name": "100 %",
                    "one": {"totalCount": 11, "nodes": [{"name": "Order % 32"}]},
                    "two": {"totalCount": 11},
                },
                {
                    "name": "Brie",
                    "one": {"totalCount": 11, "nodes": [{"name": "Order % 16"}]},
                    "two": {"totalCount": 0},
                },
            ]
        },
    }


async def test_connections_in_connections_are_one_statement(execute, statements):
    await execute("{ __typename }")
    statements.clear()

    data = await execute(
        """
        {
          customers(first: 2, orderBy: [{name: ASC}]) {
            edges { node { name productionOrders(first: 1, orderBy: [{name: ASC}]) {
              nodes { name product { productionOrders(last: 1, orderBy: [{name: ASC}]) { totalCount nodes { name } } } }
            } } }
          }
        }
        """
    )

    of_brie = {"productionOrders": {"totalCount": 11, "nodes": [{"name": "é 7"}]}}
    assert [edge["node"] for edge in data["customers"]["edges"]] == [
        {"name": "Ada", "productionOrders": {"nodes": [{"name": "Order 10", "product": of_brie}]}},
        {"name": "Corner Shop", "productionOrders": {"nodes": [{"name": "Order\\ 13", "product": of_brie}]}},
    ]
    assert len(statements) == 1


async def test_fragments_type_names_and_directives_work_on_every_part(execute, plant):
    document = """
    query ($yes: Boolean = true) {
      productionOrders(first: 1, orderBy: [{name: ASC}]) {
        __typename ...Connection nodes { name } nodes { version }
        pageInfo { ...Info __typename } totalCount @skip(if: $yes)
      }
    }
    fragment Connection on ProductionOrderConnection {
      edges { __typename ...Edge cursor @include(if: false) ... @skip(if: true) { cursor } }
    }
    fragment Edge on ProductionOrderEdge { node { __typename ... on Node { id } } }
    fragment Info on PageInfo { more: hasNextPage hasPreviousPage }
    """

    data = await execute(document)

    assert data["productionOrders"] == {
        "__typename": "ProductionOrderConnection",
        "edges": [
            {"__typename": "ProductionOrderEdge", "node": {"__typename": "ProductionOrder", "id": plant.orders[0]}}
        ],
        "nodes": [{"name": "Order % 0", "version": 1}],
        "pageInfo": {"more": True, "hasPreviousPage": False, "__typename": "PageInfo"},
    }
