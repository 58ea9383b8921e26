"""The results as a page of tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from bench.measurement import Measurement, Point, Summary, summaries
from bench.outcome import Results
from bench.peer import OURS, PEERS, Peer
from bench.workload import WORKLOADS, Workload

_MEBIBYTE = 2**20
_HEAD = ("", "requests/s", "MES Orders has", "p50 ms", "p99 ms", "CPU ms a request: server", "PostgreSQL")
_READING = (
    "Requests a second are those of the median round; what MES Orders has is the median of the ratios within a round; "
    "a percentile is of all requests of all rounds. Processor time is of the server's processes and of all of "
    "PostgreSQL's; memory is resident, and of the backends what they share with nobody, each the most of all rounds."
)
_MEMORY_HEAD = ("", "server, MiB", "its PostgreSQL backends, MiB")


def table(results: Results) -> str:
    """The page."""
    return "\n".join(
        [
            "# Measured",
            "",
            *_about(results),
            "",
            "![Requests a second of each peer, and how they change as pages and databases grow](plot.svg)",
            "",
            *_main(results),
            *_growth("W2, orders a page", results.pages, lambda point: point.page_size),
            *(
                line
                for workload in WORKLOADS
                for line in _growth(
                    f"{workload}, orders in the database",
                    [one for one in results.sizes if one.point.workload == workload],
                    lambda point: point.orders,
                )
            ),
            "## The machine",
            "",
            *_rows(("", ""), results.machine.items()),
            "",
        ]
    )


def _about(results: Results) -> list[str]:
    plan = results.plan
    how = (
        f"{results.date}, by `bench/run`: {plan.rounds} rounds of {plan.seconds:g} s, in which the peers take turns, "
        f"each warm; {plan.orders:,} orders. All peers gave the same answers before."
    )
    return [how, "", _READING, "", _load(results)]


def _load(results: Results) -> str:
    """How far the load is from being what is measured."""
    point = _point(results, "bare", WORKLOADS["W4"], results.plan.connections[0])
    each = summaries(results.main)[point].cpu("load")
    return (
        f"The load itself takes {each * 1e6:.0f} µs of a core for a W4 of the bare statement, so it could ask "
        f"{1 / each:,.0f} times a second. It is a batch process: it pushes no server aside that answers it."
    )


def _main(results: Results) -> Iterable[str]:
    found = summaries(results.main)
    for workload in WORKLOADS.values():
        for connections in results.plan.connections:
            ours = found[_point(results, OURS.key, workload, connections)]
            yield from ("", f"## {workload.key}, {workload.title}: {connections} connections", "")
            yield from _rows(
                _HEAD,
                (_measured(peer, found[_point(results, peer.key, workload, connections)], ours) for peer in PEERS),
            )
    yield from ("", "## Memory", "")
    yield from _rows(_MEMORY_HEAD, (_memory(peer, results.main) for peer in PEERS))
    yield ""


def _point(results: Results, peer: str, workload: Workload, connections: int) -> Point:
    sizes = {one.point.page_size for one in results.main}
    return Point(
        peer=peer, workload=workload.key, connections=connections, orders=results.plan.orders, page_size=sizes.pop()
    )


def _measured(peer: Peer, summary: Summary, ours: Summary) -> tuple[str, ...]:
    failed = f" ({summary.failed} failed)" if summary.failed else ""
    return (
        peer.title,
        f"{_number(summary.rate)}{failed}",
        "" if summary is ours else f"{ours.ratio(summary):.2f} x",
        *(_number(summary.latency(percent) * 1_000) for percent in (50, 99)),
        *(f"{summary.cpu(of) * 1_000:.2f}" for of in ("server", "database")),
    )


def _memory(peer: Peer, measurements: Sequence[Measurement]) -> tuple[str, ...]:
    summary = Summary([one for one in measurements if one.point.peer == peer.key])
    return (peer.title, *(f"{summary.most_bytes(of) / _MEBIBYTE:.0f}" for of in ("server", "backends")))


def _growth(title: str, measurements: Sequence[Measurement], grown: Callable[[Point], int]) -> Iterable[str]:
    """Requests a second (p50 ms) of each peer, as something grows, and what the last of it costs beside the first.

    That is the median of the ratios within a round.
    """
    if not measurements:
        return
    found = {(point.peer, grown(point)): summary for point, summary in summaries(measurements).items()}
    sizes = sorted({size for _, size in found})
    yield from (f"## {title}: requests/s (p50 ms)", "")
    yield from _rows(
        ("", *(f"{size:,}" for size in sizes), "the last costs"),
        (
            (
                peer.title,
                *(_cell(found[peer.key, size]) for size in sizes),
                f"{found[peer.key, sizes[0]].ratio(found[peer.key, sizes[-1]]):.2f} x",
            )
            for peer in PEERS
        ),
    )
    yield ""


def _cell(summary: Summary) -> str:
    failed = f", {summary.failed} failed" if summary.failed else ""
    return f"{_number(summary.rate)} ({_number(summary.latency(50) * 1_000)}{failed})"


def _number(value: float) -> str:
    """Three figures, which is more than two rounds agree in."""
    digits = 0 if value >= 100 else 1 if value >= 10 else 2  # noqa: PLR2004
    return f"{value:,.{digits}f}"


def _rows(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    rule = ["---", *["---:"] * (len(head) - 1)]
    return [f"| {' | '.join(cells)} |" for cells in (head, rule, *rows)]
