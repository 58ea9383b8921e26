"""The id of a record that is named by its id or by a unique text of it."""

from __future__ import annotations

from db.declaration import Record
from db.labels import normalized
from db.ulid import Ulid, parsed_ulid


def found(record: type[Record], field: str, number: int) -> str:
    """SQL for the id, null if there is none; the parameters from this number on are the two that `sought` gives."""
    return f"""coalesce(
        (select id from {record.table} where id = ${number}),
        (select id from {record.table} where {field} = ${number + 1})
    )"""


def sought(text: str) -> tuple[Ulid | None, str]:
    """What a text names: an id, a name."""
    return parsed_ulid(text), normalized(text)


def sought_path(text: str) -> tuple[Ulid | None, str]:
    """What a text names: an id, a path with or without the slashes at its ends."""
    return parsed_ulid(text), f"/{normalized(normalized(text).strip('/'))}"
