"""Materials."""

from typing import Annotated, Any

import strawberry

from db import records
from db.repositories.material import PROPERTY_AND_VALUE, Materials
from db.rows import Rows
from resolvers.access import Permission
from resolvers.context import Context
from resolvers.derive import documented_type
from resolvers.fields import argument, permissions, query
from resolvers.operations import Key, Operations
from resolvers.types import shown

materials = Operations(records.Material)
MATERIAL = Key("id_or_path", "path")
PropertyAndValue: Any = documented_type(
    "MaterialPropertyAndValue",
    "A property that a material can have, and the value that it has.",
    {key: (record, name) for _, record, members in PROPERTY_AND_VALUE for key, name in members.items()},
)


@strawberry.type
class MaterialQuery:
    """What can be asked about materials."""

    new_material = materials.new
    get_material = materials.get(MATERIAL)
    does_material_exist = materials.exists(MATERIAL)
    find_materials = materials.find
    get_all_materials = materials.all
    get_material_references = materials.references(MATERIAL)
    validate_material = materials.validate
    get_material_permissions = permissions("MATERIAL")
    materials = materials.connection

    @query(Permission.MATERIAL_READ_GET, returns=shown(records.Material))
    def get_material_by_erp_id(
        context: Context, erp_id: Annotated[str, argument("Number of the material in the ERP system.")]
    ) -> Rows[records.Material]:
        """The material with this number in the ERP system; null if there is none."""
        return context.special(Materials).by_erp_id(erp_id)

    @query(Permission.MATERIAL_READ_GET, returns=list[PropertyAndValue])
    async def get_properties_and_values_for_material(
        context: Context, id_or_path: Annotated[str, argument("Id or path of the material.")]
    ) -> list[Any] | None:
        """Every property that the material's class and the classes above it give it, with its value; by name."""
        found = await context.special(Materials).properties_and_values(id_or_path)
        return None if found is None else [PropertyAndValue(**one) for one in found]


@strawberry.type
class MaterialMutation:
    """How materials are changed."""

    save_material = materials.save
    delete_material = materials.delete(MATERIAL)
