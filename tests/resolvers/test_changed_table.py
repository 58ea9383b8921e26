"""A table altered under a running server: the statements that were prepared before are prepared anew."""

import pytest

OPERATIONS = {
    "get": "query ($id: String!) { getProductionOrder(productionOrderIdOrName: $id) { id notes } }",
    "save": 'mutation ($id: ULID!) { saveProductionOrder(input: {id: $id, notes: "more"}) { id notes } }',
    "save several": 'mutation ($id: ULID!) { saveProductionOrders(inputs: [{id: $id, notes: "more"}]) { id notes } }',
    "validate": 'query ($id: ULID!) { validateProductionOrder(input: {id: $id, notes: "more"}) }',
}


@pytest.mark.parametrize("asked", OPERATIONS.values(), ids=OPERATIONS.keys())
@pytest.mark.parametrize(
    "altered", ["add column more integer", "alter column notes type varchar"], ids=["added", "changed"]
)
async def test_a_table_may_be_altered_while_the_server_runs(execute, production_order, pool, asked, altered):
    order = await production_order()
    before = await execute(asked, id=order.id)

    await pool.execute(f"alter table production_orders {altered}")

    assert await execute(asked, id=order.id) == before
