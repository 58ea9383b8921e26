"""All that is stored in a database: read, compared, and put back."""

import json
import re

ULID = re.compile(r"[0-9A-Z]{10}-[0-9A-Z]{8}-[0-9A-Z]{8}")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?[+-]\d\d:\d\d")
PASSING = {"data", "request_id"}
"""The columns that differ each time: kept answers tell new ids and moments, the log of changes the request's id."""
KEPT = ("schema_migrations", "api_tokens")
"""The tables that are no content."""
COLUMNS = """
select table_name, string_agg(column_name::text, ', ') as columns
from information_schema.columns
where table_schema = 'public' and is_generated = 'NEVER' and table_name <> all($1)
group by table_name
order by table_name
"""
READ = "select '{0}', coalesce(jsonb_agg(to_jsonb(t)), '[]') from {0} t"
INSERT = """into_{0} as (
    insert into {0} ({1}) overriding system value
    select {1} from jsonb_populate_recordset(null::{0}, $1::jsonb -> '{0}')
)"""


class Content:
    """Reads and writes all tables, on a connection that fires no triggers."""

    def __init__(self, connection, columns):
        self._connection = connection
        self._read = " union all ".join(map(READ.format, columns))
        self._deletes = "; ".join(map("delete from {}".format, columns))
        inserts = ", ".join(INSERT.format(table, given) for table, given in columns.items())
        self._insert = f"with {inserts} select"

    @classmethod
    async def of(cls, connection):
        """That of the database which the connection is to."""
        return cls(connection, dict(await connection.fetch(COLUMNS, KEPT)))

    async def read(self):
        """The rows by their tables."""
        tables = await self._connection.fetch(self._read)
        return {name: sorted(json.loads(rows), key=json.dumps) for name, rows in tables}

    async def restore(self, tables):
        """Store these rows and no others."""
        async with self._connection.transaction():
            await self._connection.execute(self._deletes)
            await self._connection.execute(self._insert, json.dumps(tables))


def changes(before, after):
    """What makes the difference between two contents, whenever it was made and whatever the ids of new rows are."""
    known = json.dumps(before)

    def told(row):
        lasting = {name: value for name, value in row.items() if name not in PASSING}
        # The log of changes counts on.
        text = json.dumps({**lasting, "id": "new"} if isinstance(row.get("id"), int) else lasting)
        for what in (ULID, MOMENT):
            text = what.sub(lambda found: found[0] if found[0] in known else "new", text)
        return text

    return {
        name: [sorted(told(row) for row in one if row not in other) for one, other in ((old, new), (new, old))]
        for (name, old), new in zip(before.items(), after.values(), strict=True)
        if old != new
    }
