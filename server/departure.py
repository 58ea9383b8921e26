"""Clients that leave before they are answered: what only reads for them ends, what changes something does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio
    from collections.abc import MutableMapping

    Scope = MutableMapping[str, Any]

_READING = "mes_orders.reading"
_LEFT = "mes_orders.left"


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
