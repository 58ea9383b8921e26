import stat

import asyncpg
import pytest

from db.roles import granted_permissions
from db.tokens import all_tokens, create_token, find_token, parsed_token
from resolvers.access import Caller, Permission
from server.failures import StartFailure
from server.first_start import first_start


@pytest.fixture
async def connection(database):
    opened = await asyncpg.connect(database)
    yield opened
    await opened.close()


async def test_the_first_start_makes_a_token_that_may_do_everything(connection, tmp_path):
    token = await first_start(connection, tmp_path)

    stored = await find_token(connection, parsed_token(token)[0])
    administrator = Caller(stored.name, await granted_permissions(connection, stored.security_levels))
    assert all(administrator.may(permission) for permission in Permission)


async def test_the_token_is_written_where_only_the_owner_can_read_it(connection, tmp_path):
    token = await first_start(connection, tmp_path / "new" / "folder")

    file = tmp_path / "new" / "folder" / "admin-token"
    assert file.read_text() == f"{token}\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_a_file_that_others_could_read_is_closed_to_them(connection, tmp_path):
    file = tmp_path / "admin-token"
    file.write_text("an older token, which is longer than the new one" * 10)
    file.chmod(0o644)

    token = await first_start(connection, tmp_path)

    assert (file.read_text(), stat.S_IMODE(file.stat().st_mode)) == (f"{token}\n", 0o600)


async def test_a_database_with_a_token_is_left_as_it_is(connection, tmp_path):
    await create_token(connection, "planner", ["Plant"])

    assert await first_start(connection, tmp_path) is None
    assert [token.name for token in await all_tokens(connection)] == ["planner"]
    assert list(tmp_path.iterdir()) == []


async def test_a_token_that_cannot_be_written_is_not_made(connection, tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(StartFailure, match="administrator's token can't be written"):
        await first_start(connection, tmp_path / "file")

    assert await all_tokens(connection) == []
    assert await connection.fetchval("select count(*) from roles") == 0


@pytest.mark.parametrize(
    ("level", "may", "may_not"),
    [
        ("Planner", "PRODUCTION_ORDER.WRITE.SAVE", "MATERIAL.WRITE.SAVE"),
        ("Viewer", "MATERIAL.READ.GET", "PRODUCTION_ORDER.WRITE.SAVE"),
    ],
)
async def test_the_first_roles_let_everyone_do_their_own_work(connection, tmp_path, level, may, may_not):
    await first_start(connection, tmp_path)

    caller = Caller("anyone", await granted_permissions(connection, [level]))

    assert caller.may(Permission(may))
    assert not caller.may(Permission(may_not))
