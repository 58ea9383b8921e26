"""Log lines: readable or JSON, one for each request, with what was noted while it was answered."""

from __future__ import annotations

import logging
import sys
import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson
import structlog

from server.notes import with_notes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, MutableMapping, Sequence

# Without the local variables of each frame: tokens and what callers send are among them.
_EXCEPTIONS = structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))
_PLAIN_EXCEPTIONS = structlog.processors.ExceptionRenderer()
_NUMBERS = {name.lower(): number for name, number in logging.getLevelNamesMapping().items()}
_KEPT_FORMS = 64
"""Keys come from this project's code, so there are fewer sets of them."""
_LEVELS = {"exception": "error"}
"""The levels of methods that are not named for theirs."""


def configure_logging(log_format: str, level: str) -> None:
    """Write the lines of this project and of the libraries to the standard error, in one format."""
    shared: list[Any] = [with_notes, _when_and_how_bad]
    finish = _finish(log_format)
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*shared, *finish],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *finish], foreign_pre_chain=shared
        )
    )
    logging.basicConfig(handlers=[handler], level=max(number, logging.WARNING), force=True)


def write_lines(event: str, lines: Iterable[tuple[float, str, Mapping[str, Any]]]) -> None:
    """Write a line of an event for each of these times, levels and facts, as a logger would, but all at once.

    One write takes about as long as making the text of a line.
    """
    log = structlog.get_logger().bind()
    processors = structlog.get_config()["processors"]
    texts = [
        text
        for seconds, level, facts in lines
        if log.is_enabled_for(_NUMBERS[level]) and (text := _text(processors, seconds, level, event, facts))
    ]
    if texts:
        sys.stderr.write("".join(f"{text}\n" for text in texts))
        sys.stderr.flush()


def _text(processors: Iterable[Any], seconds: float, level: str, event: str, facts: Mapping[str, Any]) -> Any:
    line: Any = {"timestamp": _timestamp(seconds), "event": event, **facts}
    try:
        for processor in processors:
            line = processor(None, level, line)
    except structlog.DropEvent:
        return None
    return line


def _when_and_how_bad(_: object, method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The line with its time and level: one step for what structlog has two for, because each request takes it."""
    level = _LEVELS.get(method, method)
    # A line that is written later brings its time with it.
    if "timestamp" in line:
        line["level"] = level
        return line
    return {"timestamp": _timestamp(time.time()), "level": level, **line}


def _timestamp(seconds: float) -> str:
    """The time in a line, of seconds since 1970."""
    whole, fraction = divmod(seconds, 1)
    return f"{_second(whole)}.{int(fraction * 1000):03}Z"


@lru_cache(1)
def _second(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None).isoformat()


def _finish(log_format: str) -> list[Any]:
    """What makes the text of a line: JSON, colours on a terminal, and elsewhere words that are quick to write."""
    if log_format == "json":
        return [_EXCEPTIONS, structlog.processors.JSONRenderer(serializer=_json)]
    if sys.stderr.isatty():
        return [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    return [_PLAIN_EXCEPTIONS, _words]


def _json(line: Any, default: Any) -> str:
    return orjson.dumps(line, default=default).decode()


@lru_cache(_KEPT_FORMS)
def _form(keys: Sequence[str]) -> str:
    """What makes words of the values of these keys; lines of one event have the same keys, but for a few."""
    return "".join(f" {key.replace('%', '%%')}=%r" for key in keys)


def _words(_: object, __: str, line: MutableMapping[str, Any]) -> str:
    """When, how bad and what, then the facts as `key=value`, and under them the traceback, if there is one."""
    traceback = line.pop("exception", None)
    head = f"{line.pop('timestamp')} {line.pop('level'):<7} {line.pop('event')} "
    words = head + _form(tuple(line)) % tuple(line.values())
    return f"{words}\n{traceback}" if traceback else words
