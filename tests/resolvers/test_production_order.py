import pytest

SAVE = """
mutation ($input: ProductionOrderInput!) {
  saveProductionOrder(input: $input) {
    id name productId customerId locationId status schedulePriority quantity quantityProduced quantityScheduled
    startDate endDate dueDate unitOfMeasureId scheduleShiftRecordId notes enabled spare1 spare2 spare3
    createdBy createdDate modifiedBy modifiedDate version
  }
}
"""

GET = "query ($key: String!) { getProductionOrder(productionOrderIdOrName: $key) { id name quantity version notes } }"

DRAFT = {
    "name": None,
    "productId": None,
    "customerId": None,
    "locationId": None,
    "status": "IDLE",
    "schedulePriority": "NORMAL",
    "quantity": 0.0,
    "quantityProduced": 0.0,
    "quantityScheduled": 0.0,
    "startDate": None,
    "endDate": None,
    "dueDate": None,
    "unitOfMeasureId": None,
    "scheduleShiftId": None,
    "scheduleShiftName": None,
    "id": None,
    "notes": None,
    "enabled": True,
    "spare1": None,
    "spare2": None,
    "spare3": None,
}


@pytest.fixture
def order(plant):
    return {"name": "Order1", "productId": plant.material, "unitOfMeasureId": plant.unit_of_measure}


@pytest.fixture
def save(execute):
    async def run(**fields):
        return (await execute(SAVE, input=fields))["saveProductionOrder"]

    return run


@pytest.fixture
def refused(execute):
    async def run(**fields):
        return await execute.failing(SAVE, input=fields)

    return run


async def test_new_returns_the_documented_keys_and_defaults(execute):
    data = await execute(f"{{ newProductionOrder {{ {' '.join(DRAFT)} }} }}")

    assert data["newProductionOrder"] == DRAFT


async def test_a_draft_can_be_sent_back_whole(save, order):
    saved = await save(**{**DRAFT, **order})

    assert saved["name"] == "Order1"
    assert (saved["status"], saved["schedulePriority"], saved["quantity"]) == ("IDLE", "NORMAL", 0)


async def test_save_creates_with_the_defaults_of_what_is_left_out(save, order):
    saved = await save(**order)

    assert (saved["status"], saved["quantity"], saved["enabled"], saved["dueDate"]) == ("IDLE", 0, True, None)


async def test_a_new_order_has_version_1_and_was_never_modified(save, order):
    saved = await save(**order)

    assert saved["version"] == 1
    assert (saved["createdBy"], saved["modifiedBy"], saved["modifiedDate"]) == ("planner", None, None)
    assert saved["createdDate"].endswith("Z")


async def test_save_keeps_the_fields_that_are_left_out(save, order):
    saved = await save(**order, quantity=5, notes="fragile")

    changed = await save(id=saved["id"], quantity=7)

    assert (changed["quantity"], changed["notes"], changed["name"]) == (7, "fragile", "Order1")


async def test_a_change_grows_the_version_and_tells_who_and_when(save, order):
    saved = await save(**order)

    changed = await save(id=saved["id"], quantity=7)

    assert (changed["version"], changed["modifiedBy"]) == (2, "planner")
    assert changed["modifiedDate"] > changed["createdDate"]


async def test_a_save_that_changes_nothing_is_no_change(save, order):
    saved = await save(**order, quantity=5)

    assert await save(id=saved["id"], quantity=5, **order) == saved


async def test_null_clears_a_field_that_may_be_null(save, order):
    saved = await save(**order, notes="fragile")

    assert (await save(id=saved["id"], notes=None))["notes"] is None


async def test_null_leaves_a_field_that_may_not_be_null_as_it_is(save, order):
    saved = await save(**order, quantity=5, status="RUNNING")

    changed = await save(id=saved["id"], quantity=None, name=None, status=None, notes="x")

    assert (changed["quantity"], changed["name"], changed["status"]) == (5, "Order1", "RUNNING")


async def test_save_reports_every_violation_by_its_documented_name(refused):
    failure = await refused(
        name=" ",
        quantity=-1,
        startDate="2026-01-02T00:00:00Z",
        endDate="2026-01-01T00:00:00Z",
        unitOfMeasureId="01JCH3EPVP-1MNNDJTS-37Z75NGA",
    )

    assert failure.code == "BAD_USER_INPUT"
    assert failure.violations == {
        "name": ["must not be empty"],
        "quantity": ["must be at least 0"],
        "endDate": ["must not be less than startDate"],
        "productId": ["is required"],
        "unitOfMeasureId": ["refers to no unit of measure that is there"],
    }


async def test_a_reference_to_nothing_is_a_violation_of_its_field(refused, order):
    nothing = "01JCH3EPVP-1MNNDJTS-37Z75NGA"

    failure = await refused(**{**order, "productId": nothing, "locationId": nothing})

    assert failure.code == "BAD_USER_INPUT"
    assert sorted(failure.violations) == ["locationId", "productId"]


async def test_a_refused_save_stores_nothing(refused, order, pool):
    await refused(**order, quantity=-1)
    await refused(**{**order, "productId": "01JCH3EPVP-1MNNDJTS-37Z75NGA"})

    assert await pool.fetchval("select count(*) from production_orders") == 0


async def test_an_end_before_the_stored_start_is_a_violation(save, refused, order):
    saved = await save(**order, startDate="2026-01-02T00:00:00Z")

    failure = await refused(id=saved["id"], endDate="2026-01-01T23:59:59.999999Z")

    assert failure.violations == {"endDate": ["must not be less than startDate"]}


async def test_a_change_of_an_id_that_is_not_there_is_not_found(refused, order, pool):
    failure = await refused(**order, id="01JCH3EPVP-1MNNDJTS-37Z75NGA")

    assert failure.code == "NOT_FOUND"
    assert await pool.fetchval("select count(*) from production_orders") == 0


async def test_two_orders_cannot_have_one_name(save, refused, order):
    await save(**order)

    failure = await refused(**order)

    assert failure.code == "CONFLICT"
    assert "'Order1'" in failure.message


async def test_a_rename_to_a_name_that_is_taken_is_a_conflict(save, refused, order):
    await save(**order)
    other = await save(**{**order, "name": "Order2"})

    assert (await refused(id=other["id"], name="Order1")).code == "CONFLICT"


async def test_one_name_is_one_name_however_its_accents_are_spelled(save, refused, order):
    await save(**{**order, "name": "Caf\u00e9"})

    assert (await refused(**{**order, "name": "Cafe\u0301"})).code == "CONFLICT"


async def test_the_expected_version_lets_a_change_through(save, order):
    saved = await save(**order)

    assert (await save(id=saved["id"], quantity=1, expectedVersion=1))["version"] == 2


async def test_another_version_than_the_expected_one_is_a_conflict_and_changes_nothing(save, refused, execute, order):
    saved = await save(**order)
    await save(id=saved["id"], quantity=1)

    failure = await refused(id=saved["id"], name="Order1", quantity=2, notes="a", expectedVersion=1)

    assert (failure.code, failure.currentVersion, failure.differingFields) == ("CONFLICT", 2, ["quantity", "notes"])
    assert failure.message == (
        "The production order has version 2, not 1: somebody else changed it. "
        "quantity, notes would be changed by this save. Read it again before you save."
    )
    assert (await execute(GET, key="Order1"))["getProductionOrder"]["quantity"] == 1


async def test_an_expected_version_needs_an_id(refused, order):
    assert (await refused(**order, expectedVersion=1)).violations == {
        "expectedVersion": ["needs the id of the record that has it"]
    }


@pytest.mark.parametrize("field", ["createdBy", "modifiedDate", "version", "productName", "propertyValues", "colour"])
async def test_a_field_that_a_draft_does_not_have_is_an_error(refused, order, field):
    failure = await refused(**order, **{field: "x"})

    assert failure.code == "BAD_USER_INPUT"
    assert failure.violations == {field: ["is not a field of this input"]}


async def test_what_a_draft_has_only_for_display_is_ignored(save, order):
    saved = await save(**order, scheduleShiftId="01JCH3EPVP-1MNNDJTS-37Z75NGA", scheduleShiftName="Night")

    assert saved["scheduleShiftRecordId"] is None


@pytest.mark.parametrize("quantity", ["100", True, "NaN", [1], {"a": 1}])
async def test_a_quantity_is_a_number(refused, order, quantity):
    failure = await refused(**order, quantity=quantity)

    assert failure.code == "BAD_USER_INPUT"
    assert list(failure.violations) == ["quantity"]


@pytest.mark.parametrize("name", ["", " ", "\u00a0\u200b \t", "a\u0000b", "\u001b[2Jx", "PO\u202e1", "a\nb", "n" * 256])
async def test_a_name_is_1_to_255_visible_characters(refused, order, name):
    failure = await refused(**{**order, "name": name})

    assert failure.code == "BAD_USER_INPUT"
    assert list(failure.violations) == ["name"]


async def test_a_name_is_trimmed(save, order):
    assert (await save(**{**order, "name": "  Order1\t"}))["name"] == "Order1"


@pytest.mark.parametrize(("field", "longest"), [("name", 255), ("notes", 10_000), ("spare1", 255)])
async def test_texts_have_a_longest_length(save, refused, order, field, longest):
    assert (await save(**{**order, field: "é" * longest}))[field] == "é" * longest

    failure = await refused(**{**order, field: "é" * (longest + 1)})

    assert failure.violations == {field: [f"must have at most {longest:,} characters"]}


async def test_notes_have_lines_but_no_control_characters(save, refused, order):
    assert (await save(**order, notes="a\n\tb"))["notes"] == "a\n\tb"

    assert list((await refused(**order, notes="a\u0000b")).violations) == ["notes"]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("2024-12-31T19:48:44Z", "2024-12-31T19:48:44Z"),
        ("2024-12-31T19:48:44.120Z", "2024-12-31T19:48:44.12Z"),
        ("2024-12-31T19:48:44.123456+02:00", "2024-12-31T17:48:44.123456Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
    ],
)
async def test_an_instant_is_shown_in_utc_with_a_fraction_only_when_there_is_one(save, order, given, shown):
    assert (await save(**order, dueDate=given))["dueDate"] == shown


@pytest.mark.parametrize(
    "given",
    ["2024-12-31T19:48:44", "2024-12-31", "2024-W01-1T00:00:00Z", "infinity", 1767225600, "2026-02-30T00:00:00Z"],
)
async def test_an_instant_needs_a_date_a_time_and_an_offset(refused, order, given):
    failure = await refused(**order, dueDate=given)

    assert failure.code == "BAD_USER_INPUT"
    assert list(failure.violations) == ["dueDate"]


async def test_any_status_can_be_saved_from_any_other(save, order):
    saved = await save(**order, status="CLOSED")

    for status in ("IDLE", "SCHEDULED", "RUNNING", "PAUSED", "STOPPED", "CANCELLED", "CLOSED"):
        assert (await save(id=saved["id"], status=status))["status"] == status


@pytest.mark.parametrize("field", ["status", "schedulePriority"])
async def test_a_closed_set_takes_only_its_values(refused, order, field):
    failure = await refused(**order, **{field: "idle"})

    assert (failure.code, list(failure.violations)) == ("BAD_USER_INPUT", [field])
    assert "Did you mean" not in failure.message
