"""The schema, put together; `python -m server.schema` prints it."""

from __future__ import annotations

from functools import cache
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.schema.config import StrawberryConfig

from db.records import RECORDS
from resolvers.bill_of_materials import BillOfMaterialsMutation, BillOfMaterialsQuery
from resolvers.change_log import ChangeLogQuery
from resolvers.customer import CustomerMutation, CustomerQuery
from resolvers.location import LocationMutation, LocationQuery
from resolvers.location_property import LocationPropertyMutation, LocationPropertyQuery
from resolvers.material import MaterialMutation, MaterialQuery
from resolvers.material_class import MaterialClassMutation, MaterialClassQuery
from resolvers.material_property import MaterialPropertyMutation, MaterialPropertyQuery
from resolvers.material_property_value import MaterialPropertyValueMutation, MaterialPropertyValueQuery
from resolvers.node import NodeQuery
from resolvers.plain import read_from_answers
from resolvers.production_order import ProductionOrderMutation, ProductionOrderQuery
from resolvers.production_order_property import ProductionOrderPropertyMutation, ProductionOrderPropertyQuery
from resolvers.production_order_property_value import (
    ProductionOrderPropertyValueMutation,
    ProductionOrderPropertyValueQuery,
)
from resolvers.query_request import QueryRequestQuery
from resolvers.role import RoleMutation, RoleQuery
from resolvers.scalars import SCALARS
from resolvers.shift import ShiftMutation, ShiftQuery
from resolvers.shift_record import ShiftRecordMutation, ShiftRecordQuery
from resolvers.types import shown
from resolvers.unit_of_measure import UnitOfMeasureMutation, UnitOfMeasureQuery
from resolvers.unit_of_measure_conversion import UnitOfMeasureConversionMutation, UnitOfMeasureConversionQuery


@strawberry.type(description="What can be asked.")
class Query(
    ProductionOrderQuery,
    ProductionOrderPropertyQuery,
    ProductionOrderPropertyValueQuery,
    BillOfMaterialsQuery,
    QueryRequestQuery,
    MaterialClassQuery,
    MaterialQuery,
    MaterialPropertyQuery,
    MaterialPropertyValueQuery,
    UnitOfMeasureQuery,
    UnitOfMeasureConversionQuery,
    LocationQuery,
    LocationPropertyQuery,
    ShiftQuery,
    ShiftRecordQuery,
    CustomerQuery,
    RoleQuery,
    ChangeLogQuery,
    NodeQuery,
):
    """Every field that reads."""


@strawberry.type(description="What can be changed. Each field is a transaction of its own.")
class Mutation(
    ProductionOrderMutation,
    ProductionOrderPropertyMutation,
    ProductionOrderPropertyValueMutation,
    BillOfMaterialsMutation,
    MaterialClassMutation,
    MaterialMutation,
    MaterialPropertyMutation,
    MaterialPropertyValueMutation,
    UnitOfMeasureMutation,
    UnitOfMeasureConversionMutation,
    LocationMutation,
    LocationPropertyMutation,
    ShiftMutation,
    ShiftRecordMutation,
    CustomerMutation,
    RoleMutation,
):
    """Every field that changes something."""


class Schema(strawberry.Schema):
    """The schema; its errors are told to the caller and logged where the answer is made, not here."""

    def process_errors(self, errors: list[GraphQLError], execution_context: Any = None) -> None:
        """Log nothing: strawberry would log the caller's variables."""


@cache
def make_schema() -> Schema:
    """The schema of the whole API, made once for all applications of a process."""
    schema = Schema(
        query=Query,
        mutation=Mutation,
        types=[shown(record) for record in RECORDS.values()],
        config=StrawberryConfig(scalar_map=SCALARS),
    )
    read_from_answers(schema._schema)  # noqa: SLF001 (strawberry has no other way to the fields' resolvers)
    return schema


if __name__ == "__main__":
    print(make_schema().as_str())  # noqa: T201
