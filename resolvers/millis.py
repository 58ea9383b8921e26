"""Instants that the documents give as milliseconds."""

from datetime import datetime

from db.declaration import documented_name
from db.errors import Invalid
from db.instant import from_milliseconds


def instant_or_none(argument: str, milliseconds: int | None) -> datetime | None:
    """The same where the argument may be left out."""
    return None if milliseconds is None else instant(argument, milliseconds)


def instant(argument: str, milliseconds: int) -> datetime:
    """The instant so long after 1970 began in UTC. Raises `Invalid` by the argument's documented name."""
    at = from_milliseconds(milliseconds)
    if at is None:
        raise Invalid({documented_name(argument): ["must be an instant in the years from 1 to 9999"]})
    return at
