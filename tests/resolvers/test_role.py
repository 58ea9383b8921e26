import pytest

from db.tokens import create_token
from resolvers.access import Permission

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


async def test_all_permissions_are_told_to_who_gives_them(execute):
    told = (await execute("{ getAllPermissions }"))["getAllPermissions"]

    assert told == [permission.value for permission in Permission]


async def test_a_role_is_found_and_deleted(execute):
    saved = (await execute(SAVE, input={**ROLE, "notes": "mine"}))["saveRole"]
    request = {"filters": [{"field": "notes", "condition": "EQUALS", "stringValue": "mine"}]}
    find = "query ($request: QueryRequestInput!) { findRoles(queryRequest: $request) { content { id } } }"

    found = await execute(find, request=request)
    deleted = await execute("mutation ($id: String!) { deleteRole(id: $id) { success data } }", id=saved["id"])

    assert found["findRoles"]["content"] == [{"id": saved["id"]}]
    assert deleted["deleteRole"] == {"success": True, "data": saved["id"]}
    assert (await execute(find, request=request))["findRoles"]["content"] == []


async def test_what_a_role_grants_is_granted_to_the_holders_of_its_levels(execute, http, pool):
    await execute(SAVE, input={"securityLevels": ["Plant/Planning", "Nights"], "permissions": ["CUSTOMER.READ"]})
    planner = type(execute)(http, await create_token(pool, "planner", ["Plant"]))

    assert await planner("{ getAllCustomers { name } }") == {"getAllCustomers": [{"name": "Corner Shop"}]}
    assert (await planner.failing("{ getAllMaterials { name } }")).code == "FORBIDDEN"


async def test_a_role_that_asks_for_all_its_levels_grants_nothing_to_the_holder_of_one(execute, http, pool):
    await execute(SAVE, input={**ROLE, "permissions": ["CUSTOMER"], "roleRequirementType": "ALL"})
    planner = type(execute)(http, await create_token(pool, "planner", ["Nights"]))

    assert (await planner.failing("{ getAllCustomers { name } }")).code == "FORBIDDEN"
