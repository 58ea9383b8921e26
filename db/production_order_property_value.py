"""The rules of the values that production orders have for their properties."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from db import mixed
from db.enumerations import DataType
from db.mixed import LEFT_OUT, Misfit
from db.records import ProductionOrderProperty, ProductionOrderPropertyValue
from db.repository import Repository, fields
from db.ulid import Ulid
from db.validation import Violations

_RULES = ProductionOrderProperty.columns


class ProductionOrderPropertyValues(Repository[ProductionOrderPropertyValue]):
    """The values that production orders have for their properties."""

    async def _checked(
        self, changes: dict[str, Any], before: Mapping[str, Any] | None
    ) -> tuple[dict[str, Any], Violations]:
        """The data type is that of the property, whose rules bind the value."""
        value = changes.pop("value", LEFT_OUT if before else None)
        data_type = changes.pop("data_type", None)
        values, violations = await super()._checked(changes, before)
        for field in ("production_order_id", "property_id"):
            if before and values.get(field, before[field]) != before[field]:
                violations[field] = ["must be the one that the value has: save another value instead"]
        rules = before["property"] if before else await self._property(values.get("property_id"))
        if rules is None:
            return values, violations
        if _other_type(data_type, value, rules["data_type"]):
            violations["data_type"] = [f"must be {rules['data_type'].value}, the data type of the property"]
        try:
            values |= {"data_type": rules["data_type"], **_value_columns(value, rules, before)}
        except Misfit as misfit:
            violations["value"] = [str(misfit)]
        return values, violations

    async def _held(self, record_id: Ulid) -> Mapping[str, Any] | None:
        """The stored value, with the fields of its property as `property`."""
        rules = ", ".join(f"property.{column.stored_as} as rules_{column.stored_as}" for column in _RULES.values())
        row = await self.session.row(
            f"""
            select value.*, {rules}
            from production_order_property_values value
            join production_order_properties property on property.id = value.property_id
            where value.id = $1
            for no key update of value
            """,
            record_id,
        )
        if row is None:
            return None
        return {**fields(self.record, row), "property": fields(ProductionOrderProperty, row, "rules_")}

    async def _property(self, property_id: Ulid | None) -> Mapping[str, Any] | None:
        row = await self.session.row("select * from production_order_properties where id = $1", property_id)
        return fields(ProductionOrderProperty, row) if row else None


def _other_type(given: DataType | None, value: Any, data_type: DataType) -> bool:
    """Whether another data type than the property's is given; String without a value is what `new…` returns."""
    untouched = given is DataType.String and value in (None, LEFT_OUT)
    return given not in (None, data_type) and not untouched


def _value_columns(value: Any, rules: Mapping[str, Any], before: Mapping[str, Any] | None) -> dict[str, Any]:
    """Where the value is kept; `Misfit` if it breaks the rules of the property."""
    data_type = rules["data_type"]
    if value is LEFT_OUT:
        return {}
    if value is None and before is None:
        return mixed.columns(data_type, mixed.kept_value(data_type, rules, "default_"))
    if value is None and not rules["nullable"] and mixed.kept_value(data_type, before or {}) is not None:
        raise Misfit("is set and can't be set to null: its property is not nullable")
    return mixed.columns(data_type, mixed.fitting(data_type, value, rules))
