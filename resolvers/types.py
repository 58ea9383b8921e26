"""The types that follow from each record; they refer to each other by their names here."""

from typing import Any

from db.change_log import Change
from db.declaration import Record
from db.parts import CONNECTION, EDGE, PAGE, PAGE_INFO, REFERENCE, REFERENCES
from db.records import RECORDS
from resolvers.derive import Node, parts_type, shown_type
from resolvers.filters import filter_type, list_filter_type, order_type

PageInfo = parts_type("PageInfo", "What comes before and after the records of a connection.", PAGE_INFO)
Reference = parts_type("Reference", "A record that refers to another one.", REFERENCE)
TableReferences = parts_type("TableReferences", "The records of one table that refer to another record.", REFERENCES)
for _name, _record in RECORDS.items():
    globals()[_name] = shown_type(_record, *(() if _record.view else (Node,)))
    if not _record.view:
        globals()[f"{_name}Page"] = parts_type(f"{_name}Page", f"A page of {_record.singular} records.", PAGE, _name)
        globals()[f"{_name}Connection"] = parts_type(
            f"{_name}Connection", f"A part of {_record.singular} records.", CONNECTION, _name
        )
        globals()[f"{_name}Edge"] = parts_type(f"{_name}Edge", f"A {_record.singular} and its cursor.", EDGE, _name)
        globals()[f"{_name}Filter"] = filter_type(_record)
        globals()[f"{_name}ListFilter"] = list_filter_type(_record)
        globals()[f"{_name}OrderBy"] = order_type(_record)
ChangeConnection = parts_type("ChangeConnection", "A part of the log of changes.", CONNECTION, Change.__name__)
ChangeEdge = parts_type("ChangeEdge", "A change and its cursor.", EDGE, Change.__name__)
globals()[Change.__name__] = shown_type(Change)


def shown(record: type[Record], suffix: str = "") -> Any:
    """The type of a record as it is shown, or that of its pages and connections."""
    return globals()[f"{record.__name__}{suffix}"]


def shown_list(record: type[Record]) -> Any:
    """The type of a list of records as they are shown."""
    return list[shown(record)]  # type: ignore[misc] # Made at run time.
