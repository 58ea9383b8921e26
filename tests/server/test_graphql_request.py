import json
from contextlib import nullcontext

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.requests import ClientDisconnect

from server.graphql_request import (
    Refused,
    check_media_type,
    from_body,
    from_query_string,
    named_members,
    response_type,
    unambiguous_json,
)
from server.headers import headers

MOST, NESTING = 1_000_000, 20
GRAPHQL_RESPONSE = "application/graphql-response+json"
JSON = "application/json"


async def posted(*parts):
    """What a body asks for, which comes in these parts."""
    messages = [{"type": "http.request", "body": part, "more_body": True} for part in parts[:-1]]
    messages.append({"type": "http.request", "body": parts[-1], "more_body": False})

    async def receive():
        return messages.pop(0)

    return await from_body(receive, MOST, MOST, NESTING)


async def refusal_of(body):
    with pytest.raises(Refused) as refused:
        await posted(body if isinstance(body, bytes) else body.encode())
    return refused.value.status, refused.value.code


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (GRAPHQL_RESPONSE, GRAPHQL_RESPONSE),
        (JSON, JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        ("", JSON),
        (f"{JSON}, {GRAPHQL_RESPONSE}", JSON),
        (f"{GRAPHQL_RESPONSE}, {JSON}", GRAPHQL_RESPONSE),
        (f"{JSON};q=0.9, {GRAPHQL_RESPONSE}", GRAPHQL_RESPONSE),
        (f"{GRAPHQL_RESPONSE};q=0.1, {JSON};q=0.2", JSON),
        (f"text/html, {GRAPHQL_RESPONSE};q=0.1", GRAPHQL_RESPONSE),
        (f"{GRAPHQL_RESPONSE};q=0, */*;q=0.1", JSON),
        (f"{GRAPHQL_RESPONSE};q=nan, {JSON}", JSON),
        ("Application/JSON; charset=utf-8", JSON),
    ],
)
def test_the_media_type_of_the_answer_is_the_one_that_the_client_wants_most(accept, expected):
    assert response_type(accept) == expected


def test_the_answer_is_json_for_a_client_that_does_not_say():
    assert response_type("") == JSON


def test_several_accept_headers_are_one_list():
    scope = {"headers": [(b"accept", b"text/html"), (b"x", b"1"), (b"accept", GRAPHQL_RESPONSE.encode())]}

    assert headers(scope).get(b"accept") == f"text/html,{GRAPHQL_RESPONSE}"
    assert response_type(headers(scope).get(b"accept")) == GRAPHQL_RESPONSE


@pytest.mark.parametrize(
    "accept", ["text/html", "application/xml, text/*", f"{JSON};q=0", f"{JSON};q=-1", f"{JSON};q=inf", f"{JSON};q=x"]
)
def test_a_client_that_accepts_neither_media_type_is_refused(accept):
    with pytest.raises(Refused) as refused:
        response_type(accept)

    assert (refused.value.status, refused.value.code) == (406, "NOT_ACCEPTABLE")


@pytest.mark.parametrize(
    "content_type", [JSON, f"{JSON}; charset=utf-8", f'{JSON};charset="UTF-8"', "APPLICATION/JSON", f"{JSON}; x=y"]
)
def test_a_body_may_be_json_in_utf_8(content_type):
    check_media_type(content_type, "identity")


@pytest.mark.parametrize(
    ("content_type", "encoding"),
    [
        ("", "identity"),
        ("text/plain", "identity"),
        ("application/x-www-form-urlencoded", "identity"),
        ("multipart/form-data; boundary=b", "identity"),
        ("application/graphql", "identity"),
        (f"{JSON}; charset=latin-1", "identity"),
        (f"{JSON}; charset=utf-16", "identity"),
        (JSON, "gzip"),
    ],
)
def test_a_body_in_any_other_media_type_is_refused(content_type, encoding):
    with pytest.raises(Refused) as refused:
        check_media_type(content_type, encoding)

    assert (refused.value.status, refused.value.code) == (415, "UNSUPPORTED_MEDIA_TYPE")


async def test_a_body_may_come_in_parts():
    assert (await posted(b'{"query": "{', b"", b'a}"}')).query == "{a}"


async def test_a_body_that_breaks_off_is_no_request():
    messages = [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]

    async def receive():
        return messages.pop(0)

    with pytest.raises(ClientDisconnect):
        await from_body(receive, MOST, MOST, NESTING)


async def test_a_body_brings_the_document_with_its_operation_and_variables():
    body = {"query": "{a}", "operationName": "A", "variables": {"x": [1, None]}, "extensions": {}, "unknown": 1}

    asked = await posted(json.dumps(body).encode())

    assert (asked.query, asked.operation_name, asked.variables) == ("{a}", "A", {"x": [1, None]})
    assert not asked.reads_only


async def test_what_is_null_in_a_body_is_as_if_left_out():
    body = b'{"query": "{a}", "operationName": null, "variables": null, "extensions": null}'

    assert await posted(body) == await posted(b'{"query": "{a}"}'.ljust(len(body)))


@pytest.mark.parametrize("parameter", ["", "&operationName="])
def test_an_empty_operation_name_is_as_if_left_out(parameter):
    assert from_query_string(f"query=%7Ba%7D{parameter}".encode(), NESTING).operation_name is None


def test_a_get_brings_the_document_as_a_parameter_and_may_only_read():
    asked = from_query_string(b'query=%7Ba%7D&operationName=A&variables={"x":"%C3%A9"}', NESTING)

    assert (asked.query, asked.operation_name, asked.variables) == ("{a}", "A", {"x": "é"})
    assert asked.reads_only


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{query:",
        '{"query":"{__typename',
        "42",
        "null",
        "true",
        '"{a}"',
        "[]",
        '[{"query":"{a}"}]',
        "{}",
        '{"query":null}',
        '{"query":1}',
        '{"query":{"a":1}}',
        '{"query":["{a}"]}',
        '{"query":"{a}","variables":"{}"}',
        '{"query":"{a}","variables":[]}',
        '{"query":"{a}","variables":0}',
        '{"query":"{a}","variables":false}',
        '{"query":"{a}","extensions":[]}',
        '{"query":"{a}","operationName":1}',
        '{"query":"{a}","operationName":["A"]}',
        '{"query":"{a}","variables":{"a":NaN}}',
        '{"query":"{a}","variables":{"a":1e400}}',
        '{"query":"{a}","variables":{"a":' + "9" * 5_000 + "}}",
        '{"query":"{a}","variables":{"a":"\\ud800"}}',
        '{"query":"{a}","variables":{"a":' + "[" * 100_000,
        '{"query":"{a\u0001}"}',
        '\ufeff{"query":"{a}"}',
        b'{"query":"\xed\xa0\x80"}',
        b'{"query":"\xff"}',
        '{"query":"{a}"}'.encode("utf-16"),
        '{"query":"{a}"}'.encode("utf-32"),
    ],
    ids=range(32),
)
async def test_a_body_that_is_no_json_object_with_a_document_is_refused(body):
    assert await refusal_of(body) == (400, "BAD_REQUEST")


@pytest.mark.parametrize("query", ["", "variables={}", "query=%7Ba%7D&variables=[]", "query=%7Ba%7D&variables={x"])
def test_a_get_with_wrong_parameters_is_refused(query):
    with pytest.raises(Refused) as refused:
        from_query_string(query.encode(), NESTING)

    assert (refused.value.status, refused.value.code) == (400, "BAD_REQUEST")


async def test_a_refusal_does_not_repeat_the_body():
    with pytest.raises(Refused) as refused:
        await posted(b'{"query": "secret"')

    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "body",
    [
        '{"query": "{a}", "query": "{b}"}',
        '{"query" : "{a}", "query" : "{b}"}',
        '{"query": "{a}", "variables": {"x": [{"y": 1, "y": 1}]}}',
        '{"query": "{a}", "variables": {"\\u0061": 1, "a": 2}}',
    ],
)
async def test_json_that_names_a_member_twice_is_refused(body):
    assert await refusal_of(body) == (400, "BAD_REQUEST")


async def test_what_looks_like_a_member_inside_of_a_text_is_none():
    assert (await posted(b'{"query": "{a(b: \\"x\\": \\"y\\" : )}"}')).query == '{a(b: "x": "y" : )}'


@pytest.mark.parametrize(("levels", "refused"), [(NESTING - 1, False), (NESTING, True)])
async def test_brackets_inside_of_each_other_are_limited(levels, refused):
    body = '{"query": "{a}", "variables": {"x": ' + "[" * (levels - 1) + "]" * (levels - 1) + "}}"

    if refused:
        assert await refusal_of(body) == (400, "BAD_REQUEST")
    else:
        assert (await posted(body.encode())).query == "{a}"


@pytest.mark.parametrize("values", ["1," * 50_001 + "1", "[]," * 12_501 + "[]"])
async def test_a_body_with_too_many_values_is_refused(values):
    assert await refusal_of('{"query": "{a}", "variables": {"x": [' + values + "]}}") == (400, "BAD_REQUEST")


async def test_a_body_that_is_longer_than_the_limit_is_refused():
    assert await refusal_of(b" " * (MOST + 1)) == (413, "PAYLOAD_TOO_LARGE")


async def test_a_long_query_string_is_refused():
    with pytest.raises(Refused) as refused:
        from_query_string(b"query=" + b"a" * 40_000, NESTING)

    assert (refused.value.status, refused.value.code) == (414, "URI_TOO_LONG")


def test_a_parameter_can_be_given_once():
    with pytest.raises(Refused) as refused:
        from_query_string(b"query=%7Ba%7D&query=%7Bb%7D", NESTING)

    assert (refused.value.status, refused.value.code) == (400, "BAD_REQUEST")


@pytest.mark.parametrize("space", ["", " ", "\t", "\n", "\r", " \n\t"])
async def test_a_member_named_twice_is_found_whatever_stands_before_its_colon(space):
    body = '{"query": "{ a }", "variables": {"a"%s: 1, "a"%s: 2}}' % (space, space)  # noqa: UP031 (full of braces)

    assert await refusal_of(body) == (400, "BAD_REQUEST")


LOOKING_SO = ['"', "\\", ":", "a", "{", "}", " ", "\n", '":', '" :', "\\"]


@given(data=st.data(), piece=st.sampled_from([1, 2, 3, 7, 64]))
@settings(database=None, deadline=None, derandomize=True)
def test_a_member_named_twice_is_found_among_texts_that_look_like_json(data, piece):
    texts = st.lists(st.sampled_from(LOOKING_SO), max_size=6).map("".join)
    spaces = st.sampled_from(["", " ", "\n\t"])
    members = data.draw(st.lists(st.tuples(texts, spaces, texts), max_size=4))
    twice = len({name for name, *_ in members}) < len(members)
    spelled = ",".join(f"{json.dumps(name)}{space}:{space}[{json.dumps(text)}]" for name, space, text in members)

    with pytest.MonkeyPatch.context() as patched, pytest.raises(Refused) if twice else nullcontext():
        patched.setattr("server.graphql_request._PIECE", piece)
        assert unambiguous_json(f"{{{spelled}}}".encode(), NESTING, "It") == {name: [text] for name, _, text in members}


@pytest.mark.parametrize("looking", ['\\":', '\\" :', ":", "\\\\"])
def test_what_texts_look_like_is_not_counted_as_members(looking):
    body = f'{{"a": "{looking * 100_000}", "b" : [{{"c":"{looking}"}}]}}'.encode()

    assert named_members(body) == len("abc")


@pytest.mark.parametrize("depth", [NESTING, 5_000])
async def test_of_too_many_brackets_inside_of_each_other_the_limit_is_told(depth):
    with pytest.raises(Refused) as refused:
        await posted(b'{"a":' + b"[" * depth + b"]" * depth + b"}")

    assert refused.value.extensions == {"limit": "nesting", "value": NESTING + 1, "max": NESTING}
    assert "MES_ORDERS_MAX_NESTING" in str(refused.value)


@pytest.mark.parametrize(("part", "limit", "most"), [(b"1,", "values", 25_000), (b"[],", "brackets", 12_500)])
async def test_of_too_many_values_the_limit_is_told(part, limit, most):
    with pytest.raises(Refused) as refused:
        await posted(b"[" + part * (most + 1) + b"1]")

    told = refused.value.extensions
    assert (told["limit"], told["max"]) == (limit, most)
    assert told["value"] > most
    assert f"{most:,}" in str(refused.value)
