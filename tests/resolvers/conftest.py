"""What is stored of any kind of record."""

import pytest

from db.records import RECORDS


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
