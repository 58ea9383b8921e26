"""How much memory there is, by the machine and by the control groups of Linux."""

import psutil
import pytest

from server.memory import memory_there_is

ALL = psutil.virtual_memory().total


@pytest.fixture
def told(tmp_path):
    """What is found where control groups say this; `own` are those of the process."""

    def found(own="", **limits):
        for place, limit in limits.items():
            file = tmp_path / "cgroup" / place.replace("__", ".").replace("_of_", "/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(limit)
        (tmp_path / "own").write_text(own)
        return memory_there_is(tmp_path / "cgroup", tmp_path / "own")

    return found


def test_without_limits_it_is_the_machines(told, tmp_path):
    assert told() == memory_there_is(tmp_path / "absent", tmp_path / "absent") == ALL


def test_what_says_that_there_is_no_limit_is_none(told):
    assert told("0::/plant\n", plant_of_memory__max="max\n") == ALL
    assert told("4:memory:/plant\n", memory_of_plant_of_memory__limit_in_bytes="9223372036854771712\n") == ALL


def test_a_container_sees_its_own_group_at_the_top(told):
    assert told("0::/\n", memory__max="1000000\n") == 1_000_000


def test_a_service_has_the_limit_of_its_group_or_of_one_above_it(told):
    own = "0::/system.slice/mes.service\n"
    limits = {"system__slice_of_mes__service_of_memory__max": "3000000\n"}

    assert told(own, **limits) == 3_000_000
    assert told(own, **limits, system__slice_of_memory__max="2000000\n") == 2_000_000


def test_what_a_group_may_have_without_being_slowed_down_counts_too(told):
    assert told("0::/mes\n", mes_of_memory__max="3000000\n", mes_of_memory__high="1000000\n") == 1_000_000


def test_a_group_may_have_any_name(tmp_path):
    (tmp_path / "strange").write_bytes(b"0::/a\xff\rb\n1:memory:/\xe2\x80\xa8\n")

    assert memory_there_is(tmp_path, tmp_path / "strange") == ALL


def test_groups_of_the_first_version_count_too(told):
    own = "9:pids:/\n4:memory:/plant\n0::/\n"

    limits = {"memory_of_plant_of_memory__limit_in_bytes": "1500000\n"}

    assert told(own, **limits) == told(own.replace("memory", "cpu,memory"), **limits) == 1_500_000
