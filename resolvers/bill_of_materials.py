"""Bills of materials."""

from dataclasses import replace
from typing import Annotated, Any

import strawberry

from db import records
from db.repositories.bill_of_materials import BillsOfMaterials
from db.rows import Rows
from db.ulid import Ulid
from resolvers.access import Permission
from resolvers.answers import ApiResponse
from resolvers.context import Context
from resolvers.fields import argument, mutation, query
from resolvers.operations import Operations
from resolvers.production_order import ORDER, orders
from resolvers.types import shown_list

items = Operations(records.BillOfMaterialsItem)
OF_ORDER: Any = records.ProductionOrder.members["bill_of_materials"]


@strawberry.type
class BillOfMaterialsQuery:
    """What can be asked about bills of materials."""

    new_bill_of_materials_item = items.new
    get_bill_of_materials_item = items.get()
    get_bill_of_materials_for_order = orders.related(OF_ORDER, ORDER)
    get_bill_of_materials_for_order_flattened = orders.related(
        replace(
            OF_ORDER,
            target=records.FlattenedBillOfMaterialsItem.__name__,
            description="The items of the order by position, with what there is to know of their records.",
        ),
        ORDER,
    )
    validate_bill_of_materials_item = items.validate
    bill_of_materials_items = items.connection

    @query(Permission.PRODUCTION_ORDER_READ_GET, returns=shown_list(records.BillOfMaterialsItem))
    def get_bill_of_materials_for(
        context: Context,
        production_order_id_or_name: Annotated[str, argument("Id or name of the production order.")],
        material_id_or_path: Annotated[str, argument("Id or path of the material.")],
    ) -> Rows[records.BillOfMaterialsItem]:
        """The items of a production order that are of a material, by position."""
        return context.special(BillsOfMaterials).of_order(production_order_id_or_name, material_id_or_path)


@strawberry.type
class BillOfMaterialsMutation:
    """How bills of materials are changed."""

    save_bill_of_materials_item = items.save
    save_bill_of_materials_items = items.save_all
    delete_bill_of_materials_item = items.delete()

    @mutation(Permission.PRODUCTION_ORDER_WRITE_DELETE, returns=ApiResponse)
    async def delete_bill_of_materials_for_order(
        context: Context,
        production_order_id_or_name: Annotated[str, argument("Id or name of the production order.")],
    ) -> ApiResponse:
        """Delete all items of a production order."""
        order = context.repository(records.ProductionOrder).by_id_or("name", production_order_id_or_name)
        deleted = await context.special(BillsOfMaterials).delete_of_order(order)
        if deleted is None:
            return ApiResponse.refused("There is no production order with this id or name.")
        return ApiResponse.done(f"Bill-of-materials items deleted: {deleted}.")

    @mutation(Permission.PRODUCTION_ORDER_WRITE_SAVE, returns=ApiResponse)
    async def swap_bill_of_materials_positions(
        context: Context,
        item1_id: Annotated[Ulid, argument("Id of one item.")],
        item2_id: Annotated[Ulid, argument("Id of the other item.")],
    ) -> ApiResponse:
        """Give each of two items the position of the other."""
        swapped = await context.special(BillsOfMaterials).swap_positions(item1_id, item2_id)
        if not swapped:
            return ApiResponse.refused("There are no two bill-of-materials items with these ids.")
        return ApiResponse.done("The two bill-of-materials items have changed places.")
