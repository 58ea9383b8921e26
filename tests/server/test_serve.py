"""The server as a process: started, stopped and killed for real."""

import asyncio
import contextlib
import json
import signal
import socket
import stat

import httpx
import psutil
import pytest

from server.embedded_postgres import embedded_postgres, running_dsn
from server.postgres_cluster import Cluster
from tests.conftest import connected
from tests.server.served import PATIENCE, Server, listening

SAVE = """
mutation ($notes: String) {
  saveRole(input: {securityLevels: ["Plant"], permissions: ["MATERIAL"], notes: $notes}) { id }
}
"""
GET = "query Show($id: String!) { getRole(id: $id) { id permissions } }"
AS_SUPERUSER = {"MES_ORDERS_ALLOW_SUPERUSER": "on"}
WAITING = "select count(*) from pg_locks where not granted"
MIGRATING = 0x4D45534F


def lives(process):
    """Whether it is more than a number that nobody has asked about."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def until_ready(server):
    while (await server.client.get("/health/ready")).status_code != 200:
        pass


async def left(asking):
    """The client goes away, with the question still open."""
    asking.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asking


async def until_waiting(connection):
    """When somebody waits for a lock."""
    while not await connection.fetchval(WAITING):
        pass


@pytest.fixture(scope="module")
def data(scratch):
    """One data folder for all the servers, which follow each other."""
    return scratch / "served"


@pytest.fixture
async def server(data):
    async with listening(data) as server:
        yield server


async def test_the_first_start_prints_the_administrators_token_and_writes_it_down(scratch):
    data = scratch / "new"
    async with listening(data) as server:
        server.stop()
        printed, _, _ = server.told()

    assert printed == f"The administrator's token, shown this once, also in {data}/admin-token:\n{server.token}\n"
    assert stat.S_IMODE((data / "admin-token").stat().st_mode) == 0o600


async def test_a_later_start_prints_no_token(data):
    async with listening(data):
        pass

    async with listening(data) as server:
        server.stop()
        printed, _, _ = server.told()

    assert printed == ""


async def test_when_it_is_told_to_stop_it_ends_with_its_database(server, data):
    server.stop()

    _, _, status = server.told()

    assert status == 0
    assert Cluster(data).processes() == []


async def test_what_was_saved_is_there_after_everything_was_killed(server, data):
    saved = (await server.asked(SAVE))["data"]["saveRole"]["id"]

    server.kill(*Cluster(data).processes())

    async with listening(data) as again:
        assert (await again.asked(GET, id=saved))["data"]["getRole"]["id"] == saved


async def test_a_server_deletes_the_answers_that_need_not_be_kept(server, data):
    key = {"Idempotency-Key": "old"}
    await server.client.post("/graphql", json={"query": SAVE}, headers=key)
    async with connected(running_dsn(data)) as other:
        await other.execute("update idempotent_answers set created_date = now() - interval '8 days'")
    server.stop()
    server.told()

    async with listening(data), connected(running_dsn(data)) as other:
        while await other.fetchval("select count(*) from idempotent_answers"):
            pass


async def test_it_answers_what_was_asked_before_it_was_told_to_stop(server, data):
    async with connected(running_dsn(data)) as other:
        async with other.transaction():
            await other.execute("lock table roles")
            saving = asyncio.create_task(server.asked(SAVE))
            await until_waiting(other)
            server.stop()

        assert (await saving)["data"]["saveRole"]["id"]


async def test_what_comes_on_an_open_connection_when_it_was_told_to_stop_is_answered_as_the_last(server):
    async with server.new_client() as asking, server.new_client() as saving, server.new_client() as looking:
        for client in (asking, saving, looking):
            assert not told_to_close(await client.get("/health/live"))
        server.stop()
        while not told_to_close(await asking.get("/health/live")):
            pass

        saved, health = await asyncio.gather(
            saving.post("/graphql", json={"query": SAVE}), looking.get("/health/ready")
        )

    assert saved.json()["data"]["saveRole"]["id"]
    assert health.status_code == 503
    assert told_to_close(saved)
    assert told_to_close(health)
    assert server.told()[2] == 0


def told_to_close(response):
    return response.headers.get("connection") == "close"


async def test_a_query_whose_client_leaves_is_given_up(server, data):
    await server.asked("{ __typename }")
    server.line("request")
    async with connected(running_dsn(data)) as other, other.transaction():
        await other.execute("lock table roles")
        leaving = asyncio.create_task(server.asked(GET, id="01JCH3ENGW-82KJDZDR-JHGYCXQN"))
        await until_waiting(other)
        await left(leaving)
        line = server.line("request")

    assert (line["client_left"], line["status"]) == (True, 0)


async def test_a_mutation_whose_client_leaves_runs_to_its_end(server, data):
    await server.asked("{ __typename }")
    async with connected(running_dsn(data)) as other:
        async with other.transaction():
            await other.execute("lock table roles")
            leaving = asyncio.create_task(server.asked(SAVE, notes="left"))
            await until_waiting(other)
            await left(leaving)

        while not await other.fetchval("select exists (select from roles where notes = 'left')"):
            pass


async def test_a_line_of_the_log_tells_of_a_request_without_its_token_and_its_variables(server):
    await server.asked(GET, id="01JCH3ENGW-82KJDZDR-JHGYCXQN")

    line = server.line("request")

    assert (line["caller"], line["operation"], line["name"]) == ("administrator", "query", "Show")
    assert "01JCH3ENGW" not in str(line)
    assert server.token.split("_", 2)[2] not in str(line)


async def test_a_traceback_in_the_log_holds_no_variable(server, data):
    async with connected(running_dsn(data)) as other:
        await other.execute("alter table roles alter column notes type integer using null")
        answer = await server.asked(SAVE, notes="secret")
        await other.execute("alter table roles alter column notes type text")

    line = server.line("field failed")

    assert line["request_id"] == answer["errors"][0]["extensions"]["requestId"]
    assert line["exception"]
    assert "secret" not in str(line)


@pytest.mark.usefixtures("server")
async def test_a_second_server_on_the_data_folder_ends_with_a_sentence(data):
    printed, complaint, status = Server("--port", 0, "--data", data).told()

    assert (printed, status) == ("", 1)
    assert complaint.startswith(f"mes-orders: The data folder {data} is in use by another MES Orders server (process ")
    assert complaint.count("\n") == 1


def test_a_port_that_is_taken_ends_the_start_with_a_sentence(scratch):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        printed, complaint, status = Server("--port", port, "--data", scratch / "never").told()

    assert (printed, status) == ("", 1)
    assert complaint == f"{taken(port)}\n"
    assert not (scratch / "never").exists()


async def test_a_port_that_is_taken_during_the_start_ends_it_with_the_same_sentence(
    database, server_variables, tmp_path
):
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        async with connected(database) as connection:
            await connection.execute("select pg_advisory_lock($1)", MIGRATING)
            server = Server("--port", port, "--data", tmp_path, **server_variables)
            await until_waiting(connection)
            other.listen()

        _, complaint, status = server.told()

    assert (complaint.splitlines()[-1], status) == (taken(port), 1)


def taken(port):
    return (
        f"mes-orders: The port {port} of 127.0.0.1 is taken by another program. Stop it, or choose another with --port."
    )


@pytest.fixture
async def crew(data):
    """A server with two workers, which have started."""
    async with listening(data, "--workers", 2) as server:
        server.workers = [server.worker(), server.worker()]
        yield server


@pytest.mark.parametrize(("number", "expected"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
async def test_workers_end_together_with_their_database(crew, data, number, expected):
    crew.stop_all(number)

    _, complaint, status = crew.told()

    assert status == expected
    assert not any(map(lives, crew.workers))
    assert Cluster(data).processes() == []
    assert all(json.loads(line)["level"] == "info" for line in complaint.splitlines())


async def test_workers_that_are_still_starting_end_without_a_traceback(data):
    async with listening(data, "--workers", 2) as server:
        server.stop_all(signal.SIGINT)

        _, complaint, status = server.told()

    assert status == 130
    assert all(json.loads(line)["level"] == "info" for line in complaint.splitlines())


async def test_workers_answer_what_was_asked_before_they_were_told_to_stop(crew, data):
    async with connected(running_dsn(data)) as other:
        async with other.transaction():
            await other.execute("lock table roles")
            saving = asyncio.create_task(crew.asked(SAVE))
            await until_waiting(other)
            crew.stop()

        assert (await saving)["data"]["saveRole"]["id"]


async def test_each_worker_answers_and_logs_as_a_server_does(crew):
    for other in crew.workers:
        other.suspend()
        try:
            async with crew.new_client() as client:
                await client.post("/graphql", json={"query": "query Show { __typename }"})
        finally:
            other.resume()

        line = crew.line("request")
        assert (line["caller"], line["operation"], line["name"]) == ("administrator", "query", "Show")


async def test_a_worker_that_was_killed_is_replaced_and_the_server_goes_on(crew):
    for worker in crew.workers:
        worker.kill()

        assert crew.worker() not in crew.workers

    assert (await crew.asked(SAVE))["data"]["saveRole"]["id"]


async def test_workers_end_when_their_supervisor_was_killed(crew):
    crew.kill()

    _, living = psutil.wait_procs(crew.workers, timeout=PATIENCE)
    assert living == []


async def test_a_postgresql_that_was_killed_is_started_again(crew, data):
    for process in Cluster(data).processes():
        process.kill()

    crew.line("PostgreSQL has ended by itself, and is started again")
    await until_ready(crew)

    assert (await crew.asked(SAVE))["data"]["saveRole"]["id"]


@pytest.mark.parametrize("workers", [1, 2])
async def test_a_server_that_starts_without_its_database_waits_for_it(scratch, workers):
    data = scratch / f"away-{workers}"
    url = f"postgresql://postgres@/postgres?host={data}/socket"
    server = Server("--port", 0, "--data", data, "--workers", workers, MES_ORDERS_DATABASE_URL=url, **AS_SUPERUSER)
    try:
        async with httpx.AsyncClient(base_url=server.line("MES Orders listens")["url"], timeout=PATIENCE) as client:
            assert (await client.get("/health/live")).status_code == 200
            assert (await client.get("/health/ready")).status_code == 503
            with embedded_postgres(data):
                server.line("The database is there")
                server.token, server.client = (data / "admin-token").read_text().strip(), client
                await until_ready(server)
                client.headers["Authorization"] = f"Bearer {server.token}"
                assert (await server.asked(SAVE))["data"]["saveRole"]["id"]
    finally:
        server.end()


async def test_a_database_that_cannot_be_used_when_it_is_there_ends_the_server(scratch):
    data = scratch / "refused"
    url = f"postgresql://postgres@/postgres?host={data}/socket"
    server = Server("--port", 0, "--data", data, MES_ORDERS_DATABASE_URL=url)
    server.line("MES Orders listens")
    with embedded_postgres(data):
        _, complaint, status = server.told()

    assert status == 1
    assert "The server does not run as a superuser of PostgreSQL" in complaint.splitlines()[-1]


async def test_the_command_line_of_a_worker_does_not_tell_of_the_database(crew, data):
    for worker in crew.workers:
        assert "postgres" not in " ".join(worker.cmdline())
        assert str(data) not in " ".join(worker.cmdline())
