"""What refers to a record, by the database's own foreign keys, and what refers to none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from db.records import RECORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from db.declaration import Record
    from db.rows import Rows
    from db.session import Session
    from db.ulid import Ulid

_MOST_COUNTED = 1_000_000


async def summary(session: Session, found: Rows[Any]) -> str:
    """What refers to a record, in words: `3 of production_orders (customer_id) refer to it`."""
    row = await session.row(
        f"""
        select string_agg(
            records || ' of ' || table_name || ' (' || column_name || ')', ', ' order by table_name, column_name
        ) as told
        from (
            select table_name, column_name, count(*) as records
            from ({referring(found, _MOST_COUNTED)}) as referring
            group by table_name, column_name
        ) as counted
        """,
        *found.parameters,
    )
    # What refused the delete may have been deleted itself by now.
    return f"{(row and row['told']) or 'other records'} refer to it"


def referring(found: Rows[Any], most: int) -> str:
    """SQL for what refers to a record, so many at most: `table_name`, `column_name` and `id`."""
    return f"select * from references_to('{found.record.table}', (select id from ({found.source}) found), {most})"


async def missing(session: Session, record: type[Record], given: Mapping[str, Iterable[Ulid]]) -> set[tuple[str, Ulid]]:
    """The fields of a record and the ids given for them that are those of no record."""
    # As one text: the driver would look at each item of a list on the event loop.
    ids = {record.columns[field]: ",".join(some) for field, some in given.items() if some}
    queries = [
        f"select '{column.name}' as field, id from unnest(string_to_array(${number}, ',')) as given (id) "
        f"where not exists (select from {RECORDS[str(column.target)].table} target where target.id = given.id)"
        for number, column in enumerate(ids, 1)
    ]
    rows = await session.fetch(" union all ".join(queries), *ids.values()) if queries else []
    return {(row["field"], row["id"]) for row in rows}
