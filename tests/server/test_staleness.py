import pytest

from server.staleness import preference


@pytest.mark.parametrize(
    ("prefer", "expected"),
    [
        ("max-staleness=30", 30),
        ("Max-Staleness = 30", 30),
        ('max-staleness="30"', 30),
        ("respond-async, max-staleness=30; unit=s, wait=10", 30),
        ("max-staleness=30, max-staleness=60", 30),
        ('note="a, max-staleness=5", max-staleness=30', 30),
        ("max-staleness=0", 0),
        ("max-staleness", None),
        ("max-staleness=soon", None),
        ("max-staleness=-1", None),
        ("max-staleness=1.5", None),
        ("max-staleness=\u0661", None),
        ("max-staleness=1234567890", None),
        ("wait=10; max-staleness=5", None),
        ("x" * 300 + ", max-staleness=30", None),
        (',;="', None),
    ],
)
def test_a_header_says_how_far_behind_an_answer_may_be(prefer, expected):
    assert preference(prefer) == expected
