import asyncio
import secrets

import asyncpg
import pytest

from db.migrations import Migration, MigrationRefused, migrate, migrations

FIRST = Migration(1, "first", "create table first (id int); insert into first values (1)")
SECOND = Migration(2, "second", "alter table first add column name text default 'new'")
BROKEN = Migration(3, "broken", "create table third (id int); select 1 / (select count(*) from third)")


@pytest.fixture
async def connecting(administration, postgres):
    """Connects to a new database in which nothing is: `await connecting("encoding 'LATIN1'")`."""
    name, opened = f"mes_orders_test_{secrets.token_hex(6)}", []

    async def run(options="", times=1):
        await administration.execute(f"create database {name} {options}")
        opened.extend([await asyncpg.connect(postgres, database=name) for _ in range(times)])
        return opened

    yield run
    await asyncio.gather(*(connection.close() for connection in opened))
    await administration.execute(f"drop database {name} with (force)")


@pytest.fixture
async def connections(connecting):
    return await connecting(times=2)


@pytest.fixture
def connection(connections):
    return connections[0]


async def applied(connection):
    return await connection.fetchval("select array_agg(number order by number) from schema_migrations")


def edited(migration):
    return Migration(migration.number, migration.name, f"{migration.sql} ")


def test_migrations_are_the_numbered_files_of_a_folder_in_their_order(tmp_path):
    for name in ("0002_second.sql", "0010_tenth.sql", "0001_first.sql", "notes.sql", "__init__.py"):
        (tmp_path / name).write_text(f"-- {name}")

    found = [(migration.number, migration.name, migration.sql) for migration in migrations(tmp_path)]

    assert found == [
        (1, "first", "-- 0001_first.sql"),
        (2, "second", "-- 0002_second.sql"),
        (10, "tenth", "-- 0010_tenth.sql"),
    ]


async def test_migrations_are_applied_in_their_order(connection):
    await migrate(connection, [FIRST, SECOND])

    assert await connection.fetchval("select name from first") == "new"
    assert await applied(connection) == [1, 2]


async def test_a_migration_is_applied_once(connection):
    await migrate(connection, [FIRST])

    await migrate(connection, [FIRST])

    assert await connection.fetchval("select count(*) from first") == 1


async def test_what_is_missing_is_applied_later(connection):
    await migrate(connection, [FIRST])

    await migrate(connection, [FIRST, SECOND])

    assert await connection.fetchval("select name from first") == "new"


async def test_a_migration_that_fails_leaves_nothing_behind(connection):
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(connection, [FIRST, SECOND, BROKEN])

    assert await connection.fetchval("select to_regclass('third')") is None


async def test_what_was_applied_before_a_migration_that_fails_stays(connection):
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(connection, [FIRST, SECOND, BROKEN])

    assert await applied(connection) == [1, 2]


async def test_after_a_migration_that_failed_the_next_can_begin(connections):
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(connections[0], [BROKEN])

    await migrate(connections[1], [FIRST])

    assert await applied(connections[1]) == [1]


async def test_two_that_migrate_at_once_apply_each_migration_once(connections):
    await asyncio.gather(*(migrate(connection, [FIRST, SECOND]) for connection in connections))

    assert await connections[0].fetchval("select count(*) from first") == 1


async def test_a_migration_waits_for_another_that_has_begun(connections):
    migrating, other = connections
    await other.execute("select pg_advisory_lock($1)", 0x4D45534F)
    begun = asyncio.create_task(migrate(migrating, [FIRST]))
    while not await other.fetchval("select count(*) from pg_locks where locktype = 'advisory' and not granted"):
        pass
    assert await other.fetchval("select to_regclass('first')") is None

    await other.execute("select pg_advisory_unlock_all()")
    await begun

    assert await applied(other) == [1]


async def test_a_database_that_is_newer_than_the_code_is_refused(connection):
    await migrate(connection, [FIRST, SECOND])

    with pytest.raises(MigrationRefused, match=r"migration 0002, which this version of MES Orders does not know"):
        await migrate(connection, [FIRST])


async def test_a_migration_that_was_edited_is_refused(connection):
    await migrate(connection, [FIRST])

    with pytest.raises(MigrationRefused, match=r"0001_first\.sql was edited after it was applied"):
        await migrate(connection, [edited(FIRST), SECOND])

    assert await applied(connection) == [1]


async def test_a_user_who_may_not_make_tables_is_told_so(connection):
    # Nobody may make tables there, not even a superuser.
    await connection.execute("set search_path to pg_catalog")

    with pytest.raises(MigrationRefused, match="does not let this user make the tables: permission denied"):
        await migrate(connection, [FIRST])


async def test_a_database_with_other_tables_of_the_same_names_is_refused(connection):
    await connection.execute("create table first (something_else text)")

    with pytest.raises(MigrationRefused, match=r'something else already: relation "first" already exists\. Give an'):
        await migrate(connection, [FIRST])


async def test_a_database_that_cannot_hold_every_text_is_refused(connecting):
    (connection,) = await connecting("encoding 'LATIN1' locale 'C' template template0")

    with pytest.raises(MigrationRefused, match="encoding is LATIN1"):
        await migrate(connection, [FIRST])


async def test_a_column_that_may_be_null_is_null_where_it_is_left_out(pool):
    # A save leaves out what is null.
    found = await pool.fetch(
        """
        select table_name, column_name from information_schema.columns
        where table_schema = 'public' and is_nullable = 'YES' and column_default is not null
        """
    )

    assert found == []
