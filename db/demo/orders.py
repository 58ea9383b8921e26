"""Two hundred production orders: on each of eight lines one a day, from two and a half weeks ago to a week ahead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from db.demo.customers import CUSTOMER_IDS
from db.demo.locations import LOCATION_IDS
from db.demo.materials import COUNTED_IN, MATERIAL_IDS
from db.demo.rows import Row, row, ulid
from db.demo.shifts import NOW, SHIFT_HOURS, TODAY, shift_record_ids
from db.demo.units import UNIT_IDS
from db.enumerations import ProductionOrderStatus as Status
from db.enumerations import SchedulePriority
from db.records import ProductionOrder
from db.ulid import Ulid


class _Run(NamedTuple):
    material: str
    quantity: int
    per_hour: int


_LINES = {
    "/Weidenhof/Grünbach/Processing/Pasteurizer": (
        _Run("Pasteurized Whole Milk", 32_000, 5_000),
        _Run("Pasteurized Skim Milk", 26_000, 5_000),
    ),
    "/Weidenhof/Grünbach/Processing/Fermentation": (
        _Run("Yogurt Base", 18_000, 2_600),
        _Run("Skyr Base", 5_500, 900),
        _Run("Yogurt Base", 18_000, 2_600),
        _Run("Crème Fraîche Base", 4_000, 700),
    ),
    "/Weidenhof/Grünbach/Processing/Butter Line": (
        _Run("Farmhouse Butter", 2_400, 400),
        _Run("Farmhouse Butter 250 g", 9_600, 1_500),
    ),
    "/Weidenhof/Grünbach/Filling/Carton Line": (
        _Run("Whole Milk 1 L", 24_000, 4_000),
        _Run("Skim Milk 1 L", 18_000, 4_000),
        _Run("Whipping Cream 200 mL", 30_000, 6_000),
    ),
    "/Weidenhof/Grünbach/Filling/Cup Line 1": (
        _Run("Natural Yogurt 150 g", 48_000, 8_000),
        _Run("Strawberry Yogurt 150 g", 40_000, 7_000),
        _Run("Blueberry Yogurt 150 g", 36_000, 7_000),
        _Run("Vanilla Yogurt 150 g", 36_000, 7_500),
    ),
    "/Weidenhof/Grünbach/Filling/Cup Line 2": (
        _Run("Natural Yogurt 500 g", 12_000, 2_000),
        _Run("Skyr 450 g", 9_000, 1_800),
        _Run("Crème Fraîche 400 g", 7_000, 1_200),
    ),
    "/Weidenhof/Grünbach/Cheese Dairy/Vats": (
        _Run("Gouda Wheel", 1_500, 220),
        _Run("Grünbacher Bergkäse", 1_300, 190),
    ),
    "/Weidenhof/Grünbach/Cheese Dairy/Slicing Line": (
        _Run("Gouda Slices 150 g", 12_000, 2_000),
        _Run("Bergkäse Slices 150 g", 9_000, 1_800),
        _Run("Grated Gouda 200 g", 5_000, 1_100),
    ),
}

_DAYS = range(-17, 8)
_SCHEDULED_DAYS = 4
"""How many days ahead are planned in detail; what comes later is idle."""

_CANCELLED = range(6, 200, 19)
_STOPPED = range(7, 200, 23)

_SIZES = (1.0, 0.75, 0.9, 0.5, 1.0)
_YIELDS = (1.0, 0.985, 1.01, 0.97, 1.0, 0.99, 1.0)
_HOURS_UNTIL_DUE = (24, 40, 16, 64, 6)
_PRIORITIES = (*["NORMAL"] * 5, "HIGH", "LOW", *["NORMAL"] * 2, "HIGH", "URGENT", "LOW")

_NOTES = {
    Status.PAUSED: "Waits for cleaning in place to finish.",
    Status.STOPPED: "Stopped by quality: weights drifted, the rest goes into the next order.",
    Status.CANCELLED: "Withdrawn before it was started.",
}


@dataclass(frozen=True)
class Order:
    """One order, and what follows from its number, its line and its day."""

    number: int
    line: str
    run: _Run
    planned: datetime

    @property
    def id(self) -> Ulid:
        """Its fixed id."""
        return ulid(ProductionOrder, self.number)

    @property
    def filled(self) -> bool:
        """Whether it makes packs for a customer, rather than something in bulk."""
        return COUNTED_IN[self.run.material] == "pcs"

    @property
    def status(self) -> Status:
        """CLOSED before today, RUNNING in this shift, SCHEDULED and IDLE afterwards, with some that went wrong."""
        if self.number in _CANCELLED:
            return Status.CANCELLED
        if self.planned.date() == NOW.date():
            return Status.PAUSED if self.number % 4 == 0 else Status.RUNNING
        if self.planned < NOW:
            return Status.STOPPED if self.number in _STOPPED else Status.CLOSED
        return Status.SCHEDULED if self.planned < TODAY + timedelta(days=_SCHEDULED_DAYS) else Status.IDLE

    @property
    def quantity(self) -> float:
        """What is ordered."""
        return float(round(self.run.quantity * _SIZES[self.number % len(_SIZES)]))

    @property
    def due(self) -> datetime:
        """When it must be done; that may be sooner than it can be."""
        return self.planned.replace(minute=0) + timedelta(hours=_HOURS_UNTIL_DUE[self.number % len(_HOURS_UNTIL_DUE)])

    @property
    def created(self) -> datetime:
        """When it came from the ERP system: some mornings before."""
        return self.planned.replace(hour=7) - timedelta(days=9 + self.number % 5)

    @property
    def started(self) -> datetime | None:
        """When it began, if it did."""
        return None if self.status in (Status.SCHEDULED, Status.IDLE, Status.CANCELLED) else self.planned

    @property
    def produced(self) -> float:
        """What has come off the line by now."""
        if self.status is Status.CLOSED:
            return float(round(self.quantity * _YIELDS[self.number % len(_YIELDS)]))
        if self.status is Status.STOPPED:
            return float(round(self.quantity * 0.35))
        until_now = (NOW - self.planned) / timedelta(hours=1) * self.run.per_hour if self.started else 0.0
        return float(round(min(until_now, self.quantity * 0.9)))

    @property
    def ended(self) -> datetime | None:
        """When it ended, if it did."""
        if self.status not in (Status.CLOSED, Status.STOPPED):
            return None
        return self.planned + timedelta(minutes=round(self.produced / self.run.per_hour * 60) + 5)


def orders() -> list[Order]:
    """The orders by day and line; a line makes its products in turn."""
    slots = ((day, position) for day in _DAYS for position in range(len(_LINES)))
    return [_order(number, day, position) for number, (day, position) in enumerate(slots, 1)]


def production_orders() -> list[Row]:
    """An order for a place that is not planned yet has no location, one in bulk no customer."""
    records = shift_record_ids()
    return [_row(order, records) for order in orders()]


def _order(number: int, day: int, position: int) -> Order:
    """Every line works early today, and on the other days changes between the shifts at its own pace."""
    line, runs = list(_LINES.items())[position]
    hours = list(SHIFT_HOURS.values())[day * (position + 1) % len(SHIFT_HOURS)]
    planned = TODAY + timedelta(days=day, hours=hours, minutes=number * 7 % 25)
    return Order(number, line, runs[(day + position) % len(runs)], planned)


def _row(order: Order, shift_records: dict[tuple[str, datetime], Ulid]) -> Row:
    idle = order.status is Status.IDLE
    shift_start = order.planned.replace(minute=0)
    customers = list(CUSTOMER_IDS.values())
    return row(
        ProductionOrder,
        order.number,
        created_date=order.created,
        name=f"PO-2026-{order.number:04}",
        product_id=MATERIAL_IDS[order.run.material],
        customer_id=customers[order.number * 7 % len(customers)] if order.filled else None,
        location_id=None if idle and order.number % 3 == 0 else LOCATION_IDS[order.line],
        status=order.status,
        schedule_priority=SchedulePriority(_PRIORITIES[order.number * 5 % len(_PRIORITIES)]),
        quantity=order.quantity,
        quantity_produced=order.produced,
        quantity_scheduled=0.0 if order.status in (Status.IDLE, Status.CANCELLED) else order.quantity,
        start_date=order.started,
        end_date=order.ended,
        due_date=order.due,
        unit_of_measure_id=UNIT_IDS[COUNTED_IN[order.run.material]],
        schedule_shift_record_id=None if idle else shift_records.get((order.line.rpartition("/")[0], shift_start)),
        notes=_NOTES.get(order.status),
    )
