"""How long the database lets this server's role wait and work: settings of the role, which hold on every connection."""

from __future__ import annotations

from typing import Any

import asyncpg

SETTINGS = {
    "statement_timeout": "5s",
    "lock_timeout": "1s",
    "transaction_timeout": "10s",
    "idle_in_transaction_session_timeout": "5s",
    "jit": "off",
}
"""What a role gets for which nobody has decided otherwise. To compile a statement takes longer than to run it."""
_UNDECIDED = {"0", "on"}


async def settle(connection: asyncpg.Connection[Any]) -> None:
    """Give the role that is connected these settings in this database, where it has PostgreSQL's own.

    PostgreSQL 15 and 16 know no `transaction_timeout`. What is set elsewhere, by a file or for the role, stays.
    """
    rows = await connection.fetch("select name, reset_val from pg_settings where name = any($1)", list(SETTINGS))
    undecided = [row["name"] for row in rows if row["reset_val"] in _UNDECIDED]
    if not undecided:
        return
    row = await connection.fetchrow("select quote_ident(current_user) as role, quote_ident(current_database()) as base")
    assert row
    for name in undecided:
        await connection.execute(f"alter role {row['role']} in database {row['base']} set {name} = '{SETTINGS[name]}'")
