"""What the driver raises, turned into errors that say what the caller can do; the driver's own words stay inside."""

from __future__ import annotations

import re
from traceback import walk_tb

import asyncpg
from asyncpg.protocol import Protocol

from db.declaration import Record
from db.errors import LONGEST_ECHO, Collision, Conflict, Failure, Invalid, ServiceUnavailable, Timeout
from db.records import RECORDS

_UNAVAILABLE = "The database cannot answer now. Try again in a moment."
_CONNECTION_ERRORS = (
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.DiskFullError,
    asyncpg.ReadOnlySQLTransactionError,
    OSError,
    TimeoutError,
)
_COLLISIONS = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    # A table was altered. The driver forgets what it had prepared, and cannot do so anew inside of a transaction.
    asyncpg.InvalidCachedStatementError,
)
_TOLD_ITS_END = "cannot switch to state"
"""How the driver refuses a statement between PostgreSQL's word that it ends a connection and the end of it."""
_TOO_MUCH = (asyncpg.ProgramLimitExceededError, asyncpg.StatementTooComplexError, asyncpg.OutOfMemoryError)
_QUOTING = (
    asyncpg.DataError,
    asyncpg.InvalidTextRepresentationError,
    asyncpg.InvalidDatetimeFormatError,
    asyncpg.DatetimeFieldOverflowError,
    asyncpg.NumericValueOutOfRangeError,
)
"""What is said with the value in it, by PostgreSQL or, of a parameter that it cannot encode, by the driver."""

_CONFLICTS = {
    "production_order_property_values_order_property_key": (
        "propertyId",
        "The production order has a value for this property already; save that one, by its id.",
    ),
    "material_property_values_material_property_key": (
        "propertyId",
        "The material has a value for this property already; save that one, by its id.",
    ),
    "material_properties_class_name_key": ("name", "The material class has a property of this name already."),
    "shifts_location_id_name_key": ("name", "The location has a shift of this name already."),
    "unit_of_measure_conversions_from_to_material_key": (
        "toId",
        "There is a conversion between these units already; save that one, by its id.",
    ),
}
"""What is told of the unique constraints that span more than one column, and of which field."""

_DATA_TYPES = ("production_order_property_values_data_type_fkey", "material_property_values_data_type_fkey")

_VALUE = re.compile(r"=\((.*)\)", re.DOTALL)


class Unfit(Exception):  # noqa: N818 (a word for the event)
    """A mistake of ours, told without the value: the driver's words would bring it into the log."""


class translated:  # noqa: N801 (it is used as a function: `with translated():`)
    """Errors of the driver raised inside come out as ours."""

    def __enter__(self) -> None:
        """Nothing is needed beforehand."""

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        """Raise ours instead."""
        if error is None or isinstance(error, Failure):
            return
        ours = _translation(error)
        if isinstance(ours, Unfit):
            raise ours from None
        if ours:
            raise ours from error


def _translation(error: BaseException) -> Exception | None:  # noqa: PLR0911 (one for each)
    """Our error for one of the driver's; None for any other."""
    match error:
        case asyncpg.IntegrityConstraintViolationError():
            return _violated(error)
        case _ if isinstance(error, _COLLISIONS):
            return Collision("Others changed the same records at the same moment. Try again.")
        case asyncpg.QueryCanceledError() | asyncpg.LockNotAvailableError():
            return Timeout("The database took too long. Ask for less, or try again later.")
        case _ if isinstance(error, _TOO_MUCH):
            return Timeout("This is more than the database can answer at once. Ask for less.")
        case asyncpg.DataError() if type(error) in _QUOTING:
            return Unfit("A statement got a value that its parameter does not take.")
        case asyncpg.InterfaceError():
            # Of these a closed connection and a wrong URL are not our doing; the others are mistakes of ours.
            ours = "clos" in str(error) or isinstance(error, asyncpg.ClientConfigurationError)
            return ServiceUnavailable(_UNAVAILABLE) if ours else None
        case asyncpg.InternalClientError() if str(error).startswith(_TOLD_ITS_END):
            return ServiceUnavailable(_UNAVAILABLE)
        case AttributeError() if _cut(error):
            return ServiceUnavailable(_UNAVAILABLE)
        case _ if isinstance(error, _CONNECTION_ERRORS):
            return ServiceUnavailable(_UNAVAILABLE)
    return None


def _cut(error: AttributeError) -> bool:
    """Whether the driver missed its protocol: it lets go of that when a connection is cut, also within a statement."""
    *_, (frame, _) = walk_tb(error.__traceback__)
    driver = frame.f_globals.get("__name__") == "asyncpg.connection"
    return driver and error.obj is None and hasattr(Protocol, str(error.name))


def _violated(error: asyncpg.IntegrityConstraintViolationError) -> Failure:
    """What a constraint says: its name is `<table>_<column>_key`, `_fkey` or `_check`."""
    record = next((record for record in RECORDS.values() if record.table == error.table_name), None)
    if record is None:
        return Conflict("The change collides with a rule of the database.", {})
    name = (error.constraint_name or f"{record.table}_{error.column_name}_null").removeprefix(f"{record.table}_")
    field, _, kind = name.rpartition("_")
    if isinstance(error, asyncpg.UniqueViolationError):
        found = _VALUE.search(error.detail or "")
        return taken(record, str(error.constraint_name), found[1] if found else "")
    if error.constraint_name in _DATA_TYPES:
        return Invalid({"dataType": ["can't change while there are values for the property"]})
    messages = {"fkey": "refers to nothing", "null": "is required"}
    return Invalid({_documented(record, field): [messages.get(kind, "is not allowed")]})


def taken(record: type[Record], constraint: str, value: str) -> Conflict:
    """That another record has this value already, which the constraint keeps unique."""
    if constraint in _CONFLICTS:
        field, message = _CONFLICTS[constraint]
        return Conflict(message, {field: ["is taken already"]})
    field, value = constraint.removeprefix(f"{record.table}_").removesuffix("_key"), value[:LONGEST_ECHO]
    if field == "path":
        return Conflict(
            f"There is another {record.singular} with the path {value!r} already: give another name or parent.",
            {"name": ["is taken already in this place of the tree"]},
        )
    name = _documented(record, field)
    told = f" {value!r}" if value else ""
    return Conflict(f"There is another {record.singular} with the {name}{told} already.", {name: ["is taken already"]})


def _documented(record: type[Record], field: str) -> str:
    """The documented name of the field stored in a column; a long column's name may be cut in its constraint's."""
    columns = record.columns.values()
    return next((column.documented for column in columns if column.stored_as.startswith(field)), field)
