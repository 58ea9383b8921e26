"""What an empty database needs before anyone can be let in: roles, and a token for the administrator."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from db.roles import create_role
from db.tokens import create_token
from db.translation import translated
from resolvers.access import Permission
from server.failures import StartFailure

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    import asyncpg

ADMINISTRATOR = "Administrator"
ROLES: dict[str, list[str]] = {
    ADMINISTRATOR: sorted({permission.value.split(".")[0] for permission in Permission}),
    "Planner": [
        "CUSTOMER.READ",
        "LOCATION.READ",
        "MATERIAL.READ",
        "PRODUCTION_ORDER",
        "QUERY.READ",
        "SHIFT.READ",
        "UNIT_OF_MEASURE.READ",
    ],
    "Viewer": sorted(permission.value for permission in Permission if permission.value.endswith(".READ.GET")),
}
"""The roles of a new database: what the holders of a security level may do. An administrator may change them."""


async def first_start(connection: asyncpg.Connection[Any], data: Path) -> str | None:
    """Make the first roles and the administrator's token, if there is no token at all; the token, also in a file.

    The file is written before the token is stored for good: a start that is interrupted is repeated by the next one.
    """
    async with connection.transaction():
        with translated():
            await connection.execute("lock table api_tokens in exclusive mode")
            if await connection.fetchval("select exists (select from api_tokens)"):
                return None
        for security_level, permissions in ROLES.items():
            await create_role(connection, security_level, permissions)
        token = await create_token(connection, "administrator", [ADMINISTRATOR])
        _write(data / "admin-token", token)
    return token


def _write(file: Path, token: str) -> None:
    """A file that nobody else can read."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as opened:
            os.fchmod(opened.fileno(), 0o600)
            opened.write(f"{token}\n")
    except OSError as error:
        raise StartFailure(f"The administrator's token can't be written to {file}: {error.strerror}.") from error
