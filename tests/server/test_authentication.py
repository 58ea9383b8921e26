import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from db.connections import Source
from db.errors import ServiceUnavailable
from db.roles import create_role
from db.tokens import create_token, parsed_token, revoke_token
from db.ulid import new_ulid
from server.authentication import Authentication
from server.graphql_request import Refused

TYPE = "{ __typename }"


@pytest.fixture
def authentication(connections, clock):
    return Authentication(connections, clock)


@pytest.fixture
async def token(pool):
    await create_role(pool, "Plant", ["PRODUCTION_ORDER"])
    return await create_token(pool, "planner", ["Plant"])


@pytest.fixture
def status_of(http):
    """The answer to a query with these headers: its status, and the code of its error."""

    async def run(*headers, **parts):
        response = await http.post("/graphql", json={"query": TYPE}, headers=list(headers), **parts)
        errors = response.json().get("errors", [])
        return response.status_code, *(error["extensions"]["code"] for error in errors)

    return run


def other_secret(token):
    return f"{token[:-1]}{'a' if token[-1] != 'a' else 'b'}"


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_a_caller_with_a_token_is_let_in(status_of, token, scheme):
    assert await status_of(("Authorization", f"{scheme} {token}")) == (200,)


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer nothing",
        "Basic cGxhbm5lcjpzZWNyZXQ=",
        "Basic {token}",
        "Token {token}",
        "{token}",
        "Bearer {token} {token}",
        "Bearer  {token}",
        "Bearer {token},{token}",
        "Bearer {token}x",
        "Bearer {upper}",
        "Bearer {unknown}",
        "Bearer {wrong}",
        "Bearer {without_secret}",
        "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.",
    ],
)
async def test_nobody_is_let_in_by_anything_else(status_of, token, authorization):
    spelled = authorization.format(
        token=token,
        upper=token.replace("mo_", "MO_"),
        unknown=f"mo_{new_ulid().replace('-', '')}_{token[30:]}",
        wrong=other_secret(token),
        without_secret=token[:30],
    )

    assert await status_of(("Authorization", spelled)) == (401, "UNAUTHENTICATED")


async def test_nobody_is_let_in_without_the_header(status_of):
    assert await status_of() == (401, "UNAUTHENTICATED")


async def test_two_authorization_headers_let_nobody_in(status_of, token):
    header = ("Authorization", f"Bearer {token}")

    assert await status_of(header, header) == (401, "UNAUTHENTICATED")


async def test_a_token_elsewhere_than_in_the_header_lets_nobody_in(status_of, token):
    parameters = {"access_token": token, "token": token}

    assert await status_of(("Cookie", f"Authorization=Bearer {token}"), params=parameters) == (401, "UNAUTHENTICATED")


async def test_a_stranger_is_told_how_to_be_let_in(http):
    response = await http.post("/graphql", json={"query": TYPE})

    assert response.headers["www-authenticate"].startswith("Bearer")


async def test_what_a_stranger_sends_is_not_read(http):
    response = await http.post("/graphql", content=b"{", headers={"Content-Type": "application/json"})

    assert response.status_code == 401


async def test_a_stranger_may_not_see_the_schema(http):
    response = await http.post("/graphql", json={"query": "{ __schema { types { name } } }"})

    assert response.status_code == 401


async def test_an_expired_token_lets_nobody_in(status_of, pool):
    token = await create_token(pool, "planner", ["Plant"], datetime.now(UTC) - timedelta(seconds=1))

    assert await status_of(("Authorization", f"Bearer {token}")) == (401, "UNAUTHENTICATED")


async def test_a_token_that_expires_later_lets_in(status_of, pool):
    token = await create_token(pool, "planner", ["Plant"], datetime.now(UTC) + timedelta(days=1))

    assert await status_of(("Authorization", f"Bearer {token}")) == (200,)


async def test_a_revoked_token_lets_nobody_in(status_of, pool, token):
    await revoke_token(pool, parsed_token(token)[0])

    assert await status_of(("Authorization", f"Bearer {token}")) == (401, "UNAUTHENTICATED")


async def test_a_caller_has_the_name_of_the_token_and_what_the_roles_grant(authentication, token):
    caller = await authentication.caller(f"Bearer {token}")

    assert (caller.name, caller.permissions) == ("planner", {"PRODUCTION_ORDER"})


async def test_a_caller_who_is_known_costs_no_statement(authentication, token, statements):
    await authentication.caller(f"Bearer {token}")
    await asyncio.sleep(0)
    statements.clear()

    await authentication.caller(f"Bearer {token}")
    await asyncio.sleep(0)

    assert statements == []


async def test_a_token_that_is_revoked_while_in_use_lets_nobody_in_after_5_seconds(authentication, token, pool, clock):
    await authentication.caller(f"Bearer {token}")
    await revoke_token(pool, parsed_token(token)[0])

    clock.now += 5

    assert await authentication.caller(f"Bearer {token}") is None


async def test_a_role_that_changes_is_followed_after_5_seconds(authentication, token, pool, clock):
    await authentication.caller(f"Bearer {token}")
    await pool.execute("update roles set enabled = false")

    clock.now += 5

    assert (await authentication.caller(f"Bearer {token}")).permissions == frozenset()


async def test_a_wrong_secret_lets_nobody_in_even_when_the_token_is_known(authentication, token):
    await authentication.caller(f"Bearer {token}")

    assert await authentication.caller(f"Bearer {other_secret(token)}") is None


async def test_a_token_that_is_not_there_is_looked_up_once_in_5_seconds(authentication, statements, clock):
    unknown = f"Bearer mo_{new_ulid().replace('-', '')}_secret"
    counts = []

    for seconds in (0, 4, 1):
        clock.now += seconds
        statements.clear()
        await authentication.caller(unknown)
        await asyncio.sleep(0)
        counts.append(len(statements))

    assert counts == [1, 0, 1]


async def test_a_token_that_expires_while_in_use_lets_nobody_in_from_then_on(connections, pool, clock):
    expires = datetime.now(UTC) + timedelta(days=1)
    token = await create_token(pool, "planner", ["Plant"], expires)
    now = [expires.timestamp() - 1]
    authentication = Authentication(connections, clock, now=lambda: now[0])
    assert await authentication.caller(f"Bearer {token}")

    now[0] += 1

    assert await authentication.caller(f"Bearer {token}") is None


async def test_a_caller_is_found_with_two_statements(authentication, token, statements):
    statements.clear()

    await authentication.caller(f"Bearer {token}")
    await asyncio.sleep(0)

    assert len(statements) == 2


async def test_more_callers_than_are_remembered_are_let_in_all_the_same(authentication, token, pool, monkeypatch):
    monkeypatch.setattr("server.authentication._MOST_KEPT", 2)
    tokens = [token, *[await create_token(pool, f"planner {number}", ["Plant"]) for number in range(3)]]

    names = [(await authentication.caller(f"Bearer {one}")).name for one in tokens * 2]

    assert names == ["planner", "planner 0", "planner 1", "planner 2"] * 2


def stop():
    raise Refused(429, "RATE_LIMITED", "Only those who are known are looked up.")


async def test_a_caller_who_was_let_in_is_looked_up_again_where_strangers_are_not(authentication, token, clock):
    await authentication.caller(f"Bearer {token}")
    clock.now += 3_600

    assert (await authentication.caller(f"Bearer {token}", check=stop)).name == "planner"
    clock.now += 3_600
    with pytest.raises(Refused):
        await authentication.caller(f"Bearer {other_secret(token)}", check=stop)


@pytest.mark.parametrize("ended", ["revoked_date", "expires_date"])
async def test_a_token_that_has_ended_is_not_looked_up_where_strangers_are_not(
    authentication, token, pool, clock, ended
):
    await authentication.caller(f"Bearer {token}")
    await pool.execute(f"update api_tokens set {ended} = now()")  # noqa: S608 (our own words)
    clock.now += 5
    await authentication.caller(f"Bearer {token}")
    clock.now += 5

    with pytest.raises(Refused):
        await authentication.caller(f"Bearer {token}", check=stop)


async def test_of_too_many_callers_the_one_is_a_stranger_who_was_looked_up_longest_ago(
    authentication, pool, monkeypatch, clock
):
    monkeypatch.setattr("server.authentication._MOST_KEPT", 2)
    one, two, three = [await create_token(pool, f"planner {number}", ["Plant"]) for number in range(3)]
    for token in (one, two, one, three):
        await authentication.caller(f"Bearer {token}")
        clock.now += 5

    for token in (one, three):
        assert await authentication.caller(f"Bearer {token}", check=stop)
    with pytest.raises(Refused):
        await authentication.caller(f"Bearer {two}", check=stop)


async def test_of_many_requests_of_a_caller_two_look_it_up(authentication, token, statements):
    statements.clear()

    callers = await asyncio.gather(*(authentication.caller(f"Bearer {token}") for _ in range(5)))

    await asyncio.sleep(0)
    assert [caller.name for caller in callers] == ["planner"] * 5
    assert len(statements) == 4


async def test_a_token_that_is_gone_is_looked_up_once(authentication, token, pool, statements, clock):
    await authentication.caller(f"Bearer {token}")
    await pool.execute("delete from api_tokens")
    clock.now += 5
    statements.clear()

    again = [await authentication.caller(f"Bearer {token}") for _ in range(3)]

    await asyncio.sleep(0)
    assert again == [None] * 3
    assert len(statements) == 1


async def test_who_cannot_be_looked_up_in_time_is_told_to_come_again(authentication, token, monkeypatch):
    monkeypatch.setattr("server.authentication._PATIENCE", 0)
    monkeypatch.setattr(authentication, "_lookups", asyncio.Semaphore(0))

    with pytest.raises(ServiceUnavailable, match="have to be looked up"):
        await authentication.caller(f"Bearer {token}")


async def test_where_nobody_answers_a_caller_is_told_to_come_again(authentication, token, silence):
    async with silence():
        with pytest.raises(ServiceUnavailable):
            await authentication.caller(f"Bearer {token}")

    assert (await authentication.caller(f"Bearer {token}")).name == "planner"


async def test_where_nobody_answers_to_who_asks_for_a_caller_no_connection_is_taken_again(
    authentication, connections, token, silence
):
    async with connections.taken() as other:
        pid = other.get_server_pid()
        async with silence():
            with pytest.raises(ServiceUnavailable):
                await authentication.caller(f"Bearer {token}")

    async with connections.taken() as again:
        assert again.get_server_pid() != pid


async def test_what_another_source_says_is_not_remembered(authentication, token, pool):
    class Standby(Source):
        """Another way to the same database."""

        async def take(self):
            return await pool.acquire()

        async def give(self, connection, *, sound):  # noqa: ARG002 (as all sources have it)
            await pool.release(connection)

        def distrust(self):
            """Do nothing."""

    standby = Standby()
    known = await authentication.caller(f"Bearer {token}", standby)
    unknown = await authentication.caller(f"Bearer mo_{new_ulid().replace('-', '')}_secret", standby)
    await pool.execute("delete from api_tokens")

    assert (known.name, unknown) == ("planner", None)
    assert await authentication.caller(f"Bearer {token}") is None
