"""The schema, put together; `python -m server.schema` prints it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import strawberry
from graphql import GraphQLError, OperationDefinitionNode
from strawberry.extensions import ParserCache, SchemaExtension, ValidationCache
from strawberry.schema.config import StrawberryConfig
from structlog.contextvars import bind_contextvars

from db.records import RECORDS
from resolvers.bill_of_materials import BillOfMaterialsMutation, BillOfMaterialsQuery
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

if TYPE_CHECKING:
    from collections.abc import Iterator

WHICH = "Give the operationName of one of the document's operations."
_KEPT_OPERATIONS = 256


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


class NamedOperation(SchemaExtension):
    """Refuses a document with several operations of which none is named; strawberry would run the first."""

    def on_validate(self) -> Iterator[None]:
        """Runs after the cached validation, whose errors it puts aside: which operation they are of is not known."""
        context = self.execution_context
        definitions = context.graphql_document.definitions if context.graphql_document else ()
        operations = [one for one in definitions if isinstance(one, OperationDefinitionNode)]
        # Only the private name tells the one that was given from the first of the document.
        if len(operations) > 1 and not context._provided_operation_name:  # noqa: SLF001
            context.pre_execution_errors = [GraphQLError(WHICH, extensions={"code": "OPERATION_RESOLUTION_FAILURE"})]
        yield


class LoggedOperation(SchemaExtension):
    """Puts the operation's type and name on the request's log line."""

    def on_execute(self) -> Iterator[None]:
        """Runs when the operation is valid."""
        context = self.execution_context
        bind_contextvars(operation=context.operation_type.value, name=context.operation_name)
        yield


def make_schema() -> Schema:
    """The schema of the whole API."""
    schema = Schema(
        query=Query,
        mutation=Mutation,
        types=[shown(record) for record in RECORDS.values()],
        extensions=[
            LoggedOperation,
            lambda: ParserCache(maxsize=_KEPT_OPERATIONS),
            lambda: ValidationCache(maxsize=_KEPT_OPERATIONS),
            NamedOperation,
        ],
        config=StrawberryConfig(scalar_map=SCALARS),
    )
    read_from_answers(schema._schema)  # noqa: SLF001 (strawberry has no other way to the fields' resolvers)
    return schema


if __name__ == "__main__":
    print(make_schema().as_str())  # noqa: T201
