import logging
import socket
import traceback
from concurrent.futures import ThreadPoolExecutor

import pytest

from client import MesError, Result, connect

TOKEN = "mo_1_secret"  # noqa: S105 (of no server)
READ = "{ getProductionOrderPermissions }"
WRITE = "mutation { deleteShift }"


def answer(body, status=200, headers=None):
    return (status, body, headers or {})


DATA = answer({"data": {"getProductionOrderPermissions": ["MATERIAL.READ"]}})
REFUSED = {
    "message": "The input is not valid.",
    "path": ["saveShift"],
    "extensions": {"code": "BAD_USER_INPUT", "violations": {"name": ["is required"]}, "requestId": "4711"},
}
UNKNOWN = {"errors": [{"message": "Who is asking?", "extensions": {"code": "UNAUTHENTICATED"}}]}


def failure(system, document=READ):
    with pytest.raises(MesError) as caught:
        system.graphql(document)
    return caught.value


@pytest.fixture
def nobody():
    """The address of a port on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


def test_a_free_query_gives_its_data_as_results(system, answers):
    answers(answer({"data": {"order": {"id": "1", "propertyValues": [{"value": 5}]}}}))

    data = system.graphql("{ order { id propertyValues { value } } }")

    assert type(data.order) is Result
    assert data.order.propertyValues[0].value == 5


def test_document_variables_and_operation_name_are_sent(system, scripted, answers):
    answers(DATA)

    system.graphql("query q($id: ULID) { x }", {"id": "1"}, "q")

    assert scripted.requests[0][2] == {
        "query": "query q($id: ULID) { x }",
        "variables": {"id": "1"},
        "operationName": "q",
    }


@pytest.mark.parametrize("suffix", ["", "/", "/graphql", "/graphql/"])
def test_the_address_is_given_with_or_without_graphql(scripted, answers, suffix):
    answers(DATA)

    with connect(scripted.url + suffix) as system:
        system.graphql(READ)

    assert scripted.requests[0][0] == "/graphql"


def test_the_token_is_sent_without_the_line_break_of_its_file(scripted, answers):
    answers(DATA)

    with connect(scripted.url, token=f"{TOKEN}\n") as system:
        system.graphql(READ)

    assert scripted.requests[0][1]["Authorization"] == f"Bearer {TOKEN}"


def test_one_connection_is_used_again(system, scripted, answers):
    answers(DATA)

    for _ in range(3):
        system.graphql(READ)

    assert scripted.connections == 1


def test_threads_share_a_system(system, answers):
    answers(DATA)

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda _: system.graphql(READ), range(40)))

    assert told == [{"getProductionOrderPermissions": ["MATERIAL.READ"]}] * 40


def test_an_error_tells_code_violations_path_and_request(system, answers):
    answers(answer({"data": None, "errors": [REFUSED]}))

    error = failure(system)

    assert error.code == "BAD_USER_INPUT"
    assert error.violations == {"name": ["is required"]}
    assert error.path == ["saveShift"]
    assert error.request_id == "4711"


def test_the_request_id_of_the_header_is_taken_where_the_error_has_none(system, answers):
    answers(answer(UNKNOWN, 401, {"X-Request-ID": "4712"}))

    assert failure(system).request_id == "4712"


def test_several_errors_are_told_together(system, answers):
    other = {"message": "No.", "extensions": {"code": "CONFLICT", "violations": {"status": ["is closed"]}}}
    answers(answer({"errors": [REFUSED, other]}))

    error = failure(system)

    assert error.message == "The input is not valid.\nNo."
    assert error.violations == {"name": ["is required"], "status": ["is closed"]}


def test_data_beside_an_error_is_an_error(system, answers):
    answers(answer({"data": {"a": 1, "b": None}, "errors": [REFUSED]}))

    assert failure(system).code == "BAD_USER_INPUT"


def test_a_wrong_token_is_unauthenticated(system, answers):
    answers(answer(UNKNOWN, 401))

    assert failure(system).code == "UNAUTHENTICATED"


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (401, "UNAUTHENTICATED"),
        (403, "FORBIDDEN"),
        (404, "BAD_ANSWER"),
        (429, "RATE_LIMITED"),
        (502, "SERVICE_UNAVAILABLE"),
        (503, "SERVICE_UNAVAILABLE"),
        (504, "TIMEOUT"),
        (307, "BAD_ANSWER"),
    ],
)
def test_the_answer_of_a_proxy_is_told_by_its_status(system, answers, status, code):
    answers(answer(b"<html>", status))

    error = failure(system)

    assert error.code == code
    assert str(status) in str(error)


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"null", b"{}", b'{"data": null}', b'{"errors": ["a"]}', b"\xff", b"[" * 100_000]
)
def test_an_answer_that_is_not_of_graphql_is_an_error(system, answers, body):
    answers(answer(body))

    assert failure(system).code == "BAD_ANSWER"


@pytest.mark.parametrize("passing", [None, *(answer(b"", status) for status in (502, 503, 504))])
def test_a_read_is_tried_three_times(system, scripted, answers, passing):
    answers(passing, passing, DATA)

    assert system.graphql(READ) == DATA[1]["data"]
    assert len(scripted.requests) == 3


@pytest.mark.parametrize("lasting", [None, answer(b"", 503)])
def test_a_read_is_not_tried_a_fourth_time(system, scripted, answers, lasting):
    answers(lasting)

    assert failure(system).code == "SERVICE_UNAVAILABLE"
    assert len(scripted.requests) == 3


def test_a_read_waits_as_long_as_the_server_asks(system, scripted, answers):
    answers(answer(b"", 429, {"Retry-After": "0"}), DATA)

    assert system.graphql(READ) == DATA[1]["data"]
    assert len(scripted.requests) == 2


@pytest.mark.parametrize("headers", [{}, {"Retry-After": "3600"}, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}])
def test_a_read_does_not_wait_for_what_is_too_long_or_not_told(system, scripted, answers, headers):
    answers(answer(b"", 429, headers))

    assert failure(system).code == "RATE_LIMITED"
    assert len(scripted.requests) == 1


@pytest.mark.parametrize("passing", [None, answer(b"", 503), answer(b"", 429, {"Retry-After": "0"})])
@pytest.mark.parametrize("document", [WRITE, "query a { x } mutation b { deleteShift }", "#\nmutation{ deleteShift }"])
def test_a_mutation_is_sent_again_with_the_same_key(system, scripted, answers, passing, document):
    answers(passing, DATA)

    system.graphql(document)

    first, second = [headers["Idempotency-Key"] for _, headers, _ in scripted.requests]
    assert first == second


def test_each_mutation_has_a_key_of_its_own(system, scripted, answers):
    answers(DATA)

    system.graphql(WRITE)
    system.graphql(WRITE)
    system.graphql(WRITE, idempotency_key="Shift 5")

    first, second, third = [headers["Idempotency-Key"] for _, headers, _ in scripted.requests]
    assert first != second
    assert third == "Shift 5"


def test_a_read_has_no_key(system, scripted, answers):
    answers(DATA)

    system.graphql(READ)

    assert "Idempotency-Key" not in scripted.requests[0][1]


def test_a_mutation_without_an_answer_says_that_its_end_is_not_known(system, answers):
    answers(None)

    assert "Whether the change was made is not known." in str(failure(system, WRITE))


@pytest.mark.parametrize("document", [READ, WRITE])
def test_a_server_that_is_not_there_is_unavailable(nobody, document):
    with connect(nobody, backoff=0) as system:
        error = failure(system, document)

    assert error.code == "SERVICE_UNAVAILABLE"
    assert nobody in str(error)
    assert "not known" not in str(error)


def test_a_server_that_does_not_answer_in_time_is_a_timeout(scripted, answers):
    answers(None)
    scripted.held.clear()

    with connect(scripted.url, timeout=0.05) as system:
        error = failure(system)
        scripted.held.set()

    assert error.code == "TIMEOUT"
    assert len(scripted.requests) == 1


@pytest.mark.parametrize("last", [None, answer(UNKNOWN, 401), answer(b"", 502)])
def test_the_token_stands_in_no_text_and_no_log(scripted, answers, caplog, last):
    answers(last)
    caplog.set_level(logging.DEBUG)

    with connect(scripted.url, token=TOKEN, backoff=0) as system:
        error = failure(system)
        told = [repr(system), repr(system.mes), repr(error), *traceback.format_exception(error), caplog.text]

    assert TOKEN not in "".join(told)


@pytest.mark.parametrize("token", ["mo_1\nsecret", "mo_1_sécret", "mo_1\x00"])
def test_a_token_that_no_header_can_carry_is_refused_untold(token):
    with pytest.raises(ValueError, match="characters that no token has") as caught:
        connect("http://127.0.0.1:8000", token=token)

    assert token not in str(caught.value)


@pytest.mark.parametrize("url", ["", "127.0.0.1:8000", "ftp://a", "http://", "http://a:x", "http://me:secret@a"])
def test_an_address_that_is_none_is_refused_untold(url):
    with pytest.raises(ValueError, match="is written http://host:port") as caught:
        connect(url)

    assert "secret" not in str(caught.value)
