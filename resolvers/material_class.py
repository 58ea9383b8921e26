"""Material classes."""

from typing import Annotated

import strawberry

from db import records
from db.repositories.material_class import MaterialClasses
from db.rows import Rows
from resolvers.access import Permission
from resolvers.context import Context
from resolvers.fields import argument, mutation
from resolvers.operations import Key, Operations
from resolvers.types import shown

classes = Operations(records.MaterialClass)
CLASS = Key("id_or_path", "path")


@strawberry.type
class MaterialClassQuery:
    """What can be asked about material classes."""

    new_material_class = classes.new
    get_material_class = classes.get(CLASS)
    does_material_class_exist = classes.exists(CLASS)
    find_material_classes = classes.find
    get_all_material_classes = classes.all
    get_material_class_references = classes.references(CLASS)
    validate_material_class = classes.validate
    material_classes = classes.connection


@strawberry.type
class MaterialClassMutation:
    """How material classes are changed."""

    save_material_class = classes.save
    delete_material_class = classes.delete(CLASS)

    @mutation(Permission.MATERIAL_WRITE_SAVE, returns=shown(records.MaterialClass))
    async def create_material_classes_for_path(
        context: Context,
        path: Annotated[str, argument("Names from the root of the tree, as `/Dairy/Cheese`.")],
    ) -> Rows[records.MaterialClass]:
        """The class at the end of the path, after those along it that were missing are created."""
        return await context.special(MaterialClasses).create_classes_for_path(path)
