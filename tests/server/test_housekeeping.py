"""What is done beside the requests goes on, whatever happens in one of its turns."""

import asyncio
import subprocess
import threading
from functools import partial

import asyncpg
import pytest
from structlog.testing import capture_logs

from db.connections import Connections
from db.errors import ServiceUnavailable
from db.idempotency import forget_old_answers
from db.pool_size import PoolSize
from server import housekeeping, postgres_keeper, serve
from server.config import Settings
from server.database import Database
from server.postgres_cluster import Cluster

OLD = """
insert into idempotent_answers (caller, key, request_sha256, created_date)
values ('anna', 'old', sha256(''), now() - interval '8 days')
"""


def failed(lines):
    """The work of which an unexpected error was logged."""
    return [line["work"] for line in lines if "exc_info" in line]


async def until_failed(lines):
    async with asyncio.timeout(30):
        while not failed(lines):  # noqa: ASYNC110 (nobody is told)
            await asyncio.sleep(0.01)


async def test_house_is_kept_after_what_nobody_expected(server_url, pool, monkeypatch):
    monkeypatch.setattr(housekeeping, "_PAUSE", 0.01)
    await pool.execute(OLD)
    unready = asyncpg.create_pool(server_url, min_size=0)

    with capture_logs() as lines:
        keeping = asyncio.create_task(housekeeping.keep_house(Connections(unready)))
        await until_failed(lines)
        await unready
        async with asyncio.timeout(30):
            while await pool.fetchval("select exists (select from idempotent_answers)"):
                pass
        keeping.cancel()
        with pytest.raises(asyncio.CancelledError):
            await keeping
        unready.terminate()

    assert failed(lines) == ["housekeeping"]


async def test_answers_are_deleted_after_a_time_in_which_nobody_answered(connections, pool, silence, monkeypatch):
    monkeypatch.setattr("db.idempotency._LONGEST", 0.1)
    await pool.execute(OLD)

    async with silence():
        with pytest.raises(ServiceUnavailable):
            await forget_old_answers(connections)
    await forget_old_answers(connections)

    assert not await pool.fetchval("select count(*) from idempotent_answers")


async def test_a_process_is_looked_at_after_what_nobody_expected(monkeypatch):
    class Process:
        looks = 0
        seen = asyncio.Event()

        def look(self):
            self.looks += 1
            if self.looks == 1:
                raise ZeroDivisionError
            self.seen.set()

    monkeypatch.setattr(housekeeping, "_LOOK_SECONDS", 0)
    process = Process()

    with capture_logs() as lines:
        looking = asyncio.create_task(housekeeping.look_after(process))
        async with asyncio.timeout(30):
            await process.seen.wait()
        looking.cancel()

    assert failed(lines) == ["the look at this process"]


def test_postgresql_is_started_again_after_what_nobody_expected(tmp_path):
    starts = iter([["/bin/true"], OSError("no more processes"), ["/bin/cat"]])
    started = threading.Event()
    running = []

    def start():
        found = next(starts)
        if isinstance(found, OSError):
            raise found
        running.append(subprocess.Popen(found, stdin=subprocess.PIPE))  # noqa: S603 (our own words)
        if len(running) > 1:
            started.set()
        return running[-1]

    with capture_logs() as lines:
        keeper = postgres_keeper.Keeper(Cluster(tmp_path), start)
        again = started.wait(30)
        keeper._stopping.set()  # noqa: SLF001 (before its postmaster, which is none, ends by itself)
        for process in running:
            process.stdin.close()
        keeper.stop()

    assert again
    assert failed(lines) == ["the start of PostgreSQL"]


async def test_a_database_is_prepared_after_what_nobody_expected(server_url, tmp_path, monkeypatch, server_variables):
    monkeypatch.setattr(serve, "_PAUSE", 0.01)
    known = Database(server_url, server_variables.get("MES_ORDERS_OWNER_URL"))
    settings = Settings(database_url=server_url, data=None, allow_superuser=True)
    refused = []

    with capture_logs() as lines:
        waiting = [known, settings, PoolSize(10), refused]
        prepare_later = partial(serve._prepare_later, *waiting, demo=False)  # noqa: SLF001 (a thread's)
        thread = threading.Thread(target=prepare_later, daemon=True)
        thread.start()
        await until_failed(lines)
        object.__setattr__(settings, "data", tmp_path)
        await asyncio.to_thread(thread.join, 30)

    assert not thread.is_alive()
    assert (tmp_path / "admin-token").exists()
    assert failed(lines) == ["the preparation of the database"]
