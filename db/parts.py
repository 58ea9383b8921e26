"""What an answer about many records tells beside the records: pages, connections, edges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from db.declaration import Long, Member
from db.ulid import Ulid


class Holds(Enum):
    """What a part is made of, if it is no plain value."""

    RECORD = auto()
    RECORDS = auto()
    EDGES = auto()
    PAGE_INFO = auto()
    REFERENCES = auto()


@dataclass(frozen=True, kw_only=True, eq=False)
class Part(Member):
    """One part of such an answer: a plain value of a `kind`, or what it `holds`."""

    kind: Any = None
    nullable: bool = False
    holds: Holds | None = None


def _parts(**described: Part) -> Mapping[str, Part]:
    return {
        part.documented: part for part in (Part(**{**vars(each), "name": name}) for name, each in described.items())
    }


def _value(description: str, kind: Any, *, nullable: bool = False) -> Part:
    return Part(description=description, kind=kind, nullable=nullable)


PAGE = _parts(
    content=Part(description="The records of the page.", holds=Holds.RECORDS),
    total_pages=_value("How many pages there are.", int),
    total_elements=_value("How many records match.", Long),
    page_size=_value("How many records a page has at most; without a `pageSize`, how many there are.", int),
    page_index=_value("Which page this is, from 0.", int),
    has_content=_value("Whether there is a record in the page.", bool),
    is_first=_value("Whether this is the first page.", bool),
    is_last=_value("Whether no page follows.", bool),
    has_next=_value("Whether a page follows.", bool),
    has_previous=_value("Whether a page comes before.", bool),
)
"""What `find…` returns, by the documented names."""

CONNECTION = _parts(
    edges=Part(description="The records with their cursors.", holds=Holds.EDGES),
    nodes=Part(description="The records.", holds=Holds.RECORDS),
    page_info=Part(description="What comes before and after.", holds=Holds.PAGE_INFO),
    total_count=_value("How many records match; counted only when it is asked for.", int),
)
"""What a connection shows, by the names of Relay."""

EDGE = _parts(
    cursor=_value("Where the record stands: to go on from there with `after` or `before`.", str),
    node=Part(description="The record.", holds=Holds.RECORD),
)
"""What an edge of a connection shows."""

PAGE_INFO = _parts(
    has_next_page=_value("Whether there are records after these.", bool),
    has_previous_page=_value("Whether there are records before these.", bool),
    start_cursor=_value("Cursor of the first of these records.", str, nullable=True),
    end_cursor=_value("Cursor of the last of these records.", str, nullable=True),
)
"""What a connection tells of its place."""

REFERENCES = _parts(
    table_name=_value("The table whose records refer.", str),
    references=Part(description="The records that refer, each with the column.", holds=Holds.REFERENCES),
)
"""What is shown of a table whose records refer to one."""

REFERENCE = _parts(
    fk_col_name=_value("The column that refers.", str),
    id=_value("Id of the record that refers.", Ulid),
)
"""What is shown of a record that refers to another one."""
