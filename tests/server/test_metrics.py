"""What `/metrics` tells, read by Prometheus's own parser."""

from contextvars import Context

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families

GET = "query Show($key: String!) { getProductionOrder(productionOrderIdOrName: $key) { id } }"
SAVE = 'mutation { saveRole(input: {securityLevels: ["Plant"], permissions: ["MATERIAL"]}) { id } }'
SHOWN = {"operation": "query", "name": "Show"}


@pytest.fixture
def told(app, http):
    """What is told of everything that was asked until now: `value = (await told())("mes_orders_pool_waiting")`."""

    async def tell():
        Context().run(app.write)
        return samples((await http.get("/metrics")).text)

    return tell


def samples(text, parse=text_string_to_metric_families):
    """The values by name and labels; None for one that is not there."""
    read = {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in parse(text)
        for sample in family.samples
    }
    return lambda metric, /, **labels: read.get((metric, frozenset(labels.items())))


async def test_requests_are_counted_by_operation_name_and_code(execute, told):
    await execute(GET, key="x")
    await execute(GET, key="x")
    await execute.failing(GET, key=None)

    value = await told()
    assert value("mes_orders_requests_total", **SHOWN, code="OK") == 2
    assert value("mes_orders_requests_total", **SHOWN, code="BAD_USER_INPUT") == 1


async def test_a_request_with_several_codes_is_counted_once_by_the_worst(app, told):
    app.metrics.count(
        [{"path": "/graphql", "duration_ms": 1.0, "codes": ["FORBIDDEN", "NOT_FOUND", "SERVICE_UNAVAILABLE"]}]
    )

    assert (await told())("mes_orders_requests_total", operation="", name="", code="SERVICE_UNAVAILABLE") == 1


async def test_a_request_without_a_token_is_counted(http, told):
    await http.post("/graphql", json={"query": GET})

    assert (await told())("mes_orders_requests_total", operation="", name="", code="UNAUTHENTICATED") == 1


async def test_durations_are_told_in_seconds(app, told):
    app.metrics.count([{"path": "/graphql", "duration_ms": ms, "operation": "query"} for ms in (2, 300)])

    value = await told()
    labels = {"operation": "query", "name": ""}
    assert value("mes_orders_request_duration_seconds_sum", **labels) == 0.302
    assert value("mes_orders_request_duration_seconds_bucket", **labels, le="0.001") == 0
    assert value("mes_orders_request_duration_seconds_bucket", **labels, le="0.0025") == 1
    assert value("mes_orders_request_duration_seconds_bucket", **labels, le="0.5") == 2


async def test_statements_and_looked_up_callers_are_counted(execute, told):
    await execute("query Both($key: String!) { a: getProductionOrder(productionOrderIdOrName: $key) { id } b: "
                  "getProductionOrder(productionOrderIdOrName: $key) { id } }", key="x")  # fmt: skip
    await execute(GET, key="x")

    value = await told()
    assert value("mes_orders_statements_total") == 3
    assert value("mes_orders_callers_looked_up_total") == 1


async def test_replays_are_counted(http, execute, told):
    headers = {"Authorization": f"Bearer {execute.token}", "Idempotency-Key": "0123456789abcdef"}
    for _ in range(3):
        await http.post("/graphql", json={"query": SAVE}, headers=headers)

    assert (await told())("mes_orders_idempotent_replays_total") == 2


@pytest.mark.settings(max_aliases=1)
async def test_a_limit_that_is_hit_is_counted_by_its_name(execute, told):
    await execute.failing("{ a: __typename b: __typename }")
    await execute.failing("{ x { x { x { x { x { x { x { x { x { x { x { x } } } } } } } } } } } }")
    await execute.failing("query ($n: Int) { productionOrders(first: $n) { nodes { id name } } }", n=1_000_000_000)

    value = await told()
    assert [value("mes_orders_limits_hit_total", limit=limit) for limit in ("aliases", "depth", "cost")] == [1, 1, 1]


@pytest.mark.settings(max_body=500, max_bulk_body=1_000, failed_authentications=1, points_per_minute=1)
async def test_a_limit_that_is_hit_before_there_is_an_operation_is_counted_too(http, execute, told):
    authorization = {"Authorization": f"Bearer {execute.token}"}
    await http.get("/graphql", params={"query": "x" * 40_000}, headers=authorization)
    await http.get("/graphql", params={"query": "{ __typename }"}, headers=authorization)
    await http.post("/graphql", content="x" * 1_001, headers={**authorization, "Content-Type": "application/json"})
    # From this address nobody is looked up any more afterwards.
    await http.post("/graphql", json={"query": "{ x }"})
    await http.post("/graphql", json={"query": "{ x }"})

    value = await told()
    limits = ("failed_authentications", "query_string", "points_per_minute", "bulk_body")
    assert [value("mes_orders_limits_hit_total", limit=limit) for limit in limits] == [1] * 4


@pytest.mark.settings(origins=("https://app.example",))
async def test_a_browser_that_asks_whether_a_page_may_is_not_counted(http, told):
    asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST"}

    assert (await http.options("/graphql", headers=asked)).status_code == 200

    assert (await told())("mes_orders_requests_total", operation="", name="", code="OK") is None


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Forwarded-Proto", "Forwarded", "X-Real-IP", "Via"])
@pytest.mark.parametrize(
    "status", [404, pytest.param(200, marks=pytest.mark.settings(metrics=True), id="where it is set")]
)
async def test_they_are_not_shown_through_a_proxy_that_is_not_named(http, header, status):
    assert (await http.get("/metrics", headers={header: "10.0.0.1"})).status_code == status


async def test_no_browser_takes_them_for_anything_else(http):
    told = (await http.get("/metrics")).headers

    assert told["x-content-type-options"] == "nosniff"
    assert told["cache-control"] == "no-store"
    assert told["content-security-policy"].startswith("default-src 'none'")


async def test_the_pool_tells_what_is_in_use_and_who_waits(connections, told):
    taken = [await connections.take() for _ in range(connections.most)]
    value = await told()
    assert value("mes_orders_pool_connections", state="in_use") == value("mes_orders_pool_connections_max") == 4

    for connection in taken:
        await connections.give(connection, sound=True)
    value = await told()
    assert value("mes_orders_pool_connections", state="in_use") == 0
    assert value("mes_orders_pool_connections", state="free") == 4
    assert value("mes_orders_pool_waiting") == 0


async def test_what_is_kept_of_operations_is_counted(execute, told):
    for _ in range(3):
        await execute(GET, key="x")

    value = await told()
    for cache in ("operation", "plan"):
        assert value("mes_orders_cache_misses_total", cache=cache) == 1
        assert value("mes_orders_cache_hits_total", cache=cache) == 2


async def test_names_that_callers_make_up_do_not_become_more_and_more(execute, told):
    for number in range(110):
        await execute(f"query Q{number} {{ __typename }}")
    await execute(GET, key="x")

    value = await told()
    assert value("mes_orders_requests_total", operation="query", name="Q99", code="OK") == 1
    assert value("mes_orders_requests_total", operation="query", name="Q100", code="OK") is None
    assert value("mes_orders_requests_total", operation="query", name="other", code="OK") == 11


async def test_a_long_name_is_other(execute, told):
    await execute(f"query {'x' * 65} {{ __typename }}")

    assert (await told())("mes_orders_requests_total", operation="query", name="other", code="OK") == 1


async def test_a_name_that_looks_like_a_token_is_not_told(execute, told):
    await execute(f"query {execute.token.replace('-', '')[:40]} {{ __typename }}")

    assert (await told())("mes_orders_requests_total", operation="query", name="mo_…", code="OK") == 1


async def test_no_value_and_no_caller_is_told(execute, http, app):
    await execute(GET, key="secret")
    Context().run(app.write)

    text = (await http.get("/metrics")).text
    assert 'name="Show"' in text
    assert "secret" not in text
    assert "planner" not in text


async def test_what_is_asked_beside_operations_is_not_counted(http, told):
    await http.get("/health/live")

    assert (await told())("mes_orders_requests_total", operation="", name="", code="OK") is None


async def test_the_process_is_told_of(told):
    assert (await told())("process_resident_memory_bytes") > 10_000_000


async def test_it_speaks_openmetrics_to_whom_it_asks_for_it(http):
    response = await http.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})

    assert response.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    assert samples(response.text, open_metrics)("mes_orders_pool_waiting") == 0


@pytest.mark.parametrize(
    "status",
    [
        pytest.param(200, id="loopback"),
        pytest.param(404, marks=pytest.mark.settings(host="0.0.0.0"), id="all addresses"),  # noqa: S104
        pytest.param(200, marks=pytest.mark.settings(host="0.0.0.0", metrics=True), id="on"),  # noqa: S104
        pytest.param(404, marks=pytest.mark.settings(metrics=False), id="off"),
    ],
)
async def test_they_are_shown_where_no_other_machine_reaches_them_or_where_it_is_set(http, status):
    assert (await http.get("/metrics")).status_code == status
