"""Shifts, and the times that they were worked."""

from __future__ import annotations

from datetime import datetime

from db.errors import Invalid
from db.labels import normalized
from db.lookup import found, sought_path
from db.records import Location, Shift, ShiftRecord
from db.repository import Repository
from db.rows import Rows
from db.spelling import stored

_LOCATION = found(Location, "path", 1)

_CURRENT = f"""
    select *
    from shift_records
    where location_id = {_LOCATION}
        and start_date <= coalesce($3::text::timestamptz, now())
        and (end_date is null or end_date > coalesce($3::text::timestamptz, now()))
    order by start_date desc, id desc
    limit 1
"""


class Shifts(Repository[Shift]):
    """The shifts that are worked at the plant's locations."""

    def one(self, shift_id: str | None, location: str | None, name: str | None) -> Rows[Shift]:
        """The shift with this id, or the one of a location, named by id or path, that has this name."""
        if shift_id is not None and location is None and name is None:
            return self.by("id", shift_id, "id")
        if shift_id is not None or location is None or name is None:
            raise Invalid({"id": ["is needed alone; or locationIdOrPath and name together"]})
        return self.named(location, name)

    def every(self, *, include_disabled: bool) -> Rows[Shift]:
        """All shifts, by name."""
        return self.rows("select * from shifts where enabled or $1", include_disabled, order="name")

    def of_location(self, location: str, *, include_disabled: bool) -> Rows[Shift]:
        """The shifts of a location, named by id or path; by their names."""
        return self.rows(
            f"select * from shifts where location_id = {_LOCATION} and (enabled or $3)",
            *sought_path(location),
            include_disabled,
            order="name",
        )

    def named(self, location: str, name: str) -> Rows[Shift]:
        """The shift of a location, named by id or path, that has this name."""
        return self.row(
            f"select * from shifts where location_id = {_LOCATION} and name = $3",
            *sought_path(location),
            normalized(name),
        )

    def current(self, location: str, at: datetime | None = None) -> Rows[Shift]:
        """The shift that is worked at a location, named by id or path; now, or at another instant."""
        return self.row(
            f"select * from shifts where id = (select shift_id from ({_CURRENT}) current_record)",
            *sought_path(location),
            stored(at),
        )


class ShiftRecords(Repository[ShiftRecord]):
    """The times that the shifts were worked."""

    def current(self, location: str, at: datetime | None = None) -> Rows[ShiftRecord]:
        """The shift record that runs at a location, named by id or path, now or at an instant; the latest one."""
        return self.row(_CURRENT, *sought_path(location), stored(at))

    def overlapping(self, location: str, start: datetime, end: datetime) -> Rows[ShiftRecord]:
        """The shift records of a location that run at some time from the start until before the end, by their start."""
        if end < start:
            raise Invalid({"endDateMillis": ["must not be less than startDateMillis"]})
        return self.rows(
            f"""
            select *
            from shift_records
            where location_id = {_LOCATION}
                and start_date < $4::text::timestamptz
                and (end_date is null or end_date > $3::text::timestamptz)
            """,
            *sought_path(location),
            stored(start),
            stored(end),
            order="start_date",
        )
