"""One measurement: a peer under load for a few seconds."""

from __future__ import annotations

import statistics
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bench.database import Database
from bench.load import loaded
from bench.peer import Running
from bench.usage import cpu_seconds, own_bytes, resident_bytes
from bench.workload import Draw, Workload


@dataclass(frozen=True, kw_only=True)
class Point:
    """What is measured: everything but the round."""

    peer: str
    workload: str
    connections: int
    orders: int
    page_size: int


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """What was measured at a point in one round; times are in seconds, processor times of the whole measurement."""

    point: Point
    round: int
    latencies: array[float] = field(repr=False)
    failed: int
    failure: str | None
    seconds: float
    load_cpu: float
    server_cpu: float
    database_cpu: float
    server_bytes: int
    backends: int
    backends_bytes: int

    @property
    def rate(self) -> float:
        """Good answers a second."""
        return len(self.latencies) / self.seconds


@dataclass(frozen=True)
class Summary:
    """The rounds of a point together."""

    rounds: Sequence[Measurement]

    @property
    def rate(self) -> float:
        """Good answers a second, in the median round."""
        return statistics.median(one.rate for one in self.rounds)

    @property
    def failed(self) -> int:
        """Requests that were not answered well, in all rounds."""
        return sum(one.failed for one in self.rounds)

    def ratio(self, other: Summary) -> float:
        """How many times the other's rate this one has: the median of the rounds, each of which both took part in."""
        return statistics.median(
            mine.rate / theirs.rate if theirs.rate else float("inf")
            for mine, theirs in zip(self.rounds, other.rounds, strict=True)
        )

    def latency(self, percent: float) -> float:
        """Seconds within which so many of all rounds' answers came."""
        return percentile([latency for one in self.rounds for latency in one.latencies], percent)

    def cpu(self, of: str) -> float:
        """Processor seconds for one good answer, of the `server`, the `database` or the `load`."""
        answers = sum(len(one.latencies) for one in self.rounds)
        return sum(getattr(one, f"{of}_cpu") for one in self.rounds) / answers if answers else float("nan")

    def most_bytes(self, of: str) -> int:
        """Memory of the `server` or of the `backends` after the round in which it was most."""
        return max(int(getattr(one, f"{of}_bytes")) for one in self.rounds)


def percentile(values: Sequence[float], percent: float) -> float:
    """The least of the values that so many percent of them do not exceed; no estimate."""
    if not values:
        return float("nan")
    ranked = sorted(values)
    return ranked[max(0, -int(-len(ranked) * percent // 100) - 1)]


def summaries(measurements: Iterable[Measurement]) -> dict[Point, Summary]:
    """The measurements, by their points."""
    rounds: dict[Point, list[Measurement]] = {}
    for measurement in measurements:
        rounds.setdefault(measurement.point, []).append(measurement)
    return {point: Summary(taken) for point, taken in rounds.items()}


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One peer's turn in a round."""

    workload: Workload
    round: int
    connections: int
    page_size: int
    warm_up: float
    seconds: float

    async def measured(self, target: Running, database: Database) -> Measurement:
        """Load a peer until it is warm, and then to measure it."""
        draw = Draw(f"round {self.round}", database.orders, self.page_size)
        bodies = target.peer.dialect.bodies(self.workload, draw)
        postgres = await database.server()
        loaded(target, bodies, self.connections, self.warm_up)
        server_cpu, database_cpu = cpu_seconds(target.process), cpu_seconds(postgres)
        load = loaded(target, bodies, self.connections, self.seconds)
        server_cpu, database_cpu = cpu_seconds(target.process) - server_cpu, cpu_seconds(postgres) - database_cpu
        backends = await database.backends(target.application)
        measurement = Measurement(
            point=Point(
                peer=target.peer.key,
                workload=self.workload.key,
                connections=self.connections,
                orders=database.orders,
                page_size=self.page_size,
            ),
            round=self.round,
            latencies=load.latencies,
            failed=load.failed,
            failure=load.failure,
            seconds=load.seconds,
            load_cpu=load.cpu_seconds,
            server_cpu=server_cpu,
            database_cpu=database_cpu,
            server_bytes=resident_bytes(target.process),
            backends=len(backends),
            backends_bytes=own_bytes(backends),
        )
        if self.workload.saves:
            await database.forget_saved()
        return measurement
