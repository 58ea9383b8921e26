"""Properties of locations."""

import strawberry

from db import records
from resolvers.operations import Key, Operations

properties = Operations(records.LocationProperty)
PROPERTY = Key("id_or_name", "name")


@strawberry.type
class LocationPropertyQuery:
    """What can be asked about the properties of locations."""

    new_location_property = properties.new
    get_location_property = properties.get(PROPERTY)
    find_location_properties = properties.find
    get_all_location_properties = properties.all
    get_location_property_references = properties.references(PROPERTY)
    validate_location_property = properties.validate
    location_properties = properties.connection


@strawberry.type
class LocationPropertyMutation:
    """How the properties of locations are changed."""

    save_location_property = properties.save
    delete_location_property = properties.delete(PROPERTY)
