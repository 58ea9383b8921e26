import pytest

from db.errors import Forbidden
from resolvers.access import Caller, Permission, permissions_of

SAVE = "mutation ($input: ProductionOrderInput!) { saveProductionOrder(input: $input) { id } }"
ALLOWING = ["PRODUCTION_ORDER", "PRODUCTION_ORDER.WRITE", "PRODUCTION_ORDER.WRITE.SAVE"]
NOT_ALLOWING = [
    "",
    ".",
    "*",
    "PRODUCTION_ORDER.",
    "PRODUCTION_ORDER..WRITE",
    "PRODUCTION_ORDER.*",
    "PRODUCTION_ORDER.WRITE.SAVE.",
    "PRODUCTION_ORDER.WRITE.SAVE.ALL",
    "PRODUCTION_ORDER.WRITE.SAV",
    "PRODUCTION_ORDER.WRITEX",
    "PRODUCTION_ORDE",
    "PRODUCTION_ORDER.READ",
    "production_order",
    "MATERIAL",
]


@pytest.mark.parametrize("held", ALLOWING)
def test_a_permission_is_granted_by_itself_and_those_above_it(held):
    assert Caller("planner", {held}).may(Permission.PRODUCTION_ORDER_WRITE_SAVE)


@pytest.mark.parametrize("held", NOT_ALLOWING)
def test_a_permission_is_granted_by_no_other(held):
    assert not Caller("planner", {held}).may(Permission.PRODUCTION_ORDER_WRITE_SAVE)


def test_a_lacking_permission_is_named():
    with pytest.raises(Forbidden, match=r"needs the permission SYSTEM\.ADMIN"):
        Caller("planner", frozenset()).require(Permission.SYSTEM_ADMIN)


def test_the_permissions_of_a_part_of_the_api_are_those_that_begin_with_its_name():
    assert permissions_of("QUERY") == ["QUERY.READ.VALIDATE"]


@pytest.mark.parametrize("held", [(), *((permission,) for permission in NOT_ALLOWING if permission)])
async def test_a_caller_without_the_permission_stores_nothing(caller, plant, pool, held):
    planner = await caller(*held)

    failure = await planner.failing(
        SAVE, input={"name": "Order1", "productId": plant.material, "unitOfMeasureId": plant.unit_of_measure}
    )

    assert (failure.code, failure.permission) == ("FORBIDDEN", "PRODUCTION_ORDER.WRITE.SAVE")
    assert await pool.fetchval("select count(*) from production_orders") == 0


@pytest.mark.parametrize("held", ALLOWING)
async def test_a_caller_with_the_permission_or_one_above_it_saves(caller, plant, pool, held):
    planner = await caller(held)

    await planner(SAVE, input={"name": "Order1", "productId": plant.material, "unitOfMeasureId": plant.unit_of_measure})

    assert await pool.fetchval("select count(*) from production_orders") == 1


async def test_what_is_new_and_the_permissions_are_told_to_every_known_caller(caller):
    nobody = await caller()

    data = await nobody("{ newProductionOrder { status } getProductionOrderPermissions }")

    assert data["newProductionOrder"] == {"status": "IDLE"}
    assert "PRODUCTION_ORDER.READ.GET" in data["getProductionOrderPermissions"]
