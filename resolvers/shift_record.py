"""The times that shifts were worked."""

from typing import Annotated

import strawberry

from db import records
from db.declaration import Long
from db.repositories.shift import ShiftRecords
from db.rows import Rows
from resolvers.access import Permission
from resolvers.context import Context
from resolvers.fields import argument, query
from resolvers.millis import instant, instant_or_none
from resolvers.operations import ID_TEXT, Operations
from resolvers.shift import LocationKey, Timestamp
from resolvers.types import shown, shown_list

shift_records = Operations(records.ShiftRecord)
_RECORD = shown(records.ShiftRecord)


@strawberry.type
class ShiftRecordQuery:
    """What can be asked about shift records."""

    new_shift_record = shift_records.new
    get_shift_record = shift_records.get(ID_TEXT)
    validate_shift_record = shift_records.validate
    shift_records = shift_records.connection

    @query(Permission.SHIFT_READ_GET, returns=_RECORD)
    def get_current_shift_record(
        context: Context, location_id_or_path: LocationKey, timestamp_millis: Timestamp = None
    ) -> Rows[records.ShiftRecord]:
        """The shift record that runs at a location, now or at an instant; null if none does."""
        at = instant_or_none("timestamp_millis", timestamp_millis)
        return context.special(ShiftRecords).current(location_id_or_path, at)

    @query(Permission.SHIFT_READ_GET, returns=shown_list(records.ShiftRecord))
    def get_shift_records(
        context: Context,
        location_id_or_path: LocationKey,
        start_date_millis: Annotated[Long, argument("From when on, in milliseconds since 1970 began in UTC.")],
        end_date_millis: Annotated[Long, argument("Before when, in milliseconds since 1970 began in UTC.")],
    ) -> Rows[records.ShiftRecord]:
        """The shift records of a location that run at some time between two instants, by their start."""
        start = instant("start_date_millis", start_date_millis)
        end = instant("end_date_millis", end_date_millis)
        return context.special(ShiftRecords).overlapping(location_id_or_path, start, end)


@strawberry.type
class ShiftRecordMutation:
    """How shift records are changed."""

    save_shift_record = shift_records.save
    delete_shift_record = shift_records.delete(ID_TEXT)
