"""Ids of records: ULIDs, shown as 28 characters with dashes after 10 and 18."""

from __future__ import annotations

import re
from typing import NewType

from ulid import ULID

Ulid = NewType("Ulid", str)

_SHOWN = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{9}-[0-9A-HJKMNP-TV-Z]{8}-[0-9A-HJKMNP-TV-Z]{8}", re.ASCII)
_SPELLING = re.compile(r"([0-7][0-9A-HJKMNP-TV-Z]{9})(-?)([0-9A-HJKMNP-TV-Z]{8})\2([0-9A-HJKMNP-TV-Z]{8})", re.ASCII)


def new_ulid() -> Ulid:
    """An id that was never given before and sorts after the earlier ones."""
    text = str(ULID())
    return Ulid(f"{text[:10]}-{text[10:18]}-{text[18:]}")


def parsed_ulid(text: str) -> Ulid | None:
    """The id that this text spells, with or without dashes, in either case; None if it spells none."""
    if _SHOWN.fullmatch(text):
        return Ulid(text)
    parts = _SPELLING.fullmatch(text.upper() if text.isascii() else text)
    return Ulid(f"{parts[1]}-{parts[3]}-{parts[4]}") if parts else None
