"""What those are told who bring no valid token: to bring one, and after too many of them from one address, to wait."""

from __future__ import annotations

import time
from functools import lru_cache
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING

from server.allowance import Allowance
from server.errors import seconds_told
from server.graphql_request import Refused
from server.notes import note

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Scope

_CHALLENGE = 'Bearer realm="MES Orders"'
_REFUSED = f'{_CHALLENGE}, error="invalid_token"'
_NETWORK_BITS = 64
"""Whoever has one IPv6 address has all that share these bits."""
_LONGEST_ADDRESS = 64
"""More than that is none, whatever a proxy says."""
_KEPT = 1024


class Strangers:
    """Counts them by their addresses, in this process; callers who are known are let in from any of these."""

    def __init__(self, failures_a_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._allowance = Allowance("failed-authentications", failures_a_minute, clock) if failures_a_minute else None

    def check(self, scope: Scope) -> None:
        """Raise `Refused` where too many came from the address: no work is made by one more."""
        if self._allowance and not self._allowance.left(address := _address(scope)):
            raise self._waiting(self._allowance, address)

    def refused(self, scope: Scope, authorization: str) -> Refused:
        """The answer to a request without a valid token: always the same, whatever is wrong with what it brings."""
        headers = {"WWW-Authenticate": _REFUSED if authorization else _CHALLENGE}
        address = _address(scope)
        if self._allowance:
            if not self._allowance.take(address, 1):
                return self._waiting(self._allowance, address)
            headers |= self._allowance.headers(address)
        note(address=address)
        told = "Send a valid token in the header, as Authorization: Bearer mo_…."
        return Refused(401, "UNAUTHENTICATED", told, headers)

    def _waiting(self, allowance: Allowance, address: str) -> Refused:
        note(address=address)
        seconds = max(1, allowance.seconds(address, 1))
        return Refused(
            429,
            "RATE_LIMITED",
            f"Too many requests from your address brought no valid token. Try again in {seconds_told(seconds)}.",
            {"Retry-After": str(seconds), **allowance.headers(address)},
            limit=allowance.most,
            remaining=0,
        ).for_limit("failed_authentications", allowance.most + 1)


def _address(scope: Scope) -> str:
    return _counted((scope.get("client") or ("",))[0][:_LONGEST_ADDRESS])


@lru_cache(_KEPT)
def _counted(client: str) -> str:
    """What is counted of a client's address: the network of an IPv6 one."""
    try:
        address = ip_address(client)
    except ValueError:
        return client
    if not isinstance(address, IPv6Address):
        return client
    return str(address.ipv4_mapped or IPv6Network((int(address), _NETWORK_BITS), strict=False))
