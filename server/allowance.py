"""So much a minute for each of many, and no more than that at once."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_SECONDS = 60
_MOST_KNOWN = 10_000
"""Of how many it is known what they have left; who took something longest ago is forgotten for who comes anew."""


class Allowance:
    """What each has left comes back evenly, within a minute all of it."""

    def __init__(self, name: str, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.most = most
        self._name = name
        self._clock = clock
        self._rate = most / _SECONDS
        self._known: dict[str, tuple[float, float]] = {}

    def left(self, key: str) -> int:
        """How much is left."""
        return max(0, math.floor(self._left(key)))

    def take(self, key: str, amount: int, *, least: int | None = None) -> bool:
        """Take that much, or nothing if it is not left; if only the `least` must be, what is missing is owed."""
        left = self._left(key)
        if left < (amount if least is None else least):
            return False
        self._known.pop(key, None)
        if len(self._known) >= _MOST_KNOWN:
            del self._known[next(iter(self._known))]
        self._known[key] = left - amount, self._clock()
        return True

    def seconds(self, key: str, amount: int) -> int:
        """After how many seconds that much is left, if nothing is taken meanwhile."""
        return max(0, math.ceil((min(amount, self.most) - self._left(key)) / self._rate))

    def headers(self, key: str) -> dict[str, str]:
        """How it is told, by draft-ietf-httpapi-ratelimit-headers: the limit, what is left, when all of it is again."""
        return {
            "RateLimit-Policy": f'"{self._name}";q={self.most};w={_SECONDS}',
            "RateLimit": f'"{self._name}";r={self.left(key)};t={self.seconds(key, self.most)}',
        }

    def _left(self, key: str) -> float:
        left, then = self._known.get(key, (self.most, 0.0))
        return min(self.most, left + (self._clock() - then) * self._rate)
