"""Properties of production orders."""

import strawberry

from db import records
from resolvers.access import Permission
from resolvers.operations import Key, Operations

properties = Operations(records.ProductionOrderProperty)
PROPERTY = Key("id_or_name", "name")


@strawberry.type
class ProductionOrderPropertyQuery:
    """What can be asked about the properties of production orders."""

    new_production_order_property = properties.new
    get_production_order_property = properties.get(PROPERTY)
    find_production_order_properties = properties.find
    get_all_production_order_properties = properties.all
    get_production_order_property_references = properties.references()
    validate_production_order_property = properties.validate
    production_order_properties = properties.connection


@strawberry.type
class ProductionOrderPropertyMutation:
    """How the properties of production orders are changed."""

    save_production_order_property = properties.save
    delete_production_order_property = properties.delete()
    get_production_order_property_or_create_new = properties.get_or_create("name", Permission.PRODUCTION_ORDER_READ_GET)
