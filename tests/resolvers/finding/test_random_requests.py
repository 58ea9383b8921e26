"""Any request finds what Python finds in all rows by the same conditions."""

import unicodedata
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db import records
from db.filters import Kind, kind_of
from db.ulid import Ulid

FIND = """
query ($request: QueryRequestInput!) {
  %s(queryRequest: $request) {
    content { id } totalPages totalElements pageSize pageIndex hasContent isFirst isLast hasNext hasPrevious
  }
}
"""
RECORDS = {
    records.ProductionOrder: "findProductionOrders",
    records.ProductionOrderPropertyValue: "findProductionOrderPropertyValues",
    records.Material: "findMaterials",
    records.Role: "findRoles",
}
ORDERED = ["EQUALS", "NOT_EQUALS", "GREATER_THAN", "GREATER_THAN_OR_EQUAL_TO", "LESS_THAN", "LESS_THAN_OR_EQUAL_TO"]
NULL = ["IS_NULL", "IS_NOT_NULL"]
CONDITIONS = {
    Kind.STRING: [*ORDERED, *NULL, "IN", "CONTAINS", "STARTS_WITH", "ENDS_WITH"],
    Kind.NUMBER: [*ORDERED, *NULL, "IN", "BETWEEN"],
    Kind.DATE: [*ORDERED, *NULL, "IN", "BETWEEN"],
    Kind.BOOLEAN: [*NULL, "EQUALS", "NOT_EQUALS", "TRUE", "FALSE"],
}
TEXTS = st.text(st.sampled_from("aAbZé\u0301ß %_\\'\"{}01-/,\ue000😀\U0010ffff"), max_size=3)
SPELLINGS = {False: ["Ascending", "asc", "ASCENDING", "Asc"], True: ["Descending", "desc", "DESC", "descending"]}

# The plant is only read, so the examples may share it.
examples = settings(
    max_examples=100,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
@examples
@given(data=st.data())
async def test_a_request_finds_what_python_finds(execute, python, record, data):
    table = python.rows[record]
    filters, conditions = data.draw(filters_of(record, table))
    order, keys = data.draw(orders_of(record))
    page = data.draw(pages(len(table)))
    matching = [
        row for row in table if all(python.holds(name, row[field], *given) for field, name, given in conditions)
    ]

    found = await execute(FIND % RECORDS[record], request={"filters": filters, **order, **page})

    assert found[RECORDS[record]] == page_of(python.ordered(matching, keys), page)


def page_of(rows, page):
    """The rows of a page, with its numbers."""
    size, index = page.get("pageSize"), page.get("pageIndex") or 0
    shown = rows[index * size : (index + 1) * size] if size else rows
    pages = -(-len(rows) // size) if size else min(len(rows), 1)
    return {
        "content": [{"id": row["id"]} for row in shown],
        "totalPages": pages,
        "totalElements": len(rows),
        "pageSize": size or len(rows),
        "pageIndex": index,
        "hasContent": bool(shown),
        "isFirst": index == 0,
        "isLast": index + 1 >= pages,
        "hasNext": index + 1 < pages,
        "hasPrevious": index > 0,
    }


@st.composite
def filters_of(draw, record, table):
    """Some filters, with the field, the condition and the values of each as Python compares them."""
    filters, conditions = [], []
    for column in draw(st.lists(st.sampled_from(list(record.columns.values())), max_size=3)):
        kind = kind_of(column)
        name = draw(st.sampled_from(CONDITIONS[kind]))
        values = [value for row in table if (value := row[column.documented]) is not None]
        given, spelled = draw(values_of(name, kind, values))
        filters.append({"field": column.documented, "condition": draw(st.randoms().map(spelling(name))), **spelled})
        conditions.append((column.documented, name, [meant(column, value) for value in given]))
    return filters, conditions


@st.composite
def values_of(draw, name, kind, values):
    """The values of a condition: as they are, and as the filter has them."""
    one = KINDS[kind](values)
    if name in (*NULL, "TRUE", "FALSE"):
        return [], {}
    if name == "BETWEEN":
        least, greatest = draw(one), draw(one)
        part = kind.value.capitalize()
        return [least, greatest], {f"min{part}Value": written(least), f"max{part}Value": written(greatest)}
    if name == "IN":
        given = draw(st.lists(one, max_size=3))
        return [given], {f"{kind.value}ListValue": [written(value) for value in given]}
    given = draw(one)
    if kind is Kind.BOOLEAN:
        return [given], {"stringValue": str(given).lower()}
    return [given], {f"{kind.value}Value": written(given)}


def texts_of(values):
    """Any text, stored ones, parts of them, and ids in other spellings."""
    parts = st.tuples(st.sampled_from([*values, ""]), st.integers(0, 4), st.integers(0, 30))
    return st.one_of(
        TEXTS,
        parts.map(lambda part: part[0][part[1] : part[2]]),
        st.sampled_from([*values, "x"]),
        st.sampled_from([*values, "x"]).map(lambda text: text.replace("-", "").lower()),
    )


def numbers_of(values):
    """Stored numbers that a Float can bring, and others."""
    fitting = [value for value in values if value == float(value) and abs(value) < 2**53]
    return st.one_of(st.sampled_from([*fitting, 0]), st.sampled_from([0.5, -1, 1.5, 2**53, 1e300, 1e308, 5e-324]))


def dates_of(values):
    """Stored instants, and those right before or after them."""
    near = [value + step for value in values for step in STEPS if 1 < value.year < 9999]
    return st.sampled_from([*values, *near, datetime(2000, 1, 1, tzinfo=UTC)])


STEPS = (timedelta(microseconds=1), timedelta(microseconds=-1))
KINDS = {
    Kind.STRING: texts_of,
    Kind.NUMBER: numbers_of,
    Kind.DATE: dates_of,
    Kind.BOOLEAN: lambda _: st.booleans(),
}


@st.composite
def orders_of(draw, record):
    """Some fields to sort by with some directions, and the same as keys."""
    fields = draw(st.lists(st.sampled_from([column.documented for column in record.columns.values()]), max_size=3))
    falling = draw(st.lists(st.booleans(), max_size=len(fields)))
    directions = [draw(st.sampled_from(SPELLINGS[falls])) for falls in falling]
    keys = [(lambda row, field=field: row[field]) for field in fields]
    directed = [*falling, *[False] * (len(fields) - len(falling))]
    return {"sortFields": fields, "sortDirections": directions}, list(zip(keys, directed, strict=True))


def pages(length):
    """A page, or none."""
    sizes = st.integers(1, length + 1)
    return st.one_of(
        st.sampled_from([{}, {"pageSize": None, "pageIndex": 0}]),
        st.builds(lambda size, index: {"pageSize": size, "pageIndex": index}, sizes, st.integers(0, 5)),
    )


def spelling(name):
    """Spells a condition's words in any case, with a blank, an underscore or nothing between them."""

    def spelled(random: Random):
        words = (random.choice([str.upper, str.lower, str.title])(word) for word in name.split("_"))
        return random.choice(["_", " ", ""]).join(words)

    return spelled


def written(value):
    return value.isoformat() if hasattr(value, "isoformat") else value


def meant(column, value):
    """A value as its column has it: an id with its dashes, a label with its letters in one spelling."""
    if isinstance(value, list):
        return [meant(column, one) for one in value]
    if column.kind is Ulid and len(value) in (26, 28):
        bare = value.replace("-", "").upper()
        return f"{bare[:10]}-{bare[10:18]}-{bare[18:]}" if len(bare) == 26 else value
    return unicodedata.normalize("NFC", value) if column.label else value
