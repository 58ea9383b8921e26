"""Where a change comes from: told to the database by the statement that makes it, which has it for the log."""

from __future__ import annotations

_SETTING = "mes_orders.request"


def origin(request_id: str, caller: str) -> str:
    """What is told of a change: the id of the request, which has no blanks, and who sent it."""
    return f"{request_id} {caller}"


def told(number: int) -> str:
    """A condition, always true, that tells the database what the parameter of this number says, for this transaction.

    It may be anywhere in a statement that changes rows: the log is written when all of it has run.
    """
    return f"set_config('{_SETTING}', ${number}, true) is not null"


def told_of_all(origins: str) -> str:
    """SQL that tells the database where each new record of a statement comes from: a JSON object by their ids."""
    return f"set_config('{_SETTING}', ({origins})::text, true)"
