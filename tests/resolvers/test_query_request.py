import pytest

FILTER = "query ($input: FilterRequestInput!) { validateFilterRequest(input: $input) }"
REQUEST = "query ($input: QueryRequestInput!) { validateQueryRequest(input: $input) }"
VALUES = """
stringValue numberValue dateValue minNumberValue maxNumberValue minDateValue maxDateValue stringListValue
numberListValue dateListValue
"""


@pytest.fixture
def violations_of_filter(execute):
    async def run(**given):
        return (await execute(FILTER, input=given))["validateFilterRequest"]

    return run


@pytest.fixture
def violations(execute):
    async def run(**given):
        return (await execute(REQUEST, input=given))["validateQueryRequest"]

    return run


async def test_what_is_new_is_empty(execute):
    data = await execute(
        f"""
        {{
          newFilterRequest {{ field type condition {VALUES} }}
          newQueryRequest {{ pageSize pageIndex sortFields sortDirections filters {{ field }} }}
        }}
        """
    )

    assert set(data["newFilterRequest"].values()) | set(data["newQueryRequest"].values()) == {None}


async def test_a_draft_can_be_filled_in_and_sent_back_whole(violations, execute):
    draft = (await execute(f"{{ newFilterRequest {{ field type condition {VALUES} }} }}"))["newFilterRequest"]

    filled = {**draft, "field": "name", "type": "String", "condition": "contains", "stringValue": "x"}

    assert await violations(filters=[filled], pageSize=None, pageIndex=None, sortFields=None) == {}


async def test_a_filter_with_what_its_condition_needs_is_valid(violations_of_filter):
    day = "2026-01-01T00:00:00Z"

    for given in (
        {"condition": "Equals", "stringValue": ""},
        {"condition": "greater than or equal to", "numberValue": 0},
        {"condition": "BETWEEN", "minDateValue": day, "maxDateValue": day},
        {"condition": "in", "stringListValue": ["x"]},
        {"condition": "IsNull"},
        {"condition": "TRUE"},
    ):
        assert await violations_of_filter(field="name", **given) == {}


async def test_what_is_wrong_with_a_filter_is_told(violations_of_filter):
    assert list(await violations_of_filter()) == ["field"]
    for given in (
        {},
        {"condition": "LIKE", "stringValue": "x"},
        {"condition": "EQUALS"},
        {"condition": "BETWEEN", "minNumberValue": 1},
        {"condition": "IN", "stringValue": "x"},
    ):
        assert list(await violations_of_filter(field="name", **given)) == ["condition"]


async def test_everything_that_is_wrong_with_a_request_is_told(violations):
    found = await violations(
        pageSize=0, pageIndex=-1, sortFields=["name"], sortDirections=["up", "asc"], filters=[{"field": "name"}, {}]
    )

    assert sorted(found) == ["filters[0].condition", "filters[1].field", "pageIndex", "pageSize", "sortDirections"]


async def test_of_very_many_wrong_filters_the_first_are_told(violations):
    found = await violations(pageSize=0, filters=[{"field": "name", "condition": "LIKE"}] * 400)

    assert len(found) == 21
    assert "filters[18].condition" in found
    assert found["filters"] == ["have 381 more wrong values"]


async def test_a_request_sorts_by_16_fields_at_most(violations):
    assert await violations(sortFields=["name"] * 16, sortDirections=["asc"] * 16) == {}
    assert await violations(sortFields=["name"] * 17, sortDirections=["up"] * 4_000) == {
        "sortFields": ["must be at most 16"],
        "sortDirections": ["must be at most 16"],
    }


async def test_a_page_of_more_than_an_answer_holds_is_told(violations):
    assert await violations(pageSize=1_001) == {"pageSize": ["must be from 1 to 1,000"]}


async def test_the_permissions_of_queries_are_those_of_their_part_of_the_api(execute):
    assert await execute("{ getQueryPermissions }") == {"getQueryPermissions": ["QUERY.READ.VALIDATE"]}
