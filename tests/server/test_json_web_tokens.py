"""Callers whose tokens come from elsewhere."""

import base64
import hashlib
import hmac
import json
import time

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.errors import ServiceUnavailable
from db.roles import create_role
from server.app import make_app
from server.authentication import Authentication
from server.config import Settings
from server.json_web_tokens import LEEWAY, JsonWebTokens
from server.notes import NOTES
from tests.server.issuer import AUDIENCE, ISSUER, Issuer, private_key, public

ORDERS = "{ productionOrders { totalCount } }"
CREATED_BY = """
mutation ($input: ProductionOrderInput!) { saveProductionOrder(input: $input) { createdBy } }
"""


@pytest.fixture
def issuer():
    return Issuer()


@pytest.fixture
def key_file(tmp_path, issuer):
    path = tmp_path / "keys.json"
    issuer.write(path)
    return path


@pytest.fixture
async def roles(pool):
    await create_role(pool, "Plant/Line 1", ["PRODUCTION_ORDER"])
    await create_role(pool, "Office", ["MATERIAL"])


@pytest.fixture
def tokens_of(key_file, clock):
    """What checks tokens by the file, with these settings."""

    def make(**settings):
        return JsonWebTokens(configured(key_file, **settings), clock)

    return make


@pytest.fixture
def authentication(connections, roles, tokens_of, clock):  # noqa: ARG001 (there are roles)
    return Authentication(connections, clock, json_web_tokens=tokens_of())


@pytest.fixture
async def ask(connections, roles, key_file):  # noqa: ARG001 (as above)
    """The response to an operation with a token, by a server that takes tokens of the issuer."""
    transport = httpx.ASGITransport(make_app(connections, configured(key_file)))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:

        async def send(token, document=ORDERS, **variables):
            headers = {"Authorization": f"Bearer {token}"}
            return await client.post("/graphql", json={"query": document, "variables": variables}, headers=headers)

        yield send


def configured(source, **settings):
    return Settings(
        oidc_issuer=ISSUER, oidc_audience=AUDIENCE, oidc_jwks=source, failed_authentications=1_000, **settings
    )


def encoded(value):
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def with_secret(secret, issuer, **head):
    """A token that is signed with what others know, as if that were a secret."""
    signed = f"{encoded({'alg': 'HS256', 'kid': '1', **head})}.{encoded(issuer.claims(security_levels=['Office']))}"
    return f"{signed}.{encoded(hmac.digest(secret, signed.encode(), hashlib.sha256))}"


def spelled(head, issuer, signature="c2lnbmF0dXJl"):
    return f"{encoded(head)}.{encoded(issuer.claims())}.{signature}"


def pem(key):
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def stranger_with(issuer, algorithm="RS256", **head):
    """A token of somebody with another key, who says that it is the issuer's."""
    head = {"kid": "1", **head}
    return jwt.encode(issuer.claims(), private_key(algorithm, 9), algorithm, {k: v for k, v in head.items() if v})


def another_part(issuer, place, part):
    parts = issuer.token().split(".")
    parts[place] = part if isinstance(part, str) else encoded(part)
    return ".".join(parts)


def small(issuer):
    key = rsa.generate_private_key(65537, 1024)  # noqa: S505 (that is what is refused)
    issuer.keys["small"] = "RS256", key
    signed = f"{encoded({'alg': 'RS256', 'kid': 'small'})}.{encoded(issuer.claims())}"
    return signed + "." + encoded(jwt.algorithms.get_default_algorithms()["RS256"].sign(signed.encode(), key))


OWN = public(private_key("RS256", 9), "1", "RS256")
PAST, COMING = int(time.time()) - LEEWAY - 5, int(time.time()) + 3_600
BAD = {
    "no token": lambda _: "x",
    "two parts": lambda _: "a.b",
    "no JSON": lambda _: "a.b.c",
    "empty parts": lambda _: "..",
    "another alphabet": lambda issuer: another_part(issuer, 0, "ä" * 8),
    "a head that is a list": lambda issuer: spelled([], issuer),
    "a deep head": lambda issuer: another_part(issuer, 0, encoded(b"[" * 3_000 + b"]" * 3_000)),
    "a number of many digits": lambda issuer: another_part(issuer, 0, encoded(b'{"alg":' + b"1" * 5_000 + b"}")),
    "a long token": lambda issuer: issuer.token(note="x" * 10_000),
    "none": lambda issuer: spelled({"alg": "none", "kid": "1"}, issuer, ""),
    "None": lambda issuer: spelled({"alg": "None", "kid": "1"}, issuer, ""),
    "no algorithm": lambda issuer: spelled({"kid": "1"}, issuer),
    "an algorithm that is a list": lambda issuer: spelled({"alg": ["RS256"], "kid": "1"}, issuer),
    "an id that is a number": lambda issuer: spelled({"alg": "RS256", "kid": 1}, issuer),
    "the public key as a secret": lambda issuer: with_secret(pem(issuer.keys["1"][1]), issuer),
    "the key of the set as a secret": lambda issuer: with_secret(
        json.dumps(issuer.key_set()["keys"][0]).encode(), issuer
    ),
    "no secret": lambda issuer: with_secret(b"", issuer),
    "the algorithm of another key": lambda issuer: stranger_with(issuer, "ES256"),
    "PS256": lambda issuer: jwt.encode(issuer.claims(), issuer.keys["1"][1], "PS256", {"kid": "1"}),
    "RS512": lambda issuer: jwt.encode(issuer.claims(), issuer.keys["1"][1], "RS512", {"kid": "1"}),
    "another key": stranger_with,
    "another key that it brings along": lambda issuer: stranger_with(issuer, jwk=OWN, kid=None),
    "another key at an address": lambda issuer: stranger_with(
        issuer, jku="http://127.0.0.1:1/k", x5u="http://127.0.0.1:1/c"
    ),
    "an unknown id": lambda issuer: stranger_with(issuer, kid="../../etc/passwd"),
    "an extension that must be understood": lambda issuer: issuer.token(head={"crit": ["x"], "x": 1}),
    "no claims": lambda issuer: another_part(issuer, 1, ""),
    "other claims": lambda issuer: another_part(issuer, 1, issuer.claims(security_levels=["Office"])),
    "no signature": lambda issuer: another_part(issuer, 2, ""),
    "another signature": lambda issuer: another_part(issuer, 2, encoded(b"\0" * 256)),
    "expired": lambda issuer: issuer.token(exp=PAST),
    "not yet valid": lambda issuer: issuer.token(nbf=COMING),
    "without an end": lambda issuer: issuer.token(exp=None),
    "an end that is no number": lambda issuer: issuer.token(exp="soon"),
    "without an issuer": lambda issuer: issuer.token(iss=None),
    "another issuer": lambda issuer: issuer.token(iss=f"{ISSUER}/"),
    "without an audience": lambda issuer: issuer.token(aud=None),
    "another audience": lambda issuer: issuer.token(aud=["other"]),
    "an audience that is an object": lambda issuer: issuer.token(aud={AUDIENCE: 1}),
    "without a name": lambda issuer: issuer.token(sub=None),
    "a blank name": lambda issuer: issuer.token(sub=" "),
    "a name with a zero": lambda issuer: issuer.token(sub="a\0"),
    "a name with half a character": lambda issuer: issuer.token(sub="\ud800"),
    "a long name": lambda issuer: issuer.token(sub="a" * 201),
    "a short key": small,
}


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
async def test_a_caller_with_a_token_of_the_issuer_is_let_in(ask, issuer, key_file, algorithm):
    issuer.keys = {"0": ("RS256", private_key("RS256", 1)), "1": (algorithm, private_key(algorithm))}
    issuer.write(key_file)

    response = await ask(issuer.token(security_levels=["Plant"]))

    assert response.json() == {"data": {"productionOrders": {"totalCount": 0}}}


@pytest.mark.parametrize("bad", BAD)
async def test_nobody_is_let_in_by_anything_else(ask, issuer, key_file, bad):
    usual = await ask("mo_nothing")
    token = BAD[bad](issuer)
    issuer.write(key_file)

    response = await ask(token.encode())

    assert (response.status_code, response.content) == (401, usual.content)
    assert response.headers["www-authenticate"] == 'Bearer realm="MES Orders", error="invalid_token"'


@given(parts=st.lists(st.one_of(st.text(), st.binary(max_size=40).map(encoded)), min_size=3, max_size=3))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, derandomize=True)
async def test_no_text_is_more_than_no_token(tokens_of, parts):
    assert await tokens_of().identity(".".join(parts)) is None


@pytest.mark.parametrize(
    ("claims", "told"), [({"exp": PAST}, "ExpiredSignatureError"), ({"sub": None}, "no name in sub"), ({}, None)]
)
async def test_the_log_tells_why_a_token_is_refused(tokens_of, issuer, claims, told):
    NOTES.set(notes := {})

    await tokens_of().identity(issuer.token(**claims))

    assert notes.get("token_refused") == told


async def test_a_token_is_nothing_to_a_server_without_an_issuer(http, issuer):
    response = await http.post("/graphql", json={}, headers={"Authorization": f"Bearer {issuer.token()}"})

    assert response.status_code == 401


async def test_a_caller_whose_levels_grant_nothing_is_known_and_may_nothing(ask, issuer):
    response = await ask(issuer.token())

    (error,) = response.json()["errors"]
    assert (response.status_code, error["extensions"]["code"]) == (200, "FORBIDDEN")


async def test_the_callers_are_told_from_the_owners_of_api_tokens(ask, issuer, plant):
    order = {"name": "a", "productId": plant.material, "unitOfMeasureId": plant.unit_of_measure}

    response = await ask(issuer.token(sub="planner", security_levels="Plant"), CREATED_BY, input=order)

    assert response.json()["data"] == {"saveProductionOrder": {"createdBy": "oidc:planner"}}


@pytest.mark.parametrize(
    ("settings", "claims", "levels"),
    [
        ({}, {"security_levels": ["Plant/Line 1", " Office ", "", 3]}, ("Plant/Line 1", "Office")),
        ({}, {"security_levels": "Plant/Line 1, Office,"}, ("Plant/Line 1", "Office")),
        ({}, {"security_levels": {"Office": True}}, ()),
        ({"oidc_levels_claim": "realm_access.roles"}, {"realm_access": {"roles": ["Office"]}}, ("Office",)),
        ({"oidc_levels_claim": "realm_access.roles"}, {"realm_access": "roles"}, ()),
        (
            {"oidc_levels_claim": "https://plant.example/levels"},
            {"https://plant.example/levels": "Office"},
            ("Office",),
        ),
    ],
)
async def test_a_claim_tells_the_security_levels(tokens_of, issuer, settings, claims, levels):
    identity = await tokens_of(**settings).identity(issuer.token(**claims))

    assert identity.security_levels == levels


async def test_a_claim_tells_the_name(tokens_of, issuer):
    tokens = tokens_of(oidc_name_claim="preferred_username")

    assert (await tokens.identity(issuer.token(preferred_username="Anna B."))).name == "oidc:Anna B."


@pytest.mark.parametrize(
    "claims", [{"aud": ["other", AUDIENCE]}, {"iat": 0, "nbf": 0}, {"exp": COMING + 0.5}, {"sub": "Änne"}, {"x": [[]]}]
)
async def test_tokens_may_say_it_in_other_ways(tokens_of, issuer, claims):
    assert await tokens_of().identity(issuer.token(**claims))


async def test_clocks_may_differ_a_little(tokens_of, issuer):
    now = int(time.time())

    assert await tokens_of().identity(issuer.token(exp=now - 1, nbf=now + 5))


async def test_a_token_that_expires_while_in_use_lets_nobody_in_from_then_on(connections, tokens_of, issuer, clock):
    now = [time.time()]
    authentication = Authentication(connections, clock, json_web_tokens=tokens_of(), now=lambda: now[0])
    token = f"Bearer {issuer.token()}"
    assert await authentication.caller(token)

    now[0] += 301 + LEEWAY

    assert await authentication.caller(token) is None


async def test_a_role_that_changes_is_followed_after_5_seconds(authentication, issuer, pool, clock):
    token = f"Bearer {issuer.token(security_levels='Office')}"
    assert (await authentication.caller(token)).permissions == {"MATERIAL"}
    await pool.execute("update roles set enabled = false")

    clock.now += 5

    assert (await authentication.caller(token)).permissions == frozenset()


async def test_a_key_that_is_taken_back_lets_nobody_in_after_5_seconds(authentication, issuer, key_file, clock):
    token = f"Bearer {issuer.token()}"
    # However late in the life of what is known of the keys the token comes.
    for seconds in (0, 2.4, 2.5):
        clock.now = seconds
        assert await authentication.caller(token)
    issuer.keys = {"2": ("EdDSA", private_key("EdDSA"))}
    issuer.write(key_file)

    clock.now += 5

    assert await authentication.caller(token) is None


async def test_a_set_without_keys_takes_all_of_them_back(authentication, issuer, key_file, clock):
    token = f"Bearer {issuer.token()}"
    assert await authentication.caller(token)
    key_file.write_text('{"keys": []}')

    clock.now += 5

    assert await authentication.caller(token) is None


async def test_where_nobody_answers_the_holder_of_a_token_is_told_to_come_again(authentication, issuer, silence):
    async with silence():
        with pytest.raises(ServiceUnavailable):
            await authentication.caller(f"Bearer {issuer.token()}")

    assert await authentication.caller(f"Bearer {issuer.token()}")
