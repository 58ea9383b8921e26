import asyncio
from functools import partial

import httpx
import pytest

from db.ulid import new_ulid
from server.app import make_app
from server.authentication import Authentication
from server.config import Settings
from server.graphql_request import Refused
from server.strangers import Strangers

TYPE = "{ __typename }"
CHALLENGE = 'Bearer realm="MES Orders"'


@pytest.fixture
def strangers(clock):
    return Strangers(3, clock)


@pytest.fixture
async def ask_from(connections):
    """The response to a request from an address with a token, by a server with these settings."""
    apps = {}

    async def send(address, authorization, headers=(), **settings):
        app = apps.setdefault(str(settings), make_app(connections, Settings(**settings)))
        transport = httpx.ASGITransport(app, client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            sent = {**({"Authorization": authorization} if authorization else {}), **dict(headers)}
            response = await client.post("/graphql", json={"query": TYPE}, headers=sent)
        # The driver writes down a statement in the loop's next turn.
        await asyncio.sleep(0)
        return response

    return send


def made_up():
    return f"Bearer mo_{new_ulid().replace('-', '')}_secret"


def statuses(strangers, *clients):
    return [strangers.refused({"client": (client, 1)}, "Bearer x").status for client in clients]


def test_after_too_many_from_an_address_it_is_told_to_wait(strangers, clock):
    assert statuses(strangers, *["192.0.2.1"] * 5) == [401, 401, 401, 429, 429]

    clock.now += 20

    assert statuses(strangers, *["192.0.2.1"] * 2) == [401, 429]


def test_it_is_told_for_how_long(strangers, clock):
    statuses(strangers, *["192.0.2.1"] * 3)
    clock.now += 5

    refused = strangers.refused({"client": ("192.0.2.1", 1)}, "Bearer x")

    assert (refused.code, refused.extensions) == ("RATE_LIMITED", {"limit": 3, "remaining": 0})
    assert refused.headers == {
        "Retry-After": "15",
        "RateLimit-Policy": '"failed-authentications";q=3;w=60',
        "RateLimit": '"failed-authentications";r=0;t=55',
    }


def test_how_many_more_an_address_may_send_is_told(strangers):
    told = [strangers.refused({"client": ("192.0.2.1", 1)}, "").headers["RateLimit"] for _ in range(2)]

    assert told == ['"failed-authentications";r=2;t=20', '"failed-authentications";r=1;t=40']


@pytest.mark.parametrize(
    ("addresses", "told"),
    [
        (["192.0.2.1", "192.0.2.2"], [401, 401]),
        (["2001:db8::1", "2001:db8::ffff:1"], [401, 429]),
        (["2001:db8::1", "2001:db8:0:1::1"], [401, 401]),
        (["192.0.2.1", "::ffff:192.0.2.1"], [401, 429]),
        (["fe80::1%eth0", "fe80::2%eth0"], [401, 429]),
        (["unix", "unix"], [401, 429]),
    ],
)
def test_an_address_stands_for_its_network(clock, addresses, told):
    assert statuses(Strangers(1, clock), *addresses) == told


def test_a_client_without_an_address_is_one_too(strangers):
    assert [strangers.refused({"client": None}, "").status for _ in range(4)] == [401, 401, 401, 429]


def test_without_a_limit_nothing_is_counted(clock):
    refused = [Strangers(0, clock).refused({"client": ("192.0.2.1", 1)}, "Bearer x") for _ in range(100)][-1]

    assert (refused.status, refused.headers) == (401, {"WWW-Authenticate": f'{CHALLENGE}, error="invalid_token"'})


async def test_callers_who_are_known_are_let_in_from_an_address_that_is_told_to_wait(ask_from, caller):
    known = f"Bearer {(await caller('MATERIAL')).token}"
    tokens = [known, "Bearer x", "Bearer x", known, "", known.replace("Bearer", "bearer")]

    answers = [await ask_from("192.0.2.1", token, failed_authentications=1) for token in tokens]

    assert [answer.status_code for answer in answers] == [200, 401, 429, 200, 429, 200]
    assert "ratelimit" not in answers[3].headers


async def test_nobody_is_looked_up_from_an_address_that_is_told_to_wait(ask_from, caller, statements):
    valid = f"Bearer {(await caller('MATERIAL')).token}"
    await ask_from("192.0.2.1", "Bearer x", failed_authentications=1)
    statements.clear()

    answers = [await ask_from("192.0.2.1", token, failed_authentications=1) for token in (made_up(), valid)]

    assert [(answer.status_code, answer.headers["retry-after"]) for answer in answers] == [(429, "60")] * 2
    assert statements == []
    assert (await ask_from("192.0.2.2", valid, failed_authentications=1)).status_code == 200


@pytest.mark.settings(failed_authentications=3)
async def test_of_many_strangers_at_once_from_an_address_no_more_are_looked_up_than_may_fail(http, statements):
    statements.clear()

    asked = [http.post("/graphql", json={"query": TYPE}, headers={"Authorization": made_up()}) for _ in range(50)]
    answers = await asyncio.gather(*asked)

    assert sorted(answer.status_code for answer in answers) == [401] * 3 + [429] * 47
    # One more is looked up while the last of the three is.
    assert len(statements) <= 4


async def test_a_valid_token_is_looked_up_when_its_address_may_try_again(connections, caller, strangers, clock):
    authentication = Authentication(connections, clock)
    valid = f"Bearer {(await caller('MATERIAL', name='terminal')).token}"
    check = partial(strangers.check, {"client": ("192.0.2.1", 1)})
    statuses(strangers, *["192.0.2.1"] * 3)
    with pytest.raises(Refused, match="Try again in 20 seconds"):
        await authentication.caller(valid, check=check)

    clock.now += 20

    assert (await authentication.caller(valid, check=check)).name == "terminal"


async def test_who_repeats_a_wrong_token_does_not_make_the_database_work(ask_from, statements):
    token = made_up()
    await ask_from("192.0.2.1", token, failed_authentications=2)
    statements.clear()

    answer = await ask_from("192.0.2.1", token, failed_authentications=2)

    assert answer.status_code == 401
    assert statements == []


@pytest.mark.parametrize(
    ("proxies", "forwarded", "told"),
    [
        ((), ["192.0.2.1", "192.0.2.2"], [401, 429]),
        (("10.1.0.1",), ["192.0.2.1", "192.0.2.2"], [401, 429]),
        (("10.0.0.0/24",), ["192.0.2.1", "192.0.2.2"], [401, 401]),
        (("10.0.0.1",), ["192.0.2.1", "192.0.2.1"], [401, 429]),
        (("10.0.0.1",), ["192.0.2.9, 192.0.2.1", "192.0.2.8, 192.0.2.1"], [401, 429]),
        (("10.0.0.1", "192.0.2.1"), ["192.0.2.9, 192.0.2.1", "192.0.2.8, 192.0.2.1"], [401, 401]),
    ],
)
async def test_a_proxy_that_is_trusted_tells_the_address(ask_from, proxies, forwarded, told):
    settings = {"failed_authentications": 1, "trusted_proxies": proxies}

    answers = [await ask_from("10.0.0.1", "Bearer x", {"X-Forwarded-For": one}, **settings) for one in forwarded]

    assert [answer.status_code for answer in answers] == told
