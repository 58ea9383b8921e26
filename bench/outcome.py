"""What a run has measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench.measurement import Measurement
from bench.plan import Plan


@dataclass(frozen=True)
class Results:
    """A run: `main` in the database of the plan, `pages` and `sizes` as one of the two grows."""

    date: str
    plan: Plan
    machine: dict[str, str]
    main: Sequence[Measurement]
    pages: Sequence[Measurement]
    sizes: Sequence[Measurement]
