"""What the server's role can do in its database, and what it can't."""

import secrets

import asyncpg
import pytest

from db.migrations import MigrationRefused, migrate, migrations
from db.records import RECORDS
from db.rights import OWNER, SERVER, check_creation, check_rights, grant, is_superuser, make_roles
from server.embedded_postgres import as_role
from tests.conftest import OWN, connected, dsn_of

pytestmark = pytest.mark.skipif(not OWN, reason="the role of this PostgreSQL makes no others")

RECORD_TABLES = {record.table for record in RECORDS.values()} | {"api_tokens", "idempotent_answers"}
RIGHTS = """
select table_name, array_agg(privilege_type::text order by privilege_type) as rights
from information_schema.role_table_grants
where grantee = $1
group by table_name
"""
FORBIDDEN = [
    "insert into changes (record_type, record_id, changed_by, changed_date) values ('Role', '', 'nobody', now())",
    "update changes set changed_by = 'nobody'",
    "delete from changes",
    "truncate changes",
    "alter table changes disable trigger user",
    "alter table changes add column note text",
    "drop table changes",
    "alter table roles disable trigger user",
    "drop trigger log_deletes on roles",
    "truncate roles",
    "drop table roles",
    "create trigger mine before insert on roles for each row execute function suppress_redundant_updates_trigger()",
    "create table mine (id int)",
    "create function mine() returns int language sql return 1",
    "create or replace function log_changes() returns trigger language plpgsql as 'begin return null; end'",
    "call log_changes_of('roles', 'Role')",
    "create schema mine",
    "create temp table mine (id int)",
    "select nextval('changes_id_seq')",
    "select * from schema_migrations",
    "set session_replication_role = 'replica'",
    f"set role {OWNER}",
    "create role mine",
]


@pytest.fixture
async def prepared(database):
    """The test's database as it is in the server's own PostgreSQL; its DSN."""
    async with connected(database) as administrator:
        await make_roles(administrator)
    return database


@pytest.fixture
async def server(prepared):
    """A connection of the server's role."""
    async with connected(as_role(prepared, SERVER)) as connection:
        yield connection


@pytest.fixture
async def empty(administration, postgres):
    """The DSN of a database in which nothing is."""
    name = f"mes_orders_test_{secrets.token_hex(6)}"
    await administration.execute(f"create database {name}")
    yield dsn_of(postgres, name)
    await administration.execute(f"drop database {name} with (force)")


@pytest.fixture
async def role(pool):
    """The name of a role of the test's own that may do as little as the server's role could without rights."""
    name = f"mes_orders_test_{secrets.token_hex(6)}"
    await pool.execute(f"create role {name} login; grant usage on schema public to {name}")
    yield name
    await pool.execute(f"revoke all on parameter session_replication_role from {name}; drop owned by {name}")
    await pool.execute(f"drop role {name}")


async def rights(connection, role=SERVER):
    return {row["table_name"]: row["rights"] for row in await connection.fetch(RIGHTS, role)}


async def test_the_role_of_the_server_has_the_rights_that_it_needs_and_no_others(pool):
    expected = {table: ["DELETE", "INSERT", "SELECT", "UPDATE"] for table in RECORD_TABLES}
    expected |= {"changes": ["SELECT"], "timelines": ["INSERT", "SELECT"]}

    assert await rights(pool) == expected


@pytest.mark.parametrize("statement", FORBIDDEN, ids=lambda statement: statement[:40])
async def test_the_role_of_the_server_can_alter_neither_the_log_nor_the_tables(server, statement):
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await server.execute(statement)


async def test_what_the_role_of_the_server_changes_is_logged(server):
    await server.execute("insert into customers (id, name) values ('01JCH3ENGW-82KJDZDR-JHGYCXQN', 'Corner Shop')")

    assert await server.fetchval("select changed_by from changes") == SERVER


async def test_what_a_session_puts_before_the_tables_does_not_get_the_log(prepared, server):
    async with connected(prepared) as administrator:
        await administrator.execute(f"create schema {SERVER} authorization {SERVER}")
    await server.execute(f"create table {SERVER}.changes as select * from changes")  # noqa: S608
    await server.execute(f"set search_path = {SERVER}, public")

    await server.execute("insert into customers (id, name) values ('01JCH3ENGW-82KJDZDR-JHGYCXQN', 'Corner Shop')")

    assert await server.fetchval("select count(*) from public.changes") == 1


async def test_rights_are_given_again_and_those_that_somebody_added_are_taken_back(prepared, pool):
    before = await rights(pool)
    await pool.execute(f"grant all on changes, schema_migrations to {SERVER}; revoke delete on roles from {SERVER}")
    await pool.execute(f"grant all on all sequences in schema public to {SERVER}")

    for _ in range(2):
        async with connected(as_role(prepared, OWNER)) as owner:
            await grant(owner, SERVER)

    assert await rights(pool) == before
    async with connected(as_role(prepared, SERVER)) as connection:
        await check_rights(connection)


async def test_what_an_earlier_version_has_made_is_taken_over(empty):
    async with connected(empty) as administrator:
        await migrate(administrator, migrations()[:7])
        await administrator.execute("insert into customers (id, name) values ('01JCH3ENGW-82KJDZDR-JHGYCXQN', 'Shop')")
        await make_roles(administrator)

    async with connected(as_role(empty, OWNER)) as owner:
        await migrate(owner)
        await grant(owner, SERVER)

    async with connected(as_role(empty, SERVER)) as server:
        await check_rights(server)
        await server.execute("delete from customers")
        assert await server.fetchval("select old ->> 'name' from changes") == "Shop"
        assert await server.fetchval("select count(*) from references_to('customers', '', 1)") == 0


async def test_a_role_that_owns_the_tables_is_no_other_role(prepared):
    async with connected(as_role(prepared, OWNER)) as owner:
        with pytest.raises(MigrationRefused, match="has to be one that owns nothing"):
            await check_rights(owner)


async def test_an_owner_of_another_database_is_told(empty):
    async with connected(empty) as connection:
        with pytest.raises(MigrationRefused, match="another database"):
            await check_rights(connection)


async def test_who_may_become_a_superuser_is_known_as_one(prepared, pool, role):
    assert await is_superuser(pool)
    async with connected(as_role(prepared, role)) as connection:
        assert not await is_superuser(connection)

    await pool.execute(f"grant postgres to {role}")

    async with connected(as_role(prepared, role)) as connection:
        assert await is_superuser(connection)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("grant insert on changes to {}", "may write the log"),
        ("grant update (changed_by) on changes to {}", "may write the log"),
        ("grant truncate on changes to public", "may write the log"),
        ("grant update on sequence changes_id_seq to {}", "may write the log"),
        ("grant pg_write_all_data to {}", "may write the log"),
        ("alter role {} noinherit; grant pg_write_all_data to {}", "may write the log"),
        ("alter role {} createrole", "may make roles"),
        ("grant pg_execute_server_program to {}", "may work on the machine"),
        ("grant set on parameter session_replication_role to {}", "may switch triggers off"),
    ],
)
async def test_a_role_that_could_get_around_the_log_is_told(prepared, pool, role, given, told):
    await pool.execute(given.format(role, role))

    async with connected(as_role(prepared, role)) as connection:
        with pytest.raises(MigrationRefused, match=told):
            await check_rights(connection)


@pytest.mark.parametrize(
    "given",
    [
        "grant create on schema public to {}",
        "grant create on schema public to public",
        "grant create on database {base} to {}",
        "create function mine() returns int language sql return 1; alter function mine() owner to {}",
    ],
)
async def test_a_role_that_could_make_what_the_owner_runs_is_told(prepared, pool, role, given):
    base = await pool.fetchval("select current_database()")
    async with connected(as_role(prepared, role)) as connection:
        await check_creation(connection, OWNER, ["public"])
        await pool.execute(given.format(role, base=base))

        with pytest.raises(MigrationRefused, match="may make functions in the database, or has made some"):
            await check_creation(connection, OWNER, ["public"])


async def test_a_role_that_could_subscribe_to_changes_that_nothing_logs_is_told(prepared, pool, role):
    await pool.execute(f"grant pg_create_subscription to {role}")

    async with connected(as_role(prepared, role)) as connection:
        await check_rights(connection)
        await pool.execute(f"grant create on database {await pool.fetchval('select current_database()')} to {role}")
        with pytest.raises(MigrationRefused, match="may switch triggers off"):
            await check_rights(connection)


async def test_a_trigger_of_ones_own_leads_not_into_the_log(prepared, pool, role):
    await pool.execute(
        f"""
        grant all on changes to {role};
        grant temporary on database {(await pool.fetchval("select current_database()"))} to {role}
        """
    )
    async with connected(as_role(prepared, role)) as connection:
        await connection.execute(
            """
            create temp table mine (id int);
            create function pg_temp.forge() returns trigger language plpgsql as $$
            begin
                insert into public.changes (record_type, record_id, changed_by, changed_date)
                values ('Role', '', 'nobody', now());
                return null;
            end
            $$;
            create trigger forge after insert on mine execute function pg_temp.forge()
            """
        )

        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="only ever added to"):
            await connection.execute("insert into mine values (1)")
