"""The repository of each record: the general one, or one that knows more of its records."""

from __future__ import annotations

from typing import Any, TypeVar

from db.declaration import Record
from db.records import (
    BillOfMaterialsItem,
    Location,
    LocationProperty,
    Material,
    MaterialClass,
    MaterialProperty,
    MaterialPropertyValue,
    ProductionOrderProperty,
    ProductionOrderPropertyValue,
    Shift,
    ShiftRecord,
    UnitOfMeasureConversion,
)
from db.repositories.bill_of_materials import BillsOfMaterials
from db.repositories.location import Locations
from db.repositories.material import Materials
from db.repositories.material_class import MaterialClasses
from db.repositories.property import Properties
from db.repositories.property_value import MaterialPropertyValues, ProductionOrderPropertyValues
from db.repositories.shift import ShiftRecords, Shifts
from db.repositories.unit_of_measure_conversion import UnitOfMeasureConversions
from db.repository import Repository
from db.session import Session

R = TypeVar("R", bound=Record)
S = TypeVar("S", bound=Repository[Any])

_SPECIAL: dict[type[Record], type[Repository[Any]]] = {
    BillOfMaterialsItem: BillsOfMaterials,
    Location: Locations,
    LocationProperty: Properties,
    Material: Materials,
    MaterialClass: MaterialClasses,
    MaterialProperty: Properties,
    MaterialPropertyValue: MaterialPropertyValues,
    ProductionOrderProperty: Properties,
    ProductionOrderPropertyValue: ProductionOrderPropertyValues,
    Shift: Shifts,
    ShiftRecord: ShiftRecords,
    UnitOfMeasureConversion: UnitOfMeasureConversions,
}


def repository(record: type[R], session: Session) -> Repository[R]:
    """The records of one table, as the session's caller reads and saves them."""
    return _SPECIAL.get(record, Repository)(record, session)


def special(kind: type[S], session: Session) -> S:
    """The records of the table that this repository knows more of."""
    record = next(record for record, known in _SPECIAL.items() if known is kind)
    return kind(record, session)
