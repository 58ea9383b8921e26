"""What is kept of operations, so that each is understood and planned once."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cachetools import LRUCache, cached

if TYPE_CHECKING:
    from graphql import DocumentNode

    from resolvers.compiled.operation import NotUnderstood, Operation
    from resolvers.compiled.plan import Plan

    Read = Callable[[str, str | None], Operation | NotUnderstood]
    Made = Callable[[Operation, tuple[Any, ...]], Plan]

KEPT_OPERATIONS = 256
_KEPT_LONG = 16
"""Of long ones fewer: each is thousands of objects, which are looked through when garbage is looked for."""
_LONG = 2_500
"""Characters."""
_KEPT_FIELDS = 80_000
"""Of all plans together, with those that fragments bring along: what takes room grows with them."""
_OF_EACH = 60
"""What takes room in each plan, as fields."""
_CHARACTERS = 25
"""Of the document that a plan holds, so many take as much room as a field."""


class Kept:
    """The operations that were sent last, as they are `read`, and their plans, as they are `made`."""

    def __init__(self, read: Read, made: Made, characters: int) -> None:
        self._read = read
        self._characters = characters
        self._operations = lru_cache(KEPT_OPERATIONS)(self._swept)
        self._long_operations = lru_cache(_KEPT_LONG)(self._swept)
        self._plans = cached(LRUCache(_KEPT_FIELDS, getsizeof=_size), info=True)(made)

    def operation(self, text: str, name: str | None) -> Operation | NotUnderstood:
        """The operation of a document that has this name; a text that is too long to be read at all is not kept."""
        if len(text) <= _LONG:
            return self._operations(text, name)
        return (self._long_operations if len(text) <= self._characters else self._read)(text, name)

    def plan(self, operation: Operation, conditions: tuple[Any, ...]) -> Plan:
        """The plan of an operation, with these values of the variables that @skip and @include use."""
        return self._plans(operation, conditions)

    def told(self) -> Mapping[str, Any]:
        """How often it was of use, as `lru_cache` tells it."""
        caches: dict[str, Any] = {
            "operation": self._operations,
            "long_operation": self._long_operations,
            "plan": self._plans,
        }
        return {name: cache.cache_info() for name, cache in caches.items()}

    def _swept(self, text: str, name: str | None) -> Operation | NotUnderstood:
        with _swept():
            return self._read(text, name)


def _size(plan: Plan) -> int:
    """The room that a plan takes, as fields."""
    source = plan.operation.document.loc
    return _OF_EACH + plan.operation.measured.fields + (source.end if source else 0) // _CHARACTERS


@contextmanager
def _swept() -> Iterator[None]:
    """Whatever cycles of objects come up here, as in validation, do not stay until all objects are looked through.

    While the collector does not run, all of them are young; to look through the young ones is soon done.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.collect(0)


def unchained(document: DocumentNode) -> DocumentNode:
    """The document, whose tokens do not lead to each other any more: nobody needs that, and it makes cycles of them."""
    token = document.loc.start_token if document.loc else None
    while token:
        token.prev, token.next, token = None, None, token.next
    return document
