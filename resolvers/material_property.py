"""Properties of materials."""

import strawberry

from db import records
from resolvers.operations import Operations

properties = Operations(records.MaterialProperty)


@strawberry.type
class MaterialPropertyQuery:
    """What can be asked about the properties of materials."""

    new_material_property = properties.new
    get_material_property = properties.get()
    find_material_properties = properties.find
    get_all_material_properties = properties.all
    get_material_property_references = properties.references()
    validate_material_property = properties.validate
    material_properties = properties.connection


@strawberry.type
class MaterialPropertyMutation:
    """How the properties of materials are changed."""

    save_material_property = properties.save
    delete_material_property = properties.delete()
