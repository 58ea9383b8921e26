"""Requests that end before they are answered: their clients have left, or were sent away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    Scope = MutableMapping[str, Any]

READING = "mes_orders.reading"
"""The task that reads for a request, in its scope meanwhile: it is broken off when the client has left."""
_LEFT = "mes_orders.left"
_TOLD = "mes_orders.told"


def client_left(scope: Scope) -> None:
    """Called when the connection is gone on which a request waits for its answer."""
    scope[_LEFT] = True
    task = scope.get(READING)
    if task:
        task.cancel()


def has_left(scope: Scope) -> bool:
    """Whether the client of this request has left."""
    return _LEFT in scope


def sent_away(scope: Scope) -> None:
    """Called when the connection has answered and told of this request, the rest of which has not come."""
    scope[_TOLD] = True


def was_sent_away(scope: Scope) -> bool:
    """Whether nothing is left to be told of this request."""
    return _TOLD in scope
