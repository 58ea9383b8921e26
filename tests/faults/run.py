"""Saves under faults: what was acknowledged is stored once, and what was not is known again by its key."""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

from tests.faults.faults import FAULTS, NotPossible
from tests.faults.site import Site

MEMORY = Path("/dev/shm")  # noqa: S108
COLUMNS = ("acknowledged", "unanswered", "of them stored", "replayed", "lost", "duplicated", "wrong", "seconds")
_MOST_TOLD = 5
"""How many lines of the log are shown where something is wrong."""


def main():
    """Run the faults; the exit status is 1 if one save is lost, doubled, refused or not known again."""
    parser = argparse.ArgumentParser(prog="scripts/faults", description=__doc__)
    parser.add_argument("--cycles", type=int, default=1, metavar="N", help="how often each fault happens (1)")
    parser.add_argument("--saves", type=int, default=200, metavar="N", help="saves before and after each fault (200)")
    parser.add_argument("--fault", action="append", choices=FAULTS, metavar="NAME", help=f"one of: {', '.join(FAULTS)}")
    given = parser.parse_args()
    memory = MEMORY if MEMORY.exists() and os.access(MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="mes-orders-faults-", dir=memory) as folder:
        # Another user runs PostgreSQL in there.
        Path(folder).chmod(0o755)
        return asyncio.run(run(Path(folder), given.cycles, given.saves, given.fault or list(FAULTS)))


async def run(folder, cycles, saves, faults):
    """Let each of the faults happen so often, and tell what became of the saves."""
    rows = []
    print("Two database machines and a server of two workers start", file=sys.stderr)
    async with Site(folder) as site:
        for cycle in range(1, cycles + 1):
            for name in faults:
                print(f"Cycle {cycle} of {cycles}: {name}", file=sys.stderr)
                rows.append((name, *await happened(site, name, saves)))
    print(table(rows))
    tell(site, rows)
    return int(not all(account.good for _, account, _ in rows))


async def happened(site, name, saves):
    """What became of the saves while a fault happened, and how many seconds it took."""
    began = time.monotonic()
    async with site.load.running():
        await site.load.more(saves)
        try:
            await FAULTS[name](site)
        except NotPossible as reason:
            print(f"  It did not happen: {reason}", file=sys.stderr)
        await site.ready()
        await site.load.more(saves)
    await site.load.settle(site.stored)
    return site.load.account, time.monotonic() - began


def table(rows):
    """Each time that a fault happened, and all together."""
    lines = [[name, *numbers(account), f"{seconds:.1f}"] for name, account, seconds in rows]
    sums = [sum(numbers(account)[place] for _, account, _ in rows) for place in range(len(COLUMNS) - 1)]
    lines = [["fault", *COLUMNS], *lines, ["all", *sums, f"{sum(seconds for *_, seconds in rows):.1f}"]]
    widths = [max(len(str(cell)) for cell in column) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            [
                str(name).ljust(widths[0]),
                *(str(cell).rjust(width) for cell, width in zip(cells, widths[1:], strict=True)),
            ]
        )
        for name, *cells in lines
    )


def numbers(account):
    """What the columns say of an account, but for the time."""
    seen = len(account.acknowledged), len(account.unknown), account.stored_unknown, account.replayed
    return [*seen, account.lost, account.duplicated, account.wrong]


def tell(site, rows):
    """How long it took, and what was wrong."""
    for what, measured in {"first save after promotion": site.first_saves, "end after SIGTERM": site.exits}.items():
        if measured:
            print(f"{what}: {min(measured):.2f} to {max(measured):.2f} s, {len(measured)} times")
    for name, account, _ in rows:
        for save, message in account.refused[:_MOST_TOLD]:
            print(f"{name}: the save {save.key} was refused: {message}")
    for line in [line for line in site.complaints if '"exception"' in line][:_MOST_TOLD]:
        print(line)


if __name__ == "__main__":
    sys.exit(main())
