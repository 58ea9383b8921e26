"""No token, no variable and no literal of an operation is in the log, at any level, however a request goes."""

import logging
from contextvars import Context

import pytest
import structlog

from db.tokens import create_token
from server.log import configure_logging
from server.notes import without_tokens

SECRET = "Geheimnis"  # noqa: S105 (it stands for a value)
SAVE = "mutation Save($input: ProductionOrderInput!) { saveProductionOrder(input: $input) { id } }"
GET = "query Show($key: String!) { getProductionOrder(productionOrderIdOrName: $key) { id } }"
FIND = "query Find($filter: ProductionOrderFilter) { productionOrders(filter: $filter) { nodes { id } } }"


def literal(text):
    """An operation with a text in it, which is sent without variables."""
    return text.replace("$", f'"{SECRET}"'), {}


OPERATIONS = {
    "succeeds": (GET, {"key": SECRET}),
    "literal succeeds": literal("{ getProductionOrder(productionOrderIdOrName: $) { id } }"),
    "invalid": (SAVE, {"input": {"name": SECRET, "quantity": -1, "notes": SECRET * 1000}}),
    "wrong type": (SAVE, {"input": {"quantity": SECRET}}),
    "unknown field": (SAVE, {"input": {SECRET: SECRET}}),
    "unknown variable": (GET, {SECRET: SECRET}),
    "not found": (SAVE, {"input": {"id": SECRET, "notes": SECRET}}),
    "null byte": (GET, {"key": f"{SECRET}\0"}),
    "null byte saved": (SAVE, {"input": {"name": f"{SECRET}\0"}}),
    "wrong filter": (FIND, {"filter": {"name": {"like": SECRET}}}),
    "literal of a wrong type": literal("{ productionOrders(first: $) { nodes { id } } }"),
    "literal in an unknown argument": literal("{ getProductionOrder(unknown: $) { id } }"),
    "literal that does not parse": literal("{ getProductionOrder(x: $ ) { id }"),
    "unterminated literal": (f'{{ getProductionOrder(x: "{SECRET}', {}),
    "name that is none": (f"{{ {SECRET}! }}", {}),
    "unknown root field": (f"{{ {SECRET} }}", {}),
    "comment": (f"# {SECRET}\n{{ unknown }}", {}),
    "too long": (f'{{ getProductionOrder(productionOrderIdOrName: "{SECRET * 3000}") {{ id }} }}', {}),
    "empty": (f"# {SECRET}", {}),
}
REQUESTS = {
    "unknown path": {"method": "GET", "url": "/TOKEN"},
    "token for a request id": {"method": "POST", "url": "/graphql", "headers": {"X-Request-Id": "TOKEN"}},
    "token with a letter before it for a request id": {
        "method": "POST",
        "url": "/graphql",
        "headers": {"X-Request-Id": "xTOKEN"},
    },
    "secret for a request id": {"method": "POST", "url": "/graphql", "headers": {"X-Request-Id": "PART"}},
    "secret for a path": {"method": "GET", "url": "/tokens/PART/"},
    "token without a scheme": {"method": "POST", "url": "/graphql", "headers": {"Authorization": "TOKEN"}},
    "another scheme": {"method": "POST", "url": "/graphql", "headers": {"Authorization": "Basic TOKEN"}},
    "token for a host": {"method": "POST", "url": "/graphql", "headers": {"Host": "TOKEN"}},
    "token for a media type": {"method": "POST", "url": "/graphql", "headers": {"Content-Type": "TOKEN"}},
    "token in a query string": {"method": "GET", "url": f"/graphql?query={{{SECRET}}}&token=TOKEN"},
    "no JSON": {"method": "POST", "url": "/graphql", "content": SECRET},
    "JSON twice": {"method": "POST", "url": "/graphql", "content": f'{{"query": "{SECRET}", "query": "TOKEN"}}'},
    "token for a name": {"method": "POST", "url": "/graphql", "json": {"query": "query TOKEN { __typename }"}},
    "token with a letter before it for a name": {
        "method": "POST",
        "url": "/graphql",
        "json": {"query": "query xTOKEN { __typename }"},
    },
    "token with a digit before it in a path": {"method": "GET", "url": "/x7TOKEN"},
    "token for a name asked": {
        "method": "POST",
        "url": "/graphql",
        "json": {"query": GET, "operationName": "TOKEN"},
    },
}


@pytest.fixture
def logged(capsys, app):
    """What is written to the standard error, at the level that tells most, from where logging is configured on."""
    before = logging.root.handlers[:], logging.root.level

    def configured(log_format):
        configure_logging(log_format, "debug")
        return written

    def written():
        Context().run(app.write)
        return capsys.readouterr().err

    yield configured
    structlog.reset_defaults()
    logging.root.handlers[:], logging.root.level = before


@pytest.fixture
async def token(pool):
    """A token of which each part can be part of a name in GraphQL."""
    while "-" in (made := await create_token(pool, "terminal", ["Administrator"])).split("_", 2)[2]:
        pass
    return made


def replaced(value, token):
    """What is sent, with the token in it."""
    if isinstance(value, dict):
        return {key: replaced(one, token) for key, one in value.items()}
    return value.replace("TOKEN", token).replace("PART", token.split("_", 2)[2])


@pytest.mark.parametrize("log_format", ["json", "text"])
@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
@pytest.mark.settings(slow_seconds=0.0)
async def test_no_variable_and_no_literal_is_in_the_log(execute, logged, operation, log_format):
    document, variables = operation
    written = logged(log_format)

    await execute.answer(document, **variables)

    told = written()
    assert "document=" in told or '"document":' in told
    assert SECRET not in told
    assert execute.token.split("_", 2)[2] not in told


@pytest.mark.parametrize("log_format", ["json", "text"])
@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
async def test_no_token_is_in_the_log(http, logged, token, request_, log_format):
    written = logged(log_format)
    authorization = {"Authorization": f"Bearer {token}"}
    sent = replaced(request_, token)

    await http.request(**{**sent, "headers": {**authorization, **sent.get("headers", {})}})

    told = written()
    assert "status" in told
    assert SECRET not in told
    assert token.split("_", 2)[2] not in told


async def test_no_json_web_token_is_in_the_log(http, logged):
    written = logged("json")
    token = "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJwbGFubmVyIn0.c2lnbmF0dXJl-_c2lnbmF0dXJl"  # noqa: S105

    await http.get(f"/callback/{token}")

    told = written()
    assert '"path":"/callback/…"' in told
    assert not any(part in told for part in token.split("."))


@pytest.mark.parametrize(
    "name",
    ["Show", "demo_7", "getProductionOrderPropertyValuesOfMaterialClass", "GET_ALL_MATERIALS_OF_LINE_1_AND_LINE_2"],
)
def test_a_name_that_only_looks_a_little_like_a_token_is_told(name):
    assert without_tokens(name) == name


@pytest.mark.parametrize("log_format", ["json", "text"])
async def test_what_the_database_refuses_is_logged_without_its_value(execute, logged, pool, log_format):
    written = logged(log_format)
    await pool.execute("alter table production_orders alter column notes type integer using null")

    failure = await execute.failing(SAVE, input={"name": SECRET, "notes": SECRET})

    told = written()
    assert failure.code in told
    assert SECRET not in told
