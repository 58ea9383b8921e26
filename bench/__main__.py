"""The command `bench/run`: the databases, the peers, the comparison, the rounds, the results."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import structlog
import uvloop

from bench.comparison import Differs, compare
from bench.database import Database, filled
from bench.load import NoAnswer
from bench.machine import described
from bench.measurement import Measurement, Turn
from bench.outcome import Results
from bench.peer import PEERS, PeerNotReady, Running, running
from bench.plan import Plan, plan
from bench.report import write
from bench.table import table
from bench.workload import WORKLOADS
from server.embedded_postgres import embedded_postgres
from server.failures import StartFailure

T = TypeVar("T")

_GROWING = ("W1", "W2", "W3")
_PAGE = 50
_CONNECTIONS = 400
"""How many PostgreSQL is to take: each peer has some to each of the databases."""


def main() -> int:
    """Run the command; the exit status."""
    chosen = plan()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    # Both leave through every `finally`, also where a shell started this in the background and ignores Ctrl-C for it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, _stop)
    try:
        with (
            tempfile.TemporaryDirectory(prefix="mes-orders-bench-") as folder,
            embedded_postgres(Path(folder) / "postgresql", {"max_connections": str(_CONNECTIONS)}) as server,
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):
            results = runner.run(_run(chosen, server, Path(folder)))
            print(table(results))
    except (StartFailure, PeerNotReady, Differs, NoAnswer) as failure:
        print(f"bench/run: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _stop(_number: int, _frame: object) -> None:
    signal.raise_signal(signal.SIGINT)


async def _run(chosen: Plan, server: str, scratch: Path) -> Results:
    """Everything that is to be measured, written down as it goes on: what is measured is not lost again."""
    folder = chosen.results or scratch / "results"
    async with _stage(server, scratch, chosen.orders) as (database, peers):
        machine = await described(database)
        sizes = [_PAGE, *chosen.page_sizes]
        _say(f"all peers gave the same answer, {await compare(peers, database, sizes)} times")
        main_part = await _measured(_main_turns(chosen), peers, database)
        pages = await _measured(_page_turns(chosen), peers, database)
    results = Results(f"{datetime.now(UTC):%Y-%m-%d}", chosen, machine, main_part, pages, ())
    write(results, folder)
    async for grown in _grown(chosen, server, scratch):
        results = replace(results, sizes=(*results.sizes, *grown))
        write(results, folder)
    return results


async def _grown(chosen: Plan, server: str, scratch: Path) -> AsyncIterator[list[Measurement]]:
    """The rounds in databases of every size, which take turns: how fast the machine is does not grow with them."""
    async with AsyncExitStack() as stack:
        stages = [await stack.enter_async_context(_stage(server, scratch, orders)) for orders in chosen.sizes]
        for database, peers in stages:
            await compare(peers, database, [_PAGE])
        for number in range(chosen.growth_rounds if stages else 0):
            grown = []
            for workload in _GROWING:
                turn = _turn(chosen, number, workload, chosen.connections[0], _PAGE)
                for database, peers in _rotated(stages, number):
                    grown += await _measured(iter([turn]), peers, database)
            yield grown


@asynccontextmanager
async def _stage(server: str, scratch: Path, orders: int) -> AsyncIterator[tuple[Database, list[Running]]]:
    """A database with so many orders, and all peers answering from it."""
    _say(f"a database with {orders:,} orders")
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(filled(server, orders))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=scratch)))
        yield database, [await stack.enter_async_context(running(peer, database, folder)) for peer in PEERS]


def _main_turns(chosen: Plan) -> Iterator[Turn]:
    for number in range(chosen.rounds):
        for workload in WORKLOADS:
            for connections in chosen.connections:
                yield _turn(chosen, number, workload, connections, _PAGE)


def _page_turns(chosen: Plan) -> Iterator[Turn]:
    for number in range(chosen.growth_rounds):
        for size in chosen.page_sizes:
            yield _turn(chosen, number, "W2", chosen.connections[0], size)


def _turn(chosen: Plan, number: int, workload: str, connections: int, page_size: int) -> Turn:
    return Turn(
        workload=WORKLOADS[workload],
        round=number,
        connections=connections,
        page_size=page_size,
        warm_up=chosen.warm_up,
        seconds=chosen.seconds,
    )


async def _measured(turns: Iterator[Turn], peers: list[Running], database: Database) -> list[Measurement]:
    """Every peer's turn, one after the other: each round begins with another of them."""
    measurements = []
    for turn in turns:
        for peer in _rotated(peers, turn.round):
            measurement = await turn.measured(peer, database)
            measurements.append(measurement)
            _say(
                f"round {turn.round + 1}, {turn.workload.key}, {turn.connections} connections, "
                f"{turn.page_size} a page of {database.orders:,} orders, {peer.peer.title}: "
                f"{measurement.rate:,.1f} a second"
                + (f", {measurement.failed} FAILED: {measurement.failure}" if measurement.failed else "")
            )
    return measurements


def _rotated(items: list[T], places: int) -> list[T]:
    """The same in turn, beginning so many places further on."""
    first = places % len(items)
    return items[first:] + items[:first]


def _say(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
