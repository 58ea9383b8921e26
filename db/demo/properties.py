"""Properties of every data type, and the values that the orders have for them."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from db.demo.materials import SHELF_LIFE_DAYS
from db.demo.orders import Order, orders
from db.demo.property_rows import Given, property_row, property_value_row
from db.demo.rows import Row
from db.enumerations import ProductionOrderStatus
from db.records import ProductionOrderProperty, ProductionOrderPropertyValue

_PROPERTIES = (
    Given("Batch Number", "String", "Printed on every pack."),
    Given("Label Language", "String", "Language of the label.", options="[de, en, fr, nb, nl]", default="de"),
    Given("Allergen Note", "String", "What the label must warn of, beside milk.", nullable=True),
    Given("Operators", "Int", "People the line needs.", low_limit=1, high_limit=12, default=3),
    Given("Layers per Pallet", "Int", "How high a pallet is stacked.", options="4, 5, 6, 8", default=6),
    Given("Counter at Start", "Int", "Packs the line had ever made.", "pcs", low_limit=0, format="#,##0"),
    Given("Fat Content", "Float", "As the laboratory measured it.", "%", 0, 85, nullable=True, format="0.0"),
    Given("Heating Temperature", "Float", "Where the milk is held for 15 s.", "°C", 72, 95, default=74.5),
    Given("Filling Temperature", "Float", "Product temperature in the pack.", "°C", 2, 25, format="0.0"),
    Given("Line Pressure", "Float", "Pressure before the homogenizer.", "bar", options="1.5, 2.0, 2.5", default=2.0),
    Given("Organic", "Boolean", "Whether only organic milk may be used.", default=False),
    Given("Quality Release", "Boolean", "Whether quality has released it; unset until then.", nullable=True),
    Given("Best Before", "DateTime", "Printed on every pack.", format="yyyy-MM-dd"),
    Given("Sample Taken", "DateTime", "When the laboratory took its sample.", nullable=True),
    Given("Label Artwork", "Blob", "The label as an SVG image.", nullable=True, format="image/svg+xml"),
)


_FAT = {
    "Pasteurized Whole Milk": 3.5,
    "Pasteurized Skim Milk": 0.1,
    "Yogurt Base": 3.5,
    "Skyr Base": 0.2,
    "Crème Fraîche Base": 30.0,
    "Farmhouse Butter": 82.0,
    "Gouda Wheel": 28.4,
    "Grünbacher Bergkäse": 31.2,
}


def _every(_order: Order) -> bool:
    return True


def _filled(order: Order) -> bool:
    return order.filled


def _bulk(order: Order) -> bool:
    return not order.filled


def _fruity(order: Order) -> bool:
    return "berry" in order.run.material


_VALUES: tuple[tuple[str, Callable[[Order], bool], Callable[[Order], Any]], ...] = (
    ("Batch Number", _every, lambda order: f"G{order.planned:%y%m%d}-{order.number:03}"),
    ("Label Language", _filled, lambda order: ("de", "nb", "fr", "de", "en")[order.number % 5]),
    ("Allergen Note", _fruity, lambda order: "May contain traces of nuts." if order.number % 2 else None),
    ("Operators", _every, lambda order: 2 + order.number % 4),
    ("Layers per Pallet", _filled, lambda order: (4, 5, 6, 8)[order.number % 4]),
    ("Counter at Start", _filled, lambda order: 8_400_000_000 + order.number * 24_300),
    ("Fat Content", _bulk, lambda order: _FAT[order.run.material] + order.number % 3 / 10 if order.ended else None),
    ("Heating Temperature", _bulk, lambda order: 74.5 + order.number % 4 / 2),
    ("Filling Temperature", _filled, lambda order: 4.0 + order.number % 7 / 2),
    ("Line Pressure", _bulk, lambda order: (1.5, 2.0, 2.5)[order.number % 3]),
    ("Organic", _every, lambda order: "Bergkäse" in order.run.material),
    ("Quality Release", _every, lambda order: order.status is ProductionOrderStatus.CLOSED if order.ended else None),
    ("Best Before", _filled, lambda order: _instant(_best_before(order))),
    ("Sample Taken", _bulk, lambda order: _instant(order.started + timedelta(minutes=40)) if order.started else None),
    ("Label Artwork", _filled, lambda order: _artwork(order.run.material) if order.number % 4 else None),
)
"""The values of a property: which orders have one, and which it is."""

_WITHOUT_VALUES = (ProductionOrderStatus.IDLE, ProductionOrderStatus.CANCELLED)


def production_order_properties() -> list[Row]:
    """Some with limits, options, units or defaults; nobody has to have them."""
    return [property_row(ProductionOrderProperty, number, given) for number, given in enumerate(_PROPERTIES, 1)]


def production_order_property_values() -> list[Row]:
    """The values of the orders that are scheduled or were started."""
    rules = {
        given.name: property_row(ProductionOrderProperty, number, given) for number, given in enumerate(_PROPERTIES, 1)
    }
    values = (
        (order, rules[name], value(order))
        for order in orders()
        if order.status not in _WITHOUT_VALUES
        for name, has_one, value in _VALUES
        if has_one(order)
    )
    return [_value(number, *value) for number, value in enumerate(values, 1)]


def _value(number: int, order: Order, rules: Row, value: Any) -> Row:
    return property_value_row(
        ProductionOrderPropertyValue,
        number,
        rules,
        value,
        created_date=order.created,
        production_order_id=order.id,
    )


def _best_before(order: Order) -> datetime:
    midnight = order.planned.replace(hour=0, minute=0)
    return midnight + timedelta(days=SHELF_LIFE_DAYS[order.run.material] or 0)


def _instant(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"


def _artwork(material: str) -> str:
    """A label with the name on it, in base64."""
    label = f"<text x='8' y='32'>{material}</text>"
    image = f"<svg xmlns='http://www.w3.org/2000/svg' width='240' height='48'>{label}</svg>"
    return base64.b64encode(image.encode()).decode()
