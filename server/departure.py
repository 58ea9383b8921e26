"""Requests that end before they are answered: their clients have left, or were sent away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio
    from collections.abc import MutableMapping

    Scope = MutableMapping[str, Any]

_READING = "mes_orders.reading"
_LEFT = "mes_orders.left"
_TOLD = "mes_orders.told"


class reading_for:  # noqa: N801 (it is used as a function: `with reading_for(scope, task):`)
    """What this task does inside is of no use to anybody when the client of this request has left."""

    __slots__ = ("_scope", "_task")

    def __init__(self, scope: Scope, task: asyncio.Task[Any]) -> None:
        self._scope = scope
        self._task = task

    def __enter__(self) -> None:
        self._scope[_READING] = self._task

    def __exit__(self, *_: object) -> None:
        del self._scope[_READING]


def client_left(scope: Scope) -> None:
    """Called when the connection is gone on which a request waits for its answer."""
    scope[_LEFT] = True
    task = scope.get(_READING)
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
