"""What is run, for how long."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

RESULTS = Path(__file__).with_name("results")
_FEWEST_ORDERS = 1_000
_STEP = 7_919
"""The prime of orders.sql."""
_LONGEST = 3_600


@dataclass(frozen=True)
class Plan:
    """The whole run, or with `QUICK` as little of it as shows that everything works."""

    rounds: int = 5
    seconds: float = 4.0
    warm_up: float = 1.0
    connections: tuple[int, ...] = (16, 64)
    orders: int = 100_000
    page_sizes: tuple[int, ...] = (1, 10, 100, 1_000)
    sizes: tuple[int, ...] = (1_000, 10_000, 100_000, 1_000_000)
    growth_rounds: int = 3
    results: Path | None = RESULTS


QUICK = Plan(
    rounds=1,
    seconds=0.3,
    warm_up=0.1,
    connections=(4,),
    orders=1_000,
    page_sizes=(1, 10),
    sizes=(1_000,),
    growth_rounds=1,
    results=None,
)


def plan(arguments: Sequence[str] | None = None) -> Plan:
    """The run that the command's arguments ask for."""
    given = vars(_parser().parse_args(arguments))
    chosen = QUICK if given.pop("quick") else Plan()
    return replace(chosen, **{name: value for name, value in given.items() if value is not None})


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bench/run",
        description="Compares MES Orders with its peers, on the same database and the same work: one order (W1), a "
        "page of orders (W2), a save (W3), { __typename } (W4). First all peers are asked the same, and must give the "
        "same answer; then they are loaded in turns, and what came of it is written down: a table, a plot, and "
        "everything as JSON. The whole run takes about an hour, on a machine that must do nothing else meanwhile.",
    )
    parser.add_argument("--quick", action="store_true", help="a run of a minute, whose numbers mean nothing")
    parser.add_argument("--rounds", type=_positive, metavar="N", help="rounds of each measurement (5)")
    parser.add_argument("--growth-rounds", type=_positive, metavar="N", help="rounds where the cost grows (3)")
    parser.add_argument("--seconds", type=_duration, metavar="S", help="length of a measurement (4)")
    parser.add_argument("--warm-up", type=_duration, metavar="S", help="load before each measurement (1)")
    parser.add_argument(
        "--connections",
        type=_positive,
        nargs="+",
        metavar="N",
        help="connections; the first is also that of the growth (16 64)",
    )
    parser.add_argument("--orders", type=_orders, metavar="N", help="orders in the database (100000)")
    parser.add_argument(
        "--page-sizes",
        type=_positive,
        nargs="*",
        metavar="N",
        help="orders a page, as it grows (1 10 100 1000); none: left out",
    )
    parser.add_argument(
        "--sizes",
        type=_orders,
        nargs="*",
        metavar="N",
        help="orders in the database, as it grows (1000 … 1000000); none: left out",
    )
    parser.add_argument("--results", type=Path, metavar="FOLDER", help="where to write (bench/results)")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("it must be at least 1")
    return number


def _orders(text: str) -> int:
    number = int(text)
    if number < _FEWEST_ORDERS or number % _STEP == 0:
        raise argparse.ArgumentTypeError(f"it must be at least {_FEWEST_ORDERS}, and no multiple of {_STEP}")
    return number


def _duration(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds <= _LONGEST:
        raise argparse.ArgumentTypeError(f"it must be more than 0 seconds, and at most {_LONGEST}")
    return seconds
