import asyncio
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest

from db.idempotency import forget_old_answers

JSON = "application/json"
SAVE = "mutation ($input: ProductionOrderInput!) { saveProductionOrder(input: $input) { id name version } }"
SAVE_AND_SHOW = (
    "mutation ($input: ProductionOrderInput!) { saveProductionOrder(input: $input) { name product { name } } }"
)
SAVE_TWO = """
mutation ($first: ProductionOrderInput!, $second: ProductionOrderInput!) {
  first: saveProductionOrder(input: $first) { name }
  second: saveProductionOrder(input: $second) { name }
}
"""
SAVE_MANY = f"""
mutation ($wrong: ProductionOrderInput!, $right: ProductionOrderInput!, $failing: ProductionOrderInput!) {{
  {" ".join(f"wrong{place}: saveProductionOrder(input: $wrong) {{ name }}" for place in range(6))}
  right: saveProductionOrder(input: $right) {{ name }}
  failing: saveProductionOrder(input: $failing) {{ name }}
}}
"""
NAMES = "select array_agg(name order by name) from production_orders"
DELETE = "mutation ($id: ULID!) { deleteUnitOfMeasure(id: $id) { success } }"
WAITING = """
select count(*) from pg_stat_activity
where wait_event_type = 'Lock' and datname = current_database() and pid <> pg_backend_pid()
"""
CLAIM = "insert into idempotent_answers (caller, key, request_sha256) values ($1, $2, sha256(''))"
CHANGE = "mutation ($id: ULID!, $notes: String) { saveProductionOrder(input: {id: $id, notes: $notes}) { version } }"


@pytest.fixture
def keyed(http, execute):
    """Sends an operation with an idempotency key; what is answered, and whether it was answered before."""

    async def send(document, key="key 1", token=None, **variables):
        headers = {"Authorization": f"Bearer {token or execute.token}", "Idempotency-Key": key}
        response = await http.post("/graphql", json={"query": document, "variables": variables}, headers=headers)
        answer = response.json()
        extensions = answer.pop("extensions", {})
        return SimpleNamespace(status=response.status_code, answer=answer, **extensions.get("idempotency", {}))

    return send


@pytest.fixture
def order(plant):
    """The input of a valid order."""
    return lambda name: {"name": name, "productId": plant.material, "unitOfMeasureId": plant.unit_of_measure}


@asynccontextmanager
async def key_held(pool):
    """Another request has the key as long as this context, and is not answered; locks are waited for a moment only."""
    database = await pool.fetchval("select quote_ident(current_database())")
    await pool.execute(f"alter database {database} set lock_timeout = '20ms'")
    async with pool.acquire() as first:
        transaction = first.transaction()
        await transaction.start()
        await first.execute(CLAIM, "planner", "key 1")
        yield
        await transaction.rollback()


@asynccontextmanager
async def running(pool, save):
    """A save that waits for a lock as long as this context."""
    database = await pool.fetchval("select quote_ident(current_database())")
    await pool.execute(f"alter database {database} set lock_timeout = 0")
    async with pool.acquire() as other, pool.acquire() as watching:
        async with other.transaction():
            await other.execute("lock table production_orders in share mode")
            saving = asyncio.create_task(save())
            while not await watching.fetchval(WAITING):
                pass
            yield saving
        await saving


def codes(answer):
    return [error["extensions"]["code"] for error in answer["errors"]]


async def test_a_request_that_is_sent_again_is_answered_as_the_first_time(keyed, order, pool):
    first = await keyed(SAVE, input=order("Order 1"))
    again = await keyed(SAVE, input=order("Order 1"))

    assert (first.wasReplayed, again.wasReplayed) == (False, True)
    assert again.answer == first.answer
    assert first.answer["data"]["saveProductionOrder"]["name"] == "Order 1"
    assert await pool.fetchval("select count(*) from production_orders") == 1


async def test_the_order_of_members_makes_no_other_request(keyed, order):
    await keyed(SAVE, input=order("Order 1"))

    assert (await keyed(SAVE, input=dict(reversed(order("Order 1").items())))).wasReplayed


async def test_a_key_of_another_request_is_a_conflict(keyed, order, pool):
    await keyed(SAVE, input=order("Order 1"))

    other = await keyed(SAVE, input=order("Order 2"))

    assert codes(other.answer) == ["CONFLICT"]
    assert "data" not in other.answer
    assert await pool.fetchval(NAMES) == ["Order 1"]


async def test_another_caller_may_have_the_same_key(keyed, caller, order, pool):
    other = await caller("PRODUCTION_ORDER", "MATERIAL", name="another")

    await keyed(SAVE, input=order("Order 1"))
    await keyed(SAVE, token=other.token, input=order("Order 2"))

    assert await pool.fetchval(NAMES) == ["Order 1", "Order 2"]


async def test_of_the_same_request_twice_at_once_one_is_run(keyed, order, pool):
    answers = await asyncio.gather(*(keyed(SAVE, input=order("Order 1")) for _ in range(4)))

    assert sorted(one.wasReplayed for one in answers) == [False, True, True, True]
    assert all(one.answer == answers[0].answer for one in answers)
    assert await pool.fetchval(NAMES) == ["Order 1"]


async def test_of_many_that_are_sent_again_at_once_one_has_a_connection(keyed, execute, order, pool, connections):
    async with running(pool, lambda: keyed(SAVE, input=order("Order 1"))) as first:
        again = [asyncio.create_task(keyed(SAVE, input=order("Order 1"))) for _ in range(200)]
        meanwhile = await execute("{ getAllMaterials { name } }")
        taken = connections.in_use, connections.waiting

    assert (meanwhile, taken) == ({"getAllMaterials": [{"name": "Milk"}]}, (1, 0))
    assert (await first).wasReplayed is False
    assert all([(await one).wasReplayed for one in again])


async def test_who_waits_for_the_same_request_and_leaves_keeps_nobody_waiting(keyed, execute, order, pool):
    async with running(pool, lambda: keyed(SAVE, input=order("Order 1"))) as first:
        leaving, last = [asyncio.create_task(keyed(SAVE, input=order("Order 1"))) for _ in range(2)]
        await execute("{ __typename }")
        leaving.cancel()

    assert [(await one).wasReplayed for one in (first, last)] == [False, True]


async def test_who_waits_too_long_for_the_same_request_is_told_so(keyed, order, pool, monkeypatch):
    async with running(pool, lambda: keyed(SAVE, input=order("Order 1"))):
        monkeypatch.setattr("db.idempotency._PATIENCE", 0)
        # In the database it would wait for as long as the other one.
        refused = await asyncio.wait_for(keyed(SAVE, input=order("Order 1")), timeout=10)

    assert (refused.status, codes(refused.answer)) == (503, ["SERVICE_UNAVAILABLE"])
    assert "is still being answered" in refused.answer["errors"][0]["message"]


async def test_an_answer_with_errors_is_kept_with_what_was_stored(keyed, order, pool):
    first = await keyed(SAVE_TWO, first=order("Order 1"), second=order("Order 1"))
    again = await keyed(SAVE_TWO, first=order("Order 1"), second=order("Order 1"))

    assert (first.answer["data"], codes(first.answer)) == ({"first": {"name": "Order 1"}, "second": None}, ["CONFLICT"])
    assert (again.wasReplayed, again.answer) == (True, first.answer)
    assert await pool.fetchval(NAMES) == ["Order 1"]


async def test_a_request_that_stored_nothing_can_be_mended_and_sent_with_its_key(keyed, order, pool):
    refused = await keyed(SAVE, input={**order("Order 1"), "quantity": -1})
    mended = await keyed(SAVE, input=order("Order 1"))

    assert codes(refused.answer) == ["BAD_USER_INPUT"]
    assert mended.wasReplayed is False
    assert await pool.fetchval(NAMES) == ["Order 1"]


async def test_a_delete_that_was_refused_can_be_sent_again_with_its_key(keyed, production_order, plant, pool):
    await production_order()
    refused = await keyed(DELETE, id=plant.unit_of_measure)
    await pool.execute("delete from production_orders; delete from materials")

    again = await keyed(DELETE, id=plant.unit_of_measure)

    assert refused.answer["data"]["deleteUnitOfMeasure"]["success"] is False
    assert (again.wasReplayed, again.answer["data"]["deleteUnitOfMeasure"]["success"]) == (False, True)


async def test_a_request_that_cannot_be_run_leaves_its_key_free(keyed, order):
    unknown = await keyed(SAVE, input={"nothing": 1})
    await keyed("mutation {", input=order("Order 1"))

    assert codes(unknown.answer) == ["BAD_USER_INPUT"]
    assert (await keyed(SAVE, input=order("Order 1"))).wasReplayed is False


async def test_what_failed_in_passing_stores_nothing_and_leaves_its_key_free(keyed, order, pool):
    await pool.execute("alter table production_orders rename column notes to other_notes")
    failed = await keyed(SAVE_TWO, first=order("Order 1"), second={**order("Order 2"), "notes": "a"})
    stored = await pool.fetchval("select count(*) from production_orders")
    await pool.execute("alter table production_orders rename column other_notes to notes")

    again = await keyed(SAVE_TWO, first=order("Order 1"), second={**order("Order 2"), "notes": "a"})

    assert (failed.answer["data"], codes(failed.answer), stored) == (None, ["INTERNAL_SERVER_ERROR"], 0)
    assert (again.wasReplayed, await pool.fetchval(NAMES)) == (False, ["Order 1", "Order 2"])


async def test_what_failed_in_passing_is_seen_behind_many_other_errors(keyed, order, pool):
    await pool.execute("alter table production_orders rename column notes to other_notes")

    failed = await keyed(
        SAVE_MANY, wrong={"quantity": -1}, right=order("Order 1"), failing={**order("2"), "notes": "a"}
    )

    assert failed.answer["data"] is None
    assert codes(failed.answer)[0] == "INTERNAL_SERVER_ERROR"
    assert await pool.fetchval("select count(*) from production_orders") == 0


async def test_callers_who_see_a_part_are_answered_again_too(keyed, caller, order):
    planner = await caller("PRODUCTION_ORDER", name="another")

    first = await keyed(SAVE_AND_SHOW, token=planner.token, input=order("Order 1"))
    again = await keyed(SAVE_AND_SHOW, token=planner.token, input=order("Order 1"))

    assert codes(first.answer) == ["FORBIDDEN"]
    assert (again.wasReplayed, again.answer) == (True, first.answer)


async def test_who_was_granted_less_meanwhile_is_not_told_the_answer_again(keyed, caller, order, pool):
    planner = await caller("PRODUCTION_ORDER", "MATERIAL", name="another")
    first = await keyed(SAVE_AND_SHOW, token=planner.token, input=order("Order 1"))
    less = await caller("PRODUCTION_ORDER", "MATERIAL.WRITE", name="another")

    again = await keyed(SAVE_AND_SHOW, token=less.token, input=order("Order 1"))

    assert first.answer["data"]["saveProductionOrder"]["product"]
    assert "data" not in again.answer
    assert again.answer["errors"][0]["extensions"] == {"code": "FORBIDDEN", "permission": "MATERIAL.READ.GET"}
    assert await pool.fetchval(NAMES) == ["Order 1"]


async def test_who_was_granted_the_same_by_other_names_is_told_the_answer_again(keyed, caller, order):
    planner = await caller("PRODUCTION_ORDER", "MATERIAL.READ.GET", name="another")
    first = await keyed(SAVE_AND_SHOW, token=planner.token, input=order("Order 1"))
    more = await caller("PRODUCTION_ORDER", "MATERIAL", name="another")

    again = await keyed(SAVE_AND_SHOW, token=more.token, input=order("Order 1"))

    assert (again.wasReplayed, again.answer) == (True, first.answer)


async def test_a_query_needs_no_key_and_is_always_answered_anew(keyed, order):
    query = "{ getAllProductionOrders { name } }"
    before = await keyed(query)
    await keyed(SAVE, key="key 2", input=order("Order 1"))

    assert before.answer == {"data": {"getAllProductionOrders": []}}
    assert (await keyed(query)).answer == {"data": {"getAllProductionOrders": [{"name": "Order 1"}]}}


@pytest.mark.parametrize("key", ["", "k" * 256, "a\tb", "ключ".encode()], ids=["empty", "long", "tab", "no ASCII"])
async def test_a_key_that_is_none_is_refused(keyed, order, pool, key):
    refused = await keyed(SAVE, key=key, input=order("Order 1"))

    assert (refused.status, codes(refused.answer)) == (400, ["BAD_REQUEST"])
    assert await pool.fetchval("select count(*) from production_orders") == 0


async def test_two_keys_are_refused(http, execute, order, pool):
    headers = [("Authorization", f"Bearer {execute.token}"), ("Idempotency-Key", "a"), ("Idempotency-Key", "b")]

    refused = await http.post("/graphql", json={"query": SAVE, "variables": {"input": order("1")}}, headers=headers)

    assert (refused.status_code, codes(refused.json())) == (400, ["BAD_REQUEST"])
    assert await pool.fetchval("select count(*) from production_orders") == 0


async def test_the_longest_key_is_taken(keyed, order):
    assert (await keyed(SAVE, key="k" * 255, input=order("Order 1"))).wasReplayed is False


async def test_an_answer_is_kept_for_seven_days(keyed, production_order, pool, connections):
    order = await production_order()
    await keyed(CHANGE, id=order.id, notes="a")
    await pool.execute("update idempotent_answers set created_date = now() - interval '6 days 23 hours'")
    await forget_old_answers(connections)
    after_six_days = await keyed(CHANGE, id=order.id, notes="a")
    await pool.execute("update idempotent_answers set created_date = now() - interval '7 days 1 hour'")

    after_seven_days = await keyed(CHANGE, id=order.id, notes="b")

    assert (after_six_days.wasReplayed, after_seven_days.wasReplayed) == (True, False)
    assert after_seven_days.answer["data"] == {"saveProductionOrder": {"version": 3}}


async def test_old_answers_are_forgotten_and_others_are_not(keyed, order, pool, connections):
    await keyed(SAVE, key="old", input=order("Order 1"))
    await pool.execute("update idempotent_answers set created_date = now() - interval '8 days'")
    await keyed(SAVE, key="new", input=order("Order 2"))

    await forget_old_answers(connections)

    assert await pool.fetchval("select array_agg(key) from idempotent_answers") == ["new"]


async def test_a_request_waits_for_the_first_one_longer_than_for_a_lock(keyed, order, pool, statements):
    async with key_held(pool):
        waiting = asyncio.create_task(keyed(SAVE, input=order("Order 1")))
        while sum("insert into idempotent_answers as" in statement for statement in statements) < 3:
            await pool.fetchval("select 1")

    assert (await waiting).wasReplayed is False
    assert await pool.fetchval(NAMES) == ["Order 1"]


async def test_a_request_that_waits_too_long_for_the_first_one_is_told_so(keyed, order, pool, monkeypatch):
    monkeypatch.setattr("db.idempotency._PATIENCE", 0)
    async with key_held(pool):
        refused = await keyed(SAVE, input=order("Order 1"))

    assert (refused.status, codes(refused.answer)) == (503, ["SERVICE_UNAVAILABLE"])
    assert "is still being answered" in refused.answer["errors"][0]["message"]
    assert await pool.fetchval(NAMES) is None
