"""How the plant converts its units, some of them of one material only."""

from __future__ import annotations

from db.demo.materials import MATERIAL_IDS
from db.demo.rows import Row, row
from db.demo.units import UNIT_IDS
from db.records import UnitOfMeasureConversion

_CONVERSIONS: tuple[tuple[str, str, float, str | None], ...] = (
    ("kg", "g", 1000, None),
    ("t", "kg", 1000, None),
    ("L", "mL", 1000, None),
    ("hL", "L", 100, None),
    ("L", "kg", 1.030, "Raw Milk"),
    ("L", "kg", 1.030, "Organic Raw Milk"),
    ("L", "kg", 1.032, "Pasteurized Whole Milk"),
    ("L", "kg", 1.035, "Pasteurized Skim Milk"),
    ("L", "kg", 0.995, "Cream 35 %"),
    ("L", "kg", 1.026, "Sweet Whey"),
    ("ctn", "pcs", 12, "Whole Milk 1 L"),
    ("ctn", "pcs", 12, "Skim Milk 1 L"),
    ("ctn", "pcs", 20, "Natural Yogurt 150 g"),
    ("ctn", "pcs", 20, "Strawberry Yogurt 150 g"),
    ("ctn", "pcs", 6, "Natural Yogurt 500 g"),
    ("ctn", "pcs", 6, "Skyr 450 g"),
    ("ctn", "pcs", 40, "Farmhouse Butter 250 g"),
    ("plt", "ctn", 60, "Whole Milk 1 L"),
    ("plt", "ctn", 96, "Natural Yogurt 150 g"),
    ("pcs", "g", 250, "Farmhouse Butter 250 g"),
)
"""One of the first unit is so many of the second: of every material, or of one."""


def unit_of_measure_conversions() -> list[Row]:
    """Masses and volumes for every material; densities and packs for those that have them."""
    return [
        row(
            UnitOfMeasureConversion,
            number,
            from_id=UNIT_IDS[from_],
            to_id=UNIT_IDS[to],
            conversion_factor=float(factor),
            material_id=MATERIAL_IDS[material] if material else None,
        )
        for number, (from_, to, factor, material) in enumerate(_CONVERSIONS, 1)
    ]
