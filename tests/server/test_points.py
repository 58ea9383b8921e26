import pytest

from db.ulid import new_ulid
from resolvers.access import Caller
from server.graphql_request import Refused
from server.points import Points

TYPE = "{ __typename }"
PAGE = "query ($first: Int = 100) { productionOrders(first: $first) { nodes { id } } }"
SAVE_ALL = "mutation ($inputs: [ProductionOrderInput!]!) { saveProductionOrders(inputs: $inputs) { id } }"
ANNA, BERT = Caller("anna", frozenset()), Caller("bert", frozenset())


@pytest.fixture
def points(clock):
    return Points(100, clock)


@pytest.fixture
async def asked(http, caller):
    """The response to an operation of a caller who may do everything with orders."""
    known = await caller("PRODUCTION_ORDER")

    async def send(document, headers=(), **variables):
        body = document if isinstance(document, bytes) else None
        parts = {"content": body} if body else {"json": {"query": document, "variables": variables}}
        sent = {"Authorization": f"Bearer {known.token}", "Content-Type": "application/json", **dict(headers)}
        return await http.post("/graphql", headers=sent, **parts)

    return send


def left(response):
    """What is left by the header: the whole of it is 1,000."""
    policy, told = response.headers["ratelimit-policy"], response.headers["ratelimit"]
    assert policy == '"points";q=1000;w=60'
    return int(told.removeprefix('"points";r=').partition(";")[0])


def test_each_caller_has_points_of_their_own(points):
    for _ in range(100):
        points.spend_on_request(ANNA)

    with pytest.raises(Refused):
        points.spend_on_request(ANNA)
    points.spend_on_request(BERT)


def test_a_refusal_says_how_long_to_wait(points):
    points.spend_on_operation(ANNA, 100)

    with pytest.raises(Refused, match="Try again in 1 second, or"):
        points.spend_on_request(ANNA)
    with pytest.raises(Refused, match="Try again in 2 seconds, or"):
        points.spend_on_operation(ANNA, 1)


def test_a_refusal_tells_what_is_left_and_when_there_is_enough(points, clock):
    points.spend_on_request(ANNA)
    points.spend_on_operation(ANNA, 69)
    points.spend_on_request(ANNA)

    with pytest.raises(Refused) as refused:
        points.spend_on_operation(ANNA, 49)

    told = refused.value
    assert (told.status, told.code, told.headers) == (429, "RATE_LIMITED", {"Retry-After": "13"})
    assert told.extensions == {"limit": 100, "remaining": 29, "cost": 50}
    clock.now += 13
    points.spend_on_request(ANNA)
    points.spend_on_operation(ANNA, 35)


def test_who_has_all_points_may_owe_more_than_there_are(points, clock):
    points.spend_on_request(ANNA)
    points.spend_on_operation(ANNA, 500)

    with pytest.raises(Refused) as refused:
        points.spend_on_request(ANNA)

    assert refused.value.headers == {"Retry-After": "242"}
    clock.now += 242
    points.spend_on_request(ANNA)


@pytest.mark.settings(points_per_minute=1_000)
async def test_a_request_takes_a_point_and_what_its_operation_costs(asked):
    assert left(await asked(TYPE)) == 998
    assert left(await asked(PAGE)) in range(796, 799)
    assert left(await asked(PAGE, first=10)) in range(774, 780)


@pytest.mark.settings(points_per_minute=1_000)
@pytest.mark.parametrize("document", [b"{", "{", "{ nothing }", "query ($a: Int!) { __typename }"])
async def test_what_cannot_be_run_takes_a_point(asked, document):
    response = await asked(document)

    assert "errors" in response.json()
    assert left(response) == 999


@pytest.mark.settings(points_per_minute=1_000)
async def test_saving_many_records_takes_a_point_for_each_of_them(asked, plant, pool):
    needed = {"productId": plant.material, "unitOfMeasureId": plant.unit_of_measure}
    orders = [{"name": f"Order {number}", **needed} for number in range(600)]

    first = await asked(SAVE_ALL, inputs=orders)
    second = await asked(SAVE_ALL, inputs=[{**order, "name": new_ulid()} for order in orders])

    # Some come back meanwhile: on a busy machine, a few more.
    assert left(first) in range(397, 600)
    assert second.status_code == 429
    assert second.json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
    assert await pool.fetchval("select count(*) from production_orders") == 600


@pytest.mark.settings(points_per_minute=1)
async def test_who_has_no_point_is_refused_before_the_body_is_read(asked):
    await asked(TYPE)

    response = await asked(b"{")

    assert response.status_code == 429
    assert int(response.headers["retry-after"]) in range(60, 122)
    assert response.headers["ratelimit"].startswith('"points";r=0;t=')


async def test_without_a_limit_nothing_is_told(asked):
    assert "ratelimit" not in (await asked(TYPE)).headers


@pytest.mark.settings(points_per_minute=1_000)
async def test_a_stranger_is_not_told_of_points(http):
    assert "points" not in (await http.post("/graphql", json={})).headers["ratelimit-policy"]


@pytest.mark.settings(points_per_minute=1_000)
async def test_the_cost_is_told_to_who_wants_to_know_it_only(asked):
    assert "extensions" not in (await asked(TYPE)).json()
    assert (await asked(TYPE, [("X-Query-Cost", "1")])).json()["extensions"]["cost"]["value"] == 1
