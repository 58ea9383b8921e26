import os
import re
import subprocess
import sys
from types import SimpleNamespace

import pytest

from db.tokens import all_tokens, create_token, find_token, parsed_token
from db.ulid import new_ulid
from server.command import main
from tests.conftest import OWN

CREATE = ["token", "create", "--name", "press", "--security-level", "Plant"]


@pytest.fixture
def command(server_variables, tmp_path):
    """Runs `mes-orders` as a process, on the test's database."""

    def run(*arguments, **variables):
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("MES_ORDERS_")}
        ended = subprocess.run(  # noqa: S603 (our own words)
            [sys.executable, "-m", "server.command", *arguments],
            env={**inherited, **server_variables, "MES_ORDERS_DATA": str(tmp_path), **variables},
            capture_output=True,
            text=True,
            check=False,
        )
        return SimpleNamespace(printed=ended.stdout, complaint=ended.stderr, status=ended.returncode)

    return run


@pytest.fixture
async def administrator(pool):
    """The id of a token that is there already."""
    return parsed_token(await create_token(pool, "administrator", ["Administrator", "Plant"]))[0]


async def one_of_them(pool):
    (token,) = [token for token in await all_tokens(pool) if token.name == "press"]
    return token


@pytest.mark.usefixtures("administrator")
async def test_a_new_token_is_all_that_is_printed(command, pool):
    ended = command(*CREATE, "--expires", "90d")

    token_id, secret = parsed_token(ended.printed.strip())
    stored = await find_token(pool, token_id)
    assert (ended.status, stored.name, stored.security_levels) == (0, "press", ("Plant",))
    assert (stored.expires_date - stored.created_date).days in (89, 90)
    assert stored.matches(secret)


@pytest.mark.usefixtures("administrator")
def test_who_makes_a_token_that_no_role_grants_anything_to_is_told(command):
    assert "no role grants anything for Plant" in command(*CREATE).complaint


@pytest.mark.usefixtures("administrator")
async def test_the_name_of_a_valid_token_is_not_given_to_another(command, pool):
    first = parsed_token(command(*CREATE).printed.strip())[0]

    ended = command(*CREATE)

    assert (ended.printed, ended.status) == ("", 1)
    assert f"there is a valid token of the name 'press' (id {first})" in ended.complaint
    assert "--rotate" in ended.complaint
    assert (await one_of_them(pool)).id == first


@pytest.mark.usefixtures("administrator")
async def test_a_token_that_replaces_another_has_its_name_beside_it(command, pool):
    command(*CREATE)

    ended = command(*CREATE, "--rotate")

    assert (ended.status, [token.name for token in await all_tokens(pool)].count("press")) == (0, 2)


@pytest.mark.usefixtures("administrator")
@pytest.mark.parametrize("end", ["revoked_date", "expires_date"])
async def test_the_name_of_a_token_that_has_ended_is_free(command, pool, end):
    command(*CREATE)
    await pool.execute(f"update api_tokens set {end} = now() where name = 'press'")  # noqa: S608

    assert command(*CREATE).status == 0


async def test_tokens_are_listed_without_their_secrets(command, administrator, pool):
    token = await find_token(pool, administrator)

    ended = command("token", "list")

    assert re.fullmatch(rf"{administrator}  valid +administrator  \(Administrator, Plant\)\n", ended.printed)
    assert token.secret_sha256.hex() not in ended.printed


async def test_a_token_is_revoked_by_the_id_that_the_list_shows(command, administrator, pool):
    ended = command("token", "revoke", administrator)

    assert (ended.status, ended.printed) == (0, "")
    assert (await find_token(pool, administrator)).revoked_date


@pytest.mark.usefixtures("administrator")
def test_a_token_that_is_not_there_is_told(command):
    token_id = new_ulid()

    ended = command("token", "revoke", token_id)

    assert ended.status == 1
    assert ended.complaint == f"mes-orders: there is no token with the id {token_id!r}; `token list` shows them.\n"


def test_a_command_on_an_empty_database_tells_of_the_first_token_beside_its_answer(command, tmp_path):
    ended = command("token", "list")

    assert "administrator" in ended.printed
    assert (tmp_path / "admin-token").read_text() in ended.complaint


def test_a_command_makes_no_database_where_there_is_none(command, tmp_path):
    folder = tmp_path / "nowhere"

    ended = command("token", "list", "--data", str(folder), MES_ORDERS_DATABASE_URL="", MES_ORDERS_OWNER_URL="")

    assert (ended.status, ended.printed, folder.exists()) == (1, "", False)
    assert ended.complaint.startswith(f"mes-orders: There is no database in {folder}: set MES_ORDERS_DATABASE_URL")


@pytest.mark.parametrize(
    ("command_line", "url", "told"),
    [
        ("token list", "postgresql://127.0.0.1:1/orders", "The database can't be used: nobody listens there."),
        ("token list", "postgresql:///orders?host=/nowhere", "The database can't be used: No such file or directory."),
        (
            "serve --port 0",
            "postgresql://127.0.0.1:99999/orders",
            "The database can't be used: connect(): port must be",
        ),
        ("serve --port 0", "postgresql:///orders?sslmode=nothing", "The database can't be used: `sslmode` parameter"),
        (
            "serve --port 0",
            "postgresql://user:secret@host:x/orders",
            "The setting MES_ORDERS_DATABASE_URL is not right",
        ),
    ],
)
def test_a_database_that_does_not_answer_is_told_in_a_sentence(command, command_line, url, told):
    ended = command(*command_line.split(), MES_ORDERS_DATABASE_URL=url)

    assert (ended.printed, ended.status, ended.complaint.count("\n")) == ("", 1, 1)
    assert ended.complaint.startswith(f"mes-orders: {told}")
    assert "secret" not in ended.complaint


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            "insert into schema_migrations (number, name, checksum) values (9999, 'later', '')",
            "The database has migration 9999, which this version of MES Orders does not know",
        ),
        (
            "update schema_migrations set checksum = '' where number = 1",
            "The migration 0001_master_data.sql was edited",
        ),
    ],
)
async def test_a_database_that_does_not_fit_the_code_is_told_in_a_sentence(command, pool, change, told):
    await pool.execute(change)

    ended = command("serve", "--port", "0")

    assert (ended.printed, ended.status, ended.complaint.count("\n")) == ("", 1, 1)
    assert ended.complaint.startswith(f"mes-orders: {told}")


def test_more_connections_than_the_database_has_are_told_in_a_sentence(command):
    ended = command("serve", "--port", "0", "--workers", "64", MES_ORDERS_POOL_SIZE="1000")

    assert ended.status == 1
    assert ended.complaint.startswith(
        "mes-orders: The server may open 64000 connections (1000 for each of its processes"
    )
    assert ended.complaint.count("\n") == 1


def test_a_command_beside_the_server_needs_no_room_for_its_pools(command):
    assert command("token", "list", MES_ORDERS_POOL_SIZE="1000").status == 0


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nothing"],
        ["token"],
        ["serve", "--port", "x"],
        ["serve", "--port", "65536"],
        ["serve", "--port", "-1"],
        ["serve", "--workers", "0"],
        ["serve", "--workers", "65"],
        ["serve", "--workers", "two"],
        ["token", "create", "--name", "press"],
        ["token", "create", "--security-level", "Plant"],
        ["token", "create", "--name", "", "--security-level", "Plant"],
        ["token", "create", "--name", "a\nb", "--security-level", "Plant"],
        ["token", "create", "--name", "x" * 256, "--security-level", "Plant"],
        ["token", "create", "--name", " oidc:press", "--security-level", "Plant"],
        ["token", "create", "--name", "press", "--security-level", " "],
        [*CREATE, "--expires", "0d"],
        [*CREATE, "--expires", "2001-01-01"],
        [*CREATE, "--expires", "soon"],
        [*CREATE, "--expires", "2099-01-01T00:00:00"],
        ["token", "revoke"],
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_status_2(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)

    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("usage: mes-orders")


@pytest.mark.parametrize(("variable", "value"), [("MES_ORDERS_PORT", "x"), ("MES_ORDERS_PROT", "80")])
def test_a_wrong_setting_ends_with_a_sentence(monkeypatch, capsys, variable, value):
    monkeypatch.setenv(variable, value)

    assert main(["serve"]) == 1

    assert re.fullmatch(rf"mes-orders: (The|There is no) setting {variable}.*\n", capsys.readouterr().err)


@pytest.mark.parametrize("host", ["nowhere.invalid", "a" * 64 + ".example", "256.256.256.256", ""])
def test_an_address_that_is_none_ends_with_a_sentence(command, host):
    ended = command("serve", "--host", host)

    assert (ended.complaint, ended.status) == (f"mes-orders: There is no address {host!r} to listen on.\n", 1)


@pytest.mark.skipif(not OWN, reason="the role of this PostgreSQL is no superuser")
@pytest.mark.parametrize("arguments", [["serve", "--port", "0"], ["token", "list"]])
def test_as_a_superuser_nothing_is_done_unless_it_is_allowed(command, database, arguments):
    ended = command(*arguments, MES_ORDERS_DATABASE_URL=database)

    assert (ended.printed, ended.status, ended.complaint.count("\n")) == ("", 1, 1)
    assert ended.complaint.startswith("mes-orders: The server does not run as a superuser of PostgreSQL, nor as")


@pytest.mark.skipif(not OWN, reason="the role of this PostgreSQL is no superuser")
def test_what_is_allowed_is_done_as_a_superuser(command, database):
    variables = {"MES_ORDERS_OWNER_URL": "", "MES_ORDERS_ALLOW_SUPERUSER": "on"}

    assert command("token", "list", MES_ORDERS_DATABASE_URL=database, **variables).status == 0


@pytest.mark.skipif(not OWN, reason="the role of this PostgreSQL makes no others")
def test_an_owner_who_is_the_role_of_the_server_is_told_in_a_sentence(command, server_variables):
    ended = command("token", "list", MES_ORDERS_DATABASE_URL=server_variables["MES_ORDERS_OWNER_URL"])

    assert ended.complaint.splitlines()[-1].startswith("mes-orders: The role that the server runs as owns the database")
    assert ended.status == 1
