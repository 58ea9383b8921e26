"""Properties of production orders."""

import strawberry

from db import records
from resolvers.operations import Operations

properties = Operations(records.ProductionOrderProperty)


@strawberry.type
class ProductionOrderPropertyQuery:
    """What can be asked about the properties of production orders."""

    new_production_order_property = properties.new
    get_production_order_property = properties.get_by("name", "id_or_name")


@strawberry.type
class ProductionOrderPropertyMutation:
    """How the properties of production orders are changed."""

    save_production_order_property = properties.save
