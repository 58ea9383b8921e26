from datetime import UTC, datetime, timedelta

import pytest

from db.instant import parsed_instant
from db.records import Location, Shift, ShiftRecord
from db.repositories import repository
from db.ulid import new_ulid

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
async def line(save):
    """The location /Line 1, with an early and a late shift."""
    line = await save(Location, name="Line 1")
    for name in ("Late", "Early"):
        await save(Shift, name=name, location_id=line.id)
    return line.id


@pytest.fixture
def worked(save, line, session, shown):
    """Stores a shift record: `await worked("Early", -2, 6)`, in hours from noon."""

    async def store(name, start, end=None, location=line):
        shift = await shown(shifts(session).named(location, name))
        record = await save(
            ShiftRecord,
            shift_id=shift.id,
            location_id=location,
            start_date=NOON + start * HOUR,
            end_date=None if end is None else NOON + end * HOUR,
        )
        return record.id

    return store


def shifts(session):
    return repository(Shift, session)


def shift_records(session):
    return repository(ShiftRecord, session)


@pytest.fixture
def current(session, shown):
    """The id of the record that runs at an instant."""

    async def run(*instant, location="Line 1"):
        record = await shown(shift_records(session).current(location, *instant))
        return record and record.id

    return run


@pytest.fixture
def overlapping(session, shown):
    """The records that overlap a time."""

    async def run(start, end):
        return await shown(shift_records(session).overlapping("Line 1", start, end))

    return run


async def test_the_current_record_began_and_has_not_ended(worked, current):
    early = await worked("Early", -6, 0)
    late = await worked("Late", 0, 8)

    assert [await current(NOON + hours * HOUR) for hours in (-7, -6, -1, 0, 7, 8)] == [
        None,
        early,
        early,
        late,
        late,
        None,
    ]


async def test_a_record_without_an_end_runs_on(worked, current):
    early = await worked("Early", -6)

    assert await current(NOON + 1000 * HOUR) == early


async def test_of_several_records_the_latest_start_wins(worked, current):
    await worked("Early", -6)
    late = await worked("Late", -1, 5)

    assert await current(NOON) == late


async def test_without_an_instant_it_is_now(worked, current):
    await worked("Early", -6, 6)
    now = await worked("Late", (datetime.now(UTC) - NOON) / HOUR - 1)

    assert await current() == now


async def test_a_record_of_another_location_does_not_count(worked, current, save):
    other = await save(Location, name="Line 2")
    await save(Shift, name="Early", location_id=other.id)
    await worked("Early", -6, location=other.id)

    assert await current(NOON) is None
    assert await current(NOON, location=other.id) is not None


@pytest.mark.parametrize("instant", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"])
async def test_the_first_and_the_last_instant_may_be_asked_for(worked, current, instant):
    await worked("Early", -6, 0)

    assert await current(parsed_instant(instant)) is None


async def test_the_current_shift_is_that_of_the_current_record(worked, session, shown):
    await worked("Early", -6, 0)
    await worked("Late", 0, 8)

    assert (await shown(shifts(session).current("/Line 1", NOON - HOUR))).name == "Early"
    assert await shown(shifts(session).current("/Line 1", NOON + 9 * HOUR)) is None


@pytest.mark.parametrize(
    ("start", "end", "names"),
    [
        (-6, 8, ["Early", "Late"]),
        (-7, -6, []),
        (-7, -5.9, ["Early"]),
        (-1, 0, ["Early"]),
        (0, 1, ["Late"]),
        (8, 9, ["Late"]),
    ],
)
async def test_the_records_of_a_time_overlap_it(worked, overlapping, start, end, names):
    records = {await worked("Late", 0): "Late", await worked("Early", -6, 0): "Early"}

    found = await overlapping(NOON + start * HOUR, NOON + end * HOUR)

    assert [records[record.id] for record in found] == names


async def test_the_shifts_of_a_location_come_by_name(line, session, shown):
    found = await shown(shifts(session).of_location(line, include_disabled=False))

    assert [shift.name for shift in found] == ["Early", "Late"]


async def test_disabled_shifts_are_listed_only_where_they_are_asked_for(line, save, session, shown):
    await save(Shift, name="Night", location_id=line, enabled=False)

    for include_disabled, names in ((False, ["Early", "Late"]), (True, ["Early", "Late", "Night"])):
        of_location = await shown(shifts(session).of_location("/Line 1", include_disabled=include_disabled))
        every = await shown(shifts(session).every(include_disabled=include_disabled))
        assert [shift.name for shift in of_location] == [shift.name for shift in every] == names


@pytest.mark.usefixtures("line")
async def test_a_location_that_is_not_there_has_no_shifts(session, shown):
    assert await shown(shifts(session).of_location(new_ulid(), include_disabled=True)) == []


async def test_a_shift_is_found_by_its_location_and_name(line, session, shown):
    found = await shown(shifts(session).named("Line 1/", " Early "))

    assert (found.name, found.location_id) == ("Early", line)
    assert await shown(shifts(session).named("Line 1", "Night")) is None
