"""Instants: ISO 8601 date-times with an offset, kept in UTC with microseconds."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SPELLING = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:\d{2})(?:\.(\d{1,6})0*)?(?:[Zz]|([+-]\d{2}:[0-5]\d))",
    re.ASCII,
)
_LONGEST = 64
"""Characters that an instant may have: zeros after its microseconds mean nothing."""


def parsed_instant(text: str) -> datetime | None:
    """The instant in UTC that this text spells; None if it is no ISO 8601, has no offset or no year from 1 to 9999."""
    parts = _SPELLING.fullmatch(text) if len(text) <= _LONGEST else None
    if not parts:
        return None
    date, time, fraction, offset = parts.groups()
    try:
        instant = datetime.fromisoformat(f"{date}T{time}.{fraction or '0':0<6}{offset or 'Z'}")
        return instant.astimezone(UTC) if offset else instant
    except (ValueError, OverflowError):
        return None


def from_milliseconds(milliseconds: int) -> datetime | None:
    """The instant so long after 1970 began in UTC; None if it has no year from 1 to 9999."""
    try:
        return _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return None
