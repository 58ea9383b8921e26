"""What Prometheus is told: counted from the notes of the requests, after they are answered."""

from __future__ import annotations

import re
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.errors import worst
from server.notes import without_tokens
from server.response import EVERY_ANSWER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from prometheus_client.metrics_core import Metric
    from starlette.requests import Request

    from db.connections import Connections

    Kept = Callable[[], Mapping[str, Any]]
    """What tells of the caches by their names, as `lru_cache` tells of one."""

_MOST_NAMES = 100
"""How many names of operations are told apart by one process: callers make them up."""
_LONGEST_NAME = 64
_OTHER = "other"
_KEPT_SERIES = 1_024
_FORWARDED = ("x-forwarded-", "forwarded", "x-real-ip", "via")
"""How the headers begin that proxies add."""
_EVERY_ANSWER = {name.decode(): value.decode() for name, value in EVERY_ANSWER}
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_LIVING = "gauge_livesum_{}.db"
"""The file of a process with its gauges, which is there as long as the process."""


class Metrics:
    """Counts requests, and looks after the pool and the caches.

    Of several processes each writes into files of one folder, and whichever is asked tells of all.
    """

    def __init__(self, connections: Connections, kept: Kept, folder: Path | None = None) -> None:
        self._registry = CollectorRegistry()
        self._folder = folder
        self._requests = _Requests(self._registry)
        self._resources = _Resources(self._registry, connections, kept)
        if folder is None:
            ProcessCollector(registry=self._registry)

    def count(self, answered: Iterable[Mapping[str, Any]]) -> None:
        """Count requests by what was noted of them."""
        self._requests.count([notes for notes in answered if notes["path"] == "/graphql"])

    def count_refused(self, code: str) -> None:
        """Count what was refused with this code before it was a request."""
        self._requests.refused.labels(code).inc()

    def look(self) -> None:
        """Bring up to date what is told of the pool and the caches."""
        self._resources.look()

    def routes(self, *, anywhere: bool) -> list[BaseRoute]:
        """`/metrics`; where it is not to be seen from anywhere, not for who comes by a proxy."""

        async def answer(request: Request) -> Response:
            if not anywhere and any(name.startswith(_FORWARDED) for name in request.headers):
                raise HTTPException(404)
            self.look()
            encode, media_type = choose_encoder(request.headers.get("accept", ""))
            # In a thread, because it takes a while, in which requests are to be answered.
            told = await run_in_threadpool(lambda: encode(self._told()))
            return Response(told, headers={"Content-Type": media_type, **_EVERY_ANSWER})

        return [Route("/metrics", answer)]

    def _told(self) -> CollectorRegistry:
        if self._folder is None:
            return self._registry
        registry = CollectorRegistry()
        MultiProcessCollector(registry, str(self._folder))  # type: ignore[no-untyped-call]
        registry.register(_Processes(self._folder))
        return registry


class _Requests:
    """What is counted of each request."""

    def __init__(self, registry: CollectorRegistry) -> None:
        counter = partial(Counter, namespace="mes_orders", registry=registry)
        self._requests = counter("requests", "Requests to /graphql.", ["operation", "name", "code"])
        self._seconds = Histogram(
            "request_duration_seconds",
            "Seconds from the first line of a request to its answer.",
            ["operation", "name"],
            namespace="mes_orders",
            registry=registry,
            buckets=_SECONDS,
        )
        self._statements = counter("statements", "Statements for requests, those that look callers up not among them.")
        self._looked_up = counter("callers_looked_up", "Requests whose caller was not remembered.")
        self._replays = counter("idempotent_replays", "Mutations answered with what was stored for the same key.")
        self.refused = counter("refused", "Connections closed for what came on them, or did not come.", ["code"])
        self._limits = counter("limits_hit", "Requests refused for a limit.", ["limit"])
        self._names: set[str] = {""}
        # To ask the library for them takes longer than to count.
        self._series = lru_cache(_KEPT_SERIES)(self._made_series)

    def count(self, answered: Iterable[Mapping[str, Any]]) -> None:
        """Count requests, with as little work for each of them as there can be."""
        statements, alike = 0, dict[Counter, int]()
        for notes in answered:
            codes = notes.get("codes")
            code = worst(codes) if codes else "CLIENT_LEFT" if "client_left" in notes else "OK"
            operation = notes.get("operation", "")
            if code == "OK" and not operation:
                continue  # A browser has asked whether a page of another origin may ask.
            requests, seconds = self._series(operation, (notes.get("name") or "")[: _LONGEST_NAME + 1], code)
            alike[requests] = alike.get(requests, 0) + 1
            seconds.observe(notes["duration_ms"] / 1000)
            statements += notes.get("statements", 0)
            if "caller_looked_up" in notes:
                self._looked_up.inc()
            if notes.get("replayed"):
                self._replays.inc()
            if "limit" in notes:
                self._limits.labels(notes["limit"]).inc()
        self._statements.inc(statements)
        for requests, count in alike.items():
            requests.inc(count)

    def _made_series(self, operation: str, name: str, code: str) -> tuple[Counter, Histogram]:
        name = self._bounded(name)
        return self._requests.labels(operation, name, code), self._seconds.labels(operation, name)

    def _bounded(self, name: str) -> str:
        if name in self._names:
            return name
        name = without_tokens(name)
        if len(name) > _LONGEST_NAME or len(self._names) > _MOST_NAMES:
            return _OTHER
        self._names.add(name)
        return name


class _Resources:
    """What is looked at now and then: the pool, and how often what is kept of operations was of use."""

    def __init__(self, registry: CollectorRegistry, connections: Connections, kept: Kept) -> None:
        gauge = partial(Gauge, namespace="mes_orders", registry=registry, multiprocess_mode="livesum")
        counter = partial(Counter, namespace="mes_orders", registry=registry)
        pool = gauge("pool_connections", "Open connections to PostgreSQL.", ["state"])
        self._in_use, self._free = pool.labels("in_use"), pool.labels("free")
        self._most = gauge("pool_connections_max", "Most connections to PostgreSQL.")
        self._waiting = gauge("pool_waiting", "Requests that wait for a connection.")
        self._hits = counter("cache_hits", "Operations and plans that were kept from before.", ["cache"])
        self._misses = counter("cache_misses", "Operations and plans that had to be made.", ["cache"])
        self._connections, self._kept = connections, kept
        self._seen: dict[str, tuple[int, int]] = {}

    def look(self) -> None:
        self._in_use.set(self._connections.in_use)
        self._free.set(self._connections.free)
        self._most.set(self._connections.most)
        self._waiting.set(self._connections.waiting)
        for cache, kept in self._kept().items():
            hits, misses = self._seen.get(cache, (0, 0))
            self._hits.labels(cache).inc(kept.hits - hits)
            self._misses.labels(cache).inc(kept.misses - misses)
            self._seen[cache] = kept.hits, kept.misses


class _Processes(Collector):
    """Processor time, memory and files of each process that answers, by its number."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterator[Metric]:
        living = re.compile(_LIVING.format(r"(\d+)"))
        numbers = [found[1] for file in self._folder.iterdir() if (found := living.fullmatch(file.name))]
        families: dict[str, Metric] = {}
        for number in numbers:
            for family in ProcessCollector(pid=partial(str, number), registry=None).collect():
                told = families.setdefault(family.name, family)
                samples = [sample._replace(labels={"pid": number}) for sample in family.samples]
                told.samples = samples if told is family else [*told.samples, *samples]
        yield from families.values()
