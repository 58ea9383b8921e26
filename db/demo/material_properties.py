"""Properties of the materials, each of a class, and the values that the materials have for them."""

from __future__ import annotations

from typing import Any

from db.demo.materials import CLASS_IDS, MATERIAL_IDS
from db.demo.property_rows import Given, property_row, property_value_row
from db.demo.rows import Row
from db.records import MaterialProperty, MaterialPropertyValue

_PROPERTIES = (
    ("Finished Goods", Given("Allergens", "String", "What the label names.", default="milk")),
    ("Finished Goods", Given("Net Weight", "Float", "Weight in the pack.", "g", 0, format="0")),
    ("Finished Goods", Given("Storage Temperature", "Float", "The warmest it may be kept.", "°C", -25, 25, default=8)),
    ("Finished Goods/Cheese", Given("Ripening Days", "Int", "Days in the cellar.", low_limit=0, high_limit=1000)),
    ("Raw Materials/Milk", Given("Organic", "Boolean", "Whether the farms are certified.", default=False)),
    ("Raw Materials/Milk", Given("Fat Content", "Float", "By weight.", "%", 0, 100, nullable=True, format="0.0")),
    ("Packaging", Given("Recycling Code", "String", "As printed on it.", options="[PAP 20, PAP 81, PP 5, ALU 41]")),
)
"""The class that each property belongs to, and its rules."""

_VALUES = (
    ("Whole Milk 1 L", "Allergens", "milk"),
    ("Whole Milk 1 L", "Net Weight", 1030),
    ("Natural Yogurt 150 g", "Allergens", "milk"),
    ("Natural Yogurt 150 g", "Net Weight", 150),
    ("Strawberry Yogurt 150 g", "Net Weight", 150),
    ("Farmhouse Butter", "Storage Temperature", 6),
    ("Farmhouse Butter 250 g", "Net Weight", 250),
    ("Gouda Wheel", "Storage Temperature", 14),
    ("Gouda Wheel", "Ripening Days", 60),
    ("Grünbacher Bergkäse", "Ripening Days", 180),
    ("Raw Milk", "Organic", False),
    ("Raw Milk", "Fat Content", 4.1),
    ("Organic Raw Milk", "Organic", True),
    ("Organic Raw Milk", "Fat Content", None),
    ("Milk Carton 1 L", "Recycling Code", "PAP 81"),
    ("Cup 150 g", "Recycling Code", "PP 5"),
    ("Sealing Lid 75 mm", "Recycling Code", "ALU 41"),
    ("Shipping Tray", "Recycling Code", "PAP 20"),
)


def material_properties() -> list[Row]:
    """Some of a class with others below it, and some of a class at the end of the tree."""
    return list(_properties().values())


def material_property_values() -> list[Row]:
    """A value for some of the materials of each class."""
    rules = _properties()
    return [_value(number, rules[name], material, value) for number, (material, name, value) in enumerate(_VALUES, 1)]


def _properties() -> dict[str, Row]:
    return {
        given.name: property_row(MaterialProperty, number, given, material_class_id=CLASS_IDS[material_class])
        for number, (material_class, given) in enumerate(_PROPERTIES, 1)
    }


def _value(number: int, rules: Row, material: str, value: Any) -> Row:
    return property_value_row(MaterialPropertyValue, number, rules, value, material_id=MATERIAL_IDS[material])
