"""The repository of each record: the general one, or one that knows more of its records."""

from __future__ import annotations

from typing import Any, TypeVar

from db.declaration import Record
from db.production_order_property import ProductionOrderProperties
from db.production_order_property_value import ProductionOrderPropertyValues
from db.records import ProductionOrderProperty, ProductionOrderPropertyValue
from db.repository import Repository
from db.session import Session

R = TypeVar("R", bound=Record)

_SPECIAL: dict[type[Record], type[Repository[Any]]] = {
    ProductionOrderProperty: ProductionOrderProperties,
    ProductionOrderPropertyValue: ProductionOrderPropertyValues,
}


def repository(record: type[R], session: Session) -> Repository[R]:
    """The records of one table, as the session's caller reads and saves them."""
    return _SPECIAL.get(record, Repository)(record, session)
