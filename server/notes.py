"""What is noted of the request that is being answered, for every line that is logged meanwhile."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import MutableMapping

NOTES: ContextVar[dict[str, Any]] = ContextVar("notes")
"""What was noted, by the keys that it has in the log."""


def note(**facts: Any) -> None:
    """Put facts on every line that is logged from here on until the request is answered."""
    noted = NOTES.get(None)
    if noted is not None:
        noted.update(facts)


def request_id() -> str:
    """The id of the request that is being answered."""
    return str(NOTES.get({}).get("request_id", ""))


def with_notes(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor of structlog: the line with what was noted."""
    return {**NOTES.get({}), **event}
