"""Production orders."""

import strawberry

from db import records
from resolvers.fields import permissions
from resolvers.operations import Key, Operations

orders = Operations(records.ProductionOrder)
ORDER = Key("production_order_id_or_name", "name")


@strawberry.type
class ProductionOrderQuery:
    """What can be asked about production orders."""

    new_production_order = orders.new
    get_production_order = orders.get(ORDER)
    find_production_orders = orders.find
    get_all_production_orders = orders.all
    get_production_order_references = orders.references(ORDER)
    validate_production_order = orders.validate
    get_production_order_permissions = permissions("PRODUCTION_ORDER")
    production_orders = orders.connection


@strawberry.type
class ProductionOrderMutation:
    """How production orders are changed."""

    save_production_order = orders.save
    save_production_orders = orders.save_all
    delete_production_order = orders.delete(ORDER)
