import pytest

from db.records import Location, Shift, ShiftRecord

GET = """
query ($id: String, $location: String, $name: String) {
  getShift(id: $id, locationIdOrPath: $location, name: $name) { name locationPath }
}
"""
ALL = "query ($disabled: Boolean) { getAllShifts(includeDisabled: $disabled) { name } }"
AT = """
query ($location: String!, $disabled: Boolean) {
  getShiftsByLocation(locationIdOrPath: $location, includeDisabled: $disabled) { name }
}
"""
CURRENT = """
query ($location: String!, $millis: Long) {
  getCurrentShift(locationIdOrPath: $location, timestampMillis: $millis) { name }
  getCurrentShiftRecord(locationIdOrPath: $location, timestampMillis: $millis) { shiftName }
}
"""
EARLY = {"name": "Early", "locationPath": "/Line 1"}
SIX = 1_767_247_200_000  # 2026-01-01T06:00:00Z
HOUR = 3_600_000
FIRST, LAST = -62_135_596_800_000, 253_402_300_799_999  # The years 1 and 9999 begin and end.
NOTHING = "01JCH3EPVP-1MNNDJTS-37Z75NGA"


@pytest.fixture
async def worked(saved, plant):
    """Early is worked from 6 to 14 and Late from 13 on, at Line 1."""
    late = await saved(Shift, name="Late", locationId=plant.location)
    times = ((plant.shift, "2026-01-01T06:00:00Z", "2026-01-01T14:00:00Z"), (late, "2026-01-01T13:00:00Z", None))
    for shift, start, end in times:
        await saved(ShiftRecord, shiftId=shift, locationId=plant.location, startDate=start, endDate=end)


@pytest.fixture
async def shifts(saved, plant):
    """Late and, disabled, Night at Line 1; Day at Line 2."""
    await saved(Shift, name="Night", locationId=plant.location, enabled=False)
    await saved(Shift, name="Late", locationId=plant.location)
    await saved(Shift, name="Day", locationId=await saved(Location, name="Line 2"))


@pytest.fixture
def names(execute):
    async def run(document, **variables):
        (found,) = (await execute(document, **variables)).values()
        return [one["name"] for one in found]

    return run


async def test_a_shift_is_found_by_its_id(execute, plant):
    assert await execute(GET, id=plant.shift.lower()) == {"getShift": EARLY}


async def test_a_shift_is_found_by_its_location_and_name(execute, plant):
    for location in (plant.location, "/Line 1", "Line 1"):
        assert await execute(GET, location=location, name=" Early ") == {"getShift": EARLY}


async def test_a_shift_that_is_not_there_is_null(execute):
    for given in ({"id": NOTHING}, {"location": "Line 1", "name": ""}, {"location": "", "name": "Early"}):
        assert await execute(GET, **given) == {"getShift": None}


async def test_a_shift_is_asked_for_in_one_of_the_two_ways(execute, plant):
    both = {"location": "Line 1", "name": "Early"}

    for given in ({}, {"location": "Line 1"}, {"name": "Early"}, {"id": plant.shift, **both}):
        failure = await execute.failing(GET, **given)
        assert failure.violations == {"id": ["is needed alone; or locationIdOrPath and name together"]}


async def test_a_shift_is_not_found_by_what_is_no_id(execute):
    assert list((await execute.failing(GET, id="Early")).violations) == ["id"]


async def test_all_shifts_come_by_name_and_disabled_ones_where_they_are_asked_for(names, shifts):  # noqa: ARG001
    assert await names(ALL) == await names(ALL, disabled=False) == ["Day", "Early", "Late"]
    assert await names(ALL, disabled=True) == ["Day", "Early", "Late", "Night"]


async def test_the_shifts_of_a_location_are_its_own(names, shifts, plant):  # noqa: ARG001
    for location in (plant.location, "Line 1"):
        assert await names(AT, location=location) == ["Early", "Late"]
        assert await names(AT, location=location, disabled=True) == ["Early", "Late", "Night"]
    assert await names(AT, location="nothing", disabled=True) == []


async def test_the_current_shift_is_that_of_the_record_that_runs_at_an_instant(execute, worked):  # noqa: ARG001
    expected = {
        SIX - 1: None,
        SIX: "Early",
        SIX + 7 * HOUR - 1: "Early",
        SIX + 7 * HOUR: "Late",
        SIX + 100_000 * HOUR: "Late",
        FIRST: None,
        LAST: "Late",
    }

    for millis, name in expected.items():
        assert await execute(CURRENT, location="Line 1", millis=millis) == {
            "getCurrentShift": name and {"name": name},
            "getCurrentShiftRecord": name and {"shiftName": name},
        }


async def test_without_an_instant_the_current_shift_is_that_of_now(execute, worked, plant):  # noqa: ARG001
    assert (await execute(CURRENT, location=plant.location))["getCurrentShift"] == {"name": "Late"}


async def test_at_another_location_no_shift_is_worked(execute, worked):  # noqa: ARG001
    assert (await execute(CURRENT, location="Line 2"))["getCurrentShift"] is None


async def test_an_instant_has_a_year_from_1_to_9999(execute):
    for millis in (-(2**63), FIRST - 1, LAST + 1, 2**63 - 1):
        failure = await execute.failing(CURRENT, location="Line 1", millis=millis)
        assert failure.violations == {"timestampMillis": ["must be an instant in the years from 1 to 9999"]}


async def test_a_shift_refers_to_its_current_record(execute, plant):
    save = "mutation ($input: ShiftInput!) { saveShift(input: $input) { currentRecord { id shift { name } } } }"

    data = await execute(save, input={"id": plant.shift, "currentRecordId": plant.shift_record})

    assert data["saveShift"]["currentRecord"] == {"id": plant.shift_record, "shift": {"name": "Early"}}
