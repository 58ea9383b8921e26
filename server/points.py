"""The points that a caller may spend in a minute: one for a request, and what its operation costs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from server.allowance import Allowance
from server.errors import seconds_told
from server.graphql_request import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from resolvers.access import Caller


class Points:
    """Counts by the names of callers, in this process."""

    def __init__(self, a_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._allowance = Allowance("points", a_minute, clock)

    def spend_on_request(self, caller: Caller) -> None:
        """Take the point of a request. Raises `Refused`."""
        if not self._allowance.take(caller.name, 1):
            raise self._refused(caller, 1)

    def spend_on_operation(self, caller: Caller, cost: int) -> None:
        """Take what the operation of such a request costs. Raises `Refused`.

        One that costs more than a minute's points is run for who has spent none of them, and owes the rest.
        """
        if not self._allowance.take(caller.name, cost, least=min(cost, self._allowance.most - 1)):
            raise self._refused(caller, cost + 1)

    def headers(self, caller: Caller) -> dict[str, str]:
        """What is told of them with every answer."""
        return self._allowance.headers(caller.name)

    def _refused(self, caller: Caller, cost: int) -> Refused:
        most, left = self._allowance.most, self._allowance.left(caller.name)
        seconds = max(1, self._allowance.seconds(caller.name, cost))
        return Refused(
            429,
            "RATE_LIMITED",
            f"This costs {cost:,} points, and {left:,} are left of your {most:,} a minute. "
            f"Try again in {seconds_told(seconds)}, or ask for less.",
            {"Retry-After": str(seconds)},
            limit=most,
            remaining=left,
            cost=cost,
        ).for_limit("points_per_minute", cost)
