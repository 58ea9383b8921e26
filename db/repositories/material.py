"""Materials, with the properties that their classes give them."""

from __future__ import annotations

from typing import Any

import orjson

from db.declaration import Column, Mixed, Record
from db.lookup import found, sought_path
from db.records import Material, MaterialProperty, MaterialPropertyValue, UnitOfMeasure
from db.repositories.tree import Tree
from db.rows import Rows
from db.spelling import json_text

PROPERTY_AND_VALUE: tuple[tuple[str, type[Record], dict[str, str]], ...] = (
    ("material", Material, {"materialId": "id"}),
    (
        "property",
        MaterialProperty,
        {
            "materialClassId": "material_class_id",
            "materialPropertyId": "id",
            "materialPropertyNotes": "notes",
            "materialPropertyEnabled": "enabled",
            "name": "name",
            "description": "description",
            "dataType": "data_type",
            "lowLimit": "low_limit",
            "highLimit": "high_limit",
            "format": "format",
            "unitOfMeasureId": "unit_of_measure_id",
            "options": "options",
            "nullable": "nullable",
            "defaultValue": "default_value",
        },
    ),
    ("unit", UnitOfMeasure, {"unitOfMeasureName": "name", "unitOfMeasureSymbol": "symbol"}),
    (
        "value",
        MaterialPropertyValue,
        {
            "materialPropertyValueId": "id",
            "materialPropertyValueNotes": "notes",
            "materialPropertyValueEnabled": "enabled",
            "value": "value",
        },
    ),
)
"""What is shown of a property and its value: the members of each row of the statement, by the documented key."""


class Materials(Tree[Material]):
    """What is bought, made, used or sold."""

    above = "material_class_id"

    def by_erp_id(self, erp_id: str) -> Rows[Material]:
        """The material with this number in the ERP system."""
        return self.keyed("erp_id", erp_id)

    async def properties_and_values(self, id_or_path: str) -> list[dict[str, Any]] | None:
        """Every property of the material's class and of the classes above it, with the material's value if it has one.

        By name; the documented keys. None if there is no such material.
        """
        row = await self.session.row(
            f"""
            select (
                select coalesce(
                    json_agg(json_build_object({_keys_and_values()}) order by property.name, property.id), '[]'
                )
                from material_properties property
                join material_classes class on class.id = property.material_class_id
                left join unit_of_measure unit on unit.id = property.unit_of_measure_id
                left join material_property_values value
                    on value.property_id = property.id and value.material_id = material.id
                where starts_with(material.path, class.path || '/')
            )::text as answer
            from materials material
            where id = {found(Material, "path", 1)}
            """,
            *sought_path(id_or_path),
        )
        return orjson.loads(row["answer"]) if row else None


def _keys_and_values() -> str:
    """The arguments of a function that makes a JSON object."""
    return ", ".join(
        f"'{key}', ({_json_text(record, member, row)})::json"
        for row, record, members in PROPERTY_AND_VALUE
        for key, member in members.items()
    )


def _json_text(record: type[Record], name: str, row: str) -> str:
    member = record.members[name]
    assert isinstance(member, Column | Mixed)
    return json_text(member, row)
