"""Values that production orders have for their properties."""

from typing import Annotated

import strawberry

from db import records
from db.declaration import documented_name
from db.errors import Invalid
from db.repositories.property_value import ProductionOrderPropertyValues
from db.rows import Rows
from resolvers import scalars
from resolvers.access import Permission
from resolvers.context import Context
from resolvers.fields import argument, mutation, query
from resolvers.operations import Operations
from resolvers.production_order import ORDER, orders
from resolvers.types import shown, shown_list

values = Operations(records.ProductionOrderPropertyValue)
_VALUE = shown(records.ProductionOrderPropertyValue)
Order = Annotated[str, argument("Id or name of the production order.")]
_ARGUMENT = documented_name(ORDER.argument)
Property = Annotated[str, argument("Id or name of the property.")]


@strawberry.type
class ProductionOrderPropertyValueQuery:
    """What can be asked about the property values of production orders."""

    new_production_order_property_value = values.new
    get_production_order_property_value = values.get()
    validate_production_order_property_value = values.validate
    get_production_order_property_values_for_order = orders.related(
        records.ProductionOrder.members["property_values"], ORDER
    )

    find_production_order_property_values = values.find
    production_order_property_values = values.connection

    @query(Permission.PRODUCTION_ORDER_READ_GET, returns=_VALUE)
    def get_production_order_property_value_for(
        context: Context, production_order_id_or_name: Order, property_id_or_name: Property
    ) -> Rows[records.ProductionOrderPropertyValue]:
        """The value that a production order has for a property; null if it has none."""
        return _values(context).of(_order(context, production_order_id_or_name), property_id_or_name)


@strawberry.type
class ProductionOrderPropertyValueMutation:
    """How the property values of production orders are changed."""

    save_production_order_property_value = values.save
    save_production_order_property_values = values.save_all
    delete_production_order_property_value = values.delete()

    @mutation(Permission.PRODUCTION_ORDER_WRITE_SAVE, returns=_VALUE)
    async def set_property_value(
        context: Context,
        production_order_id_or_name: Order,
        property_id_or_name: Property,
        value: Annotated[scalars.Mixed, argument("The value, of the property's data type.")],
    ) -> Rows[records.ProductionOrderPropertyValue]:
        """Create or change the value that a production order has for a property."""
        order = _order(context, production_order_id_or_name)
        return await _values(context).set_one(order, property_id_or_name, value, _ARGUMENT)

    @mutation(Permission.PRODUCTION_ORDER_WRITE_SAVE, returns=shown_list(records.ProductionOrderPropertyValue))
    async def set_property_values(
        context: Context,
        production_order_id_or_name: Order,
        values: Annotated[
            scalars.Mixed,
            argument("An object of values by the ids or names of their properties."),
        ],
    ) -> Rows[records.ProductionOrderPropertyValue]:
        """Create or change the values that a production order has for several properties: all of them or none."""
        # PostgreSQL can't even look for a name with NUL in it, which no property has.
        if not isinstance(values, dict) or any("\0" in name for name in values):
            raise Invalid({"values": ["must be an object of values by the ids or names of their properties"]})
        return await _values(context).set(_order(context, production_order_id_or_name), values, _ARGUMENT)


def _values(context: Context) -> ProductionOrderPropertyValues:
    return context.special(ProductionOrderPropertyValues)


def _order(context: Context, id_or_name: str) -> Rows[records.ProductionOrder]:
    return context.repository(records.ProductionOrder).by_id_or("name", id_or_name)
