"""Who may do what in the database: one role owns the tables, another one reads and changes what is in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import asyncpg

from db.change_log import Change
from db.idempotency import TABLE as ANSWERS
from db.migrations import LOCK, MigrationRefused, explained
from db.records import RECORDS
from db.standbys import TABLE as TIMELINES
from db.tokens import TABLE as TOKENS
from db.translation import translated

OWNER = "mes_orders_owner"
"""The role that owns the tables of the server's own PostgreSQL."""
SERVER = "mes_orders"
"""The role that the server runs as there."""
_HISTORY = "schema_migrations"
_NUMBERS = f"{Change.table}_id_seq"
"""Where the entries of the log have their numbers from."""


async def make_roles(administrator: asyncpg.Connection[Any]) -> None:
    """Make the two roles of the server's own PostgreSQL, to which nobody else has a way.

    What an earlier version has made there, the first of them takes over.
    """
    async with administrator.transaction():
        await administrator.execute("select pg_advisory_xact_lock($1)", LOCK)
        for role in (OWNER, SERVER):
            if not await administrator.fetchval("select exists (select from pg_roles where rolname = $1)", role):
                await administrator.execute(f"create role {role} login")
        base = await administrator.fetchval("select quote_ident(current_database())")
        await administrator.execute(
            f"""
            alter database {base} owner to {OWNER};
            revoke temporary on database {base} from public
            """
        )
        for row in await administrator.fetch(_OURS):
            await administrator.execute(f"alter {row['named']} owner to {OWNER}")


async def grant(owner: asyncpg.Connection[Any], role: str) -> None:
    """Let a role read and change the records, and what is kept beside them, and read the log: that and no more."""
    names = await owner.fetchrow("select quote_ident($1) as role, quote_ident(current_schema()) as schema", role)
    assert names
    records = ", ".join(sorted({record.table for record in RECORDS.values()} | {TOKENS, ANSWERS}))
    with translated(), explained():
        async with owner.transaction():
            # Two servers may start at the same time.
            await owner.execute("select pg_advisory_xact_lock($1)", LOCK)
            await owner.execute(
                f"revoke all on {records}, {TIMELINES}, {Change.table}, {_HISTORY} from {names['role']}"
            )
            await owner.execute(f"revoke all on sequence {_NUMBERS} from {names['role']}")
            await owner.execute(f"grant select, insert, update, delete on {records} to {names['role']}")
            await owner.execute(f"grant select, insert on {TIMELINES} to {names['role']}")
            await owner.execute(f"grant select on {Change.table} to {names['role']}")
            await owner.execute(f"grant select (number) on {_HISTORY} to {names['role']}")
            if not await owner.fetchval("select has_schema_privilege($1, current_schema(), 'usage')", role):
                await owner.execute(f"grant usage on schema {names['schema']} to {names['role']}")


async def check_creation(connection: asyncpg.Connection[Any], owner: str, schemas: Sequence[str]) -> None:
    """Raise `MigrationRefused` where the role that is connected could make what the owner would run unknowingly.

    The owner, a role of this name, looks for functions in these schemas: one of them may fit its words better than
    PostgreSQL's own. So this is to be asked before the owner does anything there.
    """
    if await connection.fetchval("select pg_has_role(current_user, $1, 'member')", owner):
        raise MigrationRefused(_OWNS)
    if await connection.fetchval(_MAKES, schemas):
        raise MigrationRefused(
            "The role that the server runs as, or one that it is a member of, may make functions in the database, or "
            "has made some: with an owner's URL it has to be one that can't. Where a database was made before "
            "PostgreSQL 15, `revoke create on schema public from public` takes it back."
        )


async def check_rights(connection: asyncpg.Connection[Any]) -> None:
    """Raise `MigrationRefused` where the role that is connected could alter the log of changes, or has none."""
    owns = await connection.fetchval(
        """
        with place as (select relnamespace as id from pg_class where oid = to_regclass($1)), owners (id) as (
            select relowner from pg_class join place on relnamespace = place.id where relkind = 'r'
            union select nspowner from pg_namespace join place on oid = place.id
            union select datdba from pg_database, place where datname = current_database()
        )
        select bool_or(pg_has_role(current_user, id, 'member')) from owners
        """,
        Change.table,
    )
    if owns is None:
        raise MigrationRefused("The owner's URL leads to another database than the server's: give the same one.")
    if owns:
        raise MigrationRefused(_OWNS)
    found = await connection.fetchrow(_TOO_MUCH, Change.table, _NUMBERS)
    assert found
    if too_much := [told for name, told in _TOLD.items() if found[name]]:
        raise MigrationRefused(
            f"The role that the server runs as, or one that it is a member of, {' and '.join(too_much)}: with an "
            "owner's URL it has to be one that can't alter the log of changes."
        )


async def is_superuser(connection: asyncpg.Connection[Any]) -> bool:
    """Whether nothing at all is forbidden to the role that is connected, or to one that it may become."""
    return bool(
        await connection.fetchval(
            "select exists (select from pg_roles where rolsuper and pg_has_role(current_user, oid, 'member'))"
        )
    )


_OWNS = (
    "The role that the server runs as owns the database or something in it, or is a member of a role that does: with "
    "an owner's URL it has to be one that owns nothing."
)
_TOLD = {
    "writes": "may write the log of changes itself",
    "makes_roles": "may make roles",
    "leaves": "may work on the machine of the database",
    "silences": "may switch triggers off",
}
_TOO_MUCH = """
    select
        bool_or(
            has_any_column_privilege(oid, $1, 'insert, update')
            or has_table_privilege(oid, $1, 'insert, update, delete, truncate, trigger')
            or has_sequence_privilege(oid, $2, 'usage, update')
        ) as writes,
        bool_or(rolcreaterole) as makes_roles,
        bool_or(rolname in ('pg_execute_server_program', 'pg_write_server_files')) as leaves,
        bool_or(has_parameter_privilege(oid, 'session_replication_role', 'set'))
            or bool_or(rolname = 'pg_create_subscription')
                and bool_or(has_database_privilege(oid, current_database(), 'create')) as silences
    from pg_roles
    where pg_has_role(current_user, oid, 'member')
"""
"""What makes a way around the log, by a role's rights or by those of one that it may become.

Where a subscription writes, no trigger fires. PostgreSQL 15 lets only superusers make one, and has no role for it.
"""


_MAKES = """
    select bool_or(
        has_database_privilege(role.oid, current_database(), 'create')
        or exists (select from pg_namespace where nspname = any ($1) and has_schema_privilege(role.oid, oid, 'create'))
        or exists (
            select from pg_proc join pg_namespace place on place.oid = pronamespace
            where nspname = any ($1) and proowner = role.oid
        )
    )
    from pg_roles role
    where pg_has_role(current_user, oid, 'member')
"""
_OURS = f"""
    with ours as (
        select oid, 'table ' || oid::regclass as named, 'pg_class'::regclass as kind
        from pg_class
        where relnamespace = 'public'::regnamespace and relkind = 'r' and relowner = current_user::regrole
        union all
        select oid, 'routine ' || oid::regprocedure, 'pg_proc'::regclass
        from pg_proc
        where pronamespace = 'public'::regnamespace and proowner = current_user::regrole
    )
    select named
    from ours
    where to_regclass('{_HISTORY}') is not null
        and not exists (select from pg_depend where classid = kind and objid = oid and deptype = 'e')
"""
"""Tables and functions, but not those that an extension has brought."""
