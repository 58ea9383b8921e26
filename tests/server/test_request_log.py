import hashlib
import re
from contextvars import Context
from types import SimpleNamespace

import pytest
from structlog.testing import capture_logs

from server.notes import with_notes

OWN = re.compile(r"[0-9a-f]{16}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
GET = "query Show($key: String!) { getProductionOrder(productionOrderIdOrName: $key) { id } }"
SAVE = "mutation ($input: ProductionOrderInput!) { saveProductionOrder(input: $input) { id } }"


class Lines:
    """The lines of the requests that were answered, which are written when they are looked at."""

    def __init__(self, app, captured):
        self._app = app
        self._captured = captured

    def __iter__(self):
        Context().run(self._app.write)
        return iter(self._captured)

    def __getitem__(self, place):
        return list(self)[place]

    def __str__(self):
        return str(list(self))


@pytest.fixture
def lines(app):
    """The lines that are logged from here on."""
    with capture_logs([with_notes]) as captured:
        yield Lines(app, captured)


async def test_a_request_gets_an_id(http):
    response = await http.get("/health/live")

    assert OWN.fullmatch(response.headers["x-request-id"])


async def test_a_request_keeps_the_id_that_it_comes_with(http):
    response = await http.get("/health/live", headers={"X-Request-Id": "Line-1.press_7"})

    assert response.headers["x-request-id"] == "Line-1.press_7"


@pytest.mark.parametrize("given", ["", " ", "a b", "a\tb", "é", "x" * 65, "<script>", "a,b"])
async def test_an_id_that_could_do_harm_in_a_log_is_replaced(http, given):
    response = await http.get("/health/live", headers={"X-Request-Id": given.encode()})

    assert OWN.fullmatch(response.headers["x-request-id"])


@pytest.mark.parametrize(
    "given",
    ["{token:.64}", "x{token:.60}", "9{token:.39}", "{secret}", "a.{secret}", "eyJhbGciOiJFUzI1NiIsImtpZCI6IjEifQ.eyJ"],
)
async def test_an_id_that_may_be_of_a_token_is_replaced(http, execute, given):
    parts = {"token": execute.token, "secret": execute.token.split("_", 2)[2]}

    response = await http.get("/health/live", headers={"X-Request-Id": given.format(**parts)})

    assert OWN.fullmatch(response.headers["x-request-id"])


@pytest.mark.parametrize("given", ["demo_7", "4c5e1a52-7a2b-4d1e-9c7c-6f5a6c0d9a11", "0123456789abcdef" * 4, "A-" * 32])
async def test_an_id_that_only_looks_a_little_like_a_token_is_kept(http, given):
    response = await http.get("/health/live", headers={"X-Request-Id": given})

    assert response.headers["x-request-id"] == given


async def test_a_line_tells_that_the_caller_had_to_be_looked_up(execute, lines):
    await execute(GET, key="secret")
    await execute(GET, key="secret")

    assert [line.get("caller_looked_up") for line in lines] == [True, None]


async def test_a_line_tells_who_asked_for_what_and_how_it_went(execute, lines):
    await execute(GET, key="secret")
    await execute(GET, key="secret")

    line = lines[1]
    assert line.pop("duration_ms") >= 0
    assert TIME.fullmatch(line.pop("timestamp"))
    assert OWN.fullmatch(line.pop("request_id"))
    assert line == {
        "event": "request",
        "log_level": "info",
        "method": "POST",
        "path": "/graphql",
        "status": 200,
        "caller": "planner",
        "operation": "query",
        "name": "Show",
        "statements": 1,
    }


async def test_a_line_tells_the_codes_of_the_errors(execute, lines):
    await execute.failing(SAVE, input={"name": "secret"})

    assert lines[0]["codes"] == ["BAD_USER_INPUT"]


async def test_a_refused_operation_is_told_by_a_part_of_its_hash(execute, lines):
    await execute.failing("{ unknown }")

    assert repr(lines[0]["document"]) == hashlib.sha256(b"{ unknown }").hexdigest()[:12]


@pytest.mark.settings(max_aliases=1)
async def test_a_line_tells_the_limit_that_an_operation_was_refused_for(execute, lines):
    await execute.failing("{ a: __typename b: __typename }")

    line = lines[0]
    assert (line["codes"], line["limit"], line["value"]) == (["QUERY_TOO_COMPLEX"], "aliases", 2)


@pytest.mark.settings(max_body=50, max_bulk_body=1_000)
@pytest.mark.parametrize(("length", "limit"), [(500, "body"), (1_001, "bulk_body")])
async def test_a_line_tells_of_the_limit_that_a_body_was_refused_for(http, execute, lines, length, limit):
    body = '{"query": "{ __typename }"}'.ljust(length)
    headers = {"Authorization": f"Bearer {execute.token}", "Content-Type": "application/json"}

    response = await http.post("/graphql", content=body, headers=headers)

    assert response.status_code == 413
    assert f"have MES_ORDERS_MAX_{limit.upper()} raised" in response.text
    assert (lines[0]["limit"], lines[0]["value"]) == (limit, length)


@pytest.mark.settings(points_per_minute=5)
async def test_a_line_tells_of_the_points_that_were_not_left(execute, lines):
    await execute.answer("{ productionOrders(first: 1) { nodes { id } } }")
    failure = await execute.failing("{ productionOrders(first: 1) { nodes { id } } }")

    line = list(lines)[-1]
    assert (line["limit"], line["value"]) == ("points_per_minute", failure.cost)


@pytest.mark.settings(slow_seconds=0.0)
async def test_a_slow_request_is_a_warning_that_tells_its_operation_by_a_part_of_its_hash(execute, lines):
    await execute(GET, key="secret")

    line = lines[0]
    assert (line["log_level"], line["slow"]) == ("warning", True)
    assert repr(line["document"]) == hashlib.sha256(GET.encode()).hexdigest()[:12]


async def test_a_request_is_not_slow_because_its_client_takes_the_answer_slowly(app, lines, clock, monkeypatch):
    monkeypatch.setattr("server.request_log.time", SimpleNamespace(perf_counter=clock, time=lambda: 0.0))

    async def receive():
        return {"type": "http.request", "body": b""}

    async def send(message):
        clock.now += 5 * ("body" in message)

    clock.now = 1.0
    headers = [(b"host", b"localhost")]
    await app({"type": "http", "method": "PUT", "path": "/graphql", "headers": headers}, receive, send)

    assert (lines[0]["status"], lines[0]["duration_ms"], "slow" in lines[0]) == (405, 0, False)
    assert clock.now == 6.0


async def test_a_request_that_the_server_failed_is_a_warning(execute, connections, lines, monkeypatch):
    taken = [await connections.take() for _ in range(connections.most)]
    monkeypatch.setattr(connections, "_patience", 0)
    failure = await execute.failing(GET, key="secret")
    for connection in taken:
        await connections.give(connection, sound=True)

    line = lines[-1]
    assert failure.code == "SERVICE_UNAVAILABLE"
    assert (line["event"], line["log_level"], line["codes"]) == ("request", "warning", ["SERVICE_UNAVAILABLE"])


async def test_a_request_whose_client_went_away_is_told_apart(app, caller, lines):
    async def receive():
        return {"type": "http.disconnect"}

    token = (await caller("MATERIAL")).token.encode()
    headers = [(b"host", b"localhost"), (b"content-type", b"application/json"), (b"authorization", b"Bearer " + token)]
    await app({"type": "http", "method": "POST", "path": "/graphql", "headers": headers}, receive, None)

    assert (lines[0]["status"], lines[0]["client_left"]) == (0, True)


async def test_a_line_tells_that_nobody_was_let_in(http, lines):
    await http.post("/graphql", json={"query": GET}, headers={"Authorization": "Bearer mo_secret"})

    (line,) = lines
    assert (line["status"], line["codes"], line["address"]) == (401, ["UNAUTHENTICATED"], "127.0.0.1")
    assert "caller" not in line


async def test_nothing_of_one_request_is_on_the_line_of_the_next(execute, http, lines):
    await execute(GET, key="secret")
    await http.post("/graphql", json={"query": GET})

    assert lines[1].keys() == {
        "event", "log_level", "request_id", "timestamp", "method", "path", "status", "duration_ms", "codes", "address"
    }  # fmt: skip


@pytest.mark.parametrize(
    "variables", [{"input": {"name": "secret", "notes": "secret", "quantity": -1}}, {"input": {"quantity": "secret"}}]
)
async def test_no_line_holds_a_token_or_a_variable(execute, lines, variables):
    await execute.failing(SAVE, **variables)

    told = str(lines)
    assert "secret" not in told
    assert execute.token.split("_", 2)[2] not in told


async def test_a_request_that_is_cut_short_is_logged_all_the_same(http, lines):
    await http.post("/graphql", content=b"", headers={"Content-Type": "text/plain"})

    assert lines[0]["status"] == 415


async def test_health_is_not_worth_a_line_at_the_usual_level(http, lines):
    await http.get("/health/ready")

    assert lines[0]["log_level"] == "debug"
