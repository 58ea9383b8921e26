import asyncio
import gc
from threading import Event

import pytest
from graphql import GraphQLError

from db.apart import apart
from db.errors import Failure
from resolvers.compiled.operation import NotUnderstood, Operation
from tests.conftest import PATIENCE

PID = "select pg_backend_pid()"
NAMED = "query ($name: String!) { getMaterial(idOrPath: $name) { name } }"
SAVE = 'mutation { saveRole(input: {securityLevels: ["Plant"], permissions: ["MATERIAL"]}) { id } }'


@pytest.mark.settings(change_seconds=0.2)
async def test_a_change_that_is_late_costs_no_other_its_connection(execute, pool, connections):
    taken = [await connections.take(), await connections.take()]
    pids = {await one.fetchval(PID) for one in taken}
    for one in taken:
        await connections.give(one, sound=True)

    async with pool.acquire() as other, other.transaction():
        await other.execute("lock table roles in share mode")
        late = await execute.failing(SAVE)

    async with connections.taken() as one:
        assert (late.code, await one.fetchval(PID) in pids) == ("SERVICE_UNAVAILABLE", True)


@pytest.mark.parametrize("points", [0, pytest.param(1_000, marks=pytest.mark.settings(points_per_minute=1_000))])
@pytest.mark.parametrize("header", [{}, {"X-Query-Cost": "1"}])
async def test_variables_are_coerced_once(http, execute, monkeypatch, points, header):  # noqa: ARG001 (a setting)
    coerced, coerce = [], Operation.variables
    monkeypatch.setattr(Operation, "variables", lambda *given: coerced.append(given) or coerce(*given))
    headers = {"Authorization": f"Bearer {execute.token}", **header}

    response = await http.post("/graphql", json={"query": NAMED, "variables": {"name": "/Dairy/Milk"}}, headers=headers)

    assert response.json()["data"] == {"getMaterial": {"name": "Milk"}}
    assert len(coerced) == 1


@pytest.mark.settings(request_seconds=0.2)
async def test_a_document_that_is_not_understood_in_time_is_too_late(execute):
    await execute("{ __typename }")
    over = Event()
    # Long documents are understood one after the other, and this is the one before.
    other = asyncio.create_task(apart(lambda: over.wait(PATIENCE)))
    await asyncio.sleep(0)

    late = await execute.failing("{ __typename }" + " " * 2_000)
    over.set()

    assert late.code == "TIMEOUT"
    assert await other


@pytest.mark.parametrize(
    "document",
    [
        "{ getAllProductionOrders { notes } }",
        "{ findProductionOrders(queryRequest: {}) { content { notes } } }",
        "{ productionOrders { nodes { notes } } }",
        '{ getProductionOrder(productionOrderIdOrName: "Order 1") { notes again: notes } }',
        # Each of them is short enough.
        """{
          one: getProductionOrder(productionOrderIdOrName: "Order 1") { notes }
          two: getProductionOrder(productionOrderIdOrName: "Order 2") { notes }
        }""",
    ],
)
@pytest.mark.settings(answer_limit=1_500)
async def test_an_answer_of_too_many_bytes_is_told_of_and_not_sent(execute, production_order, document):
    for _ in range(2):
        await production_order(notes="é" * 500)

    failure = await execute.failing(document)

    assert failure.code == "BAD_USER_INPUT"
    assert failure.violations == {"answer": ["is longer than 1,500 bytes: ask for fewer records or fields"]}


@pytest.mark.settings(answer_limit=1_500)
async def test_a_change_is_shown_however_long_that_is(execute, production_order):
    order = await production_order()
    document = (
        "mutation ($id: ULID!, $notes: String!) { saveProductionOrder(input: {id: $id, notes: $notes}) { notes } }"
    )

    saved = await execute(document, id=order.id, notes="x" * 2_000)

    assert saved["saveProductionOrder"]["notes"] == "x" * 2_000


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        (SAVE.replace('"Plant"', '""'), {}),
        ("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ["x"] * 10}),
        ("{ newUnitOfMeasure { id name }", {}),
        ('mutation { setPropertyValue(productionOrderIdOrName: "", propertyIdOrName: "", value: 1) { id } }', {}),
    ],
)
async def test_what_fails_leaves_nothing_behind_that_holds_itself(execute, document, variables):
    await execute.failing(document, **variables)
    gc.collect()
    gc.disable()
    try:
        before = told_of()
        for _ in range(3):
            await execute.failing(document, **variables)

        assert told_of() <= before
    finally:
        gc.enable()


def told_of():
    """The errors that are there, of those that callers are told of."""
    return {id(one) for one in gc.get_objects() if isinstance(one, (Failure, GraphQLError, NotUnderstood))}
