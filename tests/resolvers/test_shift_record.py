import pytest

from db.records import ShiftRecord

SAVE = """
mutation ($input: ShiftRecordInput!) {
  saveShiftRecord(input: $input) { id startDate endDate duration status locationPath shiftName }
}
"""
BETWEEN = """
query ($location: String!, $start: Long!, $end: Long!) {
  getShiftRecords(locationIdOrPath: $location, startDateMillis: $start, endDateMillis: $end) { notes }
}
"""
GET = "query ($id: String!) { getShiftRecord(id: $id) { shiftName } }"
SIX = 1_767_247_200_000  # 2026-01-01T06:00:00Z
HOUR = 3_600_000


@pytest.fixture
async def worked(saved, plant):
    """A is worked from 6 to 8, B from 8 to 10, C from 7 on, and D was never begun."""
    times = {
        "A": {"startDate": "2026-01-01T06:00:00Z", "endDate": "2026-01-01T08:00:00Z"},
        "B": {"startDate": "2026-01-01T08:00:00Z", "endDate": "2026-01-01T10:00:00Z"},
        "C": {"startDate": "2026-01-01T07:00:00Z"},
        "D": {},
    }
    for name, given in times.items():
        await saved(ShiftRecord, notes=name, shiftId=plant.shift, locationId=plant.location, **given)


@pytest.fixture
def between(execute):
    """The notes of the records that run between two hours after six."""

    async def run(start, end, location="Line 1"):
        millis = {"start": SIX + start * HOUR, "end": SIX + end * HOUR}
        answer = await execute(BETWEEN, location=location, **millis)
        return "".join(record["notes"] for record in answer["getShiftRecords"])

    return run


async def test_the_records_of_a_time_overlap_it_and_come_by_their_start(between, worked):  # noqa: ARG001
    expected = {
        (-2, 0): "",
        (-2, 1): "A",
        (0, 2): "AC",
        (1, 3): "ACB",
        (2, 4): "CB",
        (4, 5): "C",
        (1, 1): "A",
        (-9, 99): "ACB",
    }

    assert {hours: await between(*hours) for hours in expected} == expected


async def test_another_location_has_no_records(between, worked):  # noqa: ARG001
    assert await between(-9, 99, "nothing") == ""


async def test_a_time_does_not_end_before_it_starts(execute):
    failure = await execute.failing(BETWEEN, location="Line 1", start=SIX, end=SIX - 1)

    assert failure.violations == {"endDateMillis": ["must not be less than startDateMillis"]}


@pytest.mark.parametrize(("start", "end", "wrong"), [(-(2**63), 0, "startDateMillis"), (0, 2**63 - 1, "endDateMillis")])
async def test_an_instant_has_a_year_from_1_to_9999(execute, start, end, wrong):
    failure = await execute.failing(BETWEEN, location="Line 1", start=start, end=end)

    assert failure.violations == {wrong: ["must be an instant in the years from 1 to 9999"]}


async def test_a_record_tells_how_long_the_shift_was_worked(execute, plant):
    given = {"startDate": "2026-01-01T06:00:00Z", "endDate": "2026-01-01T14:00:00.5+01:00", "status": "COMPLETED"}

    data = await execute(SAVE, input={"shiftId": plant.shift, "locationId": plant.location, **given})

    assert data["saveShiftRecord"] == {
        "id": data["saveShiftRecord"]["id"],
        "startDate": "2026-01-01T06:00:00Z",
        "endDate": "2026-01-01T13:00:00.5Z",
        "duration": 25_200.5,
        "status": "COMPLETED",
        "locationPath": "/Line 1",
        "shiftName": "Early",
    }


async def test_a_record_does_not_end_before_it_starts(execute, plant):
    given = {"startDate": "2026-01-01T06:00:00Z", "endDate": "2026-01-01T06:59:59+01:00"}

    failure = await execute.failing(SAVE, input={"shiftId": plant.shift, "locationId": plant.location, **given})

    assert failure.violations == {"endDate": ["must not be less than startDate"]}


async def test_a_record_is_found_by_its_id(execute, plant):
    assert await execute(GET, id=plant.shift_record) == {"getShiftRecord": {"shiftName": "Early"}}
    assert await execute(GET, id=plant.shift) == {"getShiftRecord": None}
    assert (await execute.failing(GET, id="Early")).code == "BAD_USER_INPUT"
