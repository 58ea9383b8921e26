"""A PgBouncer before the PostgreSQL of the tests, as `deploy/pgbouncer.ini` has it, with fewer sessions."""

import shutil
import socket
import subprocess
from configparser import ConfigParser
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from db.connections import Connections
from server.postgres_account import account
from tests.conftest import PATIENCE, listening_pool
from tests.faults.cluster import free_port

CONFIGURATION = Path(__file__).parents[2] / "deploy" / "pgbouncer.ini"
PGBOUNCER = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin")
OURS = {
    "listen_addr": "127.0.0.1",
    "unix_socket_dir": "",
    "logfile": "",
    "pidfile": "",
    "auth_type": "any",
    "default_pool_size": "2",
    "query_wait_timeout": f"{PATIENCE}",
}


@pytest.fixture(scope="session")
def bouncer(postgres, scratch):
    """Where it listens, as `user@host:port`."""
    if PGBOUNCER is None:
        pytest.skip("there is no PgBouncer: `apt-get install pgbouncer` brings it")
    url = urlsplit(postgres)
    query, port = parse_qs(url.query), free_port()
    folder = query["host"][0]
    configuration = ConfigParser(interpolation=None)
    configuration.read(CONFIGURATION)
    configuration["pgbouncer"].update({**OURS, "listen_port": str(port)})
    leading = f"host={folder} port={query.get('port', ['5432'])[0]} user={url.username}"
    configuration["databases"] = {"*": leading, "in_statements": f"{leading} dbname=postgres pool_mode=statement"}
    with (scratch / "pgbouncer.ini").open("w") as file:
        configuration.write(file)
    owner = account(Path(folder))
    owner.reach(scratch / "pgbouncer.ini")
    log = (scratch / "pgbouncer.log").open("wb")
    process = subprocess.Popen(  # noqa: S603 (our own words)
        [PGBOUNCER, scratch / "pgbouncer.ini"], stdin=subprocess.DEVNULL, stderr=log, **owner.process_user
    )
    try:
        until_listening(process, port)
        yield f"{url.username}@127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()
        log.close()


@pytest.fixture
def bounced(bouncer, database):
    """The URL of the test's database, through PgBouncer."""
    return f"postgresql://{bouncer}{urlsplit(database).path}"


@pytest.fixture
async def connections(bounced, statements):
    """The connections of the application."""
    bounced_pool = listening_pool(bounced, statements, statement_cache_size=0)
    async with bounced_pool as pool, Connections(pool, PATIENCE) as connections:
        yield connections


def until_listening(process, port):
    while process.poll() is None:
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
    pytest.fail("PgBouncer did not start; pgbouncer.log says why")
