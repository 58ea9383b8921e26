import asyncio

import pytest

from tests.conftest import OWN

SAVE = "mutation ($input: ProductionOrderInput!) { saveProductionOrder(input: $input) { id version } }"
SAVE_ALL = "mutation ($inputs: [ProductionOrderInput!]!) { saveProductionOrders(inputs: $inputs) { quantity } }"
SAVE_BOTH = """
mutation ($a: ProductionOrderInput!, $b: ProductionOrderInput!) {
    a: saveProductionOrder(input: $a) { version }
    b: saveProductionOrder(input: $b) { version }
}
"""
WAITING = """
select count(*) from pg_stat_activity
where wait_event_type = 'Lock' and datname = current_database() and pid <> pg_backend_pid()
"""
CLIENTS = 50
settles_deadlocks = pytest.mark.skipif(not OWN, reason="who asks this PostgreSQL may not set who looks for a deadlock")


def told(answers):
    """The codes of those that were refused."""
    return [error["extensions"]["code"] for answer in answers for error in answer.get("errors", ())]


async def test_of_many_saves_of_one_name_one_wins(execute, plant, pool):
    order = {"name": "Order 1", "productId": plant.material, "unitOfMeasureId": plant.unit_of_measure}
    # Who is not known yet is not answered where the machine stalls for a second meanwhile.
    await execute("{ __typename }")

    answers = await asyncio.gather(*(execute.answer(SAVE, input=order) for _ in range(CLIENTS)))

    assert told(answers) == ["CONFLICT"] * (CLIENTS - 1)
    assert await pool.fetchval("select count(*) from production_orders") == 1


async def test_of_many_changes_of_one_version_one_wins(execute, production_order, pool):
    order = await production_order()

    answers = await asyncio.gather(
        *(
            execute.answer(SAVE, input={"id": order.id, "expectedVersion": 1, "quantity": quantity})
            for quantity in range(1, CLIENTS + 1)
        )
    )

    assert told(answers) == ["CONFLICT"] * (CLIENTS - 1)
    assert await pool.fetchval("select version from production_orders") == 2


async def test_many_changes_of_different_fields_of_one_order_all_survive(execute, production_order, pool):
    order = await production_order()
    fields = ["notes", "spare1", "spare2", "spare3", "quantity"]

    await asyncio.gather(
        *(
            execute(SAVE, input={"id": order.id, fields[number % 5]: number if number % 5 == 4 else f"{number}"})
            for number in range(CLIENTS)
        )
    )

    row = await pool.fetchrow("select notes, spare1, spare2, spare3, quantity, version from production_orders")
    *values, version = row
    assert [int(value) % 5 for value in values] == [0, 1, 2, 3, 4]
    assert version == 1 + CLIENTS


@settles_deadlocks
@pytest.mark.parametrize("tries", [1, 3])
async def test_a_change_that_collides_with_others_is_tried_again(execute, production_order, pool, tries):
    orders = sorted([(await production_order()).id, (await production_order()).id])

    saved = await colliding(save_all(execute, orders), pool, orders, tries)

    assert saved["data"] == {"saveProductionOrders": [{"quantity": 7}, {"quantity": 7}]}


@settles_deadlocks
async def test_a_change_that_collides_each_time_is_told_as_worth_another_try(execute, production_order, pool):
    orders = sorted([(await production_order()).id, (await production_order()).id])

    (failure,) = (await colliding(save_all(execute, orders), pool, orders, times=4))["errors"]

    assert failure["extensions"] == {"code": "SERVICE_UNAVAILABLE", "retryable": True}
    assert await pool.fetchval("select max(quantity) from production_orders") == 0


@settles_deadlocks
@pytest.mark.parametrize("tries", [1, 3])
async def test_what_is_sent_with_a_key_is_tried_again_as_a_whole(http, execute, production_order, pool, tries):
    orders = sorted([(await production_order()).id, (await production_order()).id])
    inputs = {name: {"id": one, "quantity": 7} for name, one in zip("ab", orders, strict=True)}
    body = {"query": SAVE_BOTH, "variables": inputs}
    headers = {"Authorization": f"Bearer {execute.token}", "Idempotency-Key": "both"}

    saved = await colliding(http.post("/graphql", json=body, headers=headers), pool, orders, tries)
    again = await http.post("/graphql", json=body, headers=headers)

    assert saved.json()["data"] == again.json()["data"] == {"a": {"version": 2}, "b": {"version": 2}}
    assert again.json()["extensions"] == {"idempotency": {"wasReplayed": True}}


def save_all(execute, orders):
    return execute.answer(SAVE_ALL, inputs=[{"id": one, "quantity": 7} for one in orders])


async def colliding(save, pool, orders, times):
    """The answer to a save of two orders, while somebody holds the second one and, so many times, asks for the first.

    The save is the first to look for a deadlock, and so the one that gives way.
    """
    hold = "select from production_orders where id = $1 for update"
    async with pool.acquire() as other, pool.acquire() as watching, other.transaction():
        await other.execute("set local deadlock_timeout = '10s'")
        await other.execute(hold, orders[1])
        saving = asyncio.create_task(save)
        for _ in range(times):
            while not await watching.fetchval(WAITING):
                assert not saving.done()
            # What is got by giving way is given back.
            attempt = other.transaction()
            await attempt.start()
            await other.execute(hold, orders[0])
            await attempt.rollback()
    return await saving
