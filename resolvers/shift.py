"""Shifts."""

from typing import Annotated, Optional

import strawberry

from db import records
from db.declaration import Long
from db.repositories.shift import Shifts
from db.rows import Rows
from resolvers.access import Permission
from resolvers.context import Context
from resolvers.fields import argument, permissions, query
from resolvers.millis import instant_or_none
from resolvers.operations import ID_TEXT, Operations
from resolvers.types import shown, shown_list

shifts = Operations(records.Shift)
_SHIFT = shown(records.Shift)
LocationKey = Annotated[str, argument("Id or path of the location.")]
Disabled = Annotated[Optional[bool], argument("Whether disabled ones are shown too.")]
Timestamp = Annotated[Optional[Long], argument("Milliseconds since 1970 began in UTC; now, if left out.")]


@strawberry.type
class ShiftQuery:
    """What can be asked about shifts."""

    new_shift = shifts.new
    get_shift_references = shifts.references()
    validate_shift = shifts.validate
    get_shift_permissions = permissions("SHIFT")
    shifts = shifts.connection

    @query(Permission.SHIFT_READ_GET, returns=_SHIFT)
    def get_shift(
        context: Context,
        id: Annotated[Optional[str], argument("Id of the shift.")] = None,
        location_id_or_path: Annotated[
            Optional[str], argument("Id or path of the shift's location, with its name.")
        ] = None,
        name: Annotated[Optional[str], argument("Name of the shift at the location.")] = None,
    ) -> Rows[records.Shift]:
        """The shift with this id, or the one of this location that has this name; null if there is none."""
        return context.special(Shifts).one(id, location_id_or_path, name)

    @query(Permission.SHIFT_READ_GET, returns=shown_list(records.Shift))
    def get_all_shifts(context: Context, include_disabled: Disabled = None) -> Rows[records.Shift]:
        """All shifts, by name."""
        return context.special(Shifts).every(include_disabled=bool(include_disabled))

    @query(Permission.SHIFT_READ_GET, returns=shown_list(records.Shift))
    def get_shifts_by_location(
        context: Context, location_id_or_path: LocationKey, include_disabled: Disabled = None
    ) -> Rows[records.Shift]:
        """The shifts of a location, by name."""
        return context.special(Shifts).of_location(location_id_or_path, include_disabled=bool(include_disabled))

    @query(Permission.SHIFT_READ_GET, returns=_SHIFT)
    def get_current_shift(
        context: Context, location_id_or_path: LocationKey, timestamp_millis: Timestamp = None
    ) -> Rows[records.Shift]:
        """The shift that is worked at a location, now or at an instant; null if none is."""
        return context.special(Shifts).current(
            location_id_or_path, instant_or_none("timestamp_millis", timestamp_millis)
        )


@strawberry.type
class ShiftMutation:
    """How shifts are changed."""

    save_shift = shifts.save
    delete_shift = shifts.delete(ID_TEXT)
