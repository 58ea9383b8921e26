import asyncio
import traceback

import asyncpg
import pytest

from db.errors import Collision, Conflict, Invalid, ServiceUnavailable, Timeout
from db.translation import Unfit, translated
from db.ulid import new_ulid

NOTHING = "01JCH3EPVP-1MNNDJTS-37Z75NGA"


@pytest.fixture
def connected(database):
    """Connects to the test's database, or to a part of its server that is not there."""

    async def run(**other):
        with translated():
            connection = await asyncpg.connect(database, **other)
        await connection.close()

    return run


@pytest.fixture
def translating(pool):
    """Runs a statement whose error comes out translated."""

    async def run(sql, *parameters):
        with translated():
            await pool.execute(sql, *parameters)

    return run


async def insert_unit(pool, name, symbol="kg"):
    with translated():
        await pool.execute(
            "insert into unit_of_measure (id, name, symbol) values ($1, $2, $3)", new_ulid(), name, symbol
        )


async def test_a_name_that_is_taken_is_a_conflict_that_names_it(pool):
    await insert_unit(pool, "Kilogram")

    with pytest.raises(Conflict, match=r"another unit of measure with the name 'Kilogram' already"):
        await insert_unit(pool, "Kilogram", "t")


async def test_of_a_long_name_that_is_taken_only_the_beginning_is_told(pool):
    await insert_unit(pool, "x" * 255)

    with pytest.raises(Conflict) as conflict:
        await insert_unit(pool, "x" * 255, "t")

    assert "x" * 65 not in str(conflict.value)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (f"unit_of_measure_id = '{NOTHING}'", "unitOfMeasureId"),
        ("name = null", "name"),
        ("name = ''", "name"),
        ("quantity = -1", "quantity"),
        ("quantity = 'NaN'", "quantity"),
        ("status = 'idle'", "status"),
        ("start_date = now(), end_date = now() - interval '1 second'", "endDate"),
    ],
)
async def test_a_rule_of_the_database_is_told_by_the_documented_field(production_order, translating, change, field):
    await production_order()

    with pytest.raises(Invalid) as invalid:
        await translating(f"update production_orders set {change}")  # noqa: S608 (one of those above)

    assert list(invalid.value.violations) == [field]


async def test_a_table_that_is_no_record_is_not_told(translating):
    with pytest.raises(Conflict) as conflict:
        await translating(
            "insert into api_tokens (id, name, secret_sha256, security_levels) values ('1', '', '', '{}')"
        )

    assert "api_tokens" not in str(conflict.value)


@pytest.mark.parametrize(
    "statement",
    [
        "set local statement_timeout = 1; select pg_sleep(10)",
        "set local lock_timeout = 1; update unit_of_measure set name = 'b'",
    ],
)
async def test_what_takes_longer_than_allowed_is_a_timeout(pool, translating, statement):
    await insert_unit(pool, "Kilogram")
    async with pool.acquire() as other, other.transaction():
        await other.execute("select from unit_of_measure for update")

        with pytest.raises(Timeout):
            await translating(f"begin; {statement}")


@pytest.mark.parametrize(
    "other",
    [
        {"host": "127.0.0.1", "port": 1},
        {"host": "/nowhere"},
        {"database": "nowhere"},
        {"user": "nobody-here"},
        {"ssl": "verify-everything"},
    ],
    ids=lambda other: next(iter(other)),
)
async def test_a_server_that_does_not_let_in_is_unavailable(connected, other):
    with pytest.raises(ServiceUnavailable):
        await connected(**other)


async def test_a_deadlock_is_worth_another_try(pool):
    await insert_unit(pool, "Kilogram")
    await insert_unit(pool, "Tonne", "t")

    async def both(first, second, ready, go):
        with translated():
            async with pool.acquire() as connection, connection.transaction():
                await connection.execute("set local lock_timeout = 0")
                await connection.execute("select from unit_of_measure where name = $1 for update", first)
                ready.set()
                await go.wait()
                await connection.execute("select from unit_of_measure where name = $1 for update", second)

    here, there = asyncio.Event(), asyncio.Event()
    ends = await asyncio.gather(
        both("Kilogram", "Tonne", here, there), both("Tonne", "Kilogram", there, here), return_exceptions=True
    )

    assert sorted(type(end) for end in ends if end) == [Collision]


@pytest.mark.parametrize(
    "statement",
    ["select 1 where 1 = $1", "select $1::text::int", "select $1::text::timestamptz"],
    ids=["driver", "number", "instant"],
)
async def test_what_a_mistake_of_ours_tells_holds_no_value(translating, statement):
    with pytest.raises(Unfit) as unfit:
        await translating(statement, "secret")

    assert "secret'" not in "".join(traceback.format_exception(unfit.value)).replace('"secret"', "")


@pytest.mark.parametrize(
    ("statement", "error"),
    [("select nothing", asyncpg.UndefinedColumnError), ("select 1 / 0", asyncpg.DivisionByZeroError)],
)
async def test_an_error_that_nobody_expected_keeps_its_words(translating, statement, error):
    with pytest.raises(error):
        await translating(statement)


def test_errors_that_are_not_the_databases_pass_unchanged():
    with pytest.raises(ValueError, match="ours"), translated():
        raise ValueError("ours")
