"""The rows that both sides begin with, and what becomes of them."""

import asyncio
import json

from db.demo import load_demo
from db.demo.rows import ID_PREFIX
from db.records import RECORDS, Role
from db.tokens import create_token

TABLES = {record.table: record for record in RECORDS.values() if not record.view}
CALLER = "Test/"
# Some rows of each kind are as good as all of them, and answers stay small; some hold what is hard to tell.
PREPARED = r"""
create temp table kept as select id from production_orders order by id limit 14;
delete from production_order_property_values where production_order_id not in (select id from kept);
delete from production_order_bill_of_materials where production_order_id not in (select id from kept);
delete from production_orders where id not in (select id from kept);
delete from production_order_property_values
where id not in (select id from production_order_property_values order by id limit 40);
delete from shift_records
where id not in (select id from shift_records order by id limit 12)
    and id not in (select shift_record_id from production_orders where shift_record_id is not null)
    and id not in (select current_shift_record_id from shifts where current_shift_record_id is not null);
update production_orders set notes = E'a "quoted" \\ text\n\t\u0001 \u2028 😀 </script> \u00e9', quantity = 1e300
where id in (select id from kept limit 2);
update production_orders set start_date = '0001-01-01 00:00Z', end_date = '9999-12-31 23:59:59.999999Z', version = 2
where id in (select id from kept offset 2 limit 2);
update production_orders set quantity = 0.1, due_date = null, notes = '', spare1 = 'null', enabled = false
where id in (select id from kept offset 4 limit 2);
update customers set name = name || E' "\\"', city = null where id in (select id from customers order by id limit 1);
update materials set image = '\x00ff10' where id in (select id from materials order by id limit 3);
create schema before;
"""
# What is done to restore the rows is no more to be in the log than what was done by the operations.
FORGET = """
alter table changes disable trigger user;
delete from changes where id > (select id from before.last_change);
alter table changes enable trigger user;
select setval(pg_get_serial_sequence('changes', 'id'), id) from before.last_change;
"""
IDS = " union all ".join(f"select id from {table}" for table in TABLES)  # noqa: S608
CHANGES = """
select '{0}' as at, coalesce(now.id, earlier.id) as id, to_jsonb(now) as now, to_jsonb(earlier) as earlier,
    greatest(now.created_date, now.modified_date) as changed
from {0} now full join before.{0} earlier on now.id = earlier.id
where now is distinct from earlier
"""
DELETE = """
gone_{0} as (
    delete from {0} now
    where not exists (select from before.{0} earlier where earlier.id = now.id and earlier is not distinct from now)
    returning id
)
"""
# That it looks at `done` lets a row be inserted after the one of the same id is deleted.
INSERT = """
back_{0} as (
    insert into {0} ({1})
    select {1} from before.{0} earlier
    where (select rows from done) >= 0
        and not exists (select from {0} now where now.id = earlier.id and now is not distinct from earlier)
)
"""


async def load(connection, callers):
    """Store a small plant, and the callers; the token of each caller by its name."""
    await load_demo(connection)
    await connection.execute(PREPARED)
    levels = {CALLER + name: permissions for name, permissions in callers.items() if permissions}
    roles = {"Line 1, Line 2": ["MATERIAL.READ", "CUSTOMER"], "Office/Ground floor": ["LOCATION.READ.GET"], **levels}
    for number, (level, permissions) in enumerate(roles.items(), 1):
        sql = "insert into roles (id, security_levels, permissions) values ($1, $2, $3)"
        await connection.execute(sql, f"{ID_PREFIX}0099-{number:08}", level, ", ".join(permissions))
    await connection.execute("".join(f"create table before.{table} as table {table};" for table in TABLES))
    tokens = {name: await create_token(connection, name, [CALLER + name]) for name in callers}
    await connection.execute("create table before.last_change as select max(id) as id from changes")
    return tokens


async def rows(connection):
    """The rows of each record, by documented names; but not the roles of the callers."""
    found = {}
    for table, record in TABLES.items():
        shown = ", ".join(f"'{one.documented}', {one.stored_as}" for one in record.columns.values())
        stored = await connection.fetch(f"select json_build_object({shown})::text as row from {table} order by id")  # noqa: S608
        found[record.__name__] = [json.loads(one["row"]) for one in stored]
    roles = found[Role.__name__]
    found[Role.__name__] = [role for role in roles if not role["securityLevels"].startswith(CALLER)]
    return found


async def changes(pool):
    """What is other than before: rows as they are and as they were, those that were changed first at first."""
    found = await pool.fetch(" union all ".join(CHANGES.format(table) for table in TABLES))
    return [
        {"table": row["at"], "now": row["now"], "earlier": row["earlier"]}
        for row in sorted(found, key=lambda row: (row["changed"] is None, row["changed"], row["at"], row["id"]))
    ]


async def restore(*pools):
    """Bring back the rows that were there before."""
    await asyncio.gather(*(_restore(pool) for pool in pools))


async def _restore(pool):
    generated = await pool.fetch(
        """
        select table_name, string_agg(column_name, ', ') as columns
        from information_schema.columns
        where table_schema = 'public' and is_generated = 'NEVER'
        group by table_name
        """
    )
    columns = {row["table_name"]: row["columns"] for row in generated}
    deletes = (DELETE.format(table) for table in TABLES)
    inserts = (INSERT.format(table, columns[table]) for table in TABLES)
    counts = " + ".join(f"(select count(*) from gone_{table})" for table in TABLES)  # noqa: S608
    done = f"done as (select {counts} as rows)"
    # Foreign keys are checked at the end of a statement, so one statement brings back rows that refer to each other.
    await pool.execute(f"with {', '.join([*deletes, done, *inserts])} select")


async def forget(*pools):
    """Take out of the log what was done after it was loaded."""
    await asyncio.gather(*(pool.execute(FORGET) for pool in pools))
