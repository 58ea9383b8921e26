"""What is noted of the request that is being answered, for every line that is logged meanwhile."""

from __future__ import annotations

import hashlib
import re
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import MutableMapping

_SECRET = re.compile(
    r"(?:(?<![A-Za-z0-9])mo_|mo_(?=[0-9A-Za-z-]{26,28}_)|eyJ(?=[\w-]{15}))[\w.-]+"
    r"|(?<![\w-])(?=[\w-]*[A-Z])(?=[\w-]*[a-z])(?=[\w-]*\d)[\w-]{40,}",
    re.ASCII,
)
"""The shapes of a token, also with something before it, of a JSON Web Token, and of a token's secret alone."""
_SHORTEST = 40
_MADE_UP = ("path", "name")
"""What clients make up."""
_LONGEST = 200
"""Characters of it in a line."""
NOTES: ContextVar[dict[str, Any]] = ContextVar("notes")
"""What was noted, by the keys that it has in the log."""


class Document:
    """The text of an operation, of which lines show a part of the SHA-256, and that not before they are written."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return hashlib.sha256(self._text.encode(errors="replace")).hexdigest()[:12]


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
    noted = NOTES.get(None)
    line = {**noted, **event} if noted else event
    for key in _MADE_UP:
        if line.get(key):
            line[key] = without_tokens(line[key])
    return line


def without_tokens(text: str) -> str:
    """The beginning of a text that a client made up, who may have put a token into it."""
    if len(text) < _SHORTEST and "mo_" not in text and "eyJ" not in text:
        return text
    return _SECRET.sub(_told, text[: 2 * _LONGEST])[:_LONGEST]


def _told(secret: re.Match[str]) -> str:
    return "mo_…" if secret[0].startswith("mo_") else "…"
