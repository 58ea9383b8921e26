"""The example of several machines is what the programs take, and what the tests' machines have."""

import re
import shutil
import subprocess
from dataclasses import fields
from pathlib import Path

import pytest

from server.config import Settings, settings_from, variable
from tests.faults.cluster import REPLICATION

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
