import itertools

import pytest

from db.roles import create_role, granted_permissions
from db.ulid import new_ulid

NAMES = ("A", "AB", "a")
LEVELS = ["/".join(path) for length in (1, 2, 3) for path in itertools.product(NAMES, repeat=length)]


@pytest.fixture
def role(pool):
    """Stores a role: `await role("Plant,Office", "SYSTEM", requirement="ALL")`."""

    async def store(levels, permissions, *, requirement="ANY", enabled=True):
        await pool.execute(
            """
            insert into roles (id, security_levels, permissions, role_requirement_type, enabled)
            values ($1, $2, $3, $4, $5)
            """,
            new_ulid(),
            levels,
            permissions,
            requirement,
            enabled,
        )

    return store


async def test_a_level_is_satisfied_by_itself_and_those_above_it_and_by_no_other(pool):
    for level in LEVELS:
        await create_role(pool, level, [level])

    for held in LEVELS:
        below = {level for level in LEVELS if level.split("/")[: len(held.split("/"))] == held.split("/")}
        assert await granted_permissions(pool, [held]) == below


@pytest.mark.parametrize("held", ["Plant", "Plant/Line 1"])
async def test_a_level_above_the_one_that_is_asked_for_satisfies_it(pool, role, held):
    await role("Plant/Line 1", "MATERIAL")

    assert await granted_permissions(pool, [held]) == {"MATERIAL"}


@pytest.mark.parametrize(
    "held", ["", "/", "Plant/", "Pla", "PlantX", "plant", "Plant/Line", "Plant/Line 1/", "Plant/Line 1/Press", "*"]
)
async def test_no_other_level_satisfies_it(pool, role, held):
    await role("Plant/Line 1", "MATERIAL")

    assert await granted_permissions(pool, [held]) == frozenset()


async def test_nobody_holds_a_level_that_is_empty(pool, role):
    await role("", "MATERIAL")

    assert await granted_permissions(pool, ["", "Plant"]) == frozenset()


@pytest.mark.parametrize(
    ("requirement", "held", "granted"),
    [
        ("ANY", [], False),
        ("ANY", ["Office"], True),
        ("ANY", ["Plant", "Office"], True),
        ("ANY", ["Shop"], False),
        ("ALL", ["Office"], False),
        ("ALL", ["Plant", "Office"], True),
        ("ALL", ["Plant/Line 1", "Office"], False),
    ],
)
async def test_a_role_asks_for_any_or_all_of_its_levels(pool, role, requirement, held, granted):
    await role("Plant,Office", "MATERIAL", requirement=requirement)

    assert bool(await granted_permissions(pool, held)) is granted


async def test_a_role_that_is_not_enabled_grants_nothing(pool, role):
    await role("Plant", "MATERIAL", enabled=False)

    assert await granted_permissions(pool, ["Plant"]) == frozenset()


async def test_the_roles_of_a_caller_grant_their_permissions_together(pool, role):
    await role("Plant", "MATERIAL,PRODUCTION_ORDER.READ")
    await role("Office", "CUSTOMER, PRODUCTION_ORDER.READ")
    await role("Shop", "SYSTEM")

    granted = await granted_permissions(pool, ["Plant", "Office"])

    assert granted == {"MATERIAL", "PRODUCTION_ORDER.READ", "CUSTOMER"}


async def test_what_roles_grant_is_found_with_one_statement(pool, role, statements):
    await role("Plant", "MATERIAL")
    statements.clear()

    await granted_permissions(pool, ["Plant", "Office"])

    assert len(statements) == 1
