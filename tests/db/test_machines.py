import socket

import pytest

from db.errors import ServiceUnavailable
from db.machines import machines
from db.pool import connection


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://mes@one/mes", ["postgresql://mes@one/mes"]),
        (
            "postgresql://mes:s,e@one:5432,[::1]:5433,three/mes?sslmode=require",
            [
                "postgresql://mes:s,e@one:5432/mes?sslmode=require",
                "postgresql://mes:s,e@[::1]:5433/mes?sslmode=require",
                "postgresql://mes:s,e@three/mes?sslmode=require",
            ],
        ),
        ("postgresql://mes@/mes?host=/run/one&port=5433", ["postgresql://mes@/mes?host=/run/one&port=5433"]),
        (
            "postgresql://mes@/mes?host=one,two&port=5433,5434",
            ["postgresql://mes@/mes?host=one&port=5433", "postgresql://mes@/mes?host=two&port=5434"],
        ),
        (
            "postgresql://mes@/mes?host=one,two&port=5433",
            ["postgresql://mes@/mes?host=one&port=5433", "postgresql://mes@/mes?host=two&port=5433"],
        ),
    ],
)
def test_a_url_names_machines(url, expected):
    assert machines(url) == expected


async def test_who_finds_no_primary_is_told_what_is_wrong_with_each_machine_and_no_password():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    with pytest.raises(ServiceUnavailable) as raised:
        async with connection(f"postgresql://mes:secret@127.0.0.1:{port},localhost:{port}/mes"):
            pass

    told = str(raised.value.__cause__)
    assert told.startswith(f"127.0.0.1:{port}: ")
    assert f"; localhost:{port}: " in told
    assert "secret" not in told
