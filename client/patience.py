"""How often, and how long, the client waits for the server."""

from __future__ import annotations

import random
import time

TRIES = 3


class Patience:
    """The tries and the time that one call has."""

    def __init__(self, timeout: float, backoff: float) -> None:
        self._until = time.monotonic() + timeout
        self._backoff = backoff
        self._tries = 1

    @property
    def left(self) -> float:
        """Seconds that are left to the call."""
        return max(self._until - time.monotonic(), 0.001)

    def waited(self, asked_for: float | None = None) -> bool:
        """Whether there is another try, after a pause: as long as asked for, else longer from try to try."""
        # Clients that failed together should not come back together.
        jitter = random.uniform(0.5, 1.5)  # noqa: S311 (not a secret)
        pause = self._backoff * 2 ** (self._tries - 1) * jitter if asked_for is None else asked_for
        self._tries += 1
        if self._tries > TRIES or pause >= self.left:
            return False
        time.sleep(pause)
        return True
