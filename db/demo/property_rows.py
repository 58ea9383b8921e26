"""Rows of properties and of their values, checked as a save would."""

from __future__ import annotations

from typing import Any, NamedTuple

from db import mixed
from db.declaration import Record
from db.demo.rows import Row, row
from db.demo.units import UNIT_IDS
from db.enumerations import DataType


class Given(NamedTuple):
    """What the demo says of a property."""

    name: str
    data_type: str
    description: str
    unit: str | None = None
    low_limit: float | None = None
    high_limit: float | None = None
    options: str | None = None
    nullable: bool = False
    default: Any = None
    format: str | None = None


def property_row(record: type[Record], number: int, given: Given, **more: Any) -> Row:
    """A property, with its default value in the column of its type."""
    fields = given._asdict()
    data_type, unit, default = DataType(fields.pop("data_type")), fields.pop("unit"), fields.pop("default")
    return row(
        record,
        number,
        **fields,
        **more,
        data_type=data_type,
        unit_of_measure_id=UNIT_IDS[unit] if unit else None,
        **mixed.columns(data_type, mixed.fitting(data_type, default, fields), "default_"),
    )


def property_value_row(record: type[Record], number: int, rules: Row, value: Any, **more: Any) -> Row:
    """A value that obeys its property, in the column of its type."""
    data_type = DataType(rules["data_type"])
    return row(
        record,
        number,
        **more,
        property_id=rules["id"],
        data_type=data_type,
        **mixed.columns(data_type, mixed.fitting(data_type, value, rules)),
    )
