"""What a run leaves behind: everything as JSON, a table, a plot."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from bench.measurement import Measurement, percentile
from bench.outcome import Results
from bench.plot import plot
from bench.table import table

_PERCENTILES = (50, 90, 99, 99.9, 100)


def write(results: Results, folder: Path) -> None:
    """Write the results, over those of the same day."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{results.date}.json").write_bytes(orjson.dumps(_raw(results), option=orjson.OPT_INDENT_2))
    (folder / "README.md").write_text(table(results), encoding="utf-8")
    (folder / "plot.svg").write_text(plot(results), encoding="utf-8")


def _raw(results: Results) -> dict[str, Any]:
    parts = {"main": results.main, "pages": results.pages, "sizes": results.sizes}
    return {
        "date": results.date,
        "plan": {name: value for name, value in asdict(results.plan).items() if name != "results"},
        "machine": results.machine,
        **{name: [_told(one) for one in measurements] for name, measurements in parts.items()},
    }


def _told(one: Measurement) -> dict[str, Any]:
    """A measurement with its percentiles in the place of all its latencies."""
    told = {**asdict(one), "rate": one.rate, "answered": len(one.latencies)}
    latencies = told.pop("latencies")
    told["latency"] = {f"p{percent:g}": percentile(latencies, percent) for percent in _PERCENTILES}
    return {**told.pop("point"), **told}
