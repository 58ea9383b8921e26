"""The materials of the plant, from raw milk to sliced cheese, in their tree of classes."""

from __future__ import annotations

from typing import NamedTuple

from db.demo.rows import Row, row, ulid
from db.demo.units import UNIT_IDS
from db.records import Material, MaterialClass

_CLASSES = (
    ("Raw Materials", "What the plant buys to make food of."),
    ("Raw Materials/Milk", "Milk as the farms deliver it."),
    ("Raw Materials/Cultures", "Living cultures and rennet."),
    ("Raw Materials/Fruit", "Fruit preparations and flavors."),
    ("Raw Materials/Additives", "Salt, sugar and what gives body."),
    ("Intermediates", "What the plant makes for its own lines."),
    ("Intermediates/Milk and Cream", "Pasteurized, standardized, cooled."),
    ("Intermediates/Cultured", "Fermented, ready to be filled."),
    ("Finished Goods", "What the customers buy."),
    ("Finished Goods/Milk and Cream", "Drinking milk and cream in cartons."),
    ("Finished Goods/Yogurt", "Yogurt and skyr in cups."),
    ("Finished Goods/Butter", "Butter, in bulk and wrapped."),
    ("Finished Goods/Cheese", "Cheese in wheels, sliced and grated."),
    ("By-products", "What comes out beside the product and is sold or fed."),
    ("Packaging", "What a product leaves the plant in."),
    ("Packaging/Primary", "What touches the food."),
    ("Packaging/Secondary", "Trays, cartons and labels."),
    ("Packaging/Transport", "Pallets and what holds the load."),
    ("Cleaning", "What cleans the lines between two orders."),
)


class _Material(NamedTuple):
    name: str
    material_class: str
    unit: str
    erp_id: str
    shelf_life_days: int | None
    description: str


_MATERIALS = (
    _Material("Farmhouse Butter", "Finished Goods/Butter", "kg", "WD-41001", 60, "Sour cream butter, 82 % fat, bulk."),
    _Material("Raw Milk", "Raw Materials/Milk", "L", "WD-10001", 3, "Cow's milk from farms within 40 km."),
    _Material("Organic Raw Milk", "Raw Materials/Milk", "L", "WD-10002", 3, "Cow's milk from certified organic farms."),
    _Material("Skim Milk Powder", "Raw Materials/Milk", "kg", "WD-10010", 540, "Low heat, for standardizing."),
    _Material("Yogurt Culture YC-11", "Raw Materials/Cultures", "g", "WD-11001", 365, "Freeze-dried, kept at -45 °C."),
    _Material("Skyr Culture SK-4", "Raw Materials/Cultures", "g", "WD-11002", 365, "Freeze-dried, kept at -45 °C."),
    _Material(
        "Cheese Culture LD-7", "Raw Materials/Cultures", "g", "WD-11003", 365, "Mesophilic, for semi-hard cheese."
    ),
    _Material("Rennet", "Raw Materials/Cultures", "mL", "WD-11010", 270, "Microbial, 1:15 000."),
    _Material("Strawberry Preparation", "Raw Materials/Fruit", "kg", "WD-12001", 120, "45 % fruit, in pieces."),
    _Material("Blueberry Preparation", "Raw Materials/Fruit", "kg", "WD-12002", 120, "40 % fruit, whole berries."),
    _Material("Açaí Preparation", "Raw Materials/Fruit", "kg", "WD-12003", 90, "30 % fruit, puréed."),
    _Material("Vanilla Extract", "Raw Materials/Fruit", "mL", "WD-12010", 720, "Bourbon vanilla."),
    _Material("Sugar", "Raw Materials/Additives", "kg", "WD-13001", None, "Beet sugar, fine."),
    _Material("Sea Salt", "Raw Materials/Additives", "kg", "WD-13002", None, "Without anti-caking agent."),
    _Material("Potato Starch", "Raw Materials/Additives", "kg", "WD-13003", 730, "Keeps grated cheese from clumping."),
    _Material("Calcium Chloride", "Raw Materials/Additives", "g", "WD-13004", 1095, "Firms the curd."),
    _Material("Pasteurized Whole Milk", "Intermediates/Milk and Cream", "L", "WD-20001", 5, "3.5 % fat, 4 °C."),
    _Material("Pasteurized Skim Milk", "Intermediates/Milk and Cream", "L", "WD-20002", 5, "0.1 % fat, 4 °C."),
    _Material("Cream 35 %", "Intermediates/Milk and Cream", "L", "WD-20003", 6, "From the separator, pasteurized."),
    _Material("Yogurt Base", "Intermediates/Cultured", "kg", "WD-21001", 4, "Stirred, 3.5 % fat, cooled to 20 °C."),
    _Material("Skyr Base", "Intermediates/Cultured", "kg", "WD-21002", 4, "11 % protein, cooled to 20 °C."),
    _Material("Crème Fraîche Base", "Intermediates/Cultured", "kg", "WD-21003", 4, "30 % fat, cooled to 12 °C."),
    _Material("Whole Milk 1 L", "Finished Goods/Milk and Cream", "pcs", "WD-40001", 14, "3.5 % fat, carton."),
    _Material("Skim Milk 1 L", "Finished Goods/Milk and Cream", "pcs", "WD-40002", 14, "0.1 % fat, carton."),
    _Material("Whipping Cream 200 mL", "Finished Goods/Milk and Cream", "pcs", "WD-40010", 21, "35 % fat, carton."),
    _Material("Natural Yogurt 150 g", "Finished Goods/Yogurt", "pcs", "WD-42001", 28, "3.5 % fat, cup."),
    _Material("Strawberry Yogurt 150 g", "Finished Goods/Yogurt", "pcs", "WD-42002", 28, "With strawberries, cup."),
    _Material("Blueberry Yogurt 150 g", "Finished Goods/Yogurt", "pcs", "WD-42003", 28, "With blueberries, cup."),
    _Material("Vanilla Yogurt 150 g", "Finished Goods/Yogurt", "pcs", "WD-42004", 28, "With Bourbon vanilla, cup."),
    _Material("Natural Yogurt 500 g", "Finished Goods/Yogurt", "pcs", "WD-42010", 28, "3.5 % fat, cup with lid."),
    _Material("Skyr 450 g", "Finished Goods/Yogurt", "pcs", "WD-42020", 30, "11 % protein, cup with lid."),
    _Material("Crème Fraîche 400 g", "Finished Goods/Yogurt", "pcs", "WD-42030", 30, "30 % fat, cup with lid."),
    _Material("Farmhouse Butter 250 g", "Finished Goods/Butter", "pcs", "WD-41010", 60, "Wrapped in foil."),
    _Material("Gouda Wheel", "Finished Goods/Cheese", "kg", "WD-43001", 180, "48 % fat in dry matter, 12 kg wheels."),
    _Material("Grünbacher Bergkäse", "Finished Goods/Cheese", "kg", "WD-43002", 300, "Mountain cheese, 6 months ripe."),
    _Material("Gouda Slices 150 g", "Finished Goods/Cheese", "pcs", "WD-43010", 70, "Ten slices in a tray."),
    _Material("Bergkäse Slices 150 g", "Finished Goods/Cheese", "pcs", "WD-43011", 70, "Eight slices in a tray."),
    _Material("Grated Gouda 200 g", "Finished Goods/Cheese", "pcs", "WD-43012", 60, "Bag, sealed under gas."),
    _Material("Buttermilk", "By-products", "L", "WD-50001", 4, "From the churn."),
    _Material("Sweet Whey", "By-products", "L", "WD-50002", 3, "From the vats, to the powder plant."),
    _Material("Acid Whey", "By-products", "L", "WD-50003", 2, "From the skyr separator, to the biogas plant."),
    _Material("Cheese Trimmings", "By-products", "kg", "WD-50004", 14, "From slicing, for processed cheese."),
    _Material(
        "Milk Carton 1 L", "Packaging/Primary", "pcs", "WD-30001", 540, "Gable top, board from certified forests."
    ),
    _Material("Cream Carton 200 mL", "Packaging/Primary", "pcs", "WD-30002", 540, "Gable top."),
    _Material("Screw Cap 33 mm", "Packaging/Primary", "pcs", "WD-30003", None, "Tethered."),
    _Material("Cup 150 g", "Packaging/Primary", "pcs", "WD-30010", None, "Polypropylene, 75 mm."),
    _Material("Cup 500 g", "Packaging/Primary", "pcs", "WD-30011", None, "Polypropylene, 95 mm."),
    _Material("Sealing Lid 75 mm", "Packaging/Primary", "pcs", "WD-30012", None, "Aluminum, printed."),
    _Material("Sealing Lid 95 mm", "Packaging/Primary", "pcs", "WD-30013", None, "Aluminum, printed."),
    _Material("Snap Lid 95 mm", "Packaging/Primary", "pcs", "WD-30014", None, "Recloses the large cup."),
    _Material("Butter Foil", "Packaging/Primary", "m", "WD-30020", None, "Aluminum on paper, 230 mm wide."),
    _Material("Tray Film", "Packaging/Primary", "m", "WD-30021", None, "Thermoforming, 420 mm wide."),
    _Material("Cheese Bag", "Packaging/Primary", "pcs", "WD-30022", None, "With zip."),
    _Material("Shipping Tray", "Packaging/Secondary", "pcs", "WD-31001", None, "Corrugated board, 400 x 300 mm."),
    _Material("Product Label", "Packaging/Secondary", "pcs", "WD-31010", 365, "Self-adhesive, printed on the line."),
    _Material("Euro Pallet", "Packaging/Transport", "pcs", "WD-32001", None, "Exchange pallet, 1200 x 800 mm."),
    _Material("Stretch Film", "Packaging/Transport", "m", "WD-32002", None, "500 mm wide, 17 µm."),
    _Material("Caustic Soda 2 %", "Cleaning", "L", "WD-60001", 365, "For cleaning in place."),
    _Material("Peracetic Acid", "Cleaning", "L", "WD-60002", 180, "Disinfects the fillers."),
)

CLASS_IDS = {path: ulid(MaterialClass, number) for number, (path, _) in enumerate(_CLASSES, 1)}

MATERIAL_IDS = {material.name: ulid(Material, number) for number, material in enumerate(_MATERIALS, 1)}
COUNTED_IN = {material.name: material.unit for material in _MATERIALS}
SHELF_LIFE_DAYS = {material.name: material.shelf_life_days for material in _MATERIALS}


def material_classes() -> list[Row]:
    """The tree of classes, each after its parent."""
    return [_class_row(number, *columns) for number, columns in enumerate(_CLASSES, 1)]


def materials() -> list[Row]:
    """What is bought, made and sold."""
    return [
        row(
            Material,
            number,
            name=material.name,
            description=material.description,
            path=f"/{material.material_class}/{material.name}",
            material_class_id=CLASS_IDS[material.material_class],
            erp_id=material.erp_id,
            unit_of_measure_id=UNIT_IDS[material.unit],
            shelf_life_days=material.shelf_life_days,
        )
        for number, material in enumerate(_MATERIALS, 1)
    ]


def _class_row(number: int, path: str, description: str) -> Row:
    parent, _, name = path.rpartition("/")
    parent_id = CLASS_IDS.get(parent)
    return row(MaterialClass, number, name=name, description=description, path=f"/{path}", parent_id=parent_id)
