"""Requests that only who writes the bytes can send, and what is right for each."""

import asyncio
import hashlib
import itertools
import json
import socket

import pytest

from tests.bad_inputs.expectation import JSON

ASKED = b'{"query":"{__typename}"}'
SAVE = "mutation($name:String!){saveUnitOfMeasure(input:{name:$name,symbol:$name}){name}}"
STORED = "select count(*) from unit_of_measure where name = $1"


@pytest.fixture
def raw(site):
    """The bytes of a request; of its headers, those that are None are left out."""

    def written(body=ASKED, line="POST /graphql HTTP/1.1", **changed):
        headers = {
            "Host": "127.0.0.1",
            "Authorization": f"Bearer {site.words['T_WRITE']}",
            "Content-Type": JSON,
            "Content-Length": len(body),
            **{name.replace("_", "-"): value for name, value in changed.items()},
        }
        lines = [f"{name}: {value}\r\n" for name, value in headers.items() if value is not None]
        return f"{line}\r\n{''.join(lines)}\r\n".encode() + body

    return written


def chunked(body, *, coded="chunked"):
    """A body in one chunk, without its end, and its headers."""
    return {"body": b"%x\r\n%b\r\n0\r\n" % (len(body), body), "Content_Length": None, "Transfer_Encoding": coded}


def in_parts(port, request):
    """What is answered to a request whose every byte is a packet."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in request:
            connection.sendall(bytes([byte]))
        with connection.makefile("rb") as answers:
            return answers.read()


NO_PATH = b"GET http://x HTTP/1.1\r\nHost: 127.0.0.1\r\n"


@pytest.mark.parametrize(
    "surplus",
    [
        b"}",
        b"x",
        b"  \n}",
        b"\r\n\r\n}",
        b"BLAH\r\n\r\n",
        NO_PATH + b"\r\n",
        NO_PATH + b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
        b"CONNECT x:1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"CONNECT /x HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    ],
)
async def test_what_follows_a_mutation_does_not_change_what_is_answered_to_it(site, raw, stored, surplus):
    name = hashlib.sha256(surplus).hexdigest()[:30]
    body = json.dumps({"query": SAVE, "variables": {"name": name}}).encode()

    reply = await site.talk(raw(body) + surplus, linger=10)

    assert (reply.statuses, reply.closed) == ([200, 400], True)
    assert f'{{"data":{{"saveUnitOfMeasure":{{"name":"{name}"}}}}}}' in reply.text
    assert await stored.fetchval(STORED, name) == 1


@pytest.mark.parametrize("length", ["0" * 4_301, "0" * 21])
async def test_a_length_of_very_many_digits_is_refused(site, raw, length):
    reply = await site.talk(raw(Content_Length=length, Authorization=None))

    assert (reply.status, reply.codes) == (400, ["BAD_REQUEST"])


async def test_what_follows_the_body_is_no_header(site, raw):
    authorization = f"Authorization: Bearer {site.words['T_WRITE']}\r\n\r\n"

    reply = await site.talk(raw(**chunked(ASKED), Authorization=None) + authorization.encode())

    assert (reply.statuses, reply.codes) == ([401], ["UNAUTHENTICATED"])


@pytest.mark.parametrize("coded", ["gzip, chunked", "identity, chunked", "chunked, chunked"])
async def test_a_body_that_is_compressed_on_its_way_is_refused(site, raw, coded):
    reply = await site.talk(raw(**chunked(ASKED, coded=coded)) + b"\r\n")

    assert (reply.status, reply.codes) in [(415, ["UNSUPPORTED_MEDIA_TYPE"]), (400, ["BAD_REQUEST"])]


async def test_a_body_may_come_in_chunks(site, raw):
    assert (await site.talk(raw(**chunked(ASKED, coded="Chunked")) + b"\r\n")).told == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize("host", ["127.0.0.1:80@evil.example", "[::1", "localhost/", "localhost:http", "[::1]evil", ""])
async def test_what_is_no_host_is_refused(site, raw, host):
    reply = await site.talk(raw(Host=host))

    assert (reply.status, reply.codes) == (400, ["BAD_REQUEST"])


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "[::1]", "[::1]:8000", "127.0.0.1:"])
async def test_a_host_may_have_a_port(site, raw, host):
    assert (await site.talk(raw(Host=host))).status == 200


@pytest.mark.parametrize(
    "query", ["%7B__typename%7D%ff", "%7B__typename%7D%ed%a0%80", "%7B__typename%7D&operationName=%c3"]
)
async def test_parameters_that_are_not_in_utf_8_are_refused(site, raw, query):
    reply = await site.talk(raw(b"", f"GET /graphql?query={query} HTTP/1.1"))

    assert (reply.status, reply.codes) == (400, ["BAD_REQUEST"])


@pytest.mark.parametrize("upgrade", ["h2c", "websocket", "TLS/1.0"])
async def test_requests_for_another_protocol_are_answered_in_this_one(site, raw, upgrade):
    asking = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": upgrade, "HTTP2_Settings": "AAMAAABkAAQAoAAAAAIAAAAA"}
    requests = [
        raw(**asking),
        raw(b"", "GET /health/live HTTP/1.1", **asking),
        raw(**asking, **chunked(ASKED)) + b"\r\n",
    ]

    reply = await site.talk(b"".join(requests * 100) + raw(Connection="close"), linger=30)

    assert reply.statuses == [200] * 301
    assert reply.text.count('{"data":{"__typename":"Query"}}') == 201


async def test_a_request_for_another_protocol_may_come_in_parts(site, raw):
    request = raw(Connection="close, Upgrade", Upgrade="h2c")

    reply = await asyncio.to_thread(in_parts, site.port, request)

    assert b'{"data":{"__typename":"Query"}}' in reply


async def test_this_is_no_proxy(site, raw):
    reply = await site.talk(raw(b"", "CONNECT 127.0.0.1:80 HTTP/1.1"))

    assert (reply.status, reply.codes) == (400, ["BAD_REQUEST"])


@pytest.mark.parametrize("address", ["http://evil.example/graphql", "HTTP://127.0.0.1@evil.example/graphql"])
async def test_an_address_with_another_host_is_refused(site, raw, address):
    reply = await site.talk(raw(line=f"POST {address} HTTP/1.1"))

    assert (reply.status, reply.codes) == (400, ["BAD_REQUEST"])


async def test_the_host_of_the_address_counts_and_not_that_of_the_header(site, raw):
    reply = await site.talk(raw(line="POST http://localhost:80/graphql HTTP/1.1", Host="evil.example"))

    assert reply.told == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize("number", [101, 9_000])
async def test_more_headers_than_the_limit_are_refused(site, raw, number):
    names = list(map("".join, itertools.product("abcdefghijklmnopqrstuvwxyz", repeat=3)))[: number - 5]

    reply = await site.talk(raw(**dict.fromkeys(names, ""), Host="127.0.0.1\r\naaa: "))

    assert (reply.status, reply.codes) == (431, ["HEADERS_TOO_LARGE"])
    assert "100 headers" in reply.text
    assert "MES_ORDERS_MAX_HEADERS" in reply.text


async def test_as_many_headers_as_the_limit_are_not_refused(site, raw):
    assert (await site.talk(raw(**{f"x{number}": "" for number in range(96)}))).status == 200


async def test_a_charset_that_is_told_twice_is_refused(site, raw):
    reply = await site.talk(raw(Content_Type=f"{JSON};charset=utf-8;charset=utf-16"))

    assert (reply.status, reply.codes) == (415, ["UNSUPPORTED_MEDIA_TYPE"])


async def test_two_idempotency_keys_are_refused(site, raw):
    reply = await site.talk(raw(Idempotency_Key="one\r\nIdempotency-Key: two"))

    assert (reply.status, reply.codes) == (400, ["BAD_REQUEST"])


@pytest.mark.parametrize(
    ("header", "status"), [({"Accept": f"{JSON}," + "a," * 500}, 406), ({"Content_Type": f"{JSON};" + "a;" * 500}, 415)]
)
async def test_a_header_that_is_taken_apart_is_not_long(site, raw, header, status):
    assert (await site.talk(raw(**header))).status == status
