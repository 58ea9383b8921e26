import enum
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client import MesError
from client.schema import Parameter, Type
from client.values import Values


class Status(enum.Enum):
    IDLE = "IDLE"


def scalar(name):
    return Type("SCALAR", name, None)


INPUTS = {
    "OrderInput": (
        Parameter("quantity", Type("NON_NULL", "", scalar("Float")), None),
        Parameter("position", scalar("Int"), None),
        Parameter("name", scalar("String"), None),
        Parameter("filters", Type("LIST", "", Type("INPUT_OBJECT", "FilterInput", None)), None),
    ),
    "FilterInput": (Parameter("numberListValue", Type("LIST", "", scalar("Float")), None),),
}


def sent(value, type_name="OrderInput"):
    return Values(INPUTS).json(value, type_name, "input")


@pytest.mark.parametrize(
    ("text", "number"),
    [("100", 100.0), ("-1.5", -1.5), ("+2", 2.0), (".5", 0.5), ("1e3", 1000.0), ("007", 7.0)],
)
def test_a_numeric_text_is_a_number_where_a_float_is_asked_for(text, number):
    assert sent({"quantity": text}) == {"quantity": number}
    assert type(sent({"quantity": text})["quantity"]) is float


@pytest.mark.parametrize("type_name", ["Int", "Long"])
def test_a_whole_numeric_text_is_a_number_where_an_integer_is_asked_for(type_name):
    assert sent("100", type_name) == 100
    assert sent("-9223372036854775808", type_name) == -(2**63)


@pytest.mark.parametrize(
    "text", ["abc", "١٢", "1_0", "NaN", "Infinity", " 1", "1 ", "1\n", "", "1e999", "0x1F", "--1", "."]
)
@pytest.mark.parametrize("type_name", ["Int", "Long", "Float"])
def test_any_other_text_is_left_to_the_server(text, type_name):
    assert sent(text, type_name) == text


@pytest.mark.parametrize("text", ["1.0", "1e3", "9" * 20, "9" * 5000])
def test_a_text_that_is_no_64_bit_integer_is_left_to_the_server(text):
    assert sent(text, "Long") == text


@given(st.text())
def test_a_text_stays_where_a_text_is_asked_for(text):
    assert sent({"name": text}) == {"name": text}


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_text_of_a_number_is_that_number(number):
    assert sent(repr(number), "Float") == number


@given(st.text())
def test_no_text_becomes_another_kind_of_number(text):
    assert type(sent(text, "Int")) in (str, int)
    assert type(sent(text, "Float")) in (str, float)


def test_numbers_are_found_in_lists_of_objects():
    request = {"filters": [{"numberListValue": ["1", 2, None]}]}

    assert sent(request) == {"filters": [{"numberListValue": [1.0, 2, None]}]}


def test_one_object_for_a_list_is_seen_as_its_element():
    assert sent({"filters": {"numberListValue": "1"}}) == {"filters": {"numberListValue": 1.0}}


def test_what_the_schema_does_not_have_is_sent_as_it_is():
    assert sent({"colour": "1", "size": (1, 2)}) == {"colour": "1", "size": [1, 2]}


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        (datetime(2024, 12, 31, 19, 48, 44, tzinfo=UTC), "2024-12-31T19:48:44+00:00"),
        (datetime(2024, 12, 31, 19, 48, 44, 5, timezone(timedelta(hours=-5))), "2024-12-31T19:48:44.000005-05:00"),
    ],
)
def test_a_time_with_an_offset_is_sent_as_text(instant, text):
    assert sent({"dueDate": instant}) == {"dueDate": text}


def test_an_enumeration_is_sent_as_its_value():
    assert sent({"status": Status.IDLE}) == {"status": "IDLE"}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (datetime(2024, 12, 31, 19, 48, 44), "must be a time with an offset, as datetime.now(UTC) is"),  # noqa: DTZ001
        (date(2024, 12, 31), "can't be of Python's type date"),
        ({1}, "can't be of Python's type set"),
        (float("nan"), "must be a finite number"),
        (float("inf"), "must be a finite number"),
    ],
)
def test_what_json_can_not_say_is_a_violation(value, message):
    with pytest.raises(MesError) as caught:
        sent({"dueDate": [value]})

    assert caught.value.code == "BAD_USER_INPUT"
    assert caught.value.violations == {"dueDate": [message]}
