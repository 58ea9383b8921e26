import hashlib
import re
from datetime import UTC, datetime, timedelta

import pytest

from db.errors import Invalid, Timeout
from db.tokens import all_tokens, create_token, find_token, namesakes, parsed_token, revoke_token
from db.ulid import new_ulid

ID = "01JCH3ENGW-82KJDZDR-JHGYCXQN"
BARE = ID.replace("-", "")


@pytest.fixture
async def token(pool):
    return await create_token(pool, "planner", ["Plant", "Office"])


def test_a_token_has_an_id_and_a_secret():
    assert parsed_token(f"mo_{BARE}_a_b-c") == (ID, "a_b-c")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "mo",
        "mo_",
        "mo__",
        "mo__secret",
        f"mo_{BARE}",
        f"mo_{BARE}_",
        f"mo_{BARE[:-1]}_secret",
        f"mo_{BARE}secret",
        f"MO_{BARE}_secret",
        f"ma_{BARE}_secret",
        f"_{BARE}_secret",
        f" mo_{BARE}_secret",
        f"mo_{BARE}_sécret",
    ],
)
def test_anything_else_is_no_token(text):
    assert parsed_token(text) is None


async def test_a_new_token_can_be_sent_as_it_is_shown(token):
    assert re.fullmatch(r"mo_[0-9A-Z]{26}_[A-Za-z0-9_-]{43}", token)


async def test_of_a_secret_only_the_sha_256_is_stored(token, pool):
    secret = parsed_token(token)[1]

    row = dict(await pool.fetchrow("select * from api_tokens"))

    assert row.pop("secret_sha256") == hashlib.sha256(secret.encode()).digest()
    assert secret not in str(row)


async def test_two_tokens_have_nothing_in_common(token, pool):
    other = await create_token(pool, "planner", ["Plant"])

    assert not set(parsed_token(token)) & set(parsed_token(other))


async def test_a_token_is_found_by_its_id_with_what_it_is_allowed_by(token, pool):
    found = await find_token(pool, parsed_token(token)[0])

    assert (found.name, found.security_levels, found.expires_date) == ("planner", ("Plant", "Office"), None)


async def test_an_id_without_a_token_finds_none(pool):
    assert await find_token(pool, new_ulid()) is None


async def test_a_token_matches_its_own_secret_and_no_other(token, pool):
    token_id, secret = parsed_token(token)

    found = await find_token(pool, token_id)

    assert found.matches(secret)
    assert not any(found.matches(other) for other in ("", secret[:-1], f"{secret}=", secret.swapcase()))


@pytest.mark.parametrize(("days", "valid"), [(-1, False), (1, True)])
async def test_a_token_is_valid_until_it_expires(pool, days, valid):
    token = await create_token(pool, "planner", ["Plant"], datetime.now(UTC) + timedelta(days=days))

    assert (await find_token(pool, parsed_token(token)[0])).valid is valid


async def test_a_revoked_token_is_not_valid(token, pool):
    token_id = parsed_token(token)[0]

    assert await revoke_token(pool, token_id)

    assert not (await find_token(pool, token_id)).valid


async def test_a_token_that_is_revoked_again_keeps_its_first_date(token, pool):
    token_id = parsed_token(token)[0]
    await revoke_token(pool, token_id)
    revoked_date = (await find_token(pool, token_id)).revoked_date

    assert await revoke_token(pool, token_id)

    assert (await find_token(pool, token_id)).revoked_date == revoked_date


async def test_what_is_not_there_cannot_be_revoked(token, pool):
    assert not await revoke_token(pool, new_ulid())
    assert (await find_token(pool, parsed_token(token)[0])).valid


async def test_tokens_are_listed_from_the_oldest(pool):
    made = [parsed_token(await create_token(pool, name, ["Plant"]))[0] for name in "cab"]

    assert [token.id for token in await all_tokens(pool)] == sorted(made)


async def test_no_token_has_the_name_of_a_caller_from_an_issuer(pool):
    with pytest.raises(Invalid):
        await create_token(pool, "oidc:anna", ["Plant"])

    assert await all_tokens(pool) == []


async def test_as_long_as_it_counts_who_has_a_name_nobody_gets_it(pool):
    async with pool.acquire() as one, pool.acquire() as other, one.transaction():
        assert await namesakes(one, "planner") == []

        await other.execute("set lock_timeout = 1")
        with pytest.raises(Timeout):
            await create_token(other, "planner", ["Plant"])
