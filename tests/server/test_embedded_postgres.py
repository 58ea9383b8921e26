"""PostgreSQL in a data folder: real servers, really killed."""

import os
import resource
import stat
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import psutil
import pytest
from structlog.testing import capture_logs

from server.data_folder import DataFolderInUse, DataFolderUnusable
from server.embedded_postgres import PostgresNotStarted, embedded_postgres, running_dsn
from server.postgres_cluster import Cluster

CACHE = "select setting::bigint * 8192 from pg_settings where name = 'shared_buffers'"
SERVER = """
import sys
from pathlib import Path
from server.embedded_postgres import embedded_postgres

with embedded_postgres(Path(sys.argv[1]), dict(argument.split("=") for argument in sys.argv[2:])) as dsn:
    print(dsn, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def data(scratch):
    """One for all tests, because making it takes longest; whatever they do to the server, it can be started again."""
    with embedded_postgres(scratch / "data"):
        return scratch / "data"


@pytest.fixture
def empty(scratch, request):
    return scratch / request.node.name


@pytest.fixture
def bystander(data):
    """A process of another program, under the account that PostgreSQL runs under."""
    owner = Cluster(data).files.stat()
    with subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE, user=owner.st_uid, group=owner.st_gid) as process:
        yield process


async def ask(dsn, question):
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def keep(dsn, number):
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("create table if not exists kept (number int)")
        await connection.execute("insert into kept values ($1)", number)
    finally:
        await connection.close()


async def kept(dsn):
    return await ask(dsn, "select array_agg(number) from kept")


@contextmanager
def another_server(data, *settings):
    command = [sys.executable, "-c", SERVER, data, *settings]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            yield process
        finally:
            process.kill()


def dsn_of(server):
    return next(line.strip() for line in server.stdout if line.startswith("postgresql://"))


def postmaster(data):
    return psutil.Process(Cluster(data).status.pid)


def kill(server, *others):
    for process in (server, *others):
        process.kill()
    server.wait()


async def test_what_is_stored_survives_a_restart(data):
    with embedded_postgres(data) as dsn:
        await keep(dsn, 41)

    with embedded_postgres(data) as dsn:
        assert 41 in await kept(dsn)


async def test_committed_rows_are_safe_on_the_disk(data):
    with embedded_postgres(data) as dsn:
        settings = [await ask(dsn, f"show {name}") for name in ("fsync", "full_page_writes", "data_checksums")]

    assert settings == ["on", "on", "on"]


async def test_text_is_utf8_and_sorts_alike_on_every_machine(data):
    with embedded_postgres(data) as dsn:
        assert await ask(dsn, "show server_encoding") == "UTF8"
        assert await ask(dsn, "select datlocale from pg_database where datname = 'postgres'") == "C.UTF-8"


@pytest.fixture
def memory(monkeypatch):
    """Has the machine have so many bytes of memory."""
    return lambda there_is: monkeypatch.setattr("server.embedded_postgres.memory_there_is", lambda: there_is)


@pytest.fixture
def _little_address_space():
    """No process gets more than these 8 GiB, not even of addresses."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (2**33, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


async def test_it_keeps_what_is_read_in_a_quarter_of_the_memory(data, memory):
    for there_is, kept in ((2**30, 2**28), (2**28, 2**27)):
        memory(there_is)
        with embedded_postgres(data) as dsn:
            assert await ask(dsn, CACHE) == kept


async def test_it_keeps_to_a_size_that_it_was_told(data, memory):
    memory(2**30)
    with embedded_postgres(data) as dsn:
        await ask(dsn, "alter system set shared_buffers = '200MB'")

    with embedded_postgres(data) as dsn:
        await ask(dsn, "alter system reset shared_buffers")
        assert await ask(dsn, CACHE) == 200 * 2**20


@pytest.mark.usefixtures("_little_address_space")
async def test_it_starts_with_less_where_the_system_refuses_a_quarter(data, memory):
    memory(2**36)
    with capture_logs() as lines, embedded_postgres(data) as dsn:
        assert await ask(dsn, CACHE) == 2**27

    assert [line["shared_buffers"] for line in lines if line["log_level"] == "warning"] == ["16384MB"]


def test_what_it_said_the_last_time_is_kept(data):
    with embedded_postgres(data):
        pass
    said = Cluster(data).log.read_bytes()
    with embedded_postgres(data):
        assert Cluster(data).log.with_suffix(".log.1").read_bytes() == said != b""


def test_nothing_runs_after_the_end(data):
    with embedded_postgres(data):
        assert Cluster(data).processes()

    assert not Cluster(data).processes()
    assert not (data / "socket").exists()


def test_the_dsn_of_a_running_server_is_found(data):
    assert running_dsn(data) is None

    with embedded_postgres(data) as dsn:
        assert running_dsn(data) == dsn

    assert running_dsn(data) is None


def test_a_second_server_hears_that_the_folder_is_in_use(data):
    with embedded_postgres(data), pytest.raises(DataFolderInUse) as failure, embedded_postgres(data):
        pass

    assert str(failure.value) == (
        f"The data folder {data} is in use by another MES Orders server (process {os.getpid()}). "
        "Stop it, or give another folder with --data."
    )


async def test_acknowledged_rows_survive_the_kill_of_everything(data):
    with another_server(data) as server:
        await keep(dsn_of(server), 42)
        kill(server, *Cluster(data).processes())

    with embedded_postgres(data) as dsn:
        assert 42 in await kept(dsn)


async def test_acknowledged_rows_survive_the_kill_of_the_postmaster(data):
    with embedded_postgres(data) as dsn:
        await keep(dsn, 43)
        postmaster(data).kill()

    with embedded_postgres(data) as dsn:
        assert 43 in await kept(dsn)


async def test_what_a_killed_server_left_running_is_ended_first(data):
    with another_server(data) as server:
        await keep(dsn_of(server), 44)
        orphan = postmaster(data)
        kill(server)

    assert orphan.is_running()
    with embedded_postgres(data) as dsn:
        assert postmaster(data) != orphan
        assert 44 in await kept(dsn)


async def test_backends_without_their_postmaster_are_ended_first(data):
    with another_server(data) as server:
        connection = await asyncpg.connect(dsn_of(server))
        backend = psutil.Process(await connection.fetchval("select pg_backend_pid()"))
        # Stopped, it does not see that its postmaster has gone.
        backend.suspend()
        kill(server)
        postmaster(data).kill()

    with embedded_postgres(data) as dsn:
        assert await ask(dsn, "select 1") == 1
        assert backend not in Cluster(data).processes()
    connection.terminate()


def test_the_postgres_of_another_program_is_left_alone(data):
    with another_server(data, "cluster_name=theirs") as server:
        dsn_of(server)
        theirs = postmaster(data)
        kill(server)

    try:
        with pytest.raises(DataFolderInUse, match="PostgreSQL that MES Orders did not start"), embedded_postgres(data):
            pass
        assert theirs.is_running()
    finally:
        Cluster(data).stop()


async def test_a_process_that_got_the_number_of_a_killed_postmaster_is_no_hindrance(data, bystander):
    with another_server(data) as server:
        dsn_of(server)
        kill(server, *Cluster(data).processes())
    stale = Cluster(data).files / "postmaster.pid"
    _, rest = stale.read_text().split("\n", 1)
    stale.write_text(f"{bystander.pid}\n{rest}")

    assert running_dsn(data) is None
    with embedded_postgres(data) as dsn:
        assert await ask(dsn, "select 1") == 1
    assert bystander.poll() is None


async def test_a_half_made_database_is_made_again(empty):
    with another_server(empty) as server:
        while not any(empty.glob("postgresql-new-*/global")):
            assert server.poll() is None
        kill(server)
    assert not Cluster(empty).files.exists()

    with embedded_postgres(empty) as dsn:
        assert await ask(dsn, "select 1") == 1
        assert not list(empty.glob("postgresql-new-*"))


@pytest.mark.parametrize("name", ["d" * 100, "comma,", "blank and % and ü"])
async def test_any_path_will_do(empty, name):
    with embedded_postgres(empty / name) as dsn:
        assert await ask(dsn, "select 1") == 1
        assert running_dsn(empty / name) == dsn


def test_ctrl_c_in_the_terminal_does_not_reach_postgres(data):
    with embedded_postgres(data):
        assert os.getsid(postmaster(data).pid) != os.getsid(0)


def test_only_the_owner_enters_the_folders_with_the_files_and_the_socket(data):
    with embedded_postgres(data):
        modes = {name: stat.S_IMODE((data / name).stat().st_mode) for name in ("postgresql", "socket")}

        assert modes == {"postgresql": 0o700, "socket": 0o700}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has PostgreSQL run as somebody else")
def test_folders_above_are_opened_for_passing_only(empty):
    empty.mkdir(mode=0o700)

    with embedded_postgres(empty / "data"):
        modes = [stat.S_IMODE(folder.stat().st_mode) for folder in (empty, empty / "data")]

    assert modes == [0o701, 0o701]


def test_a_file_is_no_data_folder(empty):
    empty.write_text("")

    with pytest.raises(DataFolderUnusable, match="is a file"), embedded_postgres(empty):
        pass


@pytest.mark.skipif(not Path("/sys/kernel").exists(), reason="there is a folder that not even root can write")
def test_a_folder_that_can_not_be_written_is_named():
    folder = Path("/sys/kernel/data")

    with pytest.raises(DataFolderUnusable, match="/sys/kernel/data can't be written"), embedded_postgres(folder):
        pass


def test_the_files_of_another_version_are_named(empty):
    Cluster(empty).files.mkdir(parents=True)
    (Cluster(empty).files / "PG_VERSION").write_text("17\n")

    with pytest.raises(DataFolderUnusable, match="was written by PostgreSQL 17"), embedded_postgres(empty):
        pass


def test_postgres_own_reason_not_to_start_is_told(data):
    wrong = {"work_mem": "nothing"}

    with pytest.raises(PostgresNotStarted, match='for parameter "work_mem"'), embedded_postgres(data, wrong):
        pass

    assert not Cluster(data).processes()
