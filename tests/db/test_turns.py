import asyncio

import pytest
from structlog.testing import capture_logs

from db.turns import Turns


def taken(turns, error=None):
    with turns:
        if error:
            raise error


def test_what_nobody_expected_is_logged_with_its_traceback_and_the_next_turn_comes():
    turns, error = Turns("sweeping"), ZeroDivisionError("no dust")

    with capture_logs() as lines:
        taken(turns, error)
        taken(turns)

    (line,) = lines
    assert (line["work"], line["exc_info"], line["log_level"]) == ("sweeping", error, "error")
    assert error.__traceback__


def test_the_same_error_is_logged_again_only_after_a_turn_without_it():
    turns = Turns("sweeping")

    with capture_logs() as lines:
        for error in (KeyError("a"), KeyError("a"), KeyError("b"), None, KeyError("b")):
            taken(turns, error)

    assert [line["exc_info"].args for line in lines] == [("a",), ("b",), ("b",)]


@pytest.mark.parametrize("end", [asyncio.CancelledError, SystemExit, KeyboardInterrupt])
def test_who_is_told_to_end_does(end):
    with capture_logs() as lines, pytest.raises(end):
        taken(Turns("sweeping"), end())

    assert not lines
