import asyncio
import traceback
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest

from db.errors import Collision, Conflict, Invalid, ServiceUnavailable, Timeout
from db.translation import Unfit, translated
from db.ulid import new_ulid

NOTHING = "01JCH3EPVP-1MNNDJTS-37Z75NGA"


class Relay:
    """Passes on all that a client and PostgreSQL say to each other, but not that one of them has gone."""

    def __init__(self, database):
        url = urlsplit(database)
        self._host, self._port = parse_qs(url.query).get("host", [url.hostname])[0], url.port or 5432
        self._writers = []
        self.ended = asyncio.Event()

    async def serve(self, *client):
        server = await self._server()
        self._writers += [client[1], server[1]]
        await asyncio.gather(self._pass_on(client[0], server[1]), self._pass_on(server[0], client[1]))

    def close(self):
        for writer in self._writers:
            writer.transport.abort()

    async def _server(self):
        if self._host.startswith("/"):
            return await asyncio.open_unix_connection(f"{self._host}/.s.PGSQL.{self._port}")
        return await asyncio.open_connection(self._host, self._port)

    async def _pass_on(self, reader, writer):
        while data := await reader.read(65536):
            writer.write(data)
        self.ended.set()


@pytest.fixture
async def relay(database):
    """A relay to the server of the test's database, and its own port."""
    relay = Relay(database)
    async with await asyncio.start_server(relay.serve, "127.0.0.1", 0) as server:
        yield relay, server.sockets[0].getsockname()[1]
        relay.close()


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


async def test_a_data_type_that_values_keep_is_told(production_order, production_order_property, translating):
    order, rule = await production_order(), await production_order_property()
    await translating(
        "insert into production_order_property_values (id, production_order_id, property_id, data_type)"
        " values ($1, $2, $3, 'String')",
        new_ulid(),
        order.id,
        rule.id,
    )

    with pytest.raises(Invalid) as invalid:
        await translating("update production_order_properties set data_type = 'Int'")

    assert invalid.value.violations == {"dataType": ["can't change while there are values for the property"]}


async def test_of_several_fields_that_are_unique_together_one_is_told(plant, translating):
    with pytest.raises(Conflict, match="The location has a shift of this name already") as conflict:
        await translating(
            "insert into shifts (id, name, location_id) values ($1, 'Early', $2)", new_ulid(), plant.location
        )

    assert conflict.value.violations == {"name": ["is taken already"]}


@pytest.mark.usefixtures("plant")
async def test_a_path_that_is_taken_is_told_by_the_name(translating):
    with pytest.raises(Conflict, match="another location with the path '/Line 1' already") as conflict:
        await translating("insert into locations (id, name, path) values ($1, 'Line', '/Line 1')", new_ulid())

    assert list(conflict.value.violations) == ["name"]


async def test_what_postgresql_cannot_hold_is_a_timeout(translating):
    with pytest.raises(Timeout, match="more than the database can answer at once"):
        await translating("select repeat('x', 2000000000)")


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


async def test_a_connection_that_was_told_its_end_and_is_not_closed_is_unavailable(database, relay, pool):
    relay, port = relay
    connection = await asyncpg.connect(database, host="127.0.0.1", port=port)
    await pool.execute("select pg_terminate_backend($1)", connection.get_server_pid())
    await relay.ended.wait()
    # While PostgreSQL answers another one, the news comes through.
    await pool.execute("select 1")

    with pytest.raises(ServiceUnavailable), translated():
        await connection.fetchval("select 1")

    connection.terminate()


class CutBetween(asyncpg.Connection):
    """A connection that is cut when a statement was prepared, before it gets its parameters."""

    async def _get_statement(self, *asked, **how):
        statement = await super()._get_statement(*asked, **how)
        self.terminate()
        return statement


async def test_a_connection_that_is_cut_within_a_statement_is_unavailable(database):
    connection = await asyncpg.connect(database, connection_class=CutBetween)

    with pytest.raises(ServiceUnavailable), translated():
        await connection.fetchrow("select $1::text", "a")


@pytest.mark.parametrize("protocol", [None, object()])
def test_a_protocol_that_we_miss_ourselves_is_our_mistake(protocol):
    with pytest.raises(AttributeError), translated():
        protocol.bind_execute()


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
