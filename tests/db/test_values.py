import pytest

from db.errors import Invalid
from db.filters import CONDITIONS, Compared, Every
from db.records import ProductionOrder
from db.rows import Sort, Window
from db.values import Values

NAME, VERSION = ProductionOrder.columns["name"], ProductionOrder.columns["version"]


def compared(column, condition, *values):
    return Window(Compared(column, CONDITIONS[condition], values))


@pytest.mark.parametrize(
    ("condition", "number", "kind"),
    [
        ("EQUALS", 1.0, "bigint"),
        ("EQUALS", -(2.0**63), "bigint"),
        ("EQUALS", 2.0**63, "double precision"),
        ("EQUALS", 1.5, "double precision"),
        ("EQUALS", float("inf"), "double precision"),
        ("EQUALS", float("-inf"), "double precision"),
        ("IN", [1, 2.0], "bigint[]"),
        ("IN", [1, float("inf")], "double precision[]"),
    ],
)
def test_an_integer_is_compared_as_one_where_the_number_is_one(condition, number, kind):
    placed = Values().window(compared(VERSION, condition, number), ProductionOrder)

    assert placed.matching.values == (f"$1::{kind}",)


def test_more_values_than_a_statement_takes_are_refused():
    values = Values(["x"] * 31_999)
    values.window(compared(NAME, "EQUALS", "x"), ProductionOrder)

    with pytest.raises(Invalid) as refusal:
        values.window(compared(NAME, "EQUALS", "x"), ProductionOrder)

    assert refusal.value.violations == {"name": ["is compared too often: give a list of values to IN"]}


def test_a_list_of_values_counts_once():
    placed = Values().window(compared(NAME, "IN", ["x"] * 100_000), ProductionOrder)

    assert placed.matching.values == ("$1::text[]",)


def test_windows_that_differ_in_their_values_alone_are_placed_alike():
    def asked(name, version, size, after):
        return Window(
            Every((compared(NAME, "STARTS_WITH", name).matching, compared(VERSION, "EQUALS", version).matching)),
            (Sort(VERSION),),
            size,
            after=after,
        )

    one, other = Values(), Values()

    assert one.window(asked("A", 1, 5, (3, "id")), ProductionOrder) == other.window(
        asked("B", 2.0, 50, (4, "other")), ProductionOrder
    )
    assert one.parameters == ["A", "B", 1, 5, 0, 3, "id"]
    assert other.parameters == ["B", "C", 2, 50, 0, 4, "other"]


def test_a_null_in_a_cursor_makes_another_text():
    def placed(after):
        return Values().window(Window(order=(Sort(VERSION),), size=5, after=after), ProductionOrder)

    assert placed((None, "id")) != placed((3, "id"))
