"""What processes have taken from the machine."""

from __future__ import annotations

from contextlib import suppress

import psutil


def cpu_seconds(root: psutil.Process) -> float:
    """Processor time of a process and all its children, those that have ended among them."""
    seconds = 0.0
    for process in [root, *root.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            seconds += sum(process.cpu_times()[:4])
    return seconds


def resident_bytes(root: psutil.Process) -> int:
    """Memory that a process and its children hold."""
    return sum(process.memory_info().rss for process in [root, *root.children(recursive=True)])


def own_bytes(processes: list[psutil.Process]) -> int:
    """Memory that the processes do not share with others: PostgreSQL's buffers would count once for each."""
    held = 0
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            held += process.memory_full_info().uss
    return held
