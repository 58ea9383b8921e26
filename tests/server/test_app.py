import httpx
import pytest

from server.app import make_app
from server.config import Settings


def client(connections, named, **settings):
    transport = httpx.ASGITransport(make_app(connections, Settings(**settings)))
    return httpx.AsyncClient(transport=transport, base_url="http://x", headers={"Host": named})


@pytest.mark.parametrize(
    ("settings", "host", "status"),
    [
        ({}, "localhost", 200),
        ({}, "127.0.0.1:8000", 200),
        ({}, "[::1]:8000", 200),
        ({}, "LocalHost:1", 200),
        ({}, "evil.example", 400),
        ({}, "localhost.evil.example", 400),
        ({"hosts": ("orders.plant.example",)}, "orders.plant.example:443", 200),
        ({"hosts": ("orders.plant.example",)}, "localhost", 400),
        ({"hosts": ("*",)}, "evil.example", 200),
        ({"host": "0.0.0.0"}, "orders.plant.example", 200),  # noqa: S104 (nobody listens)
    ],
)
async def test_a_server_answers_by_the_names_that_it_is_called_by(connections, settings, host, status):
    async with client(connections, host, **settings) as http:
        response = await http.get("/")

    assert response.status_code == status
    if status != 200:
        assert response.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
@pytest.mark.parametrize(
    ("version", "named", "status"),
    [("1.1", [(b"host", b"10.0.0.21:8000")], 200), ("1.0", [], 200), ("1.1", [], 400)],
)
async def test_who_looks_after_the_servers_needs_no_name_of_theirs(connections, path, version, named, status):
    sent = []

    async def send(message):
        sent.append(message)

    app = make_app(connections, Settings(hosts=("orders.plant.example",)))
    scope = {"type": "http", "http_version": version, "method": "GET", "path": path, "headers": named}
    await app(scope, None, send)

    assert sent[0]["status"] == status


async def test_several_hosts_are_none(connections):
    sent = []

    async def send(message):
        sent.append(message)

    headers = [(b"host", b"localhost"), (b"host", b"evil.example")]
    scope = {"type": "http", "http_version": "1.1", "method": "GET", "path": "/health/live", "headers": headers}
    await make_app(connections)(scope, None, send)

    assert sent[0]["status"] == 400


@pytest.mark.parametrize(("on", "status"), [(True, 200), (False, 404)])
async def test_graphiql_can_be_switched_off(connections, on, status):
    async with client(connections, "localhost", graphiql=on) as http:
        assert (await http.get("/")).status_code == status


@pytest.mark.settings(introspection=False)
async def test_introspection_can_be_switched_off(execute):
    failure = await execute.failing("{ __schema { types { name } } }")

    assert failure.code == "GRAPHQL_VALIDATION_FAILED"
    assert await execute("{ __typename }") == {"__typename": "Query"}


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("POST", "/graphql", {}),
        ("POST", "/graphql", {"Content-Type": "text/plain"}),
        ("POST", "/graphql", {"Host": "evil.example"}),
        ("PUT", "/graphql", {}),
        ("OPTIONS", "/graphql", {}),
        ("GET", "/health/live", {}),
        ("GET", "/health/ready", {}),
        ("POST", "/health/live", {}),
        ("GET", "/nothing", {}),
        ("GET", "/graphiql/nothing", {}),
    ],
)
async def test_every_answer_has_the_strict_headers(http, method, path, headers):
    told = (await http.request(method, path, headers=headers)).headers

    assert (told["cache-control"], told["x-content-type-options"]) == ("no-store", "nosniff")
    assert told["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
