"""Values that production orders have for their properties."""

import strawberry

from db import records
from resolvers.operations import Operations

values = Operations(records.ProductionOrderPropertyValue)


@strawberry.type
class ProductionOrderPropertyValueQuery:
    """What can be asked about the property values of production orders."""

    new_production_order_property_value = values.new
    get_production_order_property_value = values.get("id")


@strawberry.type
class ProductionOrderPropertyValueMutation:
    """How the property values of production orders are changed."""

    save_production_order_property_value = values.save
