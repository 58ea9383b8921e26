"""What of the demo fits beside the rows that the user has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import asyncpg

from db.declaration import Record
from db.demo.rows import Row, as_json
from db.records import (
    Customer,
    Location,
    LocationProperty,
    Material,
    MaterialClass,
    MaterialProperty,
    ProductionOrder,
    ProductionOrderProperty,
    UnitOfMeasure,
    UnitOfMeasureConversion,
)

Tables = Mapping[type[Record], list[Row]]

_UNIQUE: dict[type[Record], tuple[str, ...]] = {
    UnitOfMeasure: ("name", "symbol"),
    MaterialClass: ("path",),
    Material: ("path", "erp_id"),
    Location: ("path",),
    Customer: ("name",),
    ProductionOrder: ("name",),
    ProductionOrderProperty: ("name",),
    MaterialProperty: ("name",),
    LocationProperty: ("name",),
}
"""The columns in which a row of the user may have what a row of the demo needs; a shift has its location for itself."""

_SHARED = (UnitOfMeasure, MaterialClass)
"""Where the user's row does as well: a kilogram is a kilogram."""


async def fitting(connection: asyncpg.Connection[Any], tables: Tables) -> Tables:
    """The rows that can be stored.

    The user's own unit or material class stands in for the demo's with the same name. Any other row whose name is taken
    is left out, and so is what refers to it.
    """
    places = await _stand_ins(connection, tables)
    return {record: list(_fitting_rows(record, rows, places)) for record, rows in tables.items()}


async def _stand_ins(connection: asyncpg.Connection[Any], tables: Tables) -> dict[str, str | None]:
    """By the id of each row whose name is taken: the id of the row that stands in for it, None where none may."""
    queries = " union all ".join(_taken_sql(record, f"${n}") for n, record in enumerate(_UNIQUE, 1))
    taken = await connection.fetch(f"{queries} order by id, stand_in", *(as_json(tables[record]) for record in _UNIQUE))
    return {row["id"]: row["stand_in"] for row in taken}


def _taken_sql(record: type[Record], parameter: str) -> str:
    same = " or ".join(f"stored.{column} = demo.{column}" for column in _UNIQUE[record])
    stand_in = "stored.id" if record in _SHARED else "null"
    return f"""
        select demo.id, {stand_in} as stand_in
        from json_populate_recordset(null::{record.table}, {parameter}) demo
        join {record.table} stored on stored.id <> demo.id and ({same})
    """


def _fitting_rows(record: type[Record], rows: list[Row], stand_ins: dict[str, str | None]) -> Iterator[Row]:
    """The rows with their references to stand-ins; those that are left out join `stand_ins`."""
    references = [column.stored_as for column in record.columns.values() if column.target]
    for row in rows:
        resolved = {column: stand_ins.get(row[column], row[column]) for column in references if row[column]}
        # A user's unit may stand in for two of the demo's, which then have no conversion.
        merged = (
            record is UnitOfMeasureConversion
            and resolved["from_unit_of_measure_id"] == resolved["to_unit_of_measure_id"]
        )
        if merged or None in resolved.values():
            stand_ins[row["id"]] = None
        if row["id"] not in stand_ins:
            yield row | resolved
