"""Production orders."""

import strawberry

from db import records
from resolvers.access import permissions_of
from resolvers.context import Info
from resolvers.operations import Operations, query

orders = Operations(records.ProductionOrder)


@strawberry.type
class ProductionOrderQuery:
    """What can be asked about production orders."""

    new_production_order = orders.new
    get_production_order = orders.get_by("name", "production_order_id_or_name")
    get_production_order_property_values_for_order = orders.related(
        "property_values", "name", "production_order_id_or_name"
    )

    @query(None, returns=list[str])
    def get_production_order_permissions(info: Info) -> list[str]:  # noqa: N805 (strawberry takes it as a function)
        """The permissions of this part of the API, which roles can grant."""
        return permissions_of("PRODUCTION_ORDER")


@strawberry.type
class ProductionOrderMutation:
    """How production orders are changed."""

    save_production_order = orders.save
