import pytest

from db.errors import Invalid
from db.records import ProductionOrder
from db.scope import Building

NAME, VERSION = ProductionOrder.columns["name"], ProductionOrder.columns["version"]


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (1.0, "bigint"),
        (-(2.0**63), "bigint"),
        (2.0**63, "double precision"),
        (1.5, "double precision"),
        (float("inf"), "double precision"),
        (float("-inf"), "double precision"),
        ([1, 2.0], "bigint[]"),
        ([1, float("inf")], "double precision[]"),
    ],
)
def test_an_integer_is_compared_as_one_where_the_number_is_one(number, kind):
    building = Building([], {}, 1)

    assert building.parameter(VERSION, number, listed=isinstance(number, list)) == f"$1::{kind}"


def test_more_values_than_a_statement_takes_are_refused():
    building = Building(["x"] * 31_999, {}, 1)
    building.parameter(NAME, "x")

    with pytest.raises(Invalid) as refusal:
        building.parameter(NAME, "x")

    assert refusal.value.violations == {"name": ["is compared too often: give a list of values to IN"]}


def test_a_list_of_values_counts_once():
    building = Building([], {}, 1)

    assert building.parameter(NAME, ["x"] * 100_000, listed=True) == "$1::text[]"
