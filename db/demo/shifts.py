"""The shifts of the three producing areas, and the times they were, are and will be worked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from db.demo.locations import LOCATION_IDS
from db.demo.rows import Row, row, ulid
from db.enumerations import RunningConflictStrategy, ShiftRecordStatus, ShiftScheduleSource
from db.records import Shift, ShiftRecord
from db.ulid import Ulid

TODAY = datetime(2026, 11, 21, tzinfo=UTC)
NOW = TODAY + timedelta(hours=10)
"""The instant at which the demo shows the plant: a Saturday, in the middle of the early shift."""

SHIFT_HOURS = {"Early": 5, "Late": 13, "Night": 21}
"""When a shift starts, in UTC: at 6, 14 and 22 o'clock of the plant's winter."""

SHIFT_LENGTH = timedelta(hours=8)
_DAYS = range(-7, 5)
"""The days around today of which there are shift records."""


class _Shifts(NamedTuple):
    area: str
    source: str
    schedule: str | None
    conflict: str
    signal: str | None


_SHIFTS = (
    _Shifts("/Weidenhof/Grünbach/Processing", "IGNITION_SCHEDULE", "Three Shifts", "STOP_PREVIOUS", None),
    _Shifts("/Weidenhof/Grünbach/Filling", "TRIGGER", None, "KEEP_PREVIOUS", "{[default]Filling/Crew/{name} Present}"),
    _Shifts("/Weidenhof/Grünbach/Cheese Dairy", "MANUAL", None, "RUN_BOTH", None),
)


class _Record(NamedTuple):
    number: int
    shift_id: Ulid
    area: str
    start: datetime

    @property
    def end(self) -> datetime:
        return self.start + SHIFT_LENGTH

    @property
    def status(self) -> ShiftRecordStatus:
        if self.end <= NOW:
            return ShiftRecordStatus.COMPLETED
        return ShiftRecordStatus.RUNNING if self.start <= NOW else ShiftRecordStatus.IDLE


def shifts() -> list[Row]:
    """An early, a late and a night shift of each area; the early ones are being worked."""
    current = {
        record.shift_id: ulid(ShiftRecord, record.number)
        for record in _records()
        if record.status is ShiftRecordStatus.RUNNING
    }
    return [
        row(
            Shift,
            number,
            name=name,
            description=f"{SHIFT_HOURS[name] + 1:02}:00 to {(SHIFT_HOURS[name] + 9) % 24:02}:00, local time in winter.",
            location_id=LOCATION_IDS[shift.area],
            shift_schedule_name=shift.schedule,
            shift_schedule_source=ShiftScheduleSource(shift.source),
            running_conflict_strategy=RunningConflictStrategy(shift.conflict),
            start_trigger_expression=shift.signal and shift.signal.replace("{name}", name),
            stop_trigger_expression=shift.signal and shift.signal.replace("{name}", name),
            current_record_id=current.get(ulid(Shift, number)),
        )
        for number, shift, name in _numbered()
    ]


def shift_records() -> list[Row]:
    """The runs of the shifts in the days around today; of those to come, the planned times."""
    return [
        row(
            ShiftRecord,
            record.number,
            start_date=record.start,
            end_date=None if record.status is ShiftRecordStatus.RUNNING else record.end,
            status=record.status,
            location_id=LOCATION_IDS[record.area],
            shift_id=record.shift_id,
        )
        for record in _records()
    ]


def shift_record_ids() -> dict[tuple[str, datetime], Ulid]:
    """The shift records by their area and their start."""
    return {(record.area, record.start): ulid(ShiftRecord, record.number) for record in _records()}


def _numbered() -> Iterator[tuple[int, _Shifts, str]]:
    names = ((shifts, name) for shifts in _SHIFTS for name in SHIFT_HOURS)
    return ((number, shifts, name) for number, (shifts, name) in enumerate(names, 1))


def _records() -> list[_Record]:
    runs = (
        (ulid(Shift, number), shift.area, TODAY + timedelta(days=day, hours=SHIFT_HOURS[name]))
        for day in _DAYS
        for number, shift, name in _numbered()
    )
    return [_Record(number, *run) for number, run in enumerate(runs, 1)]
