"""The four things that are asked of every peer, each time of other orders."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any

from bench.database import SAVED, STATUSES, record_id

PAGES = 20
"""Pages are asked for among this many first ones, as far as there are so many."""

Asked = dict[str, Any]
"""What is asked, before a peer's document gives it names of its own."""


@dataclass(frozen=True)
class Draw:
    """Chance, the same for every peer: what is asked of a database with so many orders, in pages of that size."""

    seed: str
    orders: int
    page_size: int = 50
    _random: Random = field(init=False, repr=False)
    _serial: count[int] = field(default_factory=count, init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_random", Random(self.seed))  # noqa: S311 (the same each time, on purpose)

    def one_order(self) -> Asked:
        """Some order's id."""
        return {"id": record_id("A", self._random.randrange(self.orders))}

    def page(self) -> Asked:
        """Some page of the orders of some status."""
        pages = max(1, min(PAGES, self.orders // len(STATUSES) // self.page_size))
        return {"status": self._random.choice(STATUSES), "size": self.page_size, "page": self._random.randrange(pages)}

    def new_order(self) -> Asked:
        """An order of a name that no other has."""
        number = self._random.randrange(1_000)
        return {
            "name": f"{SAVED}{self.seed} {next(self._serial)}",
            "productId": record_id("3", number),
            "unitOfMeasureId": record_id("1", number % 12),
            "quantity": number / 4,
            "status": self._random.choice(STATUSES),
            "schedulePriority": "HIGH",
            "startDate": "2026-11-20T06:00:00Z",
            "dueDate": f"2026-11-{1 + number % 28:02}T14:30:00Z",
            "notes": f"For the fair, batch {number}.",
        }

    def nothing(self) -> Asked:
        """No variables."""
        return {}


@dataclass(frozen=True)
class Workload:
    """One kind of request."""

    key: str
    title: str
    asked: Callable[[Draw], Asked]
    saves: bool = False


WORKLOADS = {
    workload.key: workload
    for workload in (
        Workload("W1", "one order, 55 fields", Draw.one_order),
        Workload("W2", "page of 50 orders, ~1,500 fields", Draw.page),
        Workload("W3", "save one order", Draw.new_order, saves=True),
        Workload("W4", "{ __typename }", Draw.nothing),
    )
}
