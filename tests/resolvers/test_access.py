import graphql
import pytest

from db.errors import Forbidden
from db.records import RECORDS
from resolvers.access import Caller, Permission, access, permissions_of
from server.schema import make_schema

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


SCHEMA = graphql.build_schema(make_schema().as_str())
NOTHING = "01JCH3EPVP-1MNNDJTS-37Z75NGA"
AREAS = sorted({permission.value.split(".")[0] for permission in Permission})
ANSWERS = {"", "BAD_USER_INPUT", "NOT_FOUND", "CONFLICT"}
SAVE_PROPERTY = "mutation ($input: ProductionOrderPropertyInput!) { saveProductionOrderProperty(input: $input) { id } }"
GET_PROPERTY = """
mutation ($input: ProductionOrderPropertyInput!) { getProductionOrderPropertyOrCreateNew(input: $input) { name } }
"""


def required(field):
    (directive,) = [one for one in field.ast_node.directives if one.name.value == "requiresPermission"]
    return directive.arguments[0].value.value


# Every root field by the permission that it asks for, and an operation with it alone.
FIELDS = {
    permission.value: [
        (kind, name, field)
        for kind, root in (("query", SCHEMA.query_type), ("mutation", SCHEMA.mutation_type))
        for name, field in root.fields.items()
        if required(field) == permission.value
    ]
    for permission in Permission
}


def operation(kind, name, field):
    given = {key: argument for key, argument in field.args.items() if graphql.is_required_argument(argument)}
    arguments = ", ".join(f"{key}: {literal(argument.type)}" for key, argument in given.items())
    shown = "" if graphql.is_leaf_type(graphql.get_named_type(field.type)) else "{ __typename }"
    return f"{kind} {{ {name}{f'({arguments})' if arguments else ''} {shown} }}"


def literal(kind):
    """A value of this type, which the function may still refuse."""
    kind = graphql.get_named_type(kind)
    literals = {"ULID": f'"{NOTHING}"', "String": '"nothing"', "Float": "1", "Long": "1", "Mixed": "{a: 1}"}
    if kind.name == "ProductionOrderPropertyInput":
        return '{name: "Fat"}'
    return literals.get(kind.name, "{}")


def parents(permission):
    """What grants a permission: itself, and those above it."""
    segments = permission.split(".")
    return [".".join(segments[: length + 1]) for length in range(len(segments))]


def near_misses(permission):
    """What grants all beside it: every other permission, and texts that look like those that grant it."""
    others = {other.value for other in Permission} - {permission}
    return {*others, *(f"{parent}X" for parent in parents(permission)), *(one[:-1] for one in parents(permission))}


async def codes(execute, permission):
    """What each function that asks for a permission tells of its first error: its code, and the lacking permission."""
    answers = {name: await execute.answer(operation(kind, name, field)) for kind, name, field in FIELDS[permission]}
    told = {name: answer.get("errors", [{"extensions": {"code": ""}}])[0] for name, answer in answers.items()}
    return {name: (error["extensions"]["code"], error["extensions"].get("permission")) for name, error in told.items()}


@pytest.mark.parametrize("held", ALLOWING)
def test_a_permission_is_granted_by_itself_and_those_above_it(held):
    assert Caller("planner", {held}).may(Permission.PRODUCTION_ORDER_WRITE_SAVE)


@pytest.mark.parametrize("held", NOT_ALLOWING)
def test_a_permission_is_granted_by_no_other(held):
    assert not Caller("planner", {held}).may(Permission.PRODUCTION_ORDER_WRITE_SAVE)


def test_a_lacking_permission_is_named():
    with pytest.raises(Forbidden, match=r"needs the permission SYSTEM\.ADMIN"):
        Caller("planner", frozenset()).require(Permission.SYSTEM_ADMIN)


@pytest.mark.parametrize(("held", "nothing"), [((), True), (("CUSTOMERS", ""), True), (("CUSTOMER.READ",), False)])
def test_who_holds_no_permission_of_the_api_holds_nothing(held, nothing):
    assert Caller("planner", frozenset(held)).holds_nothing == nothing


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


def test_every_root_field_that_asks_for_a_permission_is_in_the_matrix():
    asking = [
        name
        for root in (SCHEMA.query_type, SCHEMA.mutation_type)
        for name, field in root.fields.items()
        if required(field)
    ]

    assert sorted(name for fields in FIELDS.values() for _, name, _ in fields) == sorted(asking)
    assert all(FIELDS.values())


@pytest.mark.parametrize("area", AREAS)
async def test_functions_are_refused_without_their_permission(caller, statements, area):
    for permission in permissions_of(area):
        planner = await caller(*near_misses(permission))
        await planner("{ __typename }")
        statements.clear()

        assert await codes(planner, permission) == {
            name: ("FORBIDDEN", permission) for _, name, _ in FIELDS[permission]
        }
        assert statements == []


@pytest.mark.parametrize("area", AREAS)
async def test_functions_let_in_who_holds_their_permission_or_one_above_it(caller, execute, area):
    # To get a property takes one permission, and to make it another one too.
    await execute(SAVE_PROPERTY, input={"name": "Fat"})

    for permission in permissions_of(area):
        for held in parents(permission):
            found = await codes(await caller(held), permission)

            assert {name: told for name, told in found.items() if told[0] not in ANSWERS} == {}


async def test_who_may_only_read_gets_a_property_that_is_there_and_makes_none(caller, execute, pool):
    await execute(SAVE_PROPERTY, input={"name": "Fat"})
    reader = await caller("PRODUCTION_ORDER.READ.GET")

    found = await reader(GET_PROPERTY, input={"name": "Fat", "description": "other"})
    failure = await reader.failing(GET_PROPERTY, input={"name": "Salt"})

    assert found == {"getProductionOrderPropertyOrCreateNew": {"name": "Fat"}}
    assert (failure.code, failure.permission) == ("FORBIDDEN", "PRODUCTION_ORDER.WRITE.SAVE")
    assert await pool.fetchval("select count(*) from production_order_properties") == 1


async def test_who_may_get_and_save_makes_a_property_that_is_not_there(caller, pool):
    planner = await caller("PRODUCTION_ORDER.READ.GET", "PRODUCTION_ORDER.WRITE.SAVE")

    await planner(GET_PROPERTY, input={"name": "Salt"})

    assert await pool.fetchval("select name from production_order_properties") == "Salt"


async def test_who_may_only_save_does_not_get_a_property(caller):
    saver = await caller("PRODUCTION_ORDER.WRITE")

    assert (await saver.failing(GET_PROPERTY, input={"name": "Salt"})).permission == "PRODUCTION_ORDER.READ.GET"


async def test_a_node_needs_the_permission_to_read_its_kind(caller, saved):
    for name, record in RECORDS.items():
        if record.view:
            continue
        permission = access(record).read.value
        document = f'{{ node(id: "{await saved(record)}") {{ id ... on {name} {{ version }} }} }}'

        # As if it were not there: who may not see a record is not told that there is one.
        assert await (await caller(*near_misses(permission)))(document) == {"node": None}
        for held in parents(permission):
            assert (await (await caller(held))(document))["node"]["version"] == 1


async def test_of_several_nodes_those_are_shown_whose_kind_the_caller_may_read(caller, plant):
    planner = await caller("CUSTOMER.READ")

    found = await planner(
        "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=[plant.customer, plant.material, NOTHING]
    )

    assert found["nodes"] == [{"id": plant.customer}, None, None]
