"""Any connection shows what Python finds in all rows by the same filter, order and cursors."""

from datetime import UTC, datetime, timedelta
from enum import Enum

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.declaration import Column, Many, One
from db.filters import Kind, kind_of
from db.records import RECORDS, Material, ProductionOrder, ProductionOrderPropertyValue
from db.ulid import Ulid

CONNECTION = """
query ($filter: {0}Filter, $orderBy: [{0}OrderBy!], $first: Int, $after: String, $last: Int, $before: String) {{
  {1}(filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {{
    edges {{ cursor node {{ id }} }}
    nodes {{ id }}
    totalCount
    pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }}
  }}
}}
"""
CONNECTIONS = {
    ProductionOrder: "productionOrders",
    ProductionOrderPropertyValue: "productionOrderPropertyValues",
    Material: "materials",
}
FEW = {"equals": "EQUALS", "notEquals": "NOT_EQUALS"}
COMPARED = {
    **FEW,
    "greaterThan": "GREATER_THAN",
    "greaterThanOrEqualTo": "GREATER_THAN_OR_EQUAL_TO",
    "lessThan": "LESS_THAN",
    "lessThanOrEqualTo": "LESS_THAN_OR_EQUAL_TO",
}
PARTS = {"contains": "CONTAINS", "startsWith": "STARTS_WITH", "endsWith": "ENDS_WITH"}
OPERATORS = {Kind.STRING: {**COMPARED, **PARTS}, Kind.NUMBER: COMPARED, Kind.DATE: COMPARED, Kind.BOOLEAN: FEW}
SOME_DATE = datetime(2000, 1, 1, tzinfo=UTC)

# The plant is only read, so the examples may share it.
examples = settings(
    max_examples=100,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.mark.parametrize("record", CONNECTIONS, ids=lambda record: record.__name__)
@examples
@given(data=st.data())
async def test_a_connection_shows_what_python_finds(execute, python, record, data):
    name = CONNECTIONS[record]
    document = CONNECTION.format(record.__name__, name)
    order = data.draw(st.lists(order_keys(record), max_size=3))
    every = (await execute(document, orderBy=order))[name]["edges"]
    cursors = [edge["cursor"] for edge in every]
    asked = data.draw(windows(len(cursors)))
    given_filter = data.draw(st.none() | filters(record, python.rows))
    sorted_rows = python.ordered(python.rows[record], [key_of(one) for one in order])
    places = [
        place
        for place, row in enumerate(sorted_rows)
        if given_filter is None or matches(record, row, given_filter, python.holds)
    ]

    told = {key: cursors[value] if key in ("after", "before") else value for key, value in asked.items()}
    found = (await execute(document, orderBy=order, filter=given_filter, **told))[name]

    assert [edge["node"]["id"] for edge in every] == [row["id"] for row in sorted_rows]
    assert found == part_of(places, asked, sorted_rows, cursors)


def part_of(places, asked, rows, cursors):
    """The part of the rows at these places that is asked for."""
    after, before = asked.get("after", -1), asked.get("before", len(rows))
    between = [place for place in places if after < place < before]
    last = asked.get("last")
    shown = between[max(len(between) - last, 0) :] if last is not None else between[: asked.get("first", 50)]
    more = len(between) > len(shown)
    edges = [{"cursor": cursors[place], "node": {"id": rows[place]["id"]}} for place in shown]
    return {
        "edges": edges,
        "nodes": [edge["node"] for edge in edges],
        "totalCount": len(places),
        "pageInfo": {
            "hasNextPage": any(place >= before for place in places) if last is not None else more,
            "hasPreviousPage": more if last is not None else any(place <= after for place in places),
            "startCursor": edges[0]["cursor"] if edges else None,
            "endCursor": edges[-1]["cursor"] if edges else None,
        },
    }


def matches(record, row, given_filter, holds):
    """Whether a row matches a filter as it is sent."""

    def part(name, value):
        if name in ("and", "or"):
            return {"and": all, "or": any}[name](matches(record, row, one, holds) for one in value)
        if name == "not":
            return not matches(record, row, value, holds)
        member = next(member for member in record.members.values() if member.documented == name)
        if isinstance(member, Column):
            return all(compares(member, row[name], *one, holds) for one in value.items())
        target = RECORDS[member.target]
        if isinstance(member, One):
            return row[name] is not None and matches(target, row[name], value, holds)
        wanted = {"some": True, "none": False}
        return all(any(matches(target, r, one, holds) for r in row[name]) is wanted[key] for key, one in value.items())

    return all(part(name, value) for name, value in given_filter.items())


def compares(column, value, operator, compared, holds):
    if operator == "isNull":
        return (value is None) is compared
    if operator == "between":
        return holds("BETWEEN", value, read(column, compared["min"]), read(column, compared["max"]))
    if operator == "in":
        return holds("IN", value, [read(column, one) for one in compared])
    return holds(OPERATORS[kind_of(column)][operator], value, read(column, compared))


def read(column, value):
    return datetime.fromisoformat(value) if kind_of(column) is Kind.DATE else value


@st.composite
def filters(draw, record, rows, depth=2):
    """A filter of a record: of its columns and, as deep as that, of combinations and of relations."""
    columns = [member for member in record.members.values() if isinstance(member, Column)]
    relations = [member for member in record.members.values() if isinstance(member, One | Many)]
    made = {}
    for column in draw(st.lists(st.sampled_from(columns), max_size=2)):
        made[column.documented] = draw(compared(column, rows[record]))
    if not depth:
        return made
    inner = filters(record, rows, depth - 1)
    match draw(st.sampled_from(["", "and", "or", "not", "relation", "relation"])):
        case "not":
            made["not"] = draw(inner)
        case "and" | "or" as word:
            made[word] = draw(st.lists(inner, max_size=2))
        case "relation" if relations:
            relation = draw(st.sampled_from(relations))
            of_target = filters(RECORDS[relation.target], rows, depth - 1)
            of_list = st.fixed_dictionaries({}, optional={"some": of_target, "none": of_target})
            made[relation.documented] = draw(of_target if isinstance(relation, One) else of_list)
    return made


@st.composite
def compared(draw, column, table):
    """One or two comparisons of a column with stored values or others."""
    kind, value = kind_of(column), values(column, table)
    operators = dict.fromkeys(FEW if few(column) else OPERATORS[kind], value) | {"isNull": st.booleans()}
    if kind is not Kind.BOOLEAN:
        operators["in"] = st.lists(value, max_size=3)
    if kind in (Kind.NUMBER, Kind.DATE):
        operators["between"] = st.fixed_dictionaries({"min": value, "max": value})
    return {name: draw(operators[name]) for name in draw(st.sets(st.sampled_from(sorted(operators)), max_size=2))}


def few(column):
    return column.kind is Ulid or (isinstance(column.kind, type) and issubclass(column.kind, Enum))


def values(column, table):
    """Values to compare a column with."""
    stored = sorted({value for row in table if (value := row[column.documented]) is not None})
    if column.kind is Ulid:
        return st.sampled_from([*stored, "01JCH3ENGW-00000000-00000000"])
    if few(column):
        return st.sampled_from([member.value for member in column.kind])
    match kind_of(column):
        case Kind.BOOLEAN:
            return st.booleans()
        case Kind.DATE:
            return st.sampled_from([*stored, *(near(value) for value in stored), SOME_DATE]).map(datetime.isoformat)
        case Kind.NUMBER:
            return st.sampled_from([*stored, *([0.5, 1e308, -1] if column.kind is float else [0, 1])])
    parts = [*(text[:2] for text in stored), *(text[-2:] for text in stored)]
    return st.sampled_from([*stored, *parts, "%", "_", "\\", ""])


def near(instant):
    """An instant right beside another."""
    return instant + timedelta(microseconds=-1 if instant.year > SOME_DATE.year else 1)


def order_keys(record):
    """Keys of an order: of the record itself, or of one it refers to."""
    way = st.sampled_from(["ASC", "DESC"])

    def of(target):
        return st.sampled_from(list(target.columns.values())).flatmap(
            lambda column: st.fixed_dictionaries({column.documented: way})
        )

    relations = [member for member in record.members.values() if isinstance(member, One)]
    through = st.sampled_from(relations).flatmap(
        lambda one: st.fixed_dictionaries({one.documented: of(RECORDS[one.target])})
    )
    return st.one_of(of(record), through)


def key_of(given):
    """A key of an order as a function of a row, and whether it falls."""
    ((name, value),) = given.items()
    if isinstance(value, str):
        return (lambda row: row[name]), value == "DESC"
    ((inner, way),) = value.items()
    return (lambda row: row[name] and row[name][inner]), way == "DESC"


@st.composite
def windows(draw, length):
    """The size of a window and the places of its cursors."""
    asked = draw(st.fixed_dictionaries({}, optional={"after": places(length), "before": places(length)}))
    size = st.integers(1, length + 1)
    return asked | draw(
        st.one_of(st.just({}), st.builds(lambda n: {"first": n}, size), st.builds(lambda n: {"last": n}, size))
    )


def places(length):
    return st.integers(0, length - 1)
