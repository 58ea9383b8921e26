"""Which machine answers a query: a standby, if its caller accepts that and has what it has changed there."""

from __future__ import annotations

import re
import time
import zlib
from functools import lru_cache
from multiprocessing import get_context
from typing import TYPE_CHECKING

from db.standbys import Bound

if TYPE_CHECKING:
    from collections.abc import Iterable, MutableSequence

    from db.standbys import Reading, Standbys

PREFER = b"prefer"
_NAME = "max-staleness"
_PREFERENCE = re.compile(
    r"""\s*([^\s=;,"]+)\s*(?:=\s*("[^"]*"|[^\s;,"]*))?\s*(?:;(?:[^,"]|"[^"]*")*)?(?:,|$)""", re.ASCII
)
_DIGITS = re.compile(r"\d{1,9}", re.ASCII)
_KEPT = 256
"""How many spellings of a header are kept with what they mean."""
_LONGEST = 256
"""Characters of a header that are looked at."""
_PLACES = 4_096


class LastChanges:
    """When callers have changed something last, for all processes that are started with it.

    Several callers may share a place; the worst of it is that one reads from the primary who need not.
    """

    def __init__(self) -> None:
        # The clock counts from the start of the machine, for every process alike.
        self._moments: MutableSequence[float] = get_context("spawn").RawArray("d", _PLACES)

    def note(self, caller: str) -> None:
        """Remember that the caller has changed something by now."""
        self._moments[_place(caller)] = time.monotonic()

    def of(self, caller: str) -> float:
        """When the caller has changed something last."""
        return self._moments[_place(caller)]


class Staleness:
    """Knows the standbys, what callers accept, and when they have changed something."""

    def __init__(self, standbys: Standbys, changes: LastChanges, usual: int) -> None:
        self._standbys = standbys
        self._usual = usual
        self.changes = changes

    def accepted(self, prefer: str) -> int:
        """How many seconds a caller with this header accepts."""
        preferred = preference(prefer) if prefer else None
        return self._usual if preferred is None else preferred

    def standbys(self, seconds: float, caller: str | None = None) -> Iterable[Reading]:
        """The standbys at most so far behind that have what the caller has changed."""
        if not seconds:
            return ()
        return self._standbys.fitting(Bound(seconds, self.changes.of(caller)) if caller else Bound(seconds))


@lru_cache(_KEPT)
def preference(prefer: str) -> int | None:
    """The seconds of `max-staleness` in a Prefer header, as RFC 7240 writes it; what is not understood is left out."""
    if len(prefer) > _LONGEST:
        return None
    first = next((found[2] for found in _PREFERENCE.finditer(prefer) if found[1].lower() == _NAME), None)
    digits = (first or "").strip('"')
    return int(digits) if _DIGITS.fullmatch(digits) else None


def _place(caller: str) -> int:
    return zlib.crc32(caller.encode()) % _PLACES
