"""A row of the demo, complete and checked as a save would, with an id that is the same at every load."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from db.declaration import Record
from db.errors import Invalid
from db.records import (
    BillOfMaterialsItem,
    Customer,
    Location,
    LocationProperty,
    Material,
    MaterialClass,
    MaterialProperty,
    MaterialPropertyValue,
    ProductionOrder,
    ProductionOrderProperty,
    ProductionOrderPropertyValue,
    Shift,
    ShiftRecord,
    UnitOfMeasure,
    UnitOfMeasureConversion,
)
from db.spelling import stored
from db.ulid import Ulid
from db.validation import checked, documented

Row = dict[str, Any]
"""Values by the columns that they are stored in."""

ID_PREFIX = "01KE5Q8600-DEM0"
"""How the ids of the demo begin: ULIDs of 2026-01-05."""

CREATOR = "demo"
"""Who has created the rows."""

_FOUNDED = datetime(2026, 1, 5, tzinfo=UTC)

_NUMBERS: dict[type[Record], int] = {
    UnitOfMeasure: 1,
    MaterialClass: 2,
    Material: 3,
    Location: 4,
    Customer: 5,
    Shift: 6,
    ShiftRecord: 7,
    ProductionOrder: 8,
    ProductionOrderProperty: 9,
    ProductionOrderPropertyValue: 10,
    BillOfMaterialsItem: 11,
    UnitOfMeasureConversion: 12,
    MaterialProperty: 13,
    MaterialPropertyValue: 14,
    LocationProperty: 15,
}

_NAMED_BY_THE_DOCUMENTS: dict[tuple[type[Record], int], Ulid] = {
    (UnitOfMeasure, 1): Ulid("01JCH3EPVP-1MNNDJTS-37Z75NGB"),
    (Material, 1): Ulid("01JCH3ENGW-82KJDZDR-JHGYCXQN"),
}


def ulid(record: type[Record], number: int) -> Ulid:
    """The id of a record's row with this number: its place in the table, from 1, so new rows belong at the end."""
    made = Ulid(f"{ID_PREFIX}{_NUMBERS[record]:04}-{number:08}")
    return _NAMED_BY_THE_DOCUMENTS.get((record, number), made)


def row(record: type[Record], number: int, created_date: datetime = _FOUNDED, **given: Any) -> Row:
    """A new record with the given fields and the defaults of the others; `Invalid` if a save would refuse it."""
    values, violations = checked(record, given, None)
    if violations:
        raise Invalid(documented(violations))
    values |= {"id": ulid(record, number), "created_by": CREATOR, "created_date": created_date}
    return {record.columns[field].stored_as: stored(value) for field, value in values.items()}


def as_json(rows: Sequence[Row]) -> str:
    """The rows as PostgreSQL reads them."""
    return json.dumps(rows, default=_spelled, ensure_ascii=False)


def _spelled(value: datetime | bytes) -> str:
    return value.isoformat() if isinstance(value, datetime) else f"\\x{value.hex()}"
