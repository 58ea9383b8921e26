from dataclasses import replace

import pytest
from graphql import OperationDefinitionNode, parse

from resolvers.compiled.operation import Operation
from resolvers.limits import Limits, TooComplex, check_text, measured
from server.schema import make_schema

SCHEMA = make_schema()._schema  # noqa: SLF001 (it is graphql-core's)
LIMITS = Limits()


def counted(text, limits=LIMITS):
    """What is counted of a document's first operation."""
    document = parse(text)
    operation = next(one for one in document.definitions if isinstance(one, OperationDefinitionNode))
    return measured(SCHEMA, document, operation, limits)


def cost(text, **variables):
    return counted(text, replace(LIMITS, cost=10**9, fields=10**40)).cost.total(variables)


def order(selection):
    return f'{{ getProductionOrder(productionOrderIdOrName: "a") {{ {selection} }} }}'


@pytest.mark.parametrize(
    ("limit", "fits", "exceeds"),
    [
        ("depth", order("product { unitOfMeasure { symbol } }"), order("product { unitOfMeasure { id id2: id } }")),
        ("aliases", order("a: id b: id"), order("a: id b: id c: id")),
        ("directives", order("id @skip(if: false) name @skip(if: false)"), order("id " + "@skip(if: false) " * 3)),
        ("root_fields", "{ a: __typename b: __typename }", "{ a: __typename b: __typename c: __typename }"),
        ("repetitions", order("id id name"), order("id id id")),
    ],
)
def test_what_is_at_a_limit_fits_and_what_is_beyond_is_refused(limit, fits, exceeds):
    most = {"depth": 4}.get(limit, 2)
    limits = replace(LIMITS, **{limit: most})
    if limit == "depth":
        exceeds = order("product { unitOfMeasure { symbol } productionOrders { nodes { product { id } } } }")

    counted(fits, limits)
    with pytest.raises(TooComplex) as refused:
        counted(exceeds, limits)

    told = refused.value.extensions
    assert (told["code"], told["limit"], told["max"]) == ("QUERY_TOO_COMPLEX", limit.replace("_", " "), most)
    assert told["value"] > most
    assert f"MES_ORDERS_MAX_{limit.upper()}" in refused.value.message


@pytest.mark.parametrize(
    ("limit", "text"),
    [
        ("characters", "{ __typename } #" + "x" * 100),
        ("tokens", "{ a b c d e f g h i }"),
        ("nesting", "{a(b:[[[[[[[[["),
    ],
)
def test_a_text_beyond_a_limit_is_refused_before_it_is_parsed(limit, text):
    limits = replace(LIMITS, **{limit: {"characters": 50}.get(limit, 8)})

    with pytest.raises(TooComplex) as refused:
        check_text(text, limits)

    assert refused.value.extensions["limit"] == limit


SPREAD = "{ productionOrders { nodes { ...A ...B } } }"
A, B = ("fragment A on ProductionOrder", "fragment B on ProductionOrder")


@pytest.mark.parametrize(
    ("fits", "exceeds"),
    [
        (f"{SPREAD} {A} {{ id id }} {B} {{ name }}", f"{SPREAD} {A} {{ id id }} {B} {{ id }}"),
        (f"{SPREAD} {A} {{ id ...B }} {B} {{ name }}", f"{SPREAD} {A} {{ id id ...B }} {B} {{ id }}"),
        (
            f"{SPREAD} {A} {{ product {{ id }} }} {B} {{ product {{ id }} }}",
            f"{SPREAD} {A} {{ product {{ id id }} }} {B} {{ product {{ id }} }}",
        ),
        (
            f"{{ productionOrders {{ nodes {{ ...A ...A }} }} }} {A} {{ id id }}",
            f"{SPREAD} {A} {{ id }} {B} {{ id id }}",
        ),
    ],
)
def test_what_fragments_name_in_the_same_place_is_counted_together(fits, exceeds):
    limits = replace(LIMITS, repetitions=2)

    counted(fits, limits)
    with pytest.raises(TooComplex, match="its repetitions must be at most 2"):
        counted(exceeds, limits)


def test_what_does_not_parse_is_left_to_the_parser():
    check_text('{ a(b: "', LIMITS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{ __typename }", 1),
        (order("id product { name }"), 4),
        # Nobody says how many values it has: 4 are supposed, and 2 branches of a tree.
        (order("propertyValues { id value }"), 2 + 4 * 2),
        # Nor of a list of all; here as many are supposed as the longest page has, but not of the trees of a plant.
        ("{ getAllProductionOrders { id propertyValues { id } } }", 1 + 1000 * (2 + 4 * 1)),
        ("{ ...A } fragment A on Query { getAllRoles { id } }", 1 + 1000 * 1),
        ('{ getChildren(locationIdOrPath: "a") { id } }', 1 + 1000 * 1),
        ("{ getAllPermissions }", 1),
        ('mutation { setPropertyValues(productionOrderIdOrName: "a", values: {}) { id } }', 1 + 4 * 1),
        ("{ getLocationTree { id children { id children { id } } } }", 1 + 4 * (2 + 2 * (2 + 2))),
        ("{ productionOrders { nodes { id } } }", 1 + 50 * 2),
        ("{ productionOrders(first: 7) { nodes { id } } }", 1 + 7 * 2),
        ("{ productionOrders(last: 7) { edges { node { id name } } } }", 1 + 7 * 4),
        ("{ customers(first: 3) { nodes { productionOrders(first: 4) { nodes { id } } } } }", 1 + 3 * (2 + 4 * 2)),
        ("{ findMaterials(queryRequest: {pageSize: 5}) { content { id } totalElements } }", 1 + 5 * 3),
        ('{ nodes(ids: ["a", "b", "c"]) { id } }', 1 + 3),
        ("{ nodes(ids: 2147483648) { id } }", 1 + 1),
        ("{ ...A ...A } fragment A on Query { productionOrders(first: 7) { nodes { id } } }", 2 * (1 + 7 * 2)),
    ],
)
def test_a_field_costs_one_for_each_record_that_it_is_shown_of(text, expected):
    assert cost(text) == expected


@pytest.mark.parametrize(
    ("text", "variables", "expected"),
    [
        ("query ($n: Int) { productionOrders(first: $n) { nodes { id } } }", {"n": 8}, 1 + 8 * 2),
        ("query ($n: Int) { productionOrders(first: $n) { nodes { id } } }", {}, 1 + 50 * 2),
        ("query ($n: Int) { findMaterials(queryRequest: {pageSize: $n}) { content { id } } }", {"n": 8}, 1 + 8 * 2),
        ("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ["a", "b"]}, 1 + 2),
        (
            "query ($q: QueryRequestInput!) { findMaterials(queryRequest: $q) { content { id } } }",
            {"q": {"pageSize": 8}},
            1 + 8 * 2,
        ),
        (
            """
            query ($n: Int, $m: Int) { ...A ...A }
            fragment A on Query { customers(first: $n) { nodes { productionOrders(first: $m) { nodes { id } } } } }
            """,
            {"n": 3, "m": 4},
            2 * (1 + 3 * (2 + 4 * 2)),
        ),
        (
            """
            query ($n: Int, $m: Int) { customers(first: $n) { nodes { ...A } } materials(first: $n) { nodes { ...B } } }
            fragment A on Customer { productionOrders(first: 1) { nodes { product { ...B } } } }
            fragment B on Material { productionOrders(first: $m) { nodes { id } } }
            """,
            {"n": 3, "m": 4},
            1 + 3 * (2 + 2 + (1 + 4 * 2)) + 1 + 3 * (1 + (1 + 4 * 2)),
        ),
    ],
)
def test_the_cost_follows_the_sizes_that_variables_bring(text, variables, expected):
    assert cost(text, **variables) == expected


@pytest.mark.parametrize("given", [{"l": 7}, {"f": None, "l": 7}, {"f": 3, "l": 7}])
def test_the_cost_follows_whichever_end_is_counted_from(given):
    text = "query ($f: Int, $l: Int) { productionOrders(first: $f, last: $l) { nodes { id } } }"

    assert cost(text, **given) == 1 + 7 * 2
    assert cost("{ productionOrders(first: null, last: 7) { nodes { id } } }") == 1 + 7 * 2


def test_a_question_about_the_schema_counts_as_five_root_fields():
    counted("{ a: __schema { queryType { name } } b: __schema { queryType { name } } }")
    with pytest.raises(TooComplex):
        counted('{ a: __type(name: "A") { name } b: __schema { queryType { name } } __typename }')


def test_an_operation_that_is_not_run_is_held_to_the_limits_of_what_is_validated():
    text = "query A { __typename } query B { a: __typename b: __typename c: __typename }"

    assert counted(text).root_fields == 1
    with pytest.raises(TooComplex):
        counted(text, replace(LIMITS, root_fields=2))


def test_fields_count_as_often_as_their_fragments_are_spread():
    text = order("product { ...A } two: product { ...A }") + " fragment A on Material { id name }"

    assert counted(text).fields == 1 + 2 * 3
    with pytest.raises(TooComplex):
        counted(text, replace(LIMITS, fields=6))


async def test_a_number_of_too_many_digits_does_not_parse(execute):
    failure = await execute.failing(
        f"{{ productionOrders(filter: {{version: {{equals: {'9' * 4301}}}}}) {{ totalCount }} }}"
    )

    assert failure.code == "GRAPHQL_PARSE_FAILED"


def test_the_cost_is_checked_with_the_variables_of_each_request():
    found = counted("query ($n: Int) { productionOrders(first: $n) { nodes { id } } }", replace(LIMITS, cost=100))

    assert found.check_cost({"n": 49}) == 99
    with pytest.raises(TooComplex):
        found.check_cost({"n": 50})


def test_fragments_that_double_each_other_are_counted_in_no_time():
    text = (
        "query ($n: Int) "
        + order("product { ...F0 }")
        + "".join(f" fragment F{n} on Material {{ ...F{n + 1} ...F{n + 1} }}" for n in range(60))
    )
    text += " fragment F60 on Material { productionOrders(first: $n) { nodes { id } } }"

    assert cost(text, n=3) == 2 + 2**60 * 7


def test_a_fragment_that_leads_to_itself_is_left_to_validation():
    assert counted("{ ...A } fragment A on Query { __typename ...A }").root_fields == 1


async def test_a_caller_can_ask_what_an_operation_costs(http, execute):
    response = await http.post(
        "/graphql",
        json={"query": "query ($n: Int = 3) { productionOrders(first: $n) { nodes { id } } }"},
        headers={"Authorization": f"Bearer {execute.token}", "X-Query-Cost": "1"},
    )

    assert response.json()["extensions"] == {"cost": {"value": 7, "max": LIMITS.cost}}


async def test_an_operation_that_costs_too_much_is_not_run(execute, statements):
    await execute("{ __typename }")
    statements.clear()
    deep = "nodes { product { productionOrders(first: 1000) { nodes { id } } } }"

    failure = await execute.failing(f"query ($n: Int) {{ productionOrders(first: $n) {{ {deep} }} }}", n=1000)

    assert (failure.code, failure.limit, failure.max) == ("QUERY_TOO_COMPLEX", "cost", LIMITS.cost)
    assert statements == []


async def test_a_long_body_is_only_for_what_saves_many_records(http, execute):
    async def status(document, **variables):
        body = {"query": document, "variables": variables}
        headers = {"Authorization": f"Bearer {execute.token}"}
        return (await http.post("/graphql", json=body, headers=headers)).status_code

    notes = [{"notes": "x" * 10_000}] * 150
    save = "mutation ($inputs: [ProductionOrderInput!]!) { saveProductionOrders(inputs: $inputs) { id } }"

    assert await status(save, inputs=notes) == 200
    assert await status("{ __typename }", inputs=notes) == 413
    assert await status("{", inputs=notes) == 413
    assert await status(save, inputs=notes * 3) == 413


@pytest.mark.parametrize("variables", [{"f": {"id": {"in": ["x"] * 4_996}}}, {"f": {"and": [{"not": {}}] * 2_498}}])
async def test_an_operation_takes_so_many_values_and_no_more(execute, variables):
    document = "query ($f: ProductionOrderFilter) { productionOrders(filter: $f) { totalCount } }"
    # Long texts are not many values.
    fitting = await execute.failing(document, **variables, padding="," * 20_000)
    beyond = await execute.failing(document, **variables, o={"a": 1, "b": 2})

    assert fitting.code == "BAD_USER_INPUT"
    assert (beyond.code, beyond.limit, beyond.max) == ("QUERY_TOO_COMPLEX", "values", LIMITS.values)
    assert LIMITS.values < beyond.value <= LIMITS.values + 4
    assert "MES_ORDERS_MAX_VALUES" in beyond.message


async def test_of_too_many_values_none_is_coerced(execute, monkeypatch):
    coerced = []
    monkeypatch.setattr(Operation, "variables", lambda _, given: coerced.append(given))

    failure = await execute.failing("query ($o: [ID!]!) { nodes(ids: $o) { id } }", o=["a"] * 24_000)

    assert failure.limit == "values"
    assert coerced == []


async def test_what_saves_many_records_takes_more_values(execute):
    save = "mutation ($inputs: [ProductionOrderInput!]!) { saveProductionOrders(inputs: $inputs) { id } }"

    failure = await execute.failing(save, inputs=[{"name": None}] * 6_000)

    assert failure.code == "BAD_USER_INPUT"


@pytest.mark.settings(max_values=2)
async def test_values_in_a_query_string_are_counted_too(http, execute):
    query = "/graphql?query={__typename}&variables="
    headers = {"Authorization": f"Bearer {execute.token}"}

    fitting = await http.get(f'{query}{{"a":1,"b":2}}', headers=headers)
    beyond = await http.get(f'{query}{{"a":[1,2]}}', headers=headers)

    assert fitting.status_code == 200
    assert beyond.json()["errors"][0]["extensions"]["limit"] == "values"


async def test_none_of_too_many_saves_is_done(execute, pool):
    saves = " ".join(f's{n}: saveCustomer(input: {{name: "C{n}"}}) {{ id }}' for n in range(11))

    failure = await execute.failing(f"mutation {{ {saves} }}")

    assert (failure.code, failure.limit) == ("QUERY_TOO_COMPLEX", "root fields")
    assert await pool.fetchval("select count(*) from customers where name like 'C_'") == 0
