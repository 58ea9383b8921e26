"""One plant for all tests of a file, with values of every kind in it, and what Python makes of its rows."""

import base64
import secrets
from datetime import UTC, datetime, timedelta
from itertools import count, cycle
from operator import eq, ge, gt, le, lt
from types import SimpleNamespace
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest

from db.connections import Connections
from db.declaration import Many, One
from db.enumerations import DataType, ProductionOrderStatus
from db.pool import nothing_to_reset
from db.records import RECORDS
from server.app import make_app
from server.config import Settings

ROW_LIMIT = 50
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
DATES = [None, NOON, NOON + timedelta(microseconds=1), NOON - timedelta(days=400), NOON]
NOTES = [
    None,
    "",
    "%",
    "a_b",
    "a\\b",
    "aXb",
    "é",
    "e\u0301",
    "\ue000",
    "😀",
    "\U0010ffff\U0010ffff",
    "it's",
    "A",
    "a b",
]
NAMES = ["Order %", "order", "Order", "Order_", "Ördér", "Order\\", "Z", "é"]
NUMBERS = [0, 1, 0.1, 1.5, 2**53, 1e300]
STATUSES = [status.value for status in ProductionOrderStatus]
BLOBS = [None, b"", b"\x00\xff", bytes(range(200))]
VALUES = {
    DataType.String: ("string_value", ["x", "", "%"]),
    DataType.Int: ("int_value", [0, -(2**63), 2**63 - 1]),
    DataType.Float: ("float_value", [0.5, -1e308, 0]),
    DataType.Boolean: ("int_value", [0, 1]),
    DataType.DateTime: ("date_value", [NOON, DATES[3]]),
    DataType.Blob: ("blob_value", BLOBS[1:]),
}


@pytest.fixture(scope="module")
async def database(administration, postgres, template):
    """The DSN of a migrated database for the file's tests."""
    name = f"mes_orders_test_{secrets.token_hex(6)}"
    await administration.execute(f"create database {name} template {template} strategy file_copy")
    yield urlsplit(postgres)._replace(path=f"/{name}").geturl()
    await administration.execute(f"drop database {name} with (force)")


@pytest.fixture(scope="module")
def sent():
    """What the file's tests have sent to PostgreSQL."""
    return []


@pytest.fixture
def statements(sent):
    """What the test has sent."""
    sent.clear()
    return sent


@pytest.fixture(scope="module")
async def pool(database, sent):
    """Connections to the database that write down what they are asked."""

    async def listen(connection):
        connection.add_query_logger(lambda logged: sent.append(logged.query))

    async with asyncpg.create_pool(database, min_size=0, max_size=4, init=listen, reset=nothing_to_reset) as pool:
        yield pool


@pytest.fixture(scope="module")
async def http(pool):
    """A client of an application that answers with a few records at most."""
    async with Connections(pool) as connections:
        transport = httpx.ASGITransport(make_app(connections, Settings(row_limit=ROW_LIMIT)))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            yield client


@pytest.fixture(scope="module")
async def plant(pool):
    """Records with nulls and without, equal values, the first and the last ones, and texts that mean more to SQL."""
    kilogram, litre = await stored(pool, "unit_of_measure", name=["Kilogram", "Litre"], symbol=["kg", "l"])
    (dairy,) = await stored(pool, "material_classes", name=["Dairy"], path=["/Dairy"])
    (cheese,) = await stored(pool, "material_classes", name=["Cheese"], path=["/Dairy/Cheese"], parent_id=[dairy])
    names = ["Milk", "Brie", "100 %", "Käse"]
    materials = await stored(
        pool,
        "materials",
        name=names,
        path=[f"/{name}" for name in names],
        erp_id=["1", None, "_", None],
        shelf_life_days=[None, 0, 7, 7],
        image=BLOBS,
        material_class_id=[dairy, cheese, dairy, cheese],
        unit_of_measure_id=[litre, kilogram, kilogram, kilogram],
    )
    customers = await stored(pool, "customers", name=["Corner Shop", "Ada", "Zoë"], city=[None, "Ulm", "Ulm"])
    orders = await stored(
        pool,
        "production_orders",
        name=[f"{name} {number}" for number, name in zip(range(34), cycle(NAMES), strict=False)],
        notes=NOTES,
        quantity=NUMBERS,
        status=STATUSES,
        enabled=[True, True, False],
        due_date=DATES,
        end_date=[NOON, None],
        version=[1, 2, 2**31 - 1],
        product_material_id=materials[:3],
        customer_id=[None, *customers],
        unit_of_measure_id=[kilogram, litre],
    )
    # The driver takes the first and the last instant for infinity, so PostgreSQL reads them from the text.
    extremes = "update production_orders set start_date = '0001-01-01 00:00Z', end_date = '9999-12-31 23:59:59.999999Z'"
    await pool.execute(f"{extremes} where id = any($1)", orders[::5])
    kinds = [kind.value for kind in VALUES]
    properties = await stored(pool, "production_order_properties", name=kinds, data_type=kinds)
    for property_id, (kind, (column, values)) in zip(properties, VALUES.items(), strict=True):
        kept = {"property_id": [property_id], "data_type": [kind.value], column: [None, *values]}
        await stored(pool, "production_order_property_values", production_order_id=orders[: len(values) + 1], **kept)
    await stored(pool, "roles", security_levels=["A,B", "A", "B,A"], permissions=["X", "X.Y,Z"])
    return SimpleNamespace(orders=orders, customers=customers, materials=materials, material=materials[0])


class Row(dict):
    """A row's values and, by the names of the relations, other rows, which refer back: it is printed by its id."""

    def __repr__(self):
        return f"<{self['id']}>"


class Rows(dict):
    """The rows of each record; there are too many of them to be printed with each failure."""

    def __repr__(self):
        return "<rows>"


@pytest.fixture
def python(rows):
    """What Python makes of the rows."""
    return SimpleNamespace(rows=rows, holds=holds, ordered=ordered)


@pytest.fixture
async def rows(pool, execute):  # noqa: ARG001 (the caller's role is a row, too)
    """Every row of each record, by documented names, with the related ones under the names of the relations."""
    found = {}
    for record in (record for record in RECORDS.values() if not record.view):
        table = await pool.fetch(f"select * from {record.table}")  # noqa: S608
        found[record] = {
            row["id"]: Row((c.documented, shown(row[c.stored_as])) for c in record.columns.values()) for row in table
        }
    for record, table in found.items():
        for member in record.members.values():
            target = found.get(RECORDS[member.target]) if isinstance(member, One | Many) else None
            for row in table.values() if target is not None else ():
                if isinstance(member, One):
                    row[member.documented] = target.get(row[record.columns[member.column].documented])
                else:
                    by = RECORDS[member.target].columns[member.by].documented
                    row[member.documented] = [other for other in target.values() if other[by] == row["id"]]
    return Rows({record: list(table.values()) for record, table in found.items()})


def holds(condition, value, *given):
    """Whether a value fulfils a condition."""
    if condition in _OF_NULL:
        return _OF_NULL[condition](value, *given)
    return value is not None and _OF_VALUES[condition](value, *given)


def ordered(rows, keys):
    """The rows in the order of these keys, each a function and whether it falls; the id breaks ties."""
    for key, falling in reversed([*keys, (lambda row: row["id"], False)]):
        nulls = [row for row in rows if key(row) is None]
        others = sorted((row for row in rows if key(row) is not None), key=key, reverse=falling)
        rows = [*nulls, *others] if falling else [*others, *nulls]
    return rows


_OF_NULL = {
    "IS_NULL": lambda value: value is None,
    "IS_NOT_NULL": lambda value: value is not None,
    "NOT_EQUALS": lambda value, given: value != given,
}
_OF_VALUES = {
    "EQUALS": eq,
    "TRUE": bool,
    "FALSE": lambda value: not value,
    "CONTAINS": lambda value, given: given in value,
    "STARTS_WITH": str.startswith,
    "ENDS_WITH": str.endswith,
    "GREATER_THAN": gt,
    "GREATER_THAN_OR_EQUAL_TO": ge,
    "LESS_THAN": lt,
    "LESS_THAN_OR_EQUAL_TO": le,
    "BETWEEN": lambda value, least, greatest: least <= value <= greatest,
    "IN": lambda value, given: value in given,
}


_NUMBERS = count(1)


def shown(value):
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


async def stored(pool, table, **columns):
    """The ids of new rows, whose values repeat until the longest list ends."""
    length = max(map(len, columns.values()))
    ids = [f"01JCH3ENGW-82KJDZDR-{next(_NUMBERS):08}" for _ in range(length)]
    rows = list(zip(ids, *(cycle(values) for values in columns.values()), strict=False))
    await pool.copy_records_to_table(table, records=rows, columns=["id", *columns])
    return ids
