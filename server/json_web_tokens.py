"""JSON Web Tokens of an OpenID Connect issuer: who is calling, and with which security levels."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jwt import PyJWT, PyJWTError, get_unverified_header

from db.tokens import ISSUED
from server.notes import note
from server.signing_keys import ALGORITHMS, Signer, SigningKeys

if TYPE_CHECKING:
    from collections.abc import Callable

    from server.config import Settings

LEEWAY = 30
"""Seconds by which the clocks of issuer and server may differ."""
_LONGEST = 8 * 1024
_LONGEST_NAME = 200
_DOTS = 2


@dataclass(frozen=True)
class Identity:
    """What a token says of its holder, and until when that may be believed: on the clock, and in Unix time."""

    name: str
    security_levels: tuple[str, ...]
    until: float
    expires: float


class JsonWebTokens:
    """Checks tokens of the issuer that the settings name."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        assert settings.oidc_jwks
        self._keys = SigningKeys(settings.oidc_jwks, clock)
        self._issuer, self._audience = settings.oidc_issuer, settings.oidc_audience
        self._name_claim, self._levels_claim = settings.oidc_name_claim, settings.oidc_levels_claim
        self._decoder = PyJWT({"require": ["exp", "iss", "aud"], "enforce_minimum_key_length": True})

    async def identity(self, token: str) -> Identity | None:
        """The holder of a valid token. Raises `Refused` while there are no keys to check it with."""
        # Anything else is no reason to ask the issuer for keys.
        if len(token) > _LONGEST or token.count(".") != _DOTS:
            return None
        try:
            head = get_unverified_header(token)
            signer = await self._signer(head) if head.get("alg") in ALGORITHMS else None
            return self._checked(token, signer) if signer else None
        except PyJWTError as error:
            # For the one who keeps the server: a stranger is not told what is wrong.
            note(token_refused=type(error).__name__)
            return None

    async def _signer(self, head: dict[str, Any]) -> Signer | None:
        """The key of the set that the settings name: what a token says of keys itself (jku, x5u, jwk) is not asked."""
        return await self._keys.signer(head.get("kid"), head["alg"])

    def _checked(self, token: str, signer: Signer) -> Identity | None:
        claims = self._decoder.decode(
            token, signer.key, list(ALGORITHMS), audience=self._audience, issuer=self._issuer, leeway=LEEWAY
        )
        name = _claim(claims, self._name_claim)
        if not (isinstance(name, str) and name.strip() and name.isprintable() and len(name) <= _LONGEST_NAME):
            note(token_refused=f"no name in {self._name_claim}")
            return None
        levels = _texts(_claim(claims, self._levels_claim))
        return Identity(ISSUED + name.strip(), levels, signer.until, int(claims["exp"]) + LEEWAY)


def _claim(claims: dict[str, Any], name: str) -> Any:
    """The claim of this name, or what the parts of the name between dots lead to."""
    if name in claims:
        return claims[name]
    found: Any = claims
    for part in name.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def _texts(value: Any) -> tuple[str, ...]:
    """The texts of a list, or those between the commas of a text: blanks are part of security levels."""
    listed = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else ()
    return tuple(one.strip() for one in listed if isinstance(one, str) and one.strip())
