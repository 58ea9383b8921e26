"""Many records saved with one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import orjson

from db.change import Change
from db.declaration import Column, Record
from db.rows import Rows, Shape, as_changed
from db.spelling import sql_type, stored
from db.ulid import Ulid, new_ulid

R = TypeVar("R", bound=Record)


def saved(record: type[R], changes: Sequence[Change], caller: str) -> Rows[R]:
    """The records of the changes, in their order, each as it is then; those that do not differ stay as they are.

    The records that are there already have to be held. They are stored one after the other, as if each was saved alone.
    """
    ids = [change.record_id or new_ulid() for change in changes]
    differing = {one: change for one, change in zip(ids, changes, strict=True) if change.values}
    if not any(change.before for change in differing.values()):
        # All callers store new ones in the same order, so that none holds a name that another waits for.
        unique = [field for fields in record.unique.values() for field in fields]
        differing = dict(sorted(differing.items(), key=lambda one: [str(one[1].values.get(field)) for field in unique]))
    used = set[str]().union(*(change.values for change in differing.values()))
    columns = [column for column in record.columns.values() if column.given or column.name in used]
    names = ", ".join(column.stored_as for column in columns)
    given = ", ".join(column.name for column in columns)
    types = ", ".join(f"{column.name} {sql_type(column)}" for column in columns)
    new = ", ".join(f"excluded.{column.stored_as}" for column in columns)
    return Rows(
        record,
        f"select * from saved union all select * from {record.table} where id = any(string_to_array($2, ','))",
        (
            orjson.dumps({record_id: place for place, record_id in enumerate(ids)}).decode(),
            ",".join(change.record_id for change in changes if change.record_id and not change.values),
            caller,
            _rows(columns, differing),
        ),
        Shape.LIST,
        # A place is found in an object in a few steps; an array would be read from its beginning for each of them.
        "($1::jsonb -> id)::integer",
        changes=f"""
            saved as (
                insert into {record.table} as stored (id, created_by, {names})
                select id, $3, {given}
                from json_to_recordset($4::json) as given (id text, {types})
                on conflict (id) do update
                set ({names}) = row({new}), modified_by = excluded.created_by, modified_date = now(),
                    version = stored.version + 1
                returning stored.*
            )
        """,
        instead=((record.table, as_changed(record.table, "saved")),),
    )


def _rows(columns: Sequence[Column], changes: Mapping[Ulid, Change]) -> str:
    """A JSON array of the rows to store: one parameter for all of them is read faster than a list for each column."""
    names = [column.name for column in columns]
    rows = [{**_row(names, change), "id": record_id} for record_id, change in changes.items()]
    for column in columns:
        if column.kind == list[str]:
            for row in rows:
                row[column.name] = stored(row[column.name])
    return orjson.dumps(rows, default=_hexadecimal).decode()


def _row(names: Sequence[str], change: Change) -> Mapping[str, Any]:
    if not change.before:
        return change.values
    whole = change.whole
    return {name: whole[name] for name in names}


def _hexadecimal(value: bytes) -> str:
    """Bytes as PostgreSQL reads them from a text."""
    return f"\\x{value.hex()}"
