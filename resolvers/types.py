"""The types that follow from each record; they refer to each other by their names here."""

from typing import Any

import strawberry

from db.declaration import Record
from db.parts import CONNECTION, EDGE, PAGE, PAGE_INFO
from db.records import RECORDS
from resolvers.derive import answer_type, made_type, shown_type
from resolvers.filters import filter_type, list_filter_type, order_type

PageInfo = made_type(
    strawberry.type,
    "PageInfo",
    "What comes before and after the records of a connection.",
    {
        part.name: (part.kind | None if part.nullable else part.kind, strawberry.field(description=part.description))
        for part in PAGE_INFO.values()
    },
)
for _name, _record in RECORDS.items():
    globals()[_name] = shown_type(_record)
    if not _record.view:
        globals()[f"{_name}Page"] = answer_type(_record, "Page", "A page of {} records.", PAGE)
        globals()[f"{_name}Connection"] = answer_type(_record, "Connection", "A part of {} records.", CONNECTION)
        globals()[f"{_name}Edge"] = answer_type(_record, "Edge", "A {} and its cursor.", EDGE)
        globals()[f"{_name}Filter"] = filter_type(_record)
        globals()[f"{_name}ListFilter"] = list_filter_type(_record)
        globals()[f"{_name}OrderBy"] = order_type(_record)


def shown(record: type[Record], suffix: str = "") -> Any:
    """The type of a record as it is shown, or that of its pages and connections."""
    return globals()[f"{record.__name__}{suffix}"]


def shown_list(record: type[Record]) -> Any:
    """The type of a list of records as they are shown."""
    return list[shown(record)]  # type: ignore[misc] # Made at run time.
