"""How many connections a pool may have, where that is found out after the pool is opened."""

from __future__ import annotations

from multiprocessing import get_context


class PoolSize:
    """The size of a pool in each of the processes that are started with it: one, until it is told."""

    def __init__(self, most: int) -> None:
        """`most` is what it can be told at most."""
        self.most = most
        self._told = get_context("spawn").RawValue("i", 1)

    def __call__(self) -> int:
        """The size now."""
        return int(self._told.value)

    def tell(self, size: int) -> None:
        """Let it be so many from now on."""
        self._told.value = size
