"""The log of changes, as those who hold SYSTEM.AUDIT read it."""

import pytest

from db.records import RECORDS
from db.tokens import create_token

KINDS = [record for record in RECORDS.values() if not record.view]
CHANGES = """
query ($type: RecordType, $id: ULID, $first: Int, $after: String) {
  changes(recordType: $type, id: $id, first: $first, after: $after) {
    edges { cursor node { id recordType recordId version changedBy changedDate requestId old new } }
    pageInfo { hasNextPage hasPreviousPage endCursor }
    totalCount
  }
}
"""
READ = "query ($id: ID!) {{ node(id: $id) {{ ... on {0} {{ {1} }} }} }}"
ORDER = "mutation ($input: ProductionOrderInput!) { saveProductionOrder(input: $input) { id modifiedDate } }"
DELETE = "mutation ($id: String!) { deleteProductionOrder(productionOrderIdOrName: $id) { success } }"


@pytest.fixture
def changes(execute):
    """The changes that are asked for, the latest first."""

    async def run(**asked):
        found = (await execute(CHANGES, **asked))["changes"]
        return [edge["node"] for edge in found["edges"]]

    return run


@pytest.fixture
def shown(execute):
    """All columns of a record, as it shows them."""

    async def run(record, record_id):
        names = " ".join(column.documented for column in record.columns.values())
        return (await execute(READ.format(record.__name__, names), id=record_id))["node"]

    return run


@pytest.mark.parametrize("record", KINDS, ids=lambda record: record.__name__)
async def test_a_new_record_is_logged_as_it_is_shown(changes, saved, shown, record):
    record_id = await saved(record)

    (change,) = await changes(type=record.__name__, id=record_id)
    assert (change["old"], change["new"]) == (None, await shown(record, record_id))


async def test_every_kind_of_value_is_logged_as_it_is_shown(changes, saved, shown, pool):
    material, order = RECORDS["Material"], RECORDS["ProductionOrder"]
    ids = {record: await saved(record) for record in (material, order)}
    await pool.execute("update materials set image = '\\x00ff10', notes = E'a \"\\\\ \\u2028'")
    await pool.execute(
        "update production_orders set quantity = 1e300, quantity_produced = 0.1, start_date = '0001-01-01Z'"
    )

    for record, record_id in ids.items():
        change, *_ = await changes(id=record_id)
        now = await shown(record, record_id)
        assert change["new"]
        assert change["new"] == {name: now[name] for name in change["new"]}


async def test_a_change_is_logged_with_the_fields_that_differ(changes, execute, production_order):
    order = await production_order(notes="sour", quantity=5)

    saved = (await execute(ORDER, input={"id": order.id, "notes": "sweet", "quantity": 5}))["saveProductionOrder"]

    change, _ = await changes(id=order.id)
    assert change["version"] == 2
    assert change["changedDate"] >= saved["modifiedDate"]
    assert change["old"] == {"notes": "sour", "version": 1, "modifiedBy": None, "modifiedDate": None}
    assert change["new"] == {
        "notes": "sweet",
        "version": 2,
        "modifiedBy": "planner",
        "modifiedDate": saved["modifiedDate"],
    }


async def test_a_deleted_record_is_logged_as_it_was(changes, execute, production_order, shown):
    order = await production_order()
    before = await shown(RECORDS["ProductionOrder"], order.id)

    await execute(DELETE, id=order.id)

    change, _ = await changes(id=order.id)
    assert (change["old"], change["new"], change["version"]) == (before, None, 1)


async def test_a_change_is_logged_with_its_caller_and_its_request(caller, changes, http, production_order):
    order = await production_order()
    clerk = await caller("PRODUCTION_ORDER", name="Clerk of line 1")
    headers = {"Authorization": f"Bearer {clerk.token}", "X-Request-Id": "shift-change.7"}

    await http.post("/graphql", json={"query": DELETE, "variables": {"id": order.id}}, headers=headers)

    change, _ = await changes(id=order.id)
    assert (change["changedBy"], change["requestId"]) == ("Clerk of line 1", "shift-change.7")


async def test_what_is_done_outside_of_a_request_is_logged_with_the_databases_role(changes, pool, production_order):
    order = await production_order()

    await pool.execute("delete from production_orders")

    change, _ = await changes(id=order.id)
    assert (change["changedBy"], change["requestId"]) == (await pool.fetchval("select session_user"), None)


async def test_a_token_is_logged_without_its_secret(changes, pool):
    await create_token(pool, "press", ["Plant"])

    change, *_ = await changes(type="ApiToken")
    assert change["new"] == {
        "id": change["recordId"],
        "name": "press",
        "securityLevels": ["Plant"],
        "createdDate": change["new"]["createdDate"],
        "expiresDate": None,
        "revokedDate": None,
    }


async def test_the_latest_changes_come_first_and_pages_lead_to_the_earlier_ones(changes, execute, production_order):
    orders = [await production_order() for _ in range(5)]
    every = await changes(type="ProductionOrder")

    seen, after, more = [], None, True
    while more:
        page = (await execute(CHANGES, type="ProductionOrder", first=2, after=after))["changes"]
        seen += [edge["node"] for edge in page["edges"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]

    assert [change["recordId"] for change in every] == [order.id for order in reversed(orders)]
    assert seen == every
    assert page["totalCount"] == len(orders)
    assert page["pageInfo"]["hasPreviousPage"]


async def test_changes_are_found_by_the_kind_of_the_record_and_by_its_id(changes, production_order, plant):
    order = await production_order()

    assert {change["recordType"] for change in await changes(type="Material")} == {"Material"}
    assert [change["recordType"] for change in await changes(id=order.id)] == ["ProductionOrder"]
    assert await changes(type="Material", id=order.id) == []
    assert [change["recordId"] for change in await changes(id=plant.material.replace("-", "").lower())] == [
        plant.material
    ]


@pytest.mark.parametrize(("asked", "argument"), [({"first": 0}, "first"), ({"after": "nowhere"}, "after")])
async def test_a_page_that_can_not_be_is_told(execute, asked, argument):
    failure = await execute.failing(CHANGES, **asked)

    assert (failure.code, list(failure.violations)) == ("BAD_USER_INPUT", [argument])


@pytest.mark.parametrize("held", ["SYSTEM.AUDIT", "SYSTEM"])
async def test_who_holds_the_permission_reads_what_no_other_permission_shows(caller, production_order, held):
    await production_order()
    auditor = await caller(held)

    assert (await auditor(CHANGES, type="ProductionOrder"))["changes"]["totalCount"] == 1


async def test_who_may_read_the_records_may_not_read_their_changes(caller):
    planner = await caller("PRODUCTION_ORDER", "SYSTEM.ADMIN")

    failure = await planner.failing(CHANGES, type="ProductionOrder")

    assert (failure.code, failure.permission) == ("FORBIDDEN", "SYSTEM.AUDIT")


async def test_a_page_of_changes_is_one_statement(changes, production_order, statements):
    await production_order()
    statements.clear()

    await changes(type="ProductionOrder", first=10)

    assert len(statements) == 1
