import pytest

FIND = """
query ($request: QueryRequestInput!) {
  findProductionOrders(queryRequest: $request) { content { id name } totalElements hasNext }
}
"""
LITERAL = "{ findProductionOrders(queryRequest: {filters: [%s]}) { content { id } } }"
NEW_ID = "'01JCH3ENGX-82KJDZDR-' || lpad(n::text, 8, '0')"
NUMBERS = ["1e400", "-1e400", "9" * 400, "9007199254740993", "-0.0", "5e-324"]
TEXTS = ["", "%", "_", "\\", "'", '"', "{0}", "{field}", "$1", "\u202e", "\U0010ffff", "\ud7ff\ue000", "x" * 100_000]
DATES = ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"]
WRONG_DATES = ["infinity", "-infinity", "now", "", "0001-01-01T00:00:00+23:59", "2024-02-30T00:00:00Z", "2024-01-01"]

pytestmark = pytest.mark.usefixtures("plant")


def one(field, condition, **values):
    return {"filters": [{"field": field, "condition": condition, **values}]}


async def test_a_page_with_its_numbers_is_one_statement(execute, statements):
    filters = [
        {"field": "enabled", "condition": "TRUE"},
        {"field": "name", "condition": "CONTAINS", "stringValue": "r"},
    ]
    await execute("{ __typename }")
    statements.clear()

    found = await execute(FIND, request={"filters": filters, "sortFields": ["dueDate"], "pageSize": 2, "pageIndex": 1})

    assert len(found["findProductionOrders"]["content"]) == 2
    assert len(statements) == 1


async def test_what_matches_is_not_counted_unless_it_is_asked_for(execute, statements):
    await execute(
        "{ findProductionOrders(queryRequest: {pageSize: 2}) { content { id } pageIndex isFirst hasContent } }"
    )

    assert not any("count(*) as records" in sql for sql in statements)


@pytest.mark.parametrize(
    ("request_", "violations"),
    [
        ({"pageSize": 0}, {"pageSize": ["must be from 1 to 50"]}),
        ({"pageSize": -1}, {"pageSize": ["must be from 1 to 50"]}),
        ({"pageSize": 51}, {"pageSize": ["must be from 1 to 50"]}),
        ({"pageIndex": 1}, {"pageIndex": ["needs a pageSize"]}),
        ({"pageIndex": -1, "pageSize": 5}, {"pageIndex": ["must be at least 0"]}),
        ({"sortDirections": ["asc"]}, {"sortDirections": ["are more than the sortFields"]}),
        (
            {"sortFields": ["name"], "sortDirections": ["up"]},
            {"sortDirections": ["must be Ascending, Descending, asc or desc, not 'up'"]},
        ),
        ({"filters": [{}]}, {"filters[0].field": ["is required"]}),
        (
            {"filters": [*one("name", "IS_NULL")["filters"], *one("name", "EQUALS")["filters"]]},
            {"filters[1].stringValue": ["is required for this condition and field"]},
        ),
        (
            one("name", "EQUALS", stringValue=None),
            {"filters[0].stringValue": ["is required for this condition and field"]},
        ),
        (
            one("quantity", "BETWEEN", minNumberValue=1),
            {"filters[0].maxNumberValue": ["is required for this condition and field"]},
        ),
        (one("status", "IN"), {"filters[0].stringListValue": ["is required for this condition and field"]}),
        (
            one("name", "TRUE"),
            {"filters[0].condition": ["does not compare name, whose values are of the kind string"]},
        ),
        (
            one("enabled", "EQUALS", stringValue="yes"),
            {"filters[0].stringValue": ["must be true or false; the conditions TRUE and FALSE need no value"]},
        ),
        (
            one("name", "EQUALS", stringValue="a\0"),
            {"filters[0].stringValue": ["must not contain control characters"]},
        ),
        (
            one("name", "IN", stringListValue=["a", "\0"]),
            {"filters[0].stringListValue": ["must not contain control characters"]},
        ),
        (
            {"pageSize": 0, "sortDirections": ["asc"], **one("name", "EQUALS")},
            {
                "pageSize": ["must be from 1 to 50"],
                "sortDirections": ["are more than the sortFields"],
                "filters[0].stringValue": ["is required for this condition and field"],
            },
        ),
    ],
)
async def test_a_wrong_request_is_told_by_the_names_in_it(execute, request_, violations):
    failure = await execute.failing(FIND, request=request_)

    assert (failure.code, failure.violations) == ("BAD_USER_INPUT", violations)


@pytest.mark.parametrize("field", ["", "Name", "product", "productName", "product.name", "\0", "x" * 10_000, "id; --"])
async def test_what_is_no_stored_field_is_refused(execute, field):
    filtered = await execute.failing(FIND, request=one(field, "EQUALS", stringValue="x"))
    ordered = await execute.failing(FIND, request={"sortFields": [field]})

    assert list(filtered.violations) == ["filters[0].field"]
    assert list(ordered.violations) == ["sortFields"]
    assert len(ordered.message) < 1_000


@pytest.mark.parametrize("condition", [None, "", "LIKE", "equal", "EQUALS ;", "\0", "STARTS__WITHX", "ﬁ"])
async def test_what_is_no_condition_is_refused(execute, condition):
    failure = await execute.failing(FIND, request=one("name", condition, stringValue="x"))

    assert list(failure.violations) == ["filters[0].condition"]


async def test_more_rows_than_an_answer_holds_need_a_page(execute, pool):
    await pool.execute(f"insert into customers (id, name) select {NEW_ID}, n from generate_series(1, 48) n")  # noqa: S608
    find = FIND.replace("findProductionOrders", "findCustomers")

    failure = await execute.failing(find, request={})
    page = await execute(find, request={"pageSize": 50})

    assert (failure.code, failure.violations) == (
        "BAD_USER_INPUT",
        {"pageSize": ["is needed: there are more than 50 of these"]},
    )
    assert (page["findCustomers"]["totalElements"], len(page["findCustomers"]["content"])) == (51, 50)


async def test_as_many_rows_as_an_answer_holds_need_no_page(execute, pool):
    await pool.execute(f"insert into locations (id, name, path) select {NEW_ID}, n, n from generate_series(1, 50) n")  # noqa: S608

    found = await execute("{ findLocations(queryRequest: {}) { pageSize totalPages content { id } } }")

    assert (found["findLocations"]["pageSize"], len(found["findLocations"]["content"])) == (50, 50)


async def test_a_page_far_beyond_the_last_is_empty(execute):
    found = await execute(FIND, request={"pageSize": 50, "pageIndex": 2**31 - 1})

    assert found["findProductionOrders"] == {"content": [], "totalElements": 34, "hasNext": False}


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("field", ["quantity", "version"])
@pytest.mark.parametrize(
    "values",
    ["EQUALS, numberValue: {0}", "IN, numberListValue: [1, {0}]", "BETWEEN, minNumberValue: {0}, maxNumberValue: {0}"],
)
async def test_any_number_can_be_compared_with(execute, field, number, values):
    condition, _, given = values.format(number).partition(", ")

    data = await execute(LITERAL % f'{{field: "{field}", condition: "{condition}", {given}}}')

    assert "content" in data["findProductionOrders"]


@pytest.mark.parametrize("text", TEXTS)
async def test_any_text_can_be_compared_with(execute, text):
    for field in ("name", "notes", "id", "status", "customerId"):
        for condition in ("EQUALS", "CONTAINS", "STARTS_WITH", "ENDS_WITH", "LESS_THAN"):
            await execute(FIND, request=one(field, condition, stringValue=text))


@pytest.mark.parametrize(
    ("condition", "text", "found"),
    [
        ("CONTAINS", "%", ["Order % 0", "Order % 16"]),
        ("CONTAINS", "r_", ["Order_ 11", "Order_ 19"]),
        ("CONTAINS", "r\\", ["Order\\ 13", "Order\\ 21"]),
        ("CONTAINS", "_%", []),
        ("STARTS_WITH", "Order_", ["Order_ 11", "Order_ 19"]),
        ("ENDS_WITH", "_ 3", ["Order_ 3"]),
        ("ENDS_WITH", "% 0", ["Order % 0"]),
    ],
)
async def test_what_is_a_pattern_to_sql_is_a_text_here(execute, condition, text, found):
    request = {**one("name", condition, stringValue=text), "sortFields": ["name"], "pageSize": 2}

    page = await execute(FIND, request=request)

    assert [order["name"] for order in page["findProductionOrders"]["content"]] == found


@pytest.mark.parametrize(("condition", "text"), [("EQUALS", "e\u0301 7"), ("STARTS_WITH", "O\u0308rde\u0301r")])
async def test_a_name_is_found_in_any_spelling_of_its_accents(execute, condition, text):
    page = await execute(FIND, request=one("name", condition, stringValue=text))

    assert page["findProductionOrders"]["content"]


async def test_notes_are_found_as_they_are_written(execute):
    composed = await execute(FIND, request=one("notes", "EQUALS", stringValue="é"))
    apart = await execute(FIND, request=one("notes", "EQUALS", stringValue="e\u0301"))

    assert composed["findProductionOrders"]["content"] != apart["findProductionOrders"]["content"]


@pytest.mark.parametrize("date", DATES)
async def test_the_first_and_the_last_instant_are_found(execute, date):
    field = {"0": "startDate", "9": "endDate"}[date[0]]

    equal = await execute(FIND, request=one(field, "EQUALS", dateValue=date))
    listed = await execute(FIND, request=one(field, "IN", dateListValue=[date]))

    assert equal["findProductionOrders"]["totalElements"] == listed["findProductionOrders"]["totalElements"] == 7


@pytest.mark.parametrize("date", WRONG_DATES)
async def test_what_is_no_instant_is_refused(execute, date):
    failure = await execute.failing(FIND, request=one("dueDate", "GREATER_THAN", dateValue=date))

    assert (failure.code, list(failure.violations)) == ("BAD_USER_INPUT", ["dateValue"])


async def test_a_field_to_sort_by_counts_once_however_often_it_is_given(execute):
    often = await execute(FIND, request={"sortFields": ["quantity", *["name"] * 15], "sortDirections": ["desc"]})
    once = await execute(FIND, request={"sortFields": ["quantity", "name"], "sortDirections": ["desc"]})

    assert often == once


async def test_a_text_begins_with_nothing_and_with_the_last_character_there_is(execute):
    every = await execute(FIND, request=one("notes", "STARTS_WITH", stringValue=""))
    last = await execute(FIND, request=one("notes", "STARTS_WITH", stringValue="\U0010ffff"))
    there = await execute(FIND, request=one("notes", "IS_NOT_NULL"))

    assert last["findProductionOrders"]["totalElements"] == 2
    assert every == there
