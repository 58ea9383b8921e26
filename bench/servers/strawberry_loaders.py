"""Strawberry as its documentation has it: a type for each record, a data loader for each relation, its caches."""

import sys
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any

import asyncpg
import orjson
import strawberry
import uvicorn
import uvloop
from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.dataloader import DataLoader
from strawberry.extensions import ParserCache, ValidationCache

from db.ulid import new_ulid

Pool = Any
Row = Any
Info = strawberry.Info[dict[str, Any], None]

_ORDER = """
    id, name, status, schedule_priority, quantity, quantity_produced, quantity_scheduled, start_date, end_date,
    due_date, location_id, notes, enabled, spare1, spare2, spare3, created_date, created_by, modified_date, modified_by,
    version, product_material_id, unit_of_measure_id
"""


@strawberry.type
class Material:
    """What is produced or goes into it."""

    name: str


@strawberry.type
class UnitOfMeasure:
    """What quantities are counted in."""

    symbol: str


@strawberry.type
class Property:
    """What an order can have a value for."""

    name: str


@strawberry.type
class PropertyValue:
    """A value that an order has."""

    value: str | None
    property_id: strawberry.Private[str]

    @strawberry.field
    async def property(self, info: Info) -> Property:
        """The property that the value is for."""
        return await info.context["properties"].load(self.property_id)


@strawberry.type
class BillOfMaterialsItem:
    """What goes into an order."""

    quantity_order: float
    material_id: strawberry.Private[str]

    @strawberry.field
    async def material(self, info: Info) -> Material:
        """The material that goes in."""
        return await info.context["materials"].load(self.material_id)


@strawberry.type
class ProductionOrder:
    """An order to produce a quantity of one material."""

    id: strawberry.ID
    name: str
    status: str
    schedule_priority: str
    quantity: float
    quantity_produced: float
    quantity_scheduled: float
    start_date: datetime | None
    end_date: datetime | None
    due_date: datetime | None
    location_id: strawberry.ID | None
    notes: str | None
    enabled: bool
    spare1: str | None
    spare2: str | None
    spare3: str | None
    created_date: datetime
    created_by: str
    modified_date: datetime | None
    modified_by: str | None
    version: int
    product_material_id: strawberry.Private[str]
    unit_of_measure_id: strawberry.Private[str]

    @strawberry.field
    async def product(self, info: Info) -> Material:
        """The material that is produced."""
        return await info.context["materials"].load(self.product_material_id)

    @strawberry.field
    async def unit_of_measure(self, info: Info) -> UnitOfMeasure:
        """The unit that the quantity is counted in."""
        return await info.context["units"].load(self.unit_of_measure_id)

    @strawberry.field
    async def property_values(self, info: Info) -> list[PropertyValue]:
        """The values of the order's properties."""
        return await info.context["property_values"].load(self.id)

    @strawberry.field
    async def bill_of_materials(self, info: Info) -> list[BillOfMaterialsItem]:
        """What goes into the order, by position."""
        return await info.context["items"].load(self.id)


@strawberry.input
class ProductionOrderInput:
    """A new order."""

    name: str
    product_id: strawberry.ID
    unit_of_measure_id: strawberry.ID
    quantity: float
    status: str
    schedule_priority: str
    start_date: datetime | None
    due_date: datetime | None
    notes: str | None


@strawberry.type
class Query:
    """What can be asked."""

    @strawberry.field
    async def production_order(self, info: Info, id: strawberry.ID) -> ProductionOrder | None:  # noqa: A002 (GraphQL's)
        """The order with this id."""
        statement = f"select {_ORDER} from production_orders where id = $1"
        row = await info.context["pool"].fetchrow(statement, id)
        return ProductionOrder(**row) if row else None

    @strawberry.field
    async def production_orders(self, info: Info, status: str, first: int, offset: int) -> list[ProductionOrder]:
        """The orders of a status, the first due first."""
        statement = f"""
            select {_ORDER} from production_orders where status = $1 order by due_date, id limit $2 offset $3
        """
        rows = await info.context["pool"].fetch(statement, status, first, offset)
        return [ProductionOrder(**row) for row in rows]


@strawberry.type
class Mutation:
    """What can be changed."""

    @strawberry.mutation
    async def save_production_order(
        self,
        info: Info,
        given: Annotated[ProductionOrderInput, strawberry.argument(name="input")],
    ) -> ProductionOrder:
        """A new order."""
        statement = f"""
            insert into production_orders (
                id, name, product_material_id, unit_of_measure_id, quantity, status, schedule_priority, start_date,
                due_date, notes
            )
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            returning {_ORDER}
        """
        values = (
            given.name,
            given.product_id,
            given.unit_of_measure_id,
            given.quantity,
            given.status,
            given.schedule_priority,
            given.start_date,
            given.due_date,
            given.notes,
        )
        return ProductionOrder(**await info.context["pool"].fetchrow(statement, new_ulid(), *values))


def one(pool: Pool, column: str, table: str, shape: Callable[..., Any]) -> DataLoader[str, Any]:
    """A loader of the records with given ids."""
    statement = f"select id, {column} from {table} where id = any($1)"

    async def load(ids: list[str]) -> list[Any]:
        found = {row["id"]: row for row in await pool.fetch(statement, ids)}
        return [shape(**{column: found[one][column]}) for one in ids]

    return DataLoader(load_fn=load)


def many(pool: Pool, columns: str, table: str, order: str, shape: Callable[..., Any]) -> DataLoader[str, list[Any]]:
    """A loader of the records of given orders."""
    statement = f"""
        select production_order_id, {columns} from {table} where production_order_id = any($1) order by {order}
    """

    async def load(ids: list[str]) -> list[list[Any]]:
        found: dict[str, list[Any]] = {one: [] for one in ids}
        for row in await pool.fetch(statement, ids):
            values = dict(row)
            found[values.pop("production_order_id")].append(shape(**values))
        return list(found.values())

    return DataLoader(load_fn=load)


class Endpoint(GraphQL[dict[str, Any], None]):
    """Loaders that live as long as a request, and the faster JSON that the documentation shows."""

    def __init__(self, schema: strawberry.Schema, pool: Pool) -> None:
        """Answer from this database."""
        super().__init__(schema, graphql_ide=None)
        self._pool = pool

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> dict[str, Any]:  # noqa: ARG002
        """What the resolvers of one request share."""
        pool = self._pool
        return {
            "pool": pool,
            "materials": one(pool, "name", "materials", Material),
            "units": one(pool, "symbol", "unit_of_measure", UnitOfMeasure),
            "properties": one(pool, "name", "production_order_properties", Property),
            "property_values": many(
                pool, "string_value as value, property_id", "production_order_property_values", "id", PropertyValue
            ),
            "items": many(
                pool,
                "quantity_order, material_id",
                "production_order_bill_of_materials",
                "position",
                BillOfMaterialsItem,
            ),
        }

    def decode_json(self, data: str | bytes) -> object:
        """What a text says."""
        return orjson.loads(data)

    def encode_json(self, data: object) -> bytes:
        """The text for an answer."""
        return orjson.dumps(data)


async def serve(port: int) -> None:
    """Serve until told to stop."""
    schema = strawberry.Schema(Query, Mutation, extensions=[lambda: ParserCache(256), lambda: ValidationCache(256)])
    async with asyncpg.create_pool(max_size=10, server_settings={"application_name": "strawberry"}) as pool:
        app: Callable[..., Awaitable[None]] = Endpoint(schema, pool)
        config = uvicorn.Config(app, port=port, http="httptools", lifespan="off", log_level="warning", access_log=False)
        await uvicorn.Server(config).serve()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
