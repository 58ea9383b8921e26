"""The example of several machines is what the programs take, and what the tests' machines have."""

import asyncio
import re
import shutil
import socket
import subprocess
from contextlib import asynccontextmanager
from dataclasses import fields
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from server import health
from server.config import Settings, settings_from, variable
from tests.faults.cluster import REPLICATION, free_port
from tests.server.served import PATIENCE, listening

DEPLOY = Path(__file__).parents[1] / "deploy"
PATRONI = (DEPLOY / "patroni.yml").read_text()
PROGRAMS = "/usr/bin:/usr/sbin:/bin"


def installed(program, package):
    path = shutil.which(program, path=PROGRAMS)
    if path is None:
        pytest.skip(f"there is no {program}: `apt-get install {package}` brings it")
    return path


def said_by(*command):
    """What a program says against something."""
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)  # noqa: S603 (our own words)
    return done.returncode, done.stdout + done.stderr


@asynccontextmanager
async def balanced(folder, *servers):
    """A client of HAProxy as it is configured, without TLS, before the servers at these ports."""
    haproxy = installed("haproxy", "haproxy")
    configuration = (DEPLOY / "haproxy.cfg").read_text().replace(" ssl crt /etc/haproxy/mes-orders.pem", "")
    for address, server in zip(("10.0.0.21:8000", "10.0.0.22:8000"), servers, strict=True):
        configuration = configuration.replace(address, f"127.0.0.1:{server}")
    # Nothing counts as away here until it is asked.
    configuration = configuration.replace("inter 2s", "inter 1h")
    # A port that is only known to be free may be taken until HAProxy has started.
    with socket.create_server(("127.0.0.1", 0)) as listener:
        (folder / "haproxy.cfg").write_text(configuration.replace("bind :443", f"bind fd@{listener.fileno()}"))
        command = haproxy, "-db", "-q", "-f", folder / "haproxy.cfg"
        process = await asyncio.create_subprocess_exec(*command, pass_fds=[listener.fileno()])
        host, port = listener.getsockname()
    try:
        async with httpx.AsyncClient(base_url=f"http://{host}:{port}", timeout=PATIENCE) as client:
            yield client
    finally:
        process.terminate()
        await process.wait()


@pytest.fixture
async def running(database, tmp_path):
    """A server as behind a load balancer; the port at which it listens."""
    variables = {"MES_ORDERS_DATABASE_URL": database, "MES_ORDERS_METRICS": "on", "MES_ORDERS_ALLOW_SUPERUSER": "on"}
    async with listening(tmp_path, **variables) as server:
        server.read_on()
        yield urlsplit(server.url).port


def test_the_machines_of_the_tests_replicate_as_patroni_says():
    parameters = re.search(r"      parameters:\n((?: {8}.*\n)+)", PATRONI)[1]
    told = dict(re.findall(r"(\w+): \"?(\w+)\"?", parameters))

    assert REPLICATION.items() <= told.items()


def test_patroni_includes_the_settings_of_the_tests_machines():
    assert "custom_conf: /etc/mes-orders/postgresql.conf\n" in PATRONI
    assert (DEPLOY / "postgresql.conf").exists()


def test_patroni_takes_its_configuration(tmp_path):
    patroni = installed("patroni", "patroni")
    given = PATRONI.replace("NAME", "one").replace("ADDRESS", "127.0.0.2").replace("/var/lib/postgresql", str(tmp_path))
    (tmp_path / "patroni.yml").write_text(given)

    assert said_by(patroni, "--validate-config", tmp_path / "patroni.yml") == (0, "")


def test_haproxy_takes_its_configuration_and_asks_for_what_is_answered(tmp_path):
    haproxy = installed("haproxy", "haproxy")
    given = (DEPLOY / "haproxy.cfg").read_text()
    (tmp_path / "haproxy.cfg").write_text(given.replace(" ssl crt /etc/haproxy/mes-orders.pem", ""))

    assert said_by(haproxy, "-c", "-q", "-f", tmp_path / "haproxy.cfg") == (0, "")
    assert re.search(r"http-check send meth GET uri (\S+)", given)[1] in health.PATHS


@pytest.mark.parametrize("path", ["/metrics", "/%6detrics", "/metrics%0a"])
async def test_haproxy_keeps_the_metrics_back(running, tmp_path, path):
    async with balanced(tmp_path, running, running) as client:
        assert (await client.get("/health/ready")).status_code == 200
        answer = await client.get(path)

    assert answer.status_code == 404
    assert "mes_orders_" not in answer.text


async def test_prometheus_is_answered_by_the_address_of_a_server(running):
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{running}") as client:
        assert "mes_orders_" in (await client.get("/metrics")).text


async def test_haproxy_asks_another_server_while_one_starts_again(running, tmp_path):
    async with balanced(tmp_path, running, free_port()) as client:
        # Their callers belong to either of the two.
        answers = [await client.get("/health/ready", headers={"Authorization": f"Bearer {n}"}) for n in range(20)]

    assert {answer.status_code for answer in answers} == {200}


def test_etcd_is_where_patroni_looks_for_it():
    told = dict(line.split("=", 1) for line in (DEPLOY / "etcd").read_text().splitlines() if not line.startswith("#"))
    machines = re.findall(r"http://([\d.]+):2380", told["ETCD_INITIAL_CLUSTER"])

    assert re.search(r"etcd3:\n  hosts: (.*)", PATRONI)[1] == ",".join(f"{machine}:2379" for machine in machines)
    assert "http://ADDRESS:2379" in told["ETCD_LISTEN_CLIENT_URLS"].split(",")


def test_each_role_that_is_suggested_is_let_in():
    named = set(re.findall(r"postgresql://(\w+):", (DEPLOY / "mes-orders.env").read_text()))
    readme = (DEPLOY / "README.md").read_text()

    assert named == {"mes", "mes_owner"}
    for source in ("127.0.0.1/32", "10.0.0.0/24"):
        assert set(re.search(rf"- host mes (\S+) {source} scram-sha-256", PATRONI)[1].split(",")) == named
    assert set(re.search(r"from pg_authid where rolname in \((.*?)\)", readme)[1].replace("'", "").split(", ")) == named


def test_systemd_takes_the_unit(tmp_path):
    systemd = installed("systemd-analyze", "systemd")
    unit = (DEPLOY / "mes-orders.service").read_text().replace("/opt/mes-orders/.venv/bin/mes-orders", "/bin/true")
    (tmp_path / "mes-orders.service").write_text(unit)

    assert said_by(systemd, "verify", "--man=no", tmp_path / "mes-orders.service") == (0, "")


def test_the_environment_holds_settings():
    lines = (DEPLOY / "mes-orders.env").read_text().splitlines()
    given = dict(line.split("=", 1) for line in lines if not line.startswith("#"))

    settings = settings_from(given)

    assert given.keys() <= {variable(setting.name) for setting in fields(Settings)}
    assert settings.pgbouncer == "transaction"
    assert settings.trusted_proxies == ("10.0.0.10/32",)
