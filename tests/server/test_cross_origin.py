import pytest

APP, OTHER = "https://app.example", "https://evil.example"
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
SHARED = pytest.mark.settings(origins=(APP, "https://second.example:8443"))


@pytest.fixture
async def token(caller):
    return (await caller("MATERIAL")).token


@pytest.fixture
def preflight(http):
    async def send(origin, **headers):
        return await http.options("/graphql", headers={"Origin": origin, **PREFLIGHT, **headers})

    return send


def shared(response):
    """The headers by which a browser shows an answer to a page of another origin."""
    return {name: value for name, value in response.headers.items() if name.startswith("access-control-")}


@SHARED
async def test_a_named_origin_may_ask(preflight):
    response = await preflight(APP)

    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == APP
    assert response.headers["access-control-allow-methods"] == "GET, POST"
    assert "Origin" in response.headers["vary"]
    assert "access-control-allow-credentials" not in response.headers


@SHARED
@pytest.mark.parametrize(
    "header", ["authorization", "content-type", "idempotency-key", "prefer", "x-query-cost", "x-request-id"]
)
async def test_a_named_origin_may_send_what_requests_need(preflight, header):
    response = await preflight(APP, **{"Access-Control-Request-Headers": header})

    assert response.status_code == 200
    assert header in response.headers["access-control-allow-headers"].lower().split(", ")


@SHARED
@pytest.mark.parametrize(
    "headers",
    [
        {"Access-Control-Request-Method": "DELETE"},
        {"Access-Control-Request-Headers": "x-evil"},
        {"Access-Control-Request-Private-Network": "true"},
    ],
)
async def test_a_named_origin_may_ask_nothing_else(preflight, headers):
    response = await preflight(APP, **headers)

    (error,) = response.json()["errors"]
    assert (response.status_code, error["extensions"]) == (400, {"code": "BAD_REQUEST"})
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert response.headers["access-control-allow-origin"] == APP


@SHARED
async def test_a_named_origin_gets_the_answer_and_its_headers(http, token):
    headers = {"Authorization": f"Bearer {token}", "Origin": "https://second.example:8443"}

    response = await http.post("/graphql", json={"query": "{ __typename }"}, headers=headers)

    assert response.json() == {"data": {"__typename": "Query"}}
    assert shared(response)["access-control-allow-origin"] == "https://second.example:8443"
    shown = shared(response)["access-control-expose-headers"].lower().split(", ")
    assert {"x-request-id", "ratelimit", "ratelimit-policy", "retry-after"} <= set(shown)
    assert response.headers["vary"] == "Origin"


@SHARED
async def test_a_named_origin_is_told_what_is_wrong(http):
    response = await http.post("/graphql", json={}, headers={"Origin": APP})

    assert (response.status_code, shared(response)["access-control-allow-origin"]) == (401, APP)


@SHARED
@pytest.mark.parametrize("origin", [OTHER, "null", "", f"{APP}.evil.example", "http://app.example", f"{APP}:444", "*"])
async def test_other_origins_are_told_nothing_of_it(http, token, preflight, origin):
    answer = await http.post(
        "/graphql", json={"query": "{ __typename }"}, headers={"Authorization": f"Bearer {token}", "Origin": origin}
    )
    asked = await preflight(origin)

    assert (answer.status_code, shared(answer), answer.headers["vary"]) == (200, {}, "Origin")
    assert (asked.status_code, shared(asked)) == (405, {})


async def test_without_named_origins_nobody_is_told_of_it(http, preflight):
    answer = await http.post("/graphql", json={}, headers={"Origin": APP})
    asked = await preflight(APP)

    assert (shared(answer), shared(asked), asked.status_code) == ({}, {}, 405)
    assert "vary" not in answer.headers


@SHARED
@pytest.mark.parametrize("path", ["/", "/health/live", "/health/ready"])
async def test_pages_stay_as_they_are(http, path):
    response = await http.get(path, headers={"Origin": APP})

    assert (response.status_code, shared(response)) == (200, {})


@SHARED
@pytest.mark.parametrize("origin", [APP, OTHER])
async def test_every_answer_before_a_request_has_the_strict_headers(preflight, origin):
    told = (await preflight(origin)).headers

    assert (told["cache-control"], told["x-content-type-options"]) == ("no-store", "nosniff")
    assert told["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
