"""The rules of bills of materials."""

from __future__ import annotations

from collections.abc import Sequence

from db.change import Change
from db.lookup import found, sought, sought_path
from db.origin import told
from db.records import BillOfMaterialsItem, Material, ProductionOrder
from db.repository import Repository, among
from db.rows import Rows
from db.ulid import Ulid


class BillsOfMaterials(Repository[BillOfMaterialsItem]):
    """What goes into products, and comes out beside them."""

    def of_order(self, order: str, material: str) -> Rows[BillOfMaterialsItem]:
        """The items of an order, named by id or name, that are of a material, named by id or path; by position."""
        return self.rows(
            f"""
            select *
            from production_order_bill_of_materials
            where production_order_id = {found(ProductionOrder, "name", 1)}
                and material_id = {found(Material, "path", 3)}
            """,
            *sought(order),
            *sought_path(material),
            order="position",
        )

    async def delete_of_order(self, order: Rows[ProductionOrder]) -> int | None:
        """Delete all items of an order; how many they were, or None if there is no such order."""
        row = await self.session.row(
            f"""
            with deleted as (
                delete from production_order_bill_of_materials
                where production_order_id = (select id from ({order.source}) production_order)
                    and {told(len(order.parameters) + 1)}
                returning id
            )
            select (select count(*) from deleted) as items
            from ({order.source}) production_order
            """,
            *order.parameters,
            self.session.origin,
        )
        return row["items"] if row else None

    async def swap_positions(self, item1_id: Ulid, item2_id: Ulid) -> bool:
        """Give each of two items the position of the other; False if one of them is not there."""
        ids = sorted({item1_id, item2_id})
        # Both are held before the change: a statement that waits itself goes on with the positions from before it.
        held = await self.session.fetch(
            f"select id from {self.record.table} where id = any($1) order by id for no key update", ids
        )
        if len(held) < len(ids):
            return False
        await self.session.row(
            f"""
            update {self.record.table} item
            set position = other.position, modified_by = $2, modified_date = now(), version = item.version + 1
            from {self.record.table} other
            where item.id = any($1) and other.id = any($1) and other.id <> item.id and other.position <> item.position
                and {told(3)}
            """,
            ids,
            self.session.caller,
            self.session.origin,
        )
        return True

    async def _check(self, changes: Sequence[Change]) -> None:
        """The product of an item is that of its order, where none is given."""
        await super()._check(changes)
        orders = {change: change.whole["production_order_id"] for change in changes if _takes_product(change)}
        if not orders:
            return
        condition, parameter = among("id", sorted(set(orders.values())))
        rows = await self.session.fetch(
            f"select id, product_material_id from production_orders where {condition} order by id for key share",
            parameter,
        )
        products = {row["id"]: row["product_material_id"] for row in rows}
        for change, order_id in orders.items():
            change.values["product_id"] = products.get(order_id)


def _takes_product(change: Change) -> bool:
    """Whether an item has an order, and no product."""
    whole = change.whole
    return bool(whole.get("production_order_id")) and whole.get("product_id") is None
