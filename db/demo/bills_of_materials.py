"""What goes into an order and what comes out beside its product, by the recipe of the product."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from db.demo.materials import COUNTED_IN, MATERIAL_IDS
from db.demo.orders import Order, orders
from db.demo.rows import Row, row
from db.demo.units import UNIT_IDS
from db.enumerations import MaterialType, ProductionOrderStatus
from db.records import BillOfMaterialsItem


class _Line(NamedTuple):
    product: str
    material: str
    quantity: float
    group: str
    type: str = "COMPONENT"


_RECIPES = (
    _Line("Pasteurized Whole Milk", "Raw Milk", 1.03, "Milk"),
    _Line("Pasteurized Whole Milk", "Cream 35 %", 0.018, "Cream", "BYPRODUCT"),
    _Line("Pasteurized Skim Milk", "Raw Milk", 1.12, "Milk"),
    _Line("Pasteurized Skim Milk", "Cream 35 %", 0.105, "Cream", "BYPRODUCT"),
    _Line("Yogurt Base", "Pasteurized Whole Milk", 0.95, "Milk"),
    _Line("Yogurt Base", "Skim Milk Powder", 0.028, "Milk"),
    _Line("Yogurt Base", "Yogurt Culture YC-11", 0.2, "Cultures"),
    _Line("Skyr Base", "Pasteurized Skim Milk", 3.6, "Milk"),
    _Line("Skyr Base", "Skyr Culture SK-4", 0.25, "Cultures"),
    _Line("Skyr Base", "Rennet", 0.05, "Cultures"),
    _Line("Skyr Base", "Acid Whey", 2.6, "Whey", "BYPRODUCT"),
    _Line("Crème Fraîche Base", "Cream 35 %", 0.99, "Cream"),
    _Line("Crème Fraîche Base", "Yogurt Culture YC-11", 0.15, "Cultures"),
    _Line("Farmhouse Butter", "Cream 35 %", 2.35, "Cream"),
    _Line("Farmhouse Butter", "Yogurt Culture YC-11", 0.1, "Cultures"),
    _Line("Farmhouse Butter", "Buttermilk", 1.3, "Buttermilk", "BYPRODUCT"),
    _Line("Farmhouse Butter 250 g", "Farmhouse Butter", 0.2515, "Butter"),
    _Line("Farmhouse Butter 250 g", "Butter Foil", 0.185, "Packaging"),
    _Line("Farmhouse Butter 250 g", "Shipping Tray", 0.05, "Packaging"),
    _Line("Whole Milk 1 L", "Pasteurized Whole Milk", 1.004, "Milk"),
    _Line("Whole Milk 1 L", "Milk Carton 1 L", 1.01, "Packaging"),
    _Line("Whole Milk 1 L", "Screw Cap 33 mm", 1.005, "Packaging"),
    _Line("Whole Milk 1 L", "Shipping Tray", 0.1, "Packaging"),
    _Line("Skim Milk 1 L", "Pasteurized Skim Milk", 1.004, "Milk"),
    _Line("Skim Milk 1 L", "Milk Carton 1 L", 1.01, "Packaging"),
    _Line("Skim Milk 1 L", "Screw Cap 33 mm", 1.005, "Packaging"),
    _Line("Skim Milk 1 L", "Shipping Tray", 0.1, "Packaging"),
    _Line("Whipping Cream 200 mL", "Cream 35 %", 0.202, "Cream"),
    _Line("Whipping Cream 200 mL", "Cream Carton 200 mL", 1.01, "Packaging"),
    _Line("Whipping Cream 200 mL", "Shipping Tray", 0.04, "Packaging"),
    _Line("Natural Yogurt 150 g", "Yogurt Base", 0.151, "Base"),
    _Line("Natural Yogurt 150 g", "Cup 150 g", 1.01, "Packaging"),
    _Line("Natural Yogurt 150 g", "Sealing Lid 75 mm", 1.02, "Packaging"),
    _Line("Natural Yogurt 150 g", "Shipping Tray", 0.05, "Packaging"),
    _Line("Strawberry Yogurt 150 g", "Yogurt Base", 0.124, "Base"),
    _Line("Strawberry Yogurt 150 g", "Strawberry Preparation", 0.027, "Fruit"),
    _Line("Strawberry Yogurt 150 g", "Cup 150 g", 1.01, "Packaging"),
    _Line("Strawberry Yogurt 150 g", "Sealing Lid 75 mm", 1.02, "Packaging"),
    _Line("Strawberry Yogurt 150 g", "Shipping Tray", 0.05, "Packaging"),
    _Line("Blueberry Yogurt 150 g", "Yogurt Base", 0.124, "Base"),
    _Line("Blueberry Yogurt 150 g", "Blueberry Preparation", 0.027, "Fruit"),
    _Line("Blueberry Yogurt 150 g", "Cup 150 g", 1.01, "Packaging"),
    _Line("Blueberry Yogurt 150 g", "Sealing Lid 75 mm", 1.02, "Packaging"),
    _Line("Blueberry Yogurt 150 g", "Shipping Tray", 0.05, "Packaging"),
    _Line("Vanilla Yogurt 150 g", "Yogurt Base", 0.139, "Base"),
    _Line("Vanilla Yogurt 150 g", "Sugar", 0.012, "Sugar"),
    _Line("Vanilla Yogurt 150 g", "Vanilla Extract", 0.3, "Fruit"),
    _Line("Vanilla Yogurt 150 g", "Cup 150 g", 1.01, "Packaging"),
    _Line("Vanilla Yogurt 150 g", "Sealing Lid 75 mm", 1.02, "Packaging"),
    _Line("Vanilla Yogurt 150 g", "Shipping Tray", 0.05, "Packaging"),
    _Line("Natural Yogurt 500 g", "Yogurt Base", 0.503, "Base"),
    _Line("Natural Yogurt 500 g", "Cup 500 g", 1.01, "Packaging"),
    _Line("Natural Yogurt 500 g", "Sealing Lid 95 mm", 1.02, "Packaging"),
    _Line("Natural Yogurt 500 g", "Snap Lid 95 mm", 1.005, "Packaging"),
    _Line("Skyr 450 g", "Skyr Base", 0.453, "Base"),
    _Line("Skyr 450 g", "Cup 500 g", 1.01, "Packaging"),
    _Line("Skyr 450 g", "Sealing Lid 95 mm", 1.02, "Packaging"),
    _Line("Skyr 450 g", "Snap Lid 95 mm", 1.005, "Packaging"),
    _Line("Crème Fraîche 400 g", "Crème Fraîche Base", 0.403, "Base"),
    _Line("Crème Fraîche 400 g", "Cup 500 g", 1.01, "Packaging"),
    _Line("Crème Fraîche 400 g", "Sealing Lid 95 mm", 1.02, "Packaging"),
    _Line("Crème Fraîche 400 g", "Snap Lid 95 mm", 1.005, "Packaging"),
    _Line("Gouda Wheel", "Raw Milk", 9.8, "Milk"),
    _Line("Gouda Wheel", "Cheese Culture LD-7", 0.9, "Cultures"),
    _Line("Gouda Wheel", "Rennet", 2.4, "Cultures"),
    _Line("Gouda Wheel", "Calcium Chloride", 1.1, "Additives"),
    _Line("Gouda Wheel", "Sea Salt", 0.021, "Additives"),
    _Line("Gouda Wheel", "Sweet Whey", 8.6, "Whey", "BYPRODUCT"),
    _Line("Grünbacher Bergkäse", "Organic Raw Milk", 11.2, "Milk"),
    _Line("Grünbacher Bergkäse", "Cheese Culture LD-7", 0.8, "Cultures"),
    _Line("Grünbacher Bergkäse", "Rennet", 2.6, "Cultures"),
    _Line("Grünbacher Bergkäse", "Sea Salt", 0.018, "Additives"),
    _Line("Grünbacher Bergkäse", "Sweet Whey", 9.9, "Whey", "BYPRODUCT"),
    _Line("Gouda Slices 150 g", "Gouda Wheel", 0.162, "Cheese"),
    _Line("Gouda Slices 150 g", "Tray Film", 0.24, "Packaging"),
    _Line("Gouda Slices 150 g", "Product Label", 1.01, "Packaging"),
    _Line("Gouda Slices 150 g", "Cheese Trimmings", 0.01, "Trimmings", "BYPRODUCT"),
    _Line("Bergkäse Slices 150 g", "Grünbacher Bergkäse", 0.165, "Cheese"),
    _Line("Bergkäse Slices 150 g", "Tray Film", 0.24, "Packaging"),
    _Line("Bergkäse Slices 150 g", "Product Label", 1.01, "Packaging"),
    _Line("Bergkäse Slices 150 g", "Cheese Trimmings", 0.013, "Trimmings", "BYPRODUCT"),
    _Line("Grated Gouda 200 g", "Gouda Wheel", 0.196, "Cheese"),
    _Line("Grated Gouda 200 g", "Potato Starch", 0.006, "Additives"),
    _Line("Grated Gouda 200 g", "Cheese Bag", 1.01, "Packaging"),
)
"""What one unit of a product takes, each in the unit that the material is counted in."""


def bills_of_materials() -> list[Row]:
    """The product itself at position 0, then its recipe; orders that are still idle have none."""
    recipes = {product: list(lines) for product, lines in groupby(_RECIPES, attrgetter("product"))}
    items = (
        item
        for order in orders()
        if order.status is not ProductionOrderStatus.IDLE
        for item in _items(order, recipes[order.run.material])
    )
    return [
        row(BillOfMaterialsItem, number, created_date=order.created, **_fields(order, position, line))
        for number, (order, position, line) in enumerate(items, 1)
    ]


def _items(order: Order, recipe: list[_Line]) -> Iterator[tuple[Order, int, _Line]]:
    product = _Line(order.run.material, order.run.material, 1.0, "Product", "PRODUCT")
    return ((order, position, line) for position, line in enumerate([product, *recipe]))


def _fields(order: Order, position: int, line: _Line) -> Row:
    return {
        "production_order_id": order.id,
        "product_id": MATERIAL_IDS[line.product],
        "material_id": MATERIAL_IDS[line.material],
        "unit_of_measure_id": UNIT_IDS[COUNTED_IN[line.material]],
        "quantity_per_produced_unit": line.quantity,
        "quantity_order": round(line.quantity * order.quantity, 6),
        "position": position,
        "material_group": line.group,
        "material_type": MaterialType(line.type),
    }
