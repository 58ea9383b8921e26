"""The repository of each record: the general one, or one that knows more of its records."""

from __future__ import annotations

from typing import Any, TypeVar

from db.bill_of_materials import BillsOfMaterials
from db.declaration import Record
from db.location import Locations
from db.material import Materials
from db.material_class import MaterialClasses
from db.property import Properties
from db.property_value import MaterialPropertyValues, ProductionOrderPropertyValues
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
from db.repository import Repository
from db.session import Session
from db.shift import ShiftRecords, Shifts
from db.unit_of_measure_conversion import UnitOfMeasureConversions

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
