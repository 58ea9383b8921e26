"""API tokens, `mo_<id>_<secret>`: of the secret only the SHA-256 is stored."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from db.errors import Invalid
from db.translation import translated
from db.ulid import Ulid, new_ulid, parsed_ulid

if TYPE_CHECKING:
    import asyncpg

    from db.pool import Connection

TABLE = "api_tokens"
ISSUED = "oidc:"
"""What the names of callers from an issuer begin with, and those of tokens do not."""
_PREFIX = "mo"
_SECRET_BYTES = 32


@dataclass(frozen=True)
class ApiToken:
    """What is stored of a token: whose it is, what it is allowed by, how long."""

    id: Ulid
    name: str
    secret_sha256: bytes
    security_levels: tuple[str, ...]
    created_date: datetime
    expires_date: datetime | None
    revoked_date: datetime | None

    @property
    def valid(self) -> bool:
        """Neither revoked nor expired."""
        return self.revoked_date is None and (self.expires_date is None or self.expires_date > datetime.now(UTC))

    def matches(self, secret: str) -> bool:
        """Whether this is the token's secret, told in the same time whatever is wrong with it."""
        return hmac.compare_digest(_sha256(secret), self.secret_sha256)


def parsed_token(text: str) -> tuple[Ulid, str] | None:
    """The id and the secret of a token; None if the text is no token."""
    prefix, _, rest = text.partition("_")
    written_id, _, secret = rest.partition("_")
    token_id = parsed_ulid(written_id) if prefix == _PREFIX and secret.isascii() and secret else None
    return (token_id, secret) if token_id else None


async def create_token(
    connection: Connection, name: str, security_levels: list[str], expires_date: datetime | None = None
) -> str:
    """A new token, in the only moment in which it can be shown. Raises `Invalid` for a name that is an issuer's."""
    if name.startswith(ISSUED):
        raise Invalid({"name": [f"can't begin with {ISSUED}: those are callers from an issuer"]})
    token_id, secret = new_ulid(), secrets.token_urlsafe(_SECRET_BYTES)
    with translated():
        await connection.execute(
            """
            insert into api_tokens (id, name, secret_sha256, security_levels, expires_date)
            values ($1, $2, $3, $4, $5)
            """,
            token_id,
            name,
            _sha256(secret),
            security_levels,
            expires_date,
        )
    return f"{_PREFIX}_{token_id.replace('-', '')}_{secret}"


async def namesakes(connection: Connection, name: str) -> list[Ulid]:
    """The valid tokens of this name: they are one caller. Until the transaction ends, nobody else makes a token."""
    with translated():
        await connection.execute("lock table api_tokens in share row exclusive mode")
    return [token.id for token in await all_tokens(connection) if token.valid and token.name == name]


async def find_token(connection: Connection, token_id: Ulid) -> ApiToken | None:
    """The token with this id."""
    with translated():
        row = await connection.fetchrow("select * from api_tokens where id = $1", token_id)
    return _token(row) if row else None


async def all_tokens(connection: Connection) -> list[ApiToken]:
    """Every token, the oldest first."""
    with translated():
        return [_token(row) for row in await connection.fetch("select * from api_tokens order by id")]


async def revoke_token(connection: Connection, token_id: Ulid) -> bool:
    """Nobody is let in by the token any more; tells whether there is such a token."""
    with translated():
        revoked = await connection.fetchval(
            "update api_tokens set revoked_date = coalesce(revoked_date, now()) where id = $1 returning id", token_id
        )
    return revoked is not None


def _token(row: asyncpg.Record) -> ApiToken:
    return ApiToken(**{**row, "security_levels": tuple(row["security_levels"])})


def _sha256(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
