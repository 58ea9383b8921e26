"""What refers to a record, by the database's own foreign keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from db.errors import Invalid

if TYPE_CHECKING:
    from db.rows import Rows
    from db.session import Session

_FOUND = "select * from references_to('{table}', (select id from ({source}) found), {most})"
_MOST_COUNTED = 1_000_000


async def references(session: Session, found: Rows[Any]) -> list[dict[str, Any]]:
    """`[{ tableName, references: [{ fkColName, id }] }]` of the record; empty if nothing refers to it."""
    most = session.row_limit
    row = await session.row(
        f"""
        with found as materialized ({_found(found, most + 1)})
        select
            (select count(*) > {most} from found) as too_many,
            coalesce(
                json_agg(json_build_object('tableName', table_name, 'references', referring) order by table_name), '[]'
            ) as answer
        from (
            select
                table_name,
                json_agg(json_build_object('fkColName', column_name, 'id', id) order by column_name, id) as referring
            from found
            group by table_name
        ) as tables
        """,
        *found.parameters,
    )
    assert row
    if row["too_many"]:
        raise Invalid({"references": [f"are more than {most:,}: find them by the fields that refer to this record"]})
    return orjson.loads(row["answer"])  # type: ignore[no-any-return]


async def summary(session: Session, found: Rows[Any]) -> str:
    """The same in words: `3 of production_orders (customer_id) refer to it`."""
    row = await session.row(
        f"""
        select string_agg(
            records || ' of ' || table_name || ' (' || column_name || ')', ', ' order by table_name, column_name
        ) as told
        from (
            select table_name, column_name, count(*) as records
            from ({_found(found, _MOST_COUNTED)}) as referring
            group by table_name, column_name
        ) as counted
        """,
        *found.parameters,
    )
    # What refused the delete may have been deleted itself by now.
    return f"{(row and row['told']) or 'other records'} refer to it"


def _found(found: Rows[Any], most: int) -> str:
    return _FOUND.format(table=found.record.table, source=found.source, most=most)
