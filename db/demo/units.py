"""The units in which the plant counts."""

from __future__ import annotations

from db.demo.rows import Row, row, ulid
from db.records import UnitOfMeasure

_UNITS = (
    ("kg", "Kilogram"),
    ("g", "Gram"),
    ("t", "Metric Ton"),
    ("L", "Liter"),
    ("mL", "Milliliter"),
    ("hL", "Hectoliter"),
    ("pcs", "Piece"),
    ("ctn", "Carton"),
    ("plt", "Pallet"),
    ("m", "Meter"),
    ("°C", "Degree Celsius"),
    ("%", "Percent"),
    ("bar", "Bar"),
    ("min", "Minute"),
)

UNIT_IDS = {symbol: ulid(UnitOfMeasure, number) for number, (symbol, _) in enumerate(_UNITS, 1)}


def units_of_measure() -> list[Row]:
    """Masses, volumes, counts, and what is measured on the way."""
    return [row(UnitOfMeasure, number, symbol=symbol, name=name) for number, (symbol, name) in enumerate(_UNITS, 1)]
