import json
from itertools import count
from types import SimpleNamespace

import httpx
import pytest
from structlog.testing import capture_logs

from server.app import make_app
from server.authentication import Authentication
from server.config import Settings
from server.graphql_request import Refused
from server.json_web_tokens import JsonWebTokens
from server.signing_keys import SigningKeys
from tests.server.issuer import AUDIENCE, ISSUER, Issuer, private_key, public, served


@pytest.fixture
def issuer():
    return Issuer()


@pytest.fixture
def site(issuer):
    with served(issuer) as site:
        yield site


@pytest.fixture
def keys(site, clock):
    return SigningKeys(site.url, clock)


async def known(keys, kid="1", algorithm="RS256"):
    return await keys.signer(kid, algorithm) is not None


async def until_read(keys):
    """Come back when the keys have been read that are on their way: who asks for an unknown one waits for them."""
    await keys.signer("unknown", "RS256")


async def test_keys_come_over_http(keys, site):
    assert await known(keys)
    assert site.asked == 1


async def test_keys_are_asked_for_anew_by_the_first_who_needs_them_after_5_seconds(keys, issuer, clock):
    assert await known(keys)
    issuer.keys = {}

    clock.now += 5

    assert not await known(keys)


async def test_keys_are_read_beside_the_requests_before_they_are_too_old(keys, site, clock):
    first = await keys.signer("1", "RS256")
    clock.now = first.until
    second = await keys.signer("1", "RS256")
    await until_read(keys)
    clock.now = second.until
    third = await keys.signer("1", "RS256")

    assert (first.until, second.until, third.until) == (2.5, 5, 7.5)
    assert site.asked >= 2


async def test_a_new_key_is_known_at_once(keys, issuer, clock):
    assert await known(keys)
    issuer.keys["2"] = "ES256", private_key("ES256")

    clock.now += 1

    assert await known(keys, "2", "ES256")


async def test_who_makes_up_ids_does_not_make_the_issuer_work(keys, site, clock):
    for number in range(50):
        assert not await known(keys, f"made up {number}")
    clock.now += 1
    for number in range(50):
        assert not await known(keys, f"made up {number}")

    assert site.asked == 2


async def test_an_id_is_not_needed_where_there_is_one_key_for_the_algorithm(keys, issuer, clock):
    issuer.keys["2"] = "ES256", private_key("ES256")
    assert await known(keys, None)
    issuer.keys["3"] = "RS256", private_key("RS256", 1)

    clock.now += 5

    assert not await known(keys, None)
    assert await known(keys, None, "ES256")


async def test_known_keys_stay_while_the_issuer_is_away_and_are_fresh_when_it_is_back(keys, site, issuer, clock):
    assert await known(keys)
    site.status = 503
    for _ in range(10):
        clock.now += 5
        assert await known(keys)
        await until_read(keys)
    site.status, issuer.keys = 200, {}

    clock.now += 1

    assert await known(keys)
    await until_read(keys)
    assert not await known(keys)


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 404},
        {"status": 302, "headers": {"Location": "/keys"}},
        {"body": b""},
        {"body": b"<html>"},
        {"body": b"[]"},
        {"body": b'{"keys": {}}'},
        {"body": b"[" * 100_000},
        {"body": b" " * 300_000 + b'{"keys": []}'},
        {"headers": {"Content-Encoding": "gzip"}},
    ],
)
async def test_what_is_no_key_set_is_as_good_as_none(keys, site, answer):
    vars(site).update(answer)

    with pytest.raises(Refused) as refused:
        await keys.signer("1", "RS256")

    assert refused.value.code == "SERVICE_UNAVAILABLE"


@pytest.mark.parametrize(
    "passed_over",
    [
        3,
        {},
        {"kty": "oct", "k": "c2VjcmV0", "alg": "HS256"},
        {"kty": "RSA", "n": "AQ"},
        {"kty": ["RSA"]},
        {"kty": "EC", "crv": "P-256", "x": "AQ", "y": "AQ"},
        {**public(private_key("RS256", 1), "x", "RS256"), "use": "enc"},
        {**public(private_key("RS256", 1), "x", "RS256"), "alg": "RS512"},
        {**public(private_key("RS256", 1), "x", "RS256"), "alg": ["RS256"]},
        {**public(private_key("RS256", 1), "x", "RS256"), "kid": 1},
        {**public(private_key("RS256", 1), "x", "RS256"), "d": "AQ"},
    ],
)
async def test_keys_that_are_of_no_use_do_not_harm_the_others(keys, site, issuer, passed_over):
    site.body = json.dumps({"keys": [passed_over, *issuer.key_set()["keys"]]}).encode()

    assert await known(keys)
    assert not await known(keys, "x")


async def test_an_answer_that_goes_on_for_too_long_is_as_good_as_none(keys, site, monkeypatch):
    ten_seconds_at_each_look = count(0, 10).__next__
    monkeypatch.setattr("server.signing_keys.time", SimpleNamespace(monotonic=ten_seconds_at_each_look))

    with pytest.raises(Refused):
        await known(keys)

    assert site.asked == 1


async def test_what_nobody_expected_is_logged_once_and_as_good_as_none(clock):
    keys = SigningKeys("http://127.0.0.1:x/keys", clock)

    with capture_logs() as lines:
        for _ in range(3):
            clock.now += 5
            with pytest.raises(Refused):
                await known(keys)

    (line,) = lines
    assert isinstance(line["exc_info"], httpx.InvalidURL)


async def test_a_file_that_is_not_there_is_no_reason_not_to_start(tmp_path, issuer, clock):
    keys = SigningKeys(tmp_path / "keys.json", clock)
    with pytest.raises(Refused):
        await keys.signer("1", "RS256")
    issuer.write(tmp_path / "keys.json")

    clock.now += 1

    assert await known(keys)


async def test_callers_are_told_to_come_back_while_there_are_no_keys(connections, issuer, site, caller):
    site.status = 500
    settings = Settings(oidc_issuer=ISSUER, oidc_audience=AUDIENCE, oidc_jwks=site.url)
    other = await caller("MATERIAL")
    transport = httpx.ASGITransport(make_app(connections, settings))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        answers = [
            await client.post(
                "/graphql", json={"query": "{ __typename }"}, headers={"Authorization": f"Bearer {token}"}
            )
            for token in (issuer.token(), other.token)
        ]

    assert [answer.status_code for answer in answers] == [503, 200]
    assert answers[0].headers["retry-after"] == "1"
    assert answers[0].json()["errors"][0]["extensions"] == {"code": "SERVICE_UNAVAILABLE", "retryable": True}


async def test_a_token_of_a_known_caller_costs_the_issuer_nothing(connections, issuer, site, clock):
    settings = Settings(oidc_issuer=ISSUER, oidc_audience=AUDIENCE, oidc_jwks=site.url)
    authentication = Authentication(connections, clock, json_web_tokens=JsonWebTokens(settings, clock))
    token = f"Bearer {issuer.token()}"

    callers = [await authentication.caller(token) for _ in range(20)]

    assert len(set(callers)) == 1
    assert site.asked == 1
