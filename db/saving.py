"""The SQL of saves: new records, and changes of those that are there."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache

from db.declaration import Record
from db.records import RECORDS
from db.spelling import parameter

_KEPT_TEXTS = 256
"""How many statements that save are kept, of different fields."""


@cache
def referring_fields(record: type[Record]) -> frozenset[str]:
    """The fields that refer to another record."""
    return frozenset(column.name for column in record.columns.values() if column.target)


@lru_cache(_KEPT_TEXTS)
def insertion(record: type[Record], given: tuple[str, ...], referring: tuple[str, ...]) -> str:
    """Common table expressions that store a new record with parameters for the given fields, in that order.

    Nothing is stored where one of the fields that are `referring` refers to a record that is not there.
    """
    placed = _placed(record, given)
    return f"""saved as (
        insert into {record.table} ({", ".join(placed)})
        select {", ".join(placed.values())}
        where {_nothing_missing(record, placed, referring)}
        returning *
    )"""


@lru_cache(_KEPT_TEXTS)
def alteration(record: type[Record], given: tuple[str, ...], referring: tuple[str, ...]) -> str:
    """The same for a change of the given fields of the record whose id is the last parameter."""
    placed = _placed(record, given)
    changes = ", ".join(f"{column} = {parameter}" for column, parameter in placed.items())
    return f"""saved as (
        update {record.table}
        set {changes}, modified_date = now(), version = version + 1
        where id = ${len(given) + 1} and {_nothing_missing(record, placed, referring)}
        returning *
    )"""


def _placed(record: type[Record], given: tuple[str, ...]) -> dict[str, str]:
    """The columns that the given fields are stored in, with a parameter for each."""
    columns = [record.columns[field] for field in given]
    return {column.stored_as: parameter(column, number) for number, column in enumerate(columns, 1)}


def _nothing_missing(record: type[Record], placed: Mapping[str, str], referring: tuple[str, ...]) -> str:
    """SQL for whether all that is referred to is there."""
    columns = [record.columns[field] for field in referring]
    found = [
        f"exists (select from {RECORDS[str(column.target)].table} where id = {placed[column.stored_as]})"
        for column in columns
    ]
    return " and ".join(found) or "true"
