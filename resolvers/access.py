"""Who may do what: the permissions, the directive that shows them in the schema, and the callers who hold them."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import Enum
from operator import attrgetter

import strawberry
from strawberry.schema_directive import Location

from db import records
from db.declaration import Record
from db.errors import Forbidden


class Permission(Enum):
    """What a role can allow, as documented."""

    CUSTOMER_READ_GET = "CUSTOMER.READ.GET"
    CUSTOMER_READ_VALIDATE = "CUSTOMER.READ.VALIDATE"
    CUSTOMER_WRITE_DELETE = "CUSTOMER.WRITE.DELETE"
    CUSTOMER_WRITE_SAVE = "CUSTOMER.WRITE.SAVE"
    LOCATION_READ_GET = "LOCATION.READ.GET"
    LOCATION_READ_VALIDATE = "LOCATION.READ.VALIDATE"
    LOCATION_WRITE_DELETE = "LOCATION.WRITE.DELETE"
    LOCATION_WRITE_SAVE = "LOCATION.WRITE.SAVE"
    MATERIAL_READ_GET = "MATERIAL.READ.GET"
    MATERIAL_READ_VALIDATE = "MATERIAL.READ.VALIDATE"
    MATERIAL_WRITE_DELETE = "MATERIAL.WRITE.DELETE"
    MATERIAL_WRITE_SAVE = "MATERIAL.WRITE.SAVE"
    PRODUCTION_ORDER_READ_GET = "PRODUCTION_ORDER.READ.GET"
    PRODUCTION_ORDER_READ_VALIDATE = "PRODUCTION_ORDER.READ.VALIDATE"
    PRODUCTION_ORDER_WRITE_DELETE = "PRODUCTION_ORDER.WRITE.DELETE"
    PRODUCTION_ORDER_WRITE_SAVE = "PRODUCTION_ORDER.WRITE.SAVE"
    QUERY_READ_VALIDATE = "QUERY.READ.VALIDATE"
    SHIFT_READ_GET = "SHIFT.READ.GET"
    SHIFT_READ_VALIDATE = "SHIFT.READ.VALIDATE"
    SHIFT_WRITE_DELETE = "SHIFT.WRITE.DELETE"
    SHIFT_WRITE_SAVE = "SHIFT.WRITE.SAVE"
    SYSTEM_ADMIN = "SYSTEM.ADMIN"
    SYSTEM_AUDIT = "SYSTEM.AUDIT"
    UNIT_OF_MEASURE_READ_GET = "UNIT_OF_MEASURE.READ.GET"
    UNIT_OF_MEASURE_READ_VALIDATE = "UNIT_OF_MEASURE.READ.VALIDATE"
    UNIT_OF_MEASURE_WRITE_DELETE = "UNIT_OF_MEASURE.WRITE.DELETE"
    UNIT_OF_MEASURE_WRITE_SAVE = "UNIT_OF_MEASURE.WRITE.SAVE"

    # Not of their names, in Python, each time that a caller is asked for one.
    __hash__ = object.__hash__


def permissions_of(area: str) -> list[str]:
    """The permissions whose first segment is this one."""
    return [permission.value for permission in Permission if permission.value.split(".")[0] == area]


@dataclass(frozen=True)
class Access:
    """What a caller needs for the records of one table."""

    read: Permission
    validate: Permission
    save: Permission
    delete: Permission


def _area(name: str) -> Access:
    """The documented permissions of a part of the API."""
    return Access(
        read=Permission(f"{name}.READ.GET"),
        validate=Permission(f"{name}.READ.VALIDATE"),
        save=Permission(f"{name}.WRITE.SAVE"),
        delete=Permission(f"{name}.WRITE.DELETE"),
    )


ACCESS: dict[type[Record], Access] = {
    records.BillOfMaterialsItem: _area("PRODUCTION_ORDER"),
    records.Customer: _area("CUSTOMER"),
    records.Location: _area("LOCATION"),
    records.LocationProperty: _area("LOCATION"),
    records.Material: _area("MATERIAL"),
    records.MaterialClass: _area("MATERIAL"),
    records.MaterialProperty: _area("MATERIAL"),
    records.MaterialPropertyValue: _area("MATERIAL"),
    records.ProductionOrder: _area("PRODUCTION_ORDER"),
    records.ProductionOrderProperty: _area("PRODUCTION_ORDER"),
    records.ProductionOrderPropertyValue: _area("PRODUCTION_ORDER"),
    records.Role: Access(*[Permission.SYSTEM_ADMIN] * 4),
    records.Shift: _area("SHIFT"),
    records.ShiftRecord: _area("SHIFT"),
    records.UnitOfMeasure: _area("UNIT_OF_MEASURE"),
    records.UnitOfMeasureConversion: _area("UNIT_OF_MEASURE"),
}
"""What a caller needs, wherever a record is shown or changed."""


def access(record: type[Record]) -> Access:
    """What a caller needs for a record, or for the one that it is a view of."""
    return next(ACCESS[base] for base in record.__mro__ if base in ACCESS)


@strawberry.schema_directive(
    name="requiresPermission",
    locations=[Location.FIELD_DEFINITION],
    description=(
        "Only callers who hold this permission, or one above it, get the field. "
        "Where it is empty, every caller who is known does."
    ),
)
class RequiresPermission:
    """Shows in the schema what `Caller.require` asks for."""

    permission: str


def requirement(permission: Permission | None) -> RequiresPermission:
    """The directive for a permission, or for none beyond being known."""
    return RequiresPermission(permission=permission.value if permission else "")


class Caller:
    """Who sent the request, and what the roles of its security levels grant."""

    def __init__(self, name: str, permissions: AbstractSet[str]) -> None:
        self.name = name
        self.permissions = permissions
        self.held = frozenset(permission for permission in Permission if self._grants(permission))

    @property
    def holds_nothing(self) -> bool:
        """Whether there is nothing at all that is granted; what is no permission grants nothing."""
        return not self.held

    def may(self, permission: Permission) -> bool:
        """Whether the permission, or one above it by whole segments, is held."""
        return permission in self.held

    def require(self, permission: Permission | None) -> None:
        """Raise `Forbidden` without the permission."""
        if permission and not self.may(permission):
            raise Forbidden(permission.value)

    def require_all(self, granted: Iterable[str]) -> None:
        """Raise `Forbidden` where less is granted than somebody had to whom this was granted."""
        for permission in sorted(Caller("", {*granted}).held - self.held, key=attrgetter("value")):
            self.require(permission)

    def _grants(self, permission: Permission) -> bool:
        segments = permission.value.split(".")
        return any(".".join(segments[:length]) in self.permissions for length in range(1, len(segments) + 1))
