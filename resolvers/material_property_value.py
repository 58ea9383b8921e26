"""Values that materials have for their properties."""

import strawberry

from db import records
from resolvers.operations import Operations

values = Operations(records.MaterialPropertyValue)


@strawberry.type
class MaterialPropertyValueQuery:
    """What can be asked about the values that materials have for their properties."""

    new_material_property_value = values.new
    get_material_property_value = values.get()
    find_material_property_values = values.find
    get_all_material_property_values = values.all
    get_material_property_value_references = values.references()
    validate_material_property_value = values.validate
    material_property_values = values.connection


@strawberry.type
class MaterialPropertyValueMutation:
    """How the values that materials have for their properties are changed."""

    save_material_property_value = values.save
    delete_material_property_value = values.delete()
