"""How much memory there is for the server and what it starts."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import psutil

_MOUNTED = Path("/sys/fs/cgroup")
_OWN = Path("/proc/self/cgroup")
_LIMITS = "memory.max", "memory.high", "memory.limit_in_bytes"
"""What a group may have, what it may have before it is slowed down, and the first of the first version."""


def memory_there_is(mounted: Path = _MOUNTED, own: Path = _OWN) -> int:
    """Bytes: those of the machine, or of the smallest limit of the control groups that this process is in."""
    limits = [psutil.virtual_memory().total]
    for group in _groups(mounted, own):
        for name in _LIMITS:
            # Where there is no limit, it says `max`, or there is no such file.
            with suppress(OSError, ValueError):
                limits.append(int((group / name).read_text()))
    return min(limits)


def _groups(mounted: Path, own: Path) -> list[Path]:
    """The folders of the control groups that limit memory, of both versions, with those above them."""
    groups: list[Path] = []
    with suppress(OSError):
        for line in filter(None, own.read_bytes().split(b"\n")):
            _, controllers, path = os.fsdecode(line).split(":", 2)
            if not controllers or "memory" in controllers.split(","):
                group = mounted / ("memory" if controllers else "") / path.lstrip("/")
                groups += [group, *(above for above in group.parents if above.is_relative_to(mounted))]
    return groups
