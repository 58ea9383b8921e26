"""The places of the plant, from the enterprise down to the rack."""

from __future__ import annotations

from typing import NamedTuple

from db.demo.rows import Row, row, ulid
from db.demo.units import UNIT_IDS
from db.enumerations import LocationType, LotStorageStrategy, LotUseStrategy, ProcessType
from db.records import Location


class _Place(NamedTuple):
    path: str
    type: str
    process_type: str
    description: str


_PLACES = (
    _Place("/Weidenhof", "ENTERPRISE", "NONE", "A family of small dairies."),
    _Place("/Weidenhof/Grünbach", "SITE", "NONE", "The main plant: milk, yogurt, butter and cheese."),
    _Place("/Weidenhof/Grünbach/Milk Reception", "AREA", "NONE", "Where the tankers are emptied."),
    _Place("/Weidenhof/Grünbach/Milk Reception/Tanker Bay 1", "UNIT", "BATCH", "Scale, sampling, unloading pump."),
    _Place("/Weidenhof/Grünbach/Milk Reception/Raw Milk Silo 1", "STORAGE_UNIT", "NONE", "Conventional milk."),
    _Place("/Weidenhof/Grünbach/Milk Reception/Raw Milk Silo 2", "STORAGE_UNIT", "NONE", "Organic milk."),
    _Place("/Weidenhof/Grünbach/Processing", "AREA", "NONE", "Heating, separating, fermenting, churning."),
    _Place("/Weidenhof/Grünbach/Processing/Pasteurizer", "PRODUCTION_UNIT", "CONTINUOUS", "Separator and heater."),
    _Place("/Weidenhof/Grünbach/Processing/Fermentation", "PROCESS_CELL", "BATCH", "Three tanks with one cooler."),
    _Place("/Weidenhof/Grünbach/Processing/Fermentation/Tank F1", "UNIT", "BATCH", "10 000 L, for yogurt."),
    _Place("/Weidenhof/Grünbach/Processing/Fermentation/Tank F2", "UNIT", "BATCH", "10 000 L, for yogurt."),
    _Place("/Weidenhof/Grünbach/Processing/Fermentation/Tank F3", "UNIT", "BATCH", "6 000 L, for skyr and cream."),
    _Place("/Weidenhof/Grünbach/Processing/Butter Line", "LINE", "CONTINUOUS", "Churn, silo and wrapper."),
    _Place("/Weidenhof/Grünbach/Processing/Butter Line/Churn", "CELL", "CONTINUOUS", "400 kg of butter an hour."),
    _Place("/Weidenhof/Grünbach/Processing/Butter Line/Wrapper", "CELL", "DISCRETE", "60 blocks a minute."),
    _Place("/Weidenhof/Grünbach/Filling", "AREA", "NONE", "Clean rooms with three lines."),
    _Place("/Weidenhof/Grünbach/Filling/Carton Line", "LINE", "DISCRETE", "Milk and cream in gable top cartons."),
    _Place("/Weidenhof/Grünbach/Filling/Cup Line 1", "LINE", "DISCRETE", "Small cups, eight lanes."),
    _Place("/Weidenhof/Grünbach/Filling/Cup Line 1/Filler", "CELL", "DISCRETE", "Doses base and fruit."),
    _Place("/Weidenhof/Grünbach/Filling/Cup Line 1/Sealer", "CELL", "DISCRETE", "Seals and prints the date."),
    _Place("/Weidenhof/Grünbach/Filling/Cup Line 1/Packer", "CELL", "DISCRETE", "Twenty cups in a tray."),
    _Place("/Weidenhof/Grünbach/Filling/Cup Line 2", "LINE", "DISCRETE", "Large cups with snap lids, four lanes."),
    _Place("/Weidenhof/Grünbach/Filling/Cup Line 2/Filler", "CELL", "DISCRETE", "Doses and checks the weight."),
    _Place("/Weidenhof/Grünbach/Filling/Cup Line 2/Packer", "CELL", "DISCRETE", "Six cups in a tray."),
    _Place("/Weidenhof/Grünbach/Cheese Dairy", "AREA", "NONE", "From the vat to the sliced pack."),
    _Place("/Weidenhof/Grünbach/Cheese Dairy/Vats", "PROCESS_CELL", "BATCH", "Two vats and a press."),
    _Place("/Weidenhof/Grünbach/Cheese Dairy/Vats/Vat 1", "UNIT", "BATCH", "8 000 L, copper."),
    _Place("/Weidenhof/Grünbach/Cheese Dairy/Vats/Vat 2", "UNIT", "BATCH", "8 000 L, steel."),
    _Place("/Weidenhof/Grünbach/Cheese Dairy/Käsekeller", "STORAGE_ZONE", "NONE", "Ripening at 14 °C on spruce."),
    _Place("/Weidenhof/Grünbach/Cheese Dairy/Slicing Line", "LINE", "DISCRETE", "Slices, grates and packs."),
    _Place("/Weidenhof/Grünbach/Warehouse", "AREA", "NONE", "Everything that waits."),
    _Place("/Weidenhof/Grünbach/Warehouse/Cold Store", "STORAGE_ZONE", "NONE", "Finished goods at 4 °C."),
    _Place("/Weidenhof/Grünbach/Warehouse/Cold Store/Rack A", "STORAGE_UNIT", "NONE", "Milk, cream, yogurt."),
    _Place("/Weidenhof/Grünbach/Warehouse/Cold Store/Rack B", "STORAGE_UNIT", "NONE", "Butter and cheese."),
    _Place("/Weidenhof/Grünbach/Warehouse/Dry Store", "STORAGE_ZONE", "NONE", "Sugar, salt, powders, cultures."),
    _Place("/Weidenhof/Grünbach/Warehouse/Packaging Store", "STORAGE_ZONE", "NONE", "Cups, lids, cartons, film."),
    _Place("/Weidenhof/Sankt Valerian", "SITE", "NONE", "Distribution center in the south."),
    _Place("/Weidenhof/Sankt Valerian/Cross Dock", "STORAGE_ZONE", "NONE", "Twelve gates, nothing stays overnight."),
)

_STORES = {
    "/Weidenhof/Grünbach/Milk Reception/Raw Milk Silo 1": (120_000, "L", "MULTIPLE_LOTS", "FIFO"),
    "/Weidenhof/Grünbach/Milk Reception/Raw Milk Silo 2": (60_000, "L", "SINGLE_LOT", "FIFO"),
    "/Weidenhof/Grünbach/Processing/Fermentation/Tank F1": (10_000, "L", "SINGLE_LOT", "FIFO"),
    "/Weidenhof/Grünbach/Processing/Fermentation/Tank F2": (10_000, "L", "SINGLE_LOT", "FIFO"),
    "/Weidenhof/Grünbach/Processing/Fermentation/Tank F3": (6_000, "L", "SINGLE_LOT", "FIFO"),
    "/Weidenhof/Grünbach/Cheese Dairy/Käsekeller": (45, "t", "MULTIPLE_LOTS", "FIFO"),
    "/Weidenhof/Grünbach/Warehouse/Cold Store": (480, "plt", "MULTIPLE_LOTS", "FEFO"),
    "/Weidenhof/Grünbach/Warehouse/Cold Store/Rack A": (320, "plt", "MULTIPLE_LOTS", "FEFO"),
    "/Weidenhof/Grünbach/Warehouse/Cold Store/Rack B": (160, "plt", "MULTIPLE_LOTS", "FEFO"),
    "/Weidenhof/Grünbach/Warehouse/Dry Store": (90, "plt", "MULTIPLE_LOTS", "FEFO"),
    "/Weidenhof/Grünbach/Warehouse/Packaging Store": (400, "plt", "MULTIPLE_LOTS", "LIFO"),
    "/Weidenhof/Sankt Valerian/Cross Dock": (60, "plt", "MULTIPLE_LOTS", "FEFO"),
}
"""What a location can hold, how many lots, and which of them is used first."""

LOCATION_IDS = {place.path: ulid(Location, number) for number, place in enumerate(_PLACES, 1)}


def locations() -> list[Row]:
    """The tree of locations, each after its parent and in the order of its siblings."""
    return [_location(number, place) for number, place in enumerate(_PLACES, 1)]


def _location(number: int, place: _Place) -> Row:
    parent, name = _parent_and_name(place.path)
    siblings = [other.path for other in _PLACES if _parent_and_name(other.path)[0] == parent]
    return row(
        Location,
        number,
        name=name,
        description=place.description,
        path=place.path,
        parent_id=LOCATION_IDS.get(parent),
        type=LocationType(place.type),
        process_type=ProcessType(place.process_type),
        sort_order=siblings.index(place.path),
        **_storage(place.path),
    )


def _parent_and_name(path: str) -> tuple[str, str]:
    parent, _, name = path.rpartition("/")
    return parent, name


def _storage(path: str) -> Row:
    if path not in _STORES:
        return {}
    capacity, unit, lots, used_first = _STORES[path]
    return {
        "storage_capacity": float(capacity),
        "storage_capacity_unit_id": UNIT_IDS[unit],
        "lot_storage_strategy": LotStorageStrategy(lots),
        "lot_use_strategy": LotUseStrategy(used_first),
    }
