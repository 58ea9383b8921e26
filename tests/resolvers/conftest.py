"""Records of any kind, valid and no more than that."""

from itertools import count

import pytest

from db.records import RECORDS

SAVE = "mutation ($input: {0}Input!) {{ save{0}(input: $input) {{ id }} }}"


@pytest.fixture
def saved(execute):
    """Saves a record with what it needs, other records among it: `shift_id = await saved(Shift, name="Late")`."""
    numbers = count(1)

    async def save(record, **given):
        needed = [column for column in record.columns.values() if column.required and column.documented not in given]
        values = {column.documented: await value(column) for column in needed}
        data = await execute(SAVE.format(record.__name__), input={**values, **given})
        return data[f"save{record.__name__}"]["id"]

    async def value(column):
        if column.target:
            return await save(RECORDS[column.target])
        return {str: f"Thing {next(numbers)}", float: next(numbers), list[str]: [f"Thing {next(numbers)}"]}[column.kind]

    return save


@pytest.fixture
def stored(pool):
    """The number of rows of a record's table."""

    async def rows(record):
        return await pool.fetchval(f"select count(*) from {record.table}")  # noqa: S608

    return rows


@pytest.fixture
def content(pool):
    """Everything that the records' tables hold."""

    async def rows():
        tables = {record.table for record in RECORDS.values()}
        return {table: await pool.fetch(f"select * from {table} order by id") for table in tables}  # noqa: S608

    return rows
