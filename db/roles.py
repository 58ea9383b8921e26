"""What roles grant to the holders of security levels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from db.enumerations import RoleRequirementType
from db.spelling import stored
from db.translation import translated
from db.ulid import new_ulid

if TYPE_CHECKING:
    from db.pool import Connection


async def granted_permissions(connection: Connection, held_levels: Sequence[str]) -> frozenset[str]:
    """The permissions that the enabled roles grant to a holder of these security levels."""
    with translated():
        roles = await connection.fetch(
            "select security_levels, permissions, role_requirement_type from roles where enabled"
        )
    return frozenset(
        permission.strip()
        for role in roles
        if _fulfilled(
            role["security_levels"].split(","), RoleRequirementType(role["role_requirement_type"]), held_levels
        )
        for permission in role["permissions"].split(",")
    )


async def create_role(connection: Connection, security_level: str, permissions: Iterable[str]) -> None:
    """A role that grants these permissions to the holders of one security level."""
    with translated():
        await connection.execute(
            "insert into roles (id, security_levels, permissions) values ($1, $2, $3)",
            new_ulid(),
            security_level,
            stored(list(permissions)),
        )


def _fulfilled(required: list[str], requirement: RoleRequirementType, held_levels: Sequence[str]) -> bool:
    fulfilled = [_satisfied(level.strip(), held_levels) for level in required]
    return all(fulfilled) if requirement is RoleRequirementType.ALL else any(fulfilled)


def _satisfied(required: str, held_levels: Sequence[str]) -> bool:
    """By the level itself or a level above it: `Plant` satisfies `Plant/Line 1`."""
    return bool(required) and any(required == held or required.startswith(f"{held}/") for held in held_levels if held)
