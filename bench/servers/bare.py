"""The limit: one statement by hand for each workload, whose JSON goes into the response as it is.

With `reset` its pool does what asyncpg's does by itself: after each request it resets the session of the connection.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import uvicorn

from db.pool import nothing_to_reset
from db.ulid import new_ulid

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

_ORDER = """
    select json_build_object('productionOrder', json_build_object(
        'id', o.id, 'name', o.name, 'status', o.status, 'schedulePriority', o.schedule_priority,
        'quantity', o.quantity, 'quantityProduced', o.quantity_produced, 'quantityScheduled', o.quantity_scheduled,
        'startDate', o.start_date, 'endDate', o.end_date, 'dueDate', o.due_date, 'locationId', o.location_id,
        'notes', o.notes, 'enabled', o.enabled, 'spare1', o.spare1, 'spare2', o.spare2, 'spare3', o.spare3,
        'createdDate', o.created_date, 'createdBy', o.created_by, 'modifiedDate', o.modified_date,
        'modifiedBy', o.modified_by,
        'product', json_build_object('name', product.name),
        'unitOfMeasure', json_build_object('symbol', unit.symbol),
        'propertyValues', (
            select json_agg(json_build_object(
                'value', v.string_value, 'property', json_build_object('name', p.name)
            ) order by v.id)
            from production_order_property_values v
            join production_order_properties p on p.id = v.property_id
            where v.production_order_id = o.id
        ),
        'billOfMaterials', (
            select json_agg(json_build_object(
                'quantityOrder', i.quantity_order, 'material', json_build_object('name', m.name)
            ) order by i.position)
            from production_order_bill_of_materials i
            join materials m on m.id = i.material_id
            where i.production_order_id = o.id
        )
    ))::text
    from production_orders o
    join materials product on product.id = o.product_material_id
    join unit_of_measure unit on unit.id = o.unit_of_measure_id
    where o.id = $1
"""
_PAGE = """
    with page as materialized (
        select *
        from production_orders
        where status = $1
        order by due_date, id
        limit $2 offset $3
    ), property_values as (
        select v.production_order_id, json_agg(json_build_object(
            'value', v.string_value, 'property', json_build_object('name', p.name)
        ) order by v.id) as list
        from production_order_property_values v
        join production_order_properties p on p.id = v.property_id
        where v.production_order_id = any(array(select id from page))
        group by v.production_order_id
    )
    select json_build_object('productionOrders', coalesce(json_agg(json_build_object(
        'id', o.id, 'name', o.name, 'status', o.status, 'schedulePriority', o.schedule_priority,
        'quantity', o.quantity, 'quantityProduced', o.quantity_produced, 'quantityScheduled', o.quantity_scheduled,
        'startDate', o.start_date, 'dueDate', o.due_date, 'notes', o.notes, 'enabled', o.enabled,
        'product', json_build_object('name', product.name),
        'unitOfMeasure', json_build_object('symbol', unit.symbol),
        'propertyValues', coalesce(v.list, '[]')
    ) order by o.due_date, o.id), '[]'))::text
    from page o
    join materials product on product.id = o.product_material_id
    join unit_of_measure unit on unit.id = o.unit_of_measure_id
    left join property_values v on v.production_order_id = o.id
"""
_SAVE = """
    with saved as (
        insert into production_orders (
            id, name, product_material_id, unit_of_measure_id, quantity, status, schedule_priority, start_date,
            due_date, notes
        )
        select $1, g.name, g."productId", g."unitOfMeasureId", g.quantity, g.status, g."schedulePriority",
            g."startDate", g."dueDate", g.notes
        from json_to_record($2::text::json) as g (
            name text, "productId" text, "unitOfMeasureId" text, quantity float8, status text,
            "schedulePriority" text, "startDate" timestamptz, "dueDate" timestamptz, notes text
        )
        returning *
    )
    select json_build_object('saveProductionOrder', json_build_object(
        'id', o.id, 'name', o.name, 'status', o.status, 'schedulePriority', o.schedule_priority,
        'quantity', o.quantity, 'startDate', o.start_date, 'dueDate', o.due_date, 'notes', o.notes,
        'enabled', o.enabled, 'version', o.version,
        'product', json_build_object('name', product.name)
    ))::text
    from saved o
    join materials product on product.id = o.product_material_id
"""
_TYPENAME = '{"__typename":"Query"}'


class Bare:
    """Answers the documents it knows by heart."""

    def __init__(self, pool: asyncpg.Pool[asyncpg.Record], documents: Path) -> None:
        """Read each workload's document, which says which function answers it."""
        self._pool = pool
        self._answers = {
            (documents / f"{name}.graphql").read_text(encoding="utf-8"): answer
            for name, answer in {"W1": self._order, "W2": self._page, "W3": self._save, "W4": self._typename}.items()
        }

    async def __call__(self, _: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        message = await receive()
        body = message["body"]
        while message.get("more_body"):
            message = await receive()
            body += message["body"]
        asked = orjson.loads(body)
        answer = await self._answers[asked["query"]](asked["variables"])
        text = f'{{"data":{answer}}}'.encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(text))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": text})

    async def _order(self, given: dict[str, Any]) -> Any:
        return await self._pool.fetchval(_ORDER, given["id"])

    async def _page(self, given: dict[str, Any]) -> Any:
        return await self._pool.fetchval(_PAGE, given["status"], given["first"], given["offset"])

    async def _save(self, given: dict[str, Any]) -> Any:
        return await self._pool.fetchval(_SAVE, new_ulid(), orjson.dumps(given["input"]).decode())

    async def _typename(self, _: dict[str, Any]) -> str:
        return _TYPENAME


async def serve(port: int, documents: Path, *, reset: bool) -> None:
    """Serve until told to stop."""
    settings = {"application_name": "bare-reset" if reset else "bare"}
    kind = None if reset else nothing_to_reset
    async with asyncpg.create_pool(max_size=10, server_settings=settings, reset=kind) as pool:
        config = uvicorn.Config(
            Bare(pool, documents), port=port, http="httptools", lifespan="off", log_level="warning", access_log=False
        )
        await uvicorn.Server(config).serve()


if __name__ == "__main__":
    import uvloop

    uvloop.run(serve(int(sys.argv[1]), Path(sys.argv[2]), reset=sys.argv[3:] == ["reset"]))
