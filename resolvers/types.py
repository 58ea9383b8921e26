"""The type of each record as it is shown; they refer to each other by their names here."""

from typing import Any

from db.declaration import Record
from db.records import RECORDS
from resolvers.derive import shown_type

globals().update({name: shown_type(record) for name, record in RECORDS.items()})


def shown(record: type[Record]) -> Any:
    """The type of a record as it is shown."""
    return globals()[record.__name__]
