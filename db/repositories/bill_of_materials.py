"""The rules of bills of materials."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from db.lookup import found, sought, sought_path
from db.records import BillOfMaterialsItem, Material, ProductionOrder
from db.repository import Repository
from db.rows import Rows
from db.ulid import Ulid
from db.validation import Violations


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
                returning id
            )
            select (select count(*) from deleted) as items
            from ({order.source}) production_order
            """,
            *order.parameters,
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
            """,
            ids,
            self.session.caller,
        )
        return True

    async def _checked(
        self, changes: dict[str, Any], before: Mapping[str, Any] | None
    ) -> tuple[dict[str, Any], Violations]:
        """The product of an item is that of its order, where none is given."""
        values, violations = await super()._checked(changes, before)
        whole = {**(before or {}), **values}
        order_id = whole.get("production_order_id")
        if order_id and whole.get("product_id") is None:
            row = await self.session.row(
                "select product_material_id from production_orders where id = $1 for key share", order_id
            )
            values["product_id"] = row["product_material_id"] if row else None
        return values, violations
