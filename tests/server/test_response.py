"""What is sent of an answer: a short one at once, a long one part by part."""

import asyncio

import pytest

from server.departure import client_left
from server.response import Response

SHORT, PART = 64 * 1024, 256 * 1024
LENGTHS = [
    [SHORT + 1],
    [PART],
    [PART + 1],
    [PART, PART],
    [PART - 1, 1, 1],
    [1, PART, 0, PART - 1],
    [1, 3 * PART, 1],
    [*[PART // 10] * 25, 0],
]


def pieces(lengths):
    return [bytes([number]) * length for number, length in enumerate(lengths)]


async def messages(response, scope, watch=lambda _: None):
    """What the response sends; each message is shown to `watch` too."""
    sent = []

    async def send(message):
        sent.append(message)
        watch(message)

    await response(scope, None, send)
    return sent


@pytest.mark.parametrize("lengths", [[0], [2], [1, SHORT - 2, 1]])
async def test_a_short_answer_is_sent_at_once(lengths):
    start, body = await messages(Response(pieces(lengths)), {})

    assert start["headers"][0] == (b"content-length", str(sum(lengths)).encode())
    assert body == {"type": "http.response.body", "body": b"".join(pieces(lengths))}


@pytest.mark.parametrize("lengths", LENGTHS)
async def test_a_long_answer_is_sent_in_parts(lengths):
    start, *parts = await messages(Response(pieces(lengths)), {})

    assert start["headers"][0] == (b"content-length", str(sum(lengths)).encode())
    assert b"".join(part["body"] for part in parts) == b"".join(pieces(lengths))
    assert all(len(part["body"]) == PART for part in parts[:-1])
    assert 0 < len(parts[-1]["body"]) <= PART
    assert [part["more_body"] for part in parts] == [True] * (len(parts) - 1) + [False]


async def test_between_the_parts_of_a_long_answer_it_is_the_turn_of_others():
    turns, seen = [], []

    async def others():
        while True:
            turns.append(1)
            await asyncio.sleep(0)

    other = asyncio.create_task(others())
    await messages(Response([bytes(10 * PART)]), {}, watch=lambda _: seen.append(len(turns)))
    other.cancel()

    _, *at_parts = seen
    assert at_parts == sorted(set(at_parts))


async def test_a_client_that_has_left_is_sent_no_more():
    scope = {}

    sent = await messages(Response([bytes(10 * PART)]), scope, lambda message: "body" in message and client_left(scope))

    assert len(sent) == 2
