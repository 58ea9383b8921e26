"""Values of unique fields that another record has already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson

from db.apart import many_apart
from db.change import Change, told
from db.declaration import Record
from db.errors import Conflict
from db.session import Session
from db.spelling import sql_type
from db.translation import taken

_Key = tuple[Any, ...]


async def check_taken(session: Session, record: type[Record], changes: Sequence[Change]) -> None:
    """Raise `Conflict` where records would get what others have: those stored before, or those saved before them.

    The constraints of the table would do so too; here it is told of each of the changes.
    """
    count = len(changes)
    given = await many_apart(count, lambda: {key: _given(changes, fields) for key, fields in record.unique.items()})
    query = await many_apart(count, lambda: _query(record, given, changes))
    stored = await _stored(session, given, *query) if query else {}
    refusal = await many_apart(count, lambda: _refusal(record, changes, given, stored))
    if refusal:
        raise refusal


def _refusal(
    record: type[Record],
    changes: Sequence[Change],
    given: Mapping[str, Mapping[_Key, Change]],
    stored: Mapping[str, Sequence[_Key]],
) -> Conflict | None:
    """What is told where values are taken: of the first change, with what is wrong with all of them."""
    conflicts: dict[Change, Conflict] = {}
    for key, fields in record.unique.items():
        for change in [*_given_twice(changes, fields), *(given[key][value] for value in stored.get(key, ()))]:
            value = _key(change.whole, fields)
            conflicts[change] = taken(record, f"{record.table}_{key}_key", ", ".join(value or ()))
            change.violations |= conflicts[change].violations
    first = next((conflicts[change] for change in changes if change in conflicts), None)
    return Conflict(str(first), told(changes)) if first else None


def _key(row: Mapping[str, Any], fields: tuple[str, ...]) -> _Key | None:
    """The values of unique fields; None where one of them is null, which is unlike any other."""
    values = tuple(row.get(field) for field in fields)
    return None if None in values else values


def _moves(change: Change, fields: tuple[str, ...]) -> bool:
    """Whether the record gets other values in these fields."""
    return not change.before or not change.values.keys().isdisjoint(fields)


def _given(changes: Sequence[Change], fields: tuple[str, ...]) -> dict[_Key, Change]:
    """The changes that bring values of unique fields, by these values."""
    keys = {_key(change.whole, fields): change for change in changes if _moves(change, fields)}
    return {key: change for key, change in keys.items() if key}


def _given_twice(changes: Sequence[Change], fields: tuple[str, ...]) -> Iterator[Change]:
    """The changes that bring what one of the other records still has, or has got before, as if saved one by one."""
    holders = {_key(change.before, fields): change for change in changes if change.before}
    for change in changes:
        key = _key(change.whole, fields)
        if not key or not _moves(change, fields):
            continue
        if holders.get(key, change) is not change:
            yield change
            continue
        if change.before:
            holders.pop(_key(change.before, fields), None)
        holders[key] = change


def _query(
    record: type[Record], given: Mapping[str, Mapping[_Key, Change]], changes: Sequence[Change]
) -> list[str] | None:
    """SQL for the given values that other records than the changed ones have, with its parameters; None for none."""
    queries = []
    parameters = [",".join(change.record_id for change in changes if change.before and change.record_id)]
    for key, found in given.items():
        if found:
            columns = [record.columns[field] for field in record.unique[key]]
            names = [column.stored_as for column in columns]
            types = ", ".join(f"{column.stored_as} {sql_type(column)}" for column in columns)
            # As one JSON text: the driver would look at each item of a list on the event loop.
            parameters.append(orjson.dumps([dict(zip(names, values, strict=True)) for values in found]).decode())
            queries.append(
                f"select '{key}' as key, array[{', '.join(names)}] as values "
                f"from json_to_recordset(${len(parameters)}::json) as given ({types}) "
                f"join {record.table} using ({', '.join(names)}) where id <> all (string_to_array($1, ','))"
            )
    return [" union all ".join(queries), *parameters] if queries else None


async def _stored(session: Session, given: Iterable[str], sql: str, *parameters: str) -> dict[str, list[_Key]]:
    """Which of the given values are stored already, by the unique fields."""
    rows = await session.fetch(sql, *parameters)
    return {key: [tuple(row["values"]) for row in rows if row["key"] == key] for key in given}
