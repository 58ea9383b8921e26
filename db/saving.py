"""The SQL of saves: new records, and changes of those that are there."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import NamedTuple

from db.declaration import Record
from db.origin import told_of_all
from db.records import RECORDS
from db.spelling import cast, given_by_all, parameter, sql_type

_KEPT_TEXTS = 256
"""How many statements that save are kept, of different fields."""
_PATIENCE = "100ms"
"""How long several new records wait for a lock."""


@cache
def referring_fields(record: type[Record]) -> frozenset[str]:
    """The fields that refer to another record."""
    return frozenset(column.name for column in record.columns.values() if column.target)


class Insertion(NamedTuple):
    """Common table expressions that store a new record, or as many as share a statement."""

    alone: str
    together: str


@lru_cache(_KEPT_TEXTS)
def insertion(record: type[Record], given: tuple[str, ...], referring: tuple[str, ...]) -> Insertion:
    """What stores a new record with parameters for the given fields, in that order.

    It is not stored where one of the fields that are `referring` refers to a record that is not there.
    """
    return Insertion(_alone(record, given, referring), _together(record, given, referring))


@lru_cache(_KEPT_TEXTS)
def alteration(record: type[Record], given: tuple[str, ...], referring: tuple[str, ...]) -> str:
    """Common table expressions that change the given fields of the record whose id is the last parameter.

    It stays as it is where one of the fields that are `referring` refers to a record that is not there.
    """
    placed = _placed(record, given)
    changes = ", ".join(f"{column} = {parameter}" for column, parameter in placed.items())
    return f"""saved as (
        update {record.table}
        set {changes}, modified_date = now(), version = version + 1
        where id = ${len(given) + 1} and {_nothing_missing(record, placed, referring)}
        returning *
    )"""


def _alone(record: type[Record], given: tuple[str, ...], referring: tuple[str, ...]) -> str:
    placed = _placed(record, given)
    return f"""saved as (
        insert into {record.table} ({", ".join(placed)})
        select {", ".join(placed.values())}
        where {_nothing_missing(record, placed, referring)}
        returning *
    )"""


def _together(record: type[Record], given: tuple[str, ...], referring: tuple[str, ...]) -> str:
    """The same for several, `given` with their ids and places.

    Each brings the parameters of one that is alone, and after them its origin; all are null where there are fewer. Who
    waits for a lock would keep all of them waiting: then it is better that each waits for itself.
    """
    columns = [record.columns[field].stored_as for field in given]
    named = ", ".join(columns)
    values = given_by_all([*(cast(sql_type(record.columns[field])) for field in given), "text"])
    missing = _nothing_missing(record, {column: f"given.{column}" for column in columns}, referring)
    return f"""given as materialized (
        select * from (values {values}) given ({named}, origin, place) where id is not null
    ),
    told as materialized (
        select {told_of_all("json_object_agg(id, origin)")}, set_config('lock_timeout', '{_PATIENCE}', true) from given
    ),
    saved as (
        insert into {record.table} ({named})
        select {named} from told, given
        where {missing}
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
