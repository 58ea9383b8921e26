import pytest

SAVE = "mutation ($input: RoleInput!) { saveRole(input: $input) { id securityLevels permissions roleRequirementType } }"
GET = "query ($id: String!) { getRole(id: $id) { securityLevels permissions } }"
ROLE = {"securityLevels": ["Plant/Planning", "Nights"], "permissions": ["PRODUCTION_ORDER.READ", "MATERIAL"]}


async def test_a_role_is_shown_as_it_was_saved(execute):
    saved = (await execute(SAVE, input={**ROLE, "roleRequirementType": "ALL"}))["saveRole"]

    assert saved == {"id": saved["id"], **ROLE, "roleRequirementType": "ALL"}
    assert await execute(GET, id=saved["id"]) == {"getRole": ROLE}


async def test_new_role_has_lists_to_fill(execute):
    data = await execute("{ newRole { id securityLevels permissions roleRequirementType enabled } }")

    assert data["newRole"] == {
        "id": None,
        "securityLevels": None,
        "permissions": None,
        "roleRequirementType": "ANY",
        "enabled": True,
    }


@pytest.mark.parametrize("field", ["securityLevels", "permissions"])
@pytest.mark.parametrize("items", [[], [""], ["a,b"], ["a\u0000"]])
async def test_a_role_has_levels_and_permissions_without_commas(execute, field, items):
    failure = await execute.failing(SAVE, input={**ROLE, field: items})

    assert (failure.code, list(failure.violations)) == ("BAD_USER_INPUT", [field])


async def test_roles_need_the_administrators_permission(caller):
    planner = await caller("PRODUCTION_ORDER")

    assert (await planner.failing(SAVE, input=ROLE)).permission == "SYSTEM.ADMIN"
