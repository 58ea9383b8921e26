from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.instant import parsed_instant

INSTANT = datetime(2024, 12, 31, 19, 48, 44, tzinfo=UTC)

REPEATABLE = settings(derandomize=True, deadline=None)
offsets = st.builds(timezone, st.integers(-1439, 1439).map(lambda minutes: timedelta(minutes=minutes)))
instants = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=offsets)  # noqa: DTZ001 (`timezones` adds it)


@pytest.mark.parametrize(
    "text",
    [
        "2024-12-31T19:48:44Z",
        "2024-12-31t19:48:44z",
        "2024-12-31T19:48:44.0Z",
        "2024-12-31T19:48:44.000000000Z",
        "2024-12-31T19:48:44+00:00",
        "2024-12-31T19:48:44-00:00",
        "2025-01-01T00:48:44+05:00",
        "2024-12-31T14:18:44-05:30",
        "2025-01-01T19:47:44+23:59",
    ],
)
def test_one_instant_has_many_spellings(text):
    assert parsed_instant(text) == INSTANT


@REPEATABLE
@given(instants)
def test_every_instant_is_read_back_from_its_iso_spelling(instant):
    parsed = parsed_instant(instant.isoformat())

    assert (parsed, parsed.tzinfo) == (instant, UTC)


def test_an_instant_is_kept_with_microseconds():
    assert parsed_instant("2024-12-31T19:48:44.123456Z").microsecond == 123456


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2024-12-31",
        "2024-12-31T19:48:44",
        "2024-12-31 19:48:44Z",
        "2024-12-31T19:48Z",
        "20241231T194844Z",
        "2024-W01-1T00:00:00Z",
        "2024-366T00:00:00Z",
        "2024-12-31T19:48:44.Z",
        "2024-12-31T19:48:44,5Z",
        "2024-12-31T19:48:44.1234567Z",
        "2024-12-31T19:48:44+0500",
        "2024-12-31T19:48:44+05",
        "2024-12-31T19:48:44+05:60",
        "2024-12-31T19:48:44+24:00",
        "2024-12-31T19:48:44+05:00:01",
        "2024-12-31T24:00:00Z",
        "2016-12-31T23:59:60Z",
        "2026-02-30T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "10000-01-01T00:00:00Z",
        "-0044-03-15T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "infinity",
        "now",
        "1767225600",
        " 2024-12-31T19:48:44Z",
        "2024-12-31T19:48:44Z\n",
        "٢٠٢٤-12-31T19:48:44Z",
    ],
)
def test_anything_else_is_no_instant(text):
    assert parsed_instant(text) is None


@REPEATABLE
@given(st.text(alphabet="0123456789-:.+TtZz", max_size=32))
def test_any_text_is_an_instant_in_utc_or_is_not(text):
    parsed = parsed_instant(text)

    assert parsed is None or parsed.tzinfo is UTC


def test_what_is_longer_than_any_instant_is_none():
    assert parsed_instant(f"2024-12-31T19:48:44.{'0' * 43}Z") == INSTANT
    assert parsed_instant(f"2024-12-31T19:48:44.{'0' * 44}Z") is None
