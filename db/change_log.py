"""The log of changes, which the database writes itself: what is shown of it, spelled as the records are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from enum import Enum
from typing import get_args, get_origin, get_type_hints

from db.declaration import Column, Long, Record, documented_name, kept, log, logged
from db.enumerations import DESCRIPTIONS
from db.records import RECORDS
from db.spelling import json_of_text
from db.tokens import ApiToken
from db.ulid import Ulid

_LOGGED = {name: record for name, record in RECORDS.items() if not record.view}
_TOKEN = ApiToken.__name__
_AS_IT_IS = "field.value::text"
_TEXT = "field.value #>> '{}'"


class RecordType(Enum):
    """What a change can be of: a kind of record, or the tokens of callers."""

    _ignore_ = "name members"
    members = vars()
    for name in sorted([*_LOGGED, _TOKEN]):
        members[name] = name


DESCRIPTIONS.update({RecordType(name): f"{record.singular.capitalize()}." for name, record in _LOGGED.items()})
DESCRIPTIONS[RecordType(_TOKEN)] = "API token, by which a caller is known; never its secret."


@log("changes", "change", indexes=(("record_id",), ("record_type",)))
class Change(Record):
    """What was done to a record: by whom, when, and the values before and after. Nobody can alter it."""

    id: Long = kept("Number of the change; later ones have greater numbers.")  # type: ignore[assignment] # No ULID.
    record_type: RecordType = kept("What kind of record was changed.")
    record_id: Ulid = kept("Id of the record, which may be gone.")
    version: int | None = kept("Version of the record after the change, or at its end; of a token null.")  # type: ignore[assignment] # As above.
    changed_by: str = kept("Who did it; outside of a request, the database's role.")
    changed_date: datetime = kept("When it was done, by the database's clock.")
    request_id: str | None = kept("Id of the request, as in the log lines and `X-Request-Id`; null outside of one.")
    old = logged(
        "The changed fields with the values before; all fields of a record that was deleted, null of a new one."
    )
    new = logged("The changed fields with the values after; all fields of a new record, null of one that was deleted.")


def fields_json(row: str, name: str) -> str:
    """SQL for the JSON object of the fields that a row of the log has in this column, `null` where it has none.

    The log has the columns' names and PostgreSQL's own spelling; here they get those of the records as they are shown.
    """
    key = "to_json(coalesce(spelling.name, field.key))"
    return f"""
        case when {row}.{name} is null then 'null' else (
            select '{{' || coalesce(string_agg({key} || ':' || {_VALUE}, ',' order by spelling.place), '') || '}}'
            from json_each({row}.{name}) field
            left join (values {_ROWS}) spelling (place, stored_as, record_type, name, way)
                on spelling.stored_as = field.key
                and (spelling.record_type is null or spelling.record_type = {row}.record_type)
        ) end
    """


def _columns() -> Iterator[tuple[str, str, str, str]]:
    """Of each logged column the name in its table, the record type, the documented name, and the SQL for a value."""
    for record_type, record in _LOGGED.items():
        for column in record.columns.values():
            yield column.stored_as, record_type, column.documented, json_of_text(column, _TEXT)
    for name, hint in get_type_hints(ApiToken).items():
        kind = next(iter(get_args(hint)), hint)
        # A list is one in the log too; a record has its lists in a text.
        spelled = json_of_text(Column(kind=kind, description=""), _TEXT) if get_origin(hint) is not tuple else _AS_IT_IS
        yield name, _TOKEN, documented_name(name), spelled


def _spellings() -> Iterator[tuple[str, str | None, str, str]]:
    """The same, once for all tables and without a record type, where a column's name means the same in all of them."""
    meanings: dict[str, dict[tuple[str, str], list[str]]] = {}
    for stored_as, record_type, *meaning in _columns():
        meanings.setdefault(stored_as, {}).setdefault((meaning[0], meaning[1]), []).append(record_type)
    for stored_as, found in meanings.items():
        for (name, spelled), types in found.items():
            yield from ((stored_as, one, name, spelled) for one in (types if len(found) > 1 else (None,)))


def _row(place: int, stored_as: str, record_type: str | None, name: str, spelled: str) -> str:
    of = f"'{record_type}'" if record_type else "null"
    return f"({place}, '{stored_as}', {of}, '{name}', {_WAYS.index(spelled)})"


_WAYS = list(dict.fromkeys(spelled for *_, spelled in _spellings()))
"""The ways in which values are spelled."""
_ROWS = ", ".join(_row(place, *spelling) for place, spelling in enumerate(_spellings()))
_CASES = " ".join(f"when {number} then {spelled}" for number, spelled in enumerate(_WAYS))
_VALUE = f"""
    case
        when json_typeof(field.value) = 'null' then 'null'
        else case spelling.way {_CASES} else {_AS_IT_IS} end
    end
"""
