"""Clients that leave before they are answered: what only reads for them ends, what changes something does not."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableMapping

    Scope = MutableMapping[str, Any]

_READING = "mes_orders.reading"
_LEFT = "mes_orders.left"


@contextmanager
def reading_for(scope: Scope) -> Iterator[None]:
    """What the current task does meanwhile is of no use to anybody when the client of this request has left."""
    scope[_READING] = asyncio.current_task()
    try:
        yield
    finally:
        del scope[_READING]


def client_left(scope: Scope) -> None:
    """Called when the connection is gone on which a request waits for its answer."""
    scope[_LEFT] = True
    task = scope.get(_READING)
    if task:
        task.cancel()


def has_left(scope: Scope) -> bool:
    """Whether the client of this request has left."""
    return _LEFT in scope
