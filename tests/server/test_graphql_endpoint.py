import asyncio

import pytest

from server.app import make_app

GRAPHQL_RESPONSE = "application/graphql-response+json"
JSON = "application/json"

TYPE = "{ __typename }"
GET = "query ($key: String!) { getProductionOrder(productionOrderIdOrName: $key) { id quantity } }"
SAVE = "mutation ($input: ProductionOrderInput!) { saveProductionOrder(input: $input) { id quantity } }"
THREE = """
mutation ($first: ProductionOrderInput!, $second: ProductionOrderInput!, $third: ProductionOrderInput!) {
  first: saveProductionOrder(input: $first) { name }
  second: saveProductionOrder(input: $second) { name }
  third: saveProductionOrder(input: $third) { name }
}
"""

END_WAITING = """
select {end}(pid) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()
"""

NOT_RUN = [
    ("", "GRAPHQL_PARSE_FAILED"),
    ("{", "GRAPHQL_PARSE_FAILED"),
    ("# nothing", "GRAPHQL_PARSE_FAILED"),
    ('{ a(b: """c) }', "GRAPHQL_PARSE_FAILED"),
    ('{ a(b: "\\uD800") }', "GRAPHQL_PARSE_FAILED"),
    ("{ __typename\0 }", "GRAPHQL_PARSE_FAILED"),
    ("{}", "GRAPHQL_PARSE_FAILED"),
    ("mutation {}", "GRAPHQL_PARSE_FAILED"),
    ("{ productionOrders(first: 1) {} }", "GRAPHQL_PARSE_FAILED"),
    ("{ ...A } fragment A on Query {}", "GRAPHQL_PARSE_FAILED"),
    ("{a" * 10_000, "QUERY_TOO_COMPLEX"),
    ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
    ("{ __typename @nothing }", "GRAPHQL_VALIDATION_FAILED"),
    ("{ ... on Nothing { a } }", "GRAPHQL_VALIDATION_FAILED"),
    ("{ ...A } fragment A on Query { ...A }", "GRAPHQL_VALIDATION_FAILED"),
    ("{ __typename } fragment A on Query { __typename }", "GRAPHQL_VALIDATION_FAILED"),
    ("{ newProductionOrder }", "GRAPHQL_VALIDATION_FAILED"),
    ("{ a: newProductionOrder { id } a: newRole { id } }", "GRAPHQL_VALIDATION_FAILED"),
    ('{ saveProductionOrder(input: {name: "a"}) { id } }', "GRAPHQL_VALIDATION_FAILED"),
    ('mutation { saveProductionOrder(input: {status: "IDLE"}) { id } }', "GRAPHQL_VALIDATION_FAILED"),
    (
        "{ ...A } "
        + " ".join(f"fragment {a} on Query {{ ...{a}A }}" for a in ("A" * n for n in range(1, 400)))
        + f" fragment {'A' * 400} on Query {{ __typename }}",
        "QUERY_TOO_COMPLEX",
    ),
    (GET, "BAD_USER_INPUT"),
    ("type A { a: Int }", "OPERATION_RESOLUTION_FAILURE"),
    ("fragment A on Query { __typename }", "OPERATION_RESOLUTION_FAILURE"),
]


@pytest.fixture
async def planner(caller):
    return await caller("PRODUCTION_ORDER")


@pytest.fixture
def post(http, planner):
    """Sends an operation as JSON."""

    async def send(document, *, accept=GRAPHQL_RESPONSE, **parameters):
        headers = {"Authorization": f"Bearer {planner.token}", "Accept": accept}
        return await http.post("/graphql", json={"query": document, **parameters}, headers=headers)

    return send


@pytest.fixture
def request_with(http, planner):
    """Sends any request, by a known caller."""

    async def send(method, **parts):
        headers = {"Authorization": f"Bearer {planner.token}", **parts.pop("headers", {})}
        return await http.request(method, "/graphql", headers=headers, **parts)

    return send


@pytest.fixture
def orders(plant):
    """Inputs of valid orders with these names."""

    def named(*names):
        return [{"name": name, "productId": plant.material, "unitOfMeasureId": plant.unit_of_measure} for name in names]

    return named


def only_error(response):
    """The one error of an answer without data."""
    (error,) = response.json().pop("errors")
    return error


@pytest.mark.parametrize("media_type", [GRAPHQL_RESPONSE, JSON])
async def test_an_answer_has_the_media_type_that_is_asked_for(post, media_type):
    response = await post(TYPE, accept=media_type)

    assert response.headers["content-type"] == f"{media_type}; charset=utf-8"
    assert (response.status_code, response.json()) == (200, {"data": {"__typename": "Query"}})


@pytest.mark.parametrize("document", [TYPE, "{"])
async def test_no_cache_keeps_an_answer_and_no_browser_guesses_what_it_is(post, document):
    headers = (await post(document)).headers

    assert (headers["cache-control"], headers["x-content-type-options"]) == ("no-store", "nosniff")


async def test_a_query_can_be_sent_by_get(request_with):
    response = await request_with("GET", params={"query": GET, "variables": '{"key": "x"}'})

    assert (response.status_code, response.json()) == (200, {"data": {"getProductionOrder": None}})


async def test_a_mutation_cannot_be_sent_by_get(request_with):
    response = await request_with("GET", params={"query": SAVE, "variables": '{"input": {"name": "x"}}'})

    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert only_error(response)["extensions"]["code"] == "METHOD_NOT_ALLOWED"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "HEAD", "TRACE", "OPTIONS", "FOO"])
async def test_other_methods_are_not_allowed(request_with, method):
    response = await request_with(method)

    assert (response.status_code, response.headers["allow"]) == (405, "GET, POST")


async def test_a_method_in_a_header_is_ignored(request_with):
    response = await request_with("GET", params={"query": SAVE}, headers={"X-HTTP-Method-Override": "POST"})

    assert response.status_code == 405


@pytest.mark.parametrize(("document", "code"), NOT_RUN, ids=range(len(NOT_RUN)))
async def test_an_operation_that_cannot_be_run_is_told_by_a_code_and_without_data(post, document, code):
    response = await post(document)

    assert response.status_code == 400
    assert list(response.json()) == ["errors"]
    assert only_error(response)["extensions"]["code"] == code


@pytest.mark.parametrize("document", ["{", "{ nothing }", GET, "type A { a: Int }"])
async def test_for_plain_json_an_operation_that_cannot_be_run_is_a_success_of_http(post, document):
    assert (await post(document, accept=JSON)).status_code == 200


@pytest.mark.parametrize("media_type", [GRAPHQL_RESPONSE, JSON])
async def test_a_field_that_fails_is_no_failure_of_http(post, media_type):
    response = await post(SAVE, variables={"input": {}}, accept=media_type)

    assert (response.status_code, response.json()["data"]) == (200, {"saveProductionOrder": None})
    assert response.json()["errors"][0]["path"] == ["saveProductionOrder"]


@pytest.mark.parametrize("media_type", [GRAPHQL_RESPONSE, JSON])
async def test_what_is_no_operation_is_refused_in_either_media_type(request_with, media_type):
    response = await request_with("POST", content=b"[]", headers={"Content-Type": JSON, "Accept": media_type})

    assert (response.status_code, only_error(response)["extensions"]) == (400, {"code": "BAD_REQUEST"})


async def test_a_client_that_accepts_no_json_is_refused(post):
    response = await post(TYPE, accept="text/html")

    assert (response.status_code, only_error(response)["extensions"]) == (406, {"code": "NOT_ACCEPTABLE"})


async def test_a_body_that_a_form_could_send_is_refused_before_anyone_asks_who_sent_it(http):
    response = await http.post("/graphql", content=b"{}", headers={"Content-Type": "text/plain"})

    assert (response.status_code, only_error(response)["extensions"]) == (415, {"code": "UNSUPPORTED_MEDIA_TYPE"})


@pytest.mark.parametrize("name", [None, ""])
async def test_of_several_operations_one_must_be_named(post, name):
    response = await post("query A { __typename } query B { __typename }", operationName=name)

    assert only_error(response)["extensions"]["code"] == "OPERATION_RESOLUTION_FAILURE"


async def test_there_are_no_subscriptions(post):
    response = await post("subscription { a }")

    assert response.status_code == 400
    assert only_error(response)["extensions"]["code"] == "OPERATION_RESOLUTION_FAILURE"


async def test_of_several_operations_the_named_one_is_run(post):
    document = "query A { a: __typename } query B { b: __typename }"

    assert (await post(document, operationName="B")).json() == {"data": {"b": "Query"}}


async def test_an_operation_that_the_document_does_not_have_is_an_error(post):
    response = await post("query A { __typename }", operationName="B")

    assert (response.status_code, only_error(response)["extensions"]["code"]) == (400, "OPERATION_RESOLUTION_FAILURE")


async def test_a_variable_that_the_operation_does_not_declare_is_ignored(post):
    assert (await post(TYPE, variables={"unknown": 1})).json() == {"data": {"__typename": "Query"}}


async def test_an_unknown_path_is_told_as_a_graphql_error(http):
    response = await http.get("/nothing")

    assert response.status_code == 404
    assert response.json() == {"errors": [{"message": "Not Found.", "extensions": {"code": "NOT_FOUND"}}]}


async def test_each_mutation_of_an_operation_is_stored_or_not_by_itself(execute, orders, pool):
    first, second, third = orders("Order1", "Order1", "Order2")

    answer = await execute.answer(THREE, first=first, second=second, third=third)

    assert answer["data"] == {"first": {"name": "Order1"}, "second": None, "third": {"name": "Order2"}}
    assert [(error["path"], error["extensions"]["code"]) for error in answer["errors"]] == [(["second"], "CONFLICT")]
    assert await pool.fetchval("select array_agg(name order by name) from production_orders") == ["Order1", "Order2"]


async def test_of_simultaneous_saves_with_one_name_one_is_stored(execute, orders):
    answers = await asyncio.gather(*(execute.answer(SAVE, input=order) for order in orders(*["Order1"] * 10)))

    codes = [error["extensions"]["code"] for answer in answers for error in answer.get("errors", ())]
    assert codes == ["CONFLICT"] * 9


async def test_simultaneous_changes_of_different_fields_all_survive(execute, production_order, pool):
    order = await production_order()
    changes = [
        {"quantity": 1},
        {"notes": "a"},
        {"spare1": "b"},
        {"spare2": "c"},
        {"spare3": "d"},
        {"status": "RUNNING"},
    ]

    await asyncio.gather(*(execute(SAVE, input={"id": order.id, **change}) for change in changes))

    row = await pool.fetchrow("select quantity, notes, spare1, spare2, spare3, status, version from production_orders")
    assert tuple(row) == (1, "a", "b", "c", "d", "RUNNING", 7)


async def test_of_an_unexpected_failure_only_the_request_id_is_told(post, pool):
    await pool.execute("alter table production_orders drop column quantity")

    response = await post(GET, variables={"key": "x"})

    error = only_error(response)
    assert error["extensions"] == {
        "code": "INTERNAL_SERVER_ERROR",
        "requestId": response.headers["x-request-id"],
    }
    assert error["message"] == "Something went wrong here. The server's log tells more under the request id."


async def test_a_failure_before_the_operation_is_told_in_the_same_way(post, pool):
    await pool.execute("drop table api_tokens")

    response = await post(TYPE)

    assert response.status_code == 500
    assert only_error(response)["extensions"] == {
        "code": "INTERNAL_SERVER_ERROR",
        "requestId": response.headers["x-request-id"],
    }


async def test_a_statement_that_takes_too_long_is_a_timeout(execute, production_order, pool):
    failure = await failure_while_waiting(execute, production_order, pool, "pg_cancel_backend")

    assert (failure.code, failure.message) == (
        "TIMEOUT",
        "The database took too long. Ask for less, or try again later.",
    )


async def test_a_connection_that_is_cut_is_told_as_worth_another_try(execute, production_order, pool):
    failure = await failure_while_waiting(execute, production_order, pool, "pg_terminate_backend")

    assert (failure.code, failure.retryable) == ("SERVICE_UNAVAILABLE", True)


async def test_a_save_whose_end_is_not_known_is_told_so(execute, orders, pool):
    async with pool.acquire() as other, pool.acquire() as administration, other.transaction():
        await other.execute("lock table production_orders in exclusive mode")
        saving = asyncio.create_task(execute.failing(SAVE, input=orders("Order 1")[0]))
        while not await administration.fetchval(END_WAITING.format(end="pg_terminate_backend")):
            pass
        failure = await saving

    assert failure.message.startswith("The connection to the database was lost before it said whether the change is")
    assert (failure.code, failure.retryable) == ("SERVICE_UNAVAILABLE", True)


async def failure_while_waiting(execute, production_order, pool, end):
    """What is told of a save that waits for another transaction when its connection is ended."""
    order = await production_order()
    async with pool.acquire() as other, pool.acquire() as administration, other.transaction():
        await other.execute("select from production_orders for update")
        saving = asyncio.create_task(execute.failing(SAVE, input={"id": order.id, "quantity": 1}))
        while not await administration.fetchval(END_WAITING.format(end=end)):
            pass
        return await saving


async def test_without_a_free_connection_the_server_is_unavailable(http, planner, pool, connections, monkeypatch):
    taken = [await connections.take() for _ in range(pool.get_max_size())]
    monkeypatch.setattr(connections, "_patience", 0)

    response = await http.post("/graphql", json={"query": TYPE}, headers={"Authorization": f"Bearer {planner.token}"})

    for one in taken:
        await connections.give(one, sound=True)
    assert (response.status_code, response.headers["retry-after"]) == (503, "1")
    assert only_error(response)["extensions"] == {"code": "SERVICE_UNAVAILABLE", "retryable": True}


async def test_a_client_that_leaves_is_not_answered(connections, planner):
    sent = []

    async def receive():
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    headers = [
        (b"host", b"localhost"),
        (b"authorization", f"Bearer {planner.token}".encode()),
        (b"content-type", JSON.encode()),
    ]
    await make_app(connections)(
        {"type": "http", "method": "POST", "path": "/graphql", "headers": headers, "query_string": b""}, receive, send
    )

    assert not sent
