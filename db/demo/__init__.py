"""A small plant worth looking at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import asyncpg
import structlog

from db.declaration import Record
from db.demo.bills_of_materials import bills_of_materials
from db.demo.conflicts import Tables, fitting
from db.demo.conversions import unit_of_measure_conversions
from db.demo.customers import customers
from db.demo.location_properties import location_properties
from db.demo.locations import locations
from db.demo.material_properties import material_properties, material_property_values
from db.demo.materials import material_classes, materials
from db.demo.orders import production_orders
from db.demo.properties import production_order_properties, production_order_property_values
from db.demo.rows import CREATOR, ID_PREFIX, Row, as_json
from db.demo.shifts import shift_records, shifts
from db.demo.units import units_of_measure
from db.origin import origin, told
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
from db.translation import translated

_TABLES: dict[type[Record], Callable[[], list[Row]]] = {
    UnitOfMeasure: units_of_measure,
    MaterialClass: material_classes,
    Material: materials,
    Location: locations,
    Customer: customers,
    Shift: shifts,
    ShiftRecord: shift_records,
    ProductionOrder: production_orders,
    ProductionOrderProperty: production_order_properties,
    ProductionOrderPropertyValue: production_order_property_values,
    BillOfMaterialsItem: bills_of_materials,
    UnitOfMeasureConversion: unit_of_measure_conversions,
    MaterialProperty: material_properties,
    MaterialPropertyValue: material_property_values,
    LocationProperty: location_properties,
}
"""The rows of each table, after those that they refer to; but a shift refers to a record of its own."""

_log = structlog.get_logger()


async def load_demo(connection: asyncpg.Connection[Any]) -> None:
    """Store the plant beside what is there, unless it was stored before: what a user changed or deleted stays so."""
    with translated():
        if await _loaded(connection):
            return
        tables = {record: rows() for record, rows in _TABLES.items()}
        stored = await fitting(connection, tables)
        await _insert(connection, stored)
    _log.info("demo loaded", rows=_count(stored), left_out=_count(tables) - _count(stored))


async def _loaded(connection: asyncpg.Connection[Any]) -> bool:
    """Whether any row of the demo is there."""
    there = " or ".join(f"exists (select from {record.table} where id like $1 || '%')" for record in _TABLES)
    return bool(await connection.fetchval(f"select {there}", ID_PREFIX))


async def _insert(connection: asyncpg.Connection[Any], tables: Tables) -> None:
    """Store all the rows or none, in one statement: at its end, when foreign keys are checked, every row is there."""
    filled = {record: rows for record, rows in tables.items() if rows}
    inserts = [_insert_sql(record, rows, f"${n}") for n, (record, rows) in enumerate(filled.items(), 1)]
    if inserts:
        statement = f"with {', '.join(inserts)} select where {told(len(inserts) + 1)}"
        await connection.execute(statement, *map(as_json, filled.values()), origin("", CREATOR))


def _insert_sql(record: type[Record], rows: list[Row], parameter: str) -> str:
    columns = ", ".join(rows[0])
    return f"""
        inserted_{record.table} as (
            insert into {record.table} ({columns})
            select {columns}
            from json_populate_recordset(null::{record.table}, {parameter})
            on conflict do nothing
        )
    """


def _count(tables: Tables) -> int:
    return sum(map(len, tables.values()))
