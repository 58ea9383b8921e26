import asyncio
import json
import logging

import pytest
import structlog

from server.log import configure_logging
from server.notes import NOTES


@pytest.fixture
def lines(capsys):
    """What is written to the standard error while logging is configured like this."""

    def configured(log_format, level="info"):
        configure_logging(log_format, level)
        return written

    def written():
        return capsys.readouterr().err.splitlines()

    before = logging.root.handlers[:], logging.root.level
    yield configured
    structlog.reset_defaults()
    NOTES.set({})
    logging.root.handlers[:], logging.root.level = before


def fail_with(secret):
    raise ValueError("went wrong", len(secret))


def log_a_failure(log):
    try:
        fail_with("mo_" + "token")
    except ValueError:
        log.exception("failed")


def test_a_json_line_is_one_object_with_what_was_bound(lines):
    written = lines("json")
    NOTES.set({"request_id": "01"})

    structlog.get_logger().info("request", status=200, text='two\nlines and "quotes"')

    (line,) = map(json.loads, written())
    assert {"request_id": "01", "event": "request", "status": 200, "level": "info"}.items() <= line.items()
    assert line["text"] == 'two\nlines and "quotes"'


def test_a_traceback_stays_on_the_json_line(lines):
    written = lines("json")

    log_a_failure(structlog.get_logger())

    (line,) = map(json.loads, written())
    assert line["exception"][0]["exc_type"] == "ValueError"


def test_a_line_of_a_library_is_json_too(lines):
    written = lines("json")

    log_a_failure(logging.getLogger("uvicorn.error"))

    (line,) = map(json.loads, written())
    assert (line["event"], line["exception"][0]["exc_type"]) == ("failed", "ValueError")


@pytest.mark.parametrize("log_format", ["json", "text"])
@pytest.mark.parametrize("logger", [structlog.get_logger, logging.getLogger])
def test_a_traceback_does_not_show_the_values_of_variables(lines, log_format, logger):
    written = lines(log_format)

    log_a_failure(logger())

    told = "\n".join(written())
    assert "fail_with" in told
    assert "mo_token" not in told


def test_a_readable_line_is_one_line(lines):
    written = lines("text")

    structlog.get_logger().info("request", path="/a\nb")

    assert len(written()) == 1


def test_lines_below_the_level_are_not_written(lines):
    written = lines("json", "warning")

    structlog.get_logger().info("request")
    logging.getLogger("uvicorn.error").info("started")

    assert written() == []


async def test_the_lines_of_requests_are_written_a_moment_later_with_the_time_of_the_answer(lines, http):
    written = lines("json", "debug")

    await http.get("/health/live", headers={"X-Request-Id": "first"})
    await http.get("/health/live", headers={"X-Request-Id": "second"})

    at_once, later = written(), []
    async with asyncio.timeout(10):
        while len(later) < 2:
            await asyncio.sleep(0.01)
            later += written()
    first, second = map(json.loads, later)
    assert at_once == []
    assert (first["request_id"], second["request_id"]) == ("first", "second")
    assert first["timestamp"] <= second["timestamp"]
    assert first["level"] == "debug"
