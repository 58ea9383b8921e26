"""The database of the server's own, and the roles in it."""

import pytest

from db.migrations import migrate, migrations
from server.embedded_postgres import embedded_postgres, running_dsn
from server.first_start import first_start
from tests.conftest import FAST, connected
from tests.server.served import listening

SAVE = 'mutation { saveRole(input: {securityLevels: ["Plant"], permissions: ["MATERIAL"]}) { id } }'
CHANGES = "query ($id: ULID!) { changes(id: $id) { nodes { recordType changedBy } } }"


@pytest.fixture
def data(scratch, request):
    return scratch / request.node.name


async def test_its_own_database_knows_it_by_a_role_that_is_no_superuser_and_owns_nothing(data):
    async with listening(data) as server, connected(running_dsn(data)) as administrator:
        await server.asked(SAVE)

        roles = await administrator.fetch(
            """
            select rolname, rolsuper, exists (select from pg_class where relowner = usesysid) as owning
            from pg_stat_activity join pg_roles on rolname = usename
            where application_name = 'mes-orders'
            """
        )
    assert {tuple(role) for role in roles} == {("mes_orders", False, False)}


async def test_a_data_folder_of_an_earlier_version_goes_on_with_the_roles_of_this_one(data):
    with embedded_postgres(data, FAST) as dsn:
        async with connected(dsn) as administrator:
            await migrate(administrator, migrations()[:7])
            await first_start(administrator, data)

    async with listening(data) as server:
        saved = (await server.asked(SAVE))["data"]["saveRole"]["id"]
        (change,) = (await server.asked(CHANGES, id=saved))["data"]["changes"]["nodes"]

    assert change == {"recordType": "Role", "changedBy": "administrator"}
