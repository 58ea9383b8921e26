"""A primary and a synchronous standby, from the binaries that come along, with the settings of `deploy/`."""

import socket
import subprocess
from pathlib import Path

import psutil

from server.embedded_postgres import BINARIES, ENVIRONMENT, INITDB, readable
from server.postgres_account import account
from server.postgres_cluster import Cluster

SETTINGS = Path(__file__).parents[2] / "deploy" / "postgresql.conf"
REPLICATION = {"wal_level": "replica", "hot_standby": "on", "wal_log_hints": "on", "wal_keep_size": "128MB"}
"""What `deploy/patroni.yml` says of replication."""
_OWN_SETTINGS = {
    **REPLICATION,
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "log_min_messages": "log",
    # A machine has a short life here, and none outlives its power: what is flushed is seen by all its processes.
    "fsync": "off",
    "max_wal_size": "256MB",
    # Who is killed leaves nothing behind outside of its folder.
    "dynamic_shared_memory_type": "mmap",
}
_PATIENCE = 30
"""Seconds until what does not end counts as hung."""


class Machine:
    """One PostgreSQL, with a port."""

    def __init__(self, name, folder):
        self.name = name
        self.port = free_port()
        self._cluster = Cluster(folder / name)
        self._owner = account(self._cluster.files)
        self._cluster.data.mkdir()
        readable(self._owner)
        self._owner.take(self._cluster.data)
        self._owner.reach(self._cluster.files)

    @property
    def files(self):
        return self._cluster.files

    @property
    def host(self):
        return f"127.0.0.1:{self.port}"

    @property
    def url(self):
        return f"postgresql://postgres@{self.host}/postgres"

    @property
    def running(self):
        """Whether any of its processes is there."""
        return bool(self._cluster.processes())

    def make(self):
        """An empty database, to be a primary."""
        access = ("--auth-local=trust", "--auth-host=trust", "--no-sync")
        self._run("initdb", *INITDB, *access, f"--pgdata={self.files}")
        own = "".join(f"{name} = '{value}'\n" for name, value in _OWN_SETTINGS.items())
        (self.files / "postgresql.conf").write_text(SETTINGS.read_text() + own)

    def copy(self, primary):
        """A copy of a running primary, to follow it."""
        primary.sql(f"select pg_create_physical_replication_slot('{self.name}')")
        self._run("pg_basebackup", "-D", self.files, "-X", "stream", "-c", "fast", "-S", self.name, "-d", primary.url)
        self._follow(primary)

    def rewind(self, primary):
        """Turn this machine, which was the primary and was killed, into one that follows the new one."""
        primary.sql(f"select pg_create_physical_replication_slot('{self.name}')")
        self._run("pg_rewind", f"--target-pgdata={self.files}", f"--source-server={primary.url}", "--no-sync")
        # It is whole when it has got what the primary has written by now, which may be in no hurry to send it.
        primary.sql("checkpoint")
        self._follow(primary)

    def start(self):
        options = f"-p {self.port} -c cluster_name={self.name}"
        self._run("pg_ctl", "-D", self.files, "-l", self._cluster.log, "-w", "-t", _PATIENCE, "-o", options, "start")

    def promote(self):
        """Make it the primary, which waits for no other machine until one follows."""
        self._run("pg_ctl", "-D", self.files, "-w", "-t", _PATIENCE, "promote")

    def kill(self):
        """Kill the postmaster without a word; its children notice."""
        psutil.Process(self._cluster.status.pid).kill()
        while self._cluster.processes():
            pass
        # Where nobody asks for its exit status, a dead process keeps its number, and PostgreSQL takes it for alive.
        (self.files / "postmaster.pid").unlink()

    def freeze(self):
        """Stop every process where it is: the machine is there, and answers nothing."""
        for process in self._cluster.processes():
            process.suspend()

    def thaw(self):
        for process in self._cluster.processes():
            process.resume()

    def stop(self):
        self.thaw()
        self._cluster.stop()

    def follow(self, primary):
        """Start as one that follows the primary, whatever it holds."""
        self._follow(primary)
        self.start()

    def hold(self, primary):
        """Show what the primary has now, and nothing more of what comes from it; it is kept all the same."""
        position = primary.sql("select pg_current_wal_flush_lsn()")
        while self.sql(f"select pg_last_wal_replay_lsn() >= '{position}'") != "t":
            pass
        self.sql("select pg_wal_replay_pause()")
        while self.sql("select pg_get_wal_replay_pause_state()") != "paused":
            pass

    def wait_for(self, *others):
        """Acknowledge a change when one of these machines has it as well; without any, at once."""
        names = f"FIRST 1 ({', '.join(other.name for other in others)})" if others else ""
        self.sql(f"alter system set synchronous_standby_names = '{names}'")
        self.sql("select pg_reload_conf()")
        while others and self.sql("select count(*) from pg_stat_replication where sync_state = 'sync'") != "1":
            pass

    def sql(self, statement):
        """What a statement of the administrator gives, as text."""
        return self._run("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", self.url, "-c", statement).strip()

    def _follow(self, primary):
        (self.files / "standby.signal").touch()
        self._owner.take(self.files / "standby.signal")
        told = f"{primary.url}?application_name={self.name}"
        with (self.files / "postgresql.auto.conf").open("w") as settings:
            settings.write(f"primary_conninfo = '{told}'\nprimary_slot_name = '{self.name}'\n")

    def _run(self, program, *arguments):
        """What a program of PostgreSQL prints."""
        done = subprocess.run(  # noqa: S603 (our own words)
            [BINARIES / program, *map(str, arguments)],
            cwd=self._cluster.data,
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            check=False,
            timeout=_PATIENCE * 2,
            **self._owner.process_user,
        )
        assert done.returncode == 0, f"{program}: {done.stdout}{done.stderr}"
        return done.stdout


class TwoMachines:
    """A primary and a standby that has every acknowledged change; they may change their parts.

    with TwoMachines(folder) as machines:
        machines.url            # names both
        machines.primary.kill()
        machines.promote()
        machines.rejoin()
    """

    def __init__(self, folder):
        self.primary = Machine("one", folder)
        self.standby = Machine("two", folder)
        self.url = f"postgresql://postgres@{self.primary.host},{self.standby.host}/postgres"

    def __enter__(self):
        try:
            self.primary.make()
            self.primary.start()
            self.standby.copy(self.primary)
            self.standby.start()
            self.primary.wait_for(self.standby)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def promote(self):
        """Let the standby be the primary; the other one has to be down."""
        self.standby.promote()
        self.primary, self.standby = self.standby, self.primary

    def rejoin(self):
        """Let the former primary follow the new one, which waits for it from then on."""
        self.standby.rewind(self.primary)
        self.standby.start()
        self.primary.wait_for(self.standby)

    def stop(self):
        for machine in (self.standby, self.primary):
            machine.stop()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]
