"""The results as a picture: SVG by hand, with a ground of its own, readable in light and in dark."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from bench.measurement import Measurement, Point, summaries
from bench.outcome import Results
from bench.peer import OURS, PEERS
from bench.workload import WORKLOADS

_WIDTH = 1_200
_MARGIN = 28
_GAP = 44
_ROW = 34
_COLOURS = {
    "mes-orders": ("#0a62c4", "#6db1ff"),
    "bare": ("#6b7280", "#a3abb8"),
    "bare-reset": ("#9aa1ad", "#757d8a"),
    "postgraphile": ("#0b8457", "#4fcf9d"),
    "mercurius": ("#c2410c", "#ff9a62"),
    "strawberry": ("#a8327d", "#f08bc8"),
}
"""Of each peer, on a light ground and on a dark one."""


@dataclass(frozen=True)
class Box:
    """A place in the picture."""

    x: float
    y: float
    width: float
    height: float


def plot(results: Results) -> str:
    """The picture."""
    bars_height = len(PEERS) * _ROW + 58
    charts = _charts(results)
    charts_y = 118 + bars_height + 40
    height = charts_y + (272 if charts else -16)
    parts = [*_title(results), *_bars(results, 118)]
    if charts:
        width = (_WIDTH - 2 * _MARGIN - (len(charts) - 1) * _GAP) / len(charts)
        for place, chart in enumerate(charts):
            parts += chart(Box(_MARGIN + place * (width + _GAP), charts_y, width, 210))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" '
        f'role="img" aria-label="Requests a second of MES Orders and its peers">\n{_style()}\n'
        f'<rect class="ground" width="{_WIDTH}" height="{height}" rx="10"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _style() -> str:
    light = "".join(f".{peer}{{--c:{colours[0]}}}" for peer, colours in _COLOURS.items())
    dark = "".join(f".{peer}{{--c:{colours[1]}}}" for peer, colours in _COLOURS.items())
    return (
        "<style>"
        "svg{--ground:#fff;--ink:#1b1f27;--soft:#596273;--rule:#dfe3ea}"
        f"{light}"
        "@media (prefers-color-scheme:dark){"
        f"svg{{--ground:#14181f;--ink:#eef1f6;--soft:#a7b0bf;--rule:#303744}}{dark}}}"
        "text{font:13px system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;fill:var(--ink)}"
        ".ground{fill:var(--ground)}.head{font-size:20px;font-weight:600}.name{font-weight:600;font-size:14px}"
        ".soft{fill:var(--soft)}.small{font-size:11.5px;fill:var(--soft)}.ours{font-weight:600}"
        ".rule{stroke:var(--rule);stroke-width:1}.bar{fill:var(--c)}.more{fill:var(--c);opacity:.45}"
        ".line{fill:none;stroke:var(--c);stroke-width:2.2}.dot{fill:var(--c);stroke:var(--ground);stroke-width:1.2}"
        "</style>"
    )


def _title(results: Results) -> list[str]:
    plan = results.plan
    first, *more = plan.connections
    about = (
        f"{plan.orders:,} orders; {plan.rounds} rounds of {plan.seconds:g} s, peers in turns, medians; load, server "
        f"and database on the same {results.machine['Processor'].split(', ')[1]}; {results.date}"
    )
    bars = f"Bars: {first} connections" + "".join(f"; below, thinner: {one}" for one in more[:1])
    legend_x = float(_MARGIN)
    parts = [
        _text(_MARGIN, 42, "Requests a second: more is better", "head"),
        _text(_MARGIN, 64, about, "soft"),
    ]
    for peer in PEERS:
        parts.append(
            f'<g class="{peer.key}"><rect class="bar" x="{legend_x}" y="80" width="12" height="12" rx="3"/></g>'
        )
        parts.append(_text(legend_x + 18, 91, peer.title, "ours" if peer is OURS else ""))
        legend_x += 50 + 7.6 * len(peer.title)
    parts.append(_text(_WIDTH - _MARGIN, 64, bars, "small", anchor="end"))
    return parts


def _bars(results: Results, top: float) -> list[str]:
    """A panel of bars for each workload."""
    width = (_WIDTH - 2 * _MARGIN - (len(WORKLOADS) - 1) * _GAP) / len(WORKLOADS)
    found = {
        (point.workload, point.connections, point.peer): summary for point, summary in summaries(results.main).items()
    }
    parts = []
    shown = results.plan.connections[:2]
    for place, workload in enumerate(WORKLOADS.values()):
        left = _MARGIN + place * (width + _GAP)
        most = max(found[workload.key, one, peer.key].rate for one in shown for peer in PEERS) or 1
        parts += [
            _text(left, top + 24, workload.key, "name"),
            _text(left + 30, top + 24, workload.title, "small"),
            f'<line class="rule" x1="{left}" y1="{top + 34}" x2="{left}" y2="{top + 40 + len(PEERS) * _ROW}"/>',
        ]
        for row, peer in enumerate(PEERS):
            y = top + 40 + row * _ROW
            rates = [found[workload.key, one, peer.key].rate for one in shown]
            parts.append(f'<g class="{peer.key}">')
            for kind, thick, shift, rate in zip(("bar", "more"), (16, 7), (2, 19), rates, strict=False):
                long = max(1.5, (width - 62) * rate / most)
                parts.append(
                    f'<rect class="{kind}" x="{left}" y="{y + shift}" width="{long:.1f}" height="{thick}" rx="2"/>'
                )
            beside = left + max(1.5, (width - 62) * max(rates) / most) + 7
            parts += ["</g>", _text(beside, y + 15, _figure(rates[0]), "ours" if peer is OURS else "")]
    return parts


def _charts(results: Results) -> list[Callable[[Box], list[str]]]:
    """The curves that there are measurements for."""
    found: list[Callable[[Box], list[str]]] = []
    if len({one.point.page_size for one in results.pages}) > 1:
        found.append(_chart("W2", "orders a page", results.pages, lambda point: point.page_size))
    for workload in WORKLOADS:
        grown = [one for one in results.sizes if one.point.workload == workload]
        if len({one.point.orders for one in grown}) > 1:
            found.append(_chart(workload, "orders in the database", grown, lambda point: point.orders))
    return found


def _chart(
    workload: str, axis: str, measurements: Sequence[Measurement], grown: Callable[[Point], int]
) -> Callable[[Box], list[str]]:
    rates = {(point.peer, grown(point)): summary.rate for point, summary in summaries(measurements).items()}
    sizes = sorted({size for _, size in rates})
    connections = measurements[0].point.connections
    powers = [math.log10(rate) for rate in rates.values() if rate]
    low, high = math.floor(min(powers)), math.ceil(max(powers))
    first, last = math.log10(sizes[0]), math.log10(sizes[-1])

    def drawn(box: Box) -> list[str]:
        left, width = box.x + 44, box.width - 56

        def across(size: int) -> float:
            return left + width * (math.log10(size) - first) / (last - first)

        def up(power: float) -> float:
            return box.y + 34 + (box.height - 40) * (1 - (power - low) / (high - low))

        parts = [
            _text(box.x, box.y + 8, workload, "name"),
            _text(box.x + 30, box.y + 8, f"requests/s, {connections} connections", "small"),
            *_rules(left, width, range(low, high + 1), up),
            *(_text(across(size), up(low) + 20, _short(size), "small", anchor="middle") for size in sizes),
            _text(left + width / 2, up(low) + 40, axis, "small", anchor="middle"),
        ]
        # Ours last, so that it lies on top.
        for peer in [*PEERS[1:], OURS]:
            points = [(across(size), up(math.log10(rates[peer.key, size]))) for size in sizes if rates[peer.key, size]]
            parts.append(f'<g class="{peer.key}">')
            parts.append(f'<polyline class="line" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}"/>')
            parts += [f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="4"/>' for x, y in points]
            parts.append("</g>")
        return parts

    return drawn


def _rules(left: float, width: float, powers: Iterable[int], up: Callable[[float], float]) -> Iterable[str]:
    for power in powers:
        y = up(power)
        yield f'<line class="rule" x1="{left}" y1="{y:.1f}" x2="{left + width:.1f}" y2="{y:.1f}"/>'
        yield _text(left - 8, y + 4, _short(10**power), "small", anchor="end")


def _text(x: float, y: float, text: str, kind: str = "", *, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{escape(text)}</text>'


def _figure(rate: float) -> str:
    return f"{rate:,.0f}" if rate >= 10 else f"{rate:.1f}"  # noqa: PLR2004


def _short(value: float) -> str:
    """A power of ten, or what is near it, in as few letters as it takes."""
    for size, letter in ((1_000_000, "M"), (1_000, "k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"
