"""How a value is spelled: in a table's column, and in the JSON that PostgreSQL answers with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import Enum
from typing import Any

from db.declaration import Column, Long, Mixed
from db.enumerations import DataType
from db.together import MOST
from db.ulid import Ulid


def _instant(value: str) -> str:
    """PostgreSQL spells a timestamp without zone as ISO 8601, with a fraction only when there is one."""
    return f"""rtrim(to_json({value} at time zone 'UTC')::text, '"') || 'Z"'"""


def _plain(value: str) -> str:
    return f"{value}::text"


def _quoted(value: str) -> str:
    """Text that holds nothing to escape."""
    return f"""'"' || {value} || '"'"""


def _escaped(value: str) -> str:
    return f"to_json({value})::text"


def _base64(value: str) -> str:
    return f"""'"' || translate(encode({value}, 'base64'), E'\\n', '') || '"'"""


def _list(value: str) -> str:
    return f"to_json(string_to_array({value}, ','))::text"


_INSTANT = "timestamp with time zone"
_SPELLINGS: dict[Any, tuple[str, Callable[[str], str]]] = {
    str: ("text", _escaped),
    Ulid: ("text", _quoted),
    bool: ("boolean", _plain),
    int: ("integer", _plain),
    Long: ("bigint", _plain),
    float: ("double precision", _plain),
    datetime: (_INSTANT, _instant),
    bytes: ("bytea", _base64),
    Enum: ("text", _quoted),
    list[str]: ("text", _list),
}
"""For each type of a column: its type in PostgreSQL, and SQL for its JSON text, null where the value is null."""

_MIXED: dict[DataType, tuple[str, Callable[[str], str]]] = {
    DataType.String: ("string_value", _escaped),
    DataType.Int: ("int_value", _plain),
    DataType.Float: ("float_value", _plain),
    DataType.Boolean: ("int_value", lambda value: f"({value} <> 0)::text"),
    DataType.DateTime: ("date_value", _instant),
    DataType.Blob: ("blob_value", _base64),
}
"""For each data type of a mixed value: the column it is kept in, and SQL for its JSON text."""


def _spelling(column: Column) -> tuple[str, Callable[[str], str]]:
    return _SPELLINGS[Enum if _is_enumeration(column) else column.kind]


def _is_enumeration(column: Column) -> bool:
    return isinstance(column.kind, type) and issubclass(column.kind, Enum)


def comparable(column: Column, value: str) -> str:
    """SQL for a value of the column as it is compared and ordered: bytes as they are shown."""
    return f"""(translate(encode({value}, 'base64'), E'\\n', '') collate "C")""" if column.kind is bytes else value


def sql_type(column: Column) -> str:
    """The column's type in PostgreSQL."""
    return _spelling(column)[0]


def parameter(column: Column, number: int) -> str:
    """SQL for a parameter that brings the column's value, as `stored` gives it."""
    return f"${number}::{cast(sql_type(column))}"


def cast(kind: str, *, listed: bool = False) -> str:
    """What a parameter is cast to, to be a value of this type, or a list of them; an instant is brought as a text."""
    several = "[]" if listed else ""
    return f"text{several}::{kind}{several}" if kind == _INSTANT else f"{kind}{several}"


def given_by_all(casts: Sequence[str]) -> str:
    """SQL for the rows of those who share a statement: parameters cast to these types, one row's after the other's.

    Last comes the place of the row. Of an array, whose length it can't know beforehand, PostgreSQL would make a plan
    each time.
    """
    count = len(casts)
    return ", ".join(
        f"({''.join(f'${first + number}::{kind}, ' for number, kind in enumerate(casts))}{place})"
        for place, first in enumerate(range(1, MOST * count + 1, count))
    )


AS_THEY_ARE = {str, int, float, bool, type(None)}
"""The types of most values, which a parameter brings as they are."""


def stored(value: Any) -> Any:
    """The value as a parameter brings it. An instant goes as text: the driver takes the first and last for infinity."""
    if type(value) in AS_THEY_ARE:
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    return ",".join(value) if isinstance(value, list) else value


def read(column: Column, value: Any) -> Any:
    """The value of a column as its type has it: the opposite of `stored`."""
    if value is None:
        return None
    if column.kind == list[str]:
        return value.split(",")
    return column.kind(value) if _is_enumeration(column) else value


def value_column(data_type: DataType) -> str:
    """The column in which a mixed value of this data type is kept, without the prefix."""
    return _MIXED[data_type][0]


VALUE_COLUMNS = tuple(dict.fromkeys(map(value_column, DataType)))
"""The columns in which mixed values are kept, without the prefix."""


def json_of_text(column: Column, text: str) -> str:
    """SQL for the JSON text of a column's value that is there as a text."""
    kind, spell = _spelling(column)
    return spell(f"({text})::{kind}")


class Verbatim(str):
    """Text that stands in the answer as it is; other pieces of an answer are SQL."""

    __slots__ = ()


def json_pieces(column: Column, row: str) -> list[str]:
    """The same in pieces for `format`, which spells most values as JSON does and needs no text to be made of them."""
    value, spell = f"{row}.{column.stored_as}", _spelling(column)[1]
    if spell is _escaped:
        return [f"coalesce(to_json({value}), 'null')" if column.nullable else f"to_json({value})"]
    if column.nullable or column.kind is bool:
        return [json_text(column, row)]
    if spell is _quoted:
        return [Verbatim('"'), value, Verbatim('"')]
    return [value] if spell is _plain else [json_text(column, row)]


def json_text(member: Column | Mixed, row: str) -> str:
    """SQL for the JSON text of a row's value; `null` where there is none."""
    if isinstance(member, Column):
        spelled = _spelling(member)[1](f"{row}.{member.stored_as}")
        return f"coalesce({spelled}, 'null')" if member.nullable else spelled
    cases = " ".join(
        f"when '{data_type.value}' then {spell(f'{row}.{member.prefix}{column}')}"
        for data_type, (column, spell) in _MIXED.items()
    )
    return f"coalesce(case {row}.data_type {cases} end, 'null')"
