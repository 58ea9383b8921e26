import base64
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db import mixed
from db.enumerations import DataType
from db.mixed import Misfit

REPEATABLE = settings(derandomize=True, deadline=None)

FREE = {"low_limit": None, "high_limit": None, "options": None}
LARGEST = 2**63 - 1

VALUES = {
    DataType.String: "text",
    DataType.Int: 1,
    DataType.Float: 0.5,
    DataType.Boolean: True,
    DataType.DateTime: "2024-12-31T19:48:44Z",
    DataType.Blob: "AAAA",
}


def kept(data_type, value, **rules):
    return mixed.fitting(data_type, value, {**FREE, **rules})


def refused(data_type, value, **rules):
    with pytest.raises(Misfit) as misfit:
        kept(data_type, value, **rules)
    return str(misfit.value)


@pytest.mark.parametrize("data_type", DataType)
def test_null_fits_every_data_type(data_type):
    assert kept(data_type, None, options="a, b", low_limit=5.0) is None


@pytest.mark.parametrize("data_type", DataType)
def test_a_value_is_kept_in_the_column_of_its_data_type_alone(data_type):
    columns = mixed.columns(data_type, kept(data_type, VALUES[data_type]), "default_")

    assert [name for name, value in columns.items() if value is not None] == [
        f"default_{mixed.value_column(data_type)}"
    ]
    assert mixed.kept_value(data_type, columns, "default_") == kept(data_type, VALUES[data_type])


@pytest.mark.parametrize(
    ("data_type", "value"),
    [
        (DataType.String, 1),
        (DataType.String, True),
        (DataType.Boolean, 0),
        (DataType.Boolean, 1.0),
        (DataType.Boolean, "true"),
        (DataType.DateTime, 1767225600),
        (DataType.DateTime, "2024-12-31"),
        (DataType.DateTime, True),
    ],
)
def test_a_value_of_another_data_type_is_refused(data_type, value):
    assert refused(data_type, value).startswith("must be ")


@REPEATABLE
@given(st.integers(-(2**63), LARGEST))
def test_every_integer_of_64_bits_is_kept_as_it_is(number):
    assert kept(DataType.Int, number) == number


@pytest.mark.parametrize("number", [1.0, -0.0, 1e15, float(2**53 - 1), float(1 - 2**53)])
def test_an_integer_may_be_written_as_a_float_that_can_stand_for_no_other(number):
    assert kept(DataType.Int, number) == number


@pytest.mark.parametrize(
    "number",
    [
        LARGEST + 1,
        -LARGEST - 2,
        1.5,
        float(2**53),
        float(-(2**53)),
        float(-LARGEST - 2),
        1e300,
        math.inf,
        math.nan,
        "1",
        True,
    ],
)
def test_what_is_no_integer_of_64_bits_is_refused(number):
    assert refused(DataType.Int, number) == "must be an integer of 64 bits"


@REPEATABLE
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_finite_number_is_kept_as_it_is(number):
    assert kept(DataType.Float, number) == number


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan, 10**400, "1", "NaN", True, [1.0]])
def test_what_is_no_finite_number_is_refused(number):
    assert refused(DataType.Float, number) == "must be a finite number"


@REPEATABLE
@given(st.binary(max_size=100))
def test_every_blob_is_read_from_its_base64(blob):
    assert kept(DataType.Blob, base64.b64encode(blob).decode()) == blob


@pytest.mark.parametrize(
    "text",
    [
        "A",
        "AA",
        "AAA",
        "AA=",
        "AB==",
        "AAB=",
        "AAAA====",
        "AA==AA==",
        "=",
        "AA AA",
        "AAAA\n",
        "-_-_",
        "ÄÄÄÄ",
        "AA=A",
        5,
        True,
    ],
)
def test_a_blob_that_would_be_shown_in_another_spelling_is_refused(text):
    assert refused(DataType.Blob, text) == "must be a text in base64"


@pytest.mark.parametrize("text", ["", " a ", "a\n\tb", "é", "\N{GRINNING FACE}" * 10_000])
def test_a_text_is_kept_as_it_is(text):
    assert kept(DataType.String, text) == text


@pytest.mark.parametrize("text", ["\0", "a\x07", "\x7f", "\ud800", "x" * 10_001])
def test_a_text_that_cannot_be_stored_or_shown_is_refused(text):
    assert refused(DataType.String, text).startswith("must be a text of at most 10,000 characters")


@pytest.mark.parametrize("number", [1, 1.5, 2])
def test_the_limits_of_a_number_belong_to_what_is_allowed(number):
    assert kept(DataType.Float, number, low_limit=1.0, high_limit=2.0) == number


@pytest.mark.parametrize(
    ("limits", "number", "message"),
    [
        ({"low_limit": 1234567.0}, 1234566, "must be at least 1234567"),
        ({"high_limit": 0.30000000000000004}, 1, "must be at most 0.30000000000000004"),
        ({"high_limit": -0.5}, 0, "must be at most -0.5"),
        ({"high_limit": float(2**53)}, 2**53 + 1, "must be at most 9007199254740992"),
    ],
)
def test_a_number_beyond_a_limit_is_told_the_limit_with_all_its_digits(limits, number, message):
    assert refused(DataType.Int, number, **limits) == message


@pytest.mark.parametrize("data_type", [DataType.String, DataType.Boolean, DataType.DateTime, DataType.Blob])
def test_limits_bind_numbers_only(data_type):
    assert kept(data_type, VALUES[data_type], low_limit=5.0, high_limit=6.0) is not None


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        (None, []),
        ("", []),
        ("[]", []),
        (" , ,", []),
        ("a, b", ["a", "b"]),
        ("[a, b]", ["a", "b"]),
        (" [ a b ,c ] ", ["a b", "c"]),
        ("[a], b", ["[a]", "b"]),
    ],
)
def test_options_are_written_as_a_list_with_or_without_brackets(text, allowed):
    assert mixed.options(text) == allowed


@pytest.mark.parametrize(
    ("data_type", "options", "value"),
    [
        (DataType.String, "[a, b]", "b"),
        (DataType.Int, "1, 2", 2.0),
        (DataType.Int, "9223372036854775807", LARGEST),
        (DataType.Float, "0.5, 1e3", 1000),
        (DataType.Boolean, "true", True),
        (DataType.DateTime, "2024-12-31T19:48:44Z", "2024-12-31T20:48:44+01:00"),
        (DataType.Blob, "AAAA, AA==", "AA=="),
    ],
)
def test_a_value_that_is_one_of_the_options_fits_however_it_is_written(data_type, options, value):
    mixed.check_options(data_type, options)

    assert kept(data_type, value, options=options) is not None


@pytest.mark.parametrize(
    ("data_type", "options", "value"),
    [
        (DataType.String, "a, b", "A"),
        (DataType.String, "a, b", ""),
        (DataType.Int, "1, 2", 3),
        (DataType.Boolean, "true", False),
        (DataType.Blob, "AAAA", "AAAB"),
    ],
)
def test_a_value_that_is_none_of_the_options_is_told_them(data_type, options, value):
    assert refused(data_type, value, options=options) == f"must be one of {options}"


@pytest.mark.parametrize(
    ("data_type", "option"),
    [
        (DataType.Int, "a"),
        (DataType.Int, "1.5"),
        (DataType.Int, "1_0"),
        (DataType.Int, "\N{ARABIC-INDIC DIGIT ONE}"),
        (DataType.Int, "9223372036854775808"),
        (DataType.Int, "-9223372036854775809"),
        (DataType.Int, "null"),
        (DataType.Float, "nan"),
        (DataType.Float, "NaN"),
        (DataType.Float, "1e400"),
        (DataType.Boolean, "True"),
        (DataType.Boolean, "1"),
        (DataType.DateTime, "2024-12-31"),
        (DataType.Blob, "%"),
    ],
)
def test_an_option_that_is_no_value_of_the_data_type_is_refused(data_type, option):
    with pytest.raises(Misfit, match=f"must hold values of the type {data_type.value}, which "):
        mixed.check_options(data_type, option)


def test_of_a_long_option_only_the_beginning_is_told():
    with pytest.raises(Misfit) as misfit:
        mixed.check_options(DataType.Int, "x" * 1_000)

    assert "x" * 65 not in str(misfit.value)
