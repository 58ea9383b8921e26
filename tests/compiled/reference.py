"""What strawberry's own execution answers: what every other way to run an operation is held to."""

import re
from dataclasses import fields
from functools import partial

import graphql
from graphql import GraphQLError, GraphQLSyntaxError, OperationDefinitionNode
from strawberry.extensions import SchemaExtension
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType

from db.session import Most, Session
from resolvers.context import Context
from resolvers.limits import Limits, measured
from server import errors
from server.schema import make_schema
from tests.compiled.answers import Answer

WHICH = "Give the operationName of one of the document's operations."
NO_SUBSCRIPTIONS = "There are no subscriptions here: send a query or a mutation."
NO_SCHEMA = "The schema is told to callers who hold a permission."
UNRESOLVED = "OPERATION_RESOLUTION_FAILURE"
_KINDS = (OperationType.QUERY, OperationType.MUTATION)
_MOST = 5
UNLIMITED = Limits(**{limit.name: 10**40 for limit in fields(Limits)})
_SEVERAL = 2
_PARSING = {"allow_empty_selection_sets": False}
_OPERATION = re.compile(r"\b(?:query|mutation|subscription)\b|(?:^|\})\s*\{")

parse = partial(graphql.parse, **_PARSING)


class _Parsing(SchemaExtension):
    """Has strawberry parse documents as the specification does."""

    def on_operation(self):
        self.execution_context.parse_options.update(_PARSING)
        yield


class Reference:
    """Runs operations with `strawberry.Schema.execute` and tells them as the endpoint does, but every error."""

    def __init__(self, connections, row_limit):
        self._schema = make_schema()
        self._schema.extensions = (_Parsing,)
        self._connections = connections
        self._row_limit = row_limit

    async def answer(self, operation, caller):
        """The answer to an operation of a caller."""
        if not operation.document:
            # strawberry calls it missing; it is there, and does not parse.
            return refused(errors.refused([_unparsed(operation.document)], ""))
        async with Session(self._connections, caller.name, Most(self._row_limit)) as session:
            return await self._answer(operation, Context(caller, session))

    async def _answer(self, operation, context):  # noqa: PLR0911 (one for each way to be refused)
        if not operation.name and _several(operation.document):
            return refused(errors.refused([GraphQLError(WHICH, extensions={"code": UNRESOLVED})], ""))
        if context.caller.holds_nothing and self._introspecting(operation):
            return refused([errors.plain("FORBIDDEN", NO_SCHEMA)])
        try:
            result = await self._schema.execute(
                operation.document,
                variable_values=operation.variables,
                context_value=context,
                operation_name=operation.name or None,
                allowed_operation_types=_KINDS,
            )
        except InvalidOperationTypeError:
            return refused([errors.plain(UNRESOLVED, NO_SUBSCRIPTIONS)])
        except CannotGetOperationTypeError:
            return refused([errors.plain(UNRESOLVED, WHICH)])
        told = result.errors or []
        if isinstance(result, PreExecutionError):
            return refused(errors.refused(told, ""))
        if result.data is None and all(error.path is None for error in told):
            return refused(errors.uncoerced(told))
        # They are told five at most; which of more than five is left to whoever runs the operation.
        parts = [errors.failed(told[start : start + _MOST], "") for start in range(0, len(told), _MOST)]
        return Answer(200, {"errors": [error for part in parts for error in part], "data": result.data}).read()

    def _introspecting(self, operation):
        """Whether the operation that is meant asks for the schema."""
        try:
            document = parse(operation.document)
        except (GraphQLSyntaxError, RecursionError):
            return False
        operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
        meant = [one for one in operations if not operation.name or (one.name and one.name.value == operation.name)]
        if len(meant) != 1 or meant[0].operation.value == "subscription":
            return False
        return measured(self._schema._schema, document, meant[0], UNLIMITED).introspecting  # noqa: SLF001 (it is graphql-core's)


def refused(told):
    """The answer to an operation that is not run."""
    return Answer(400, {"errors": told}).read()


def _unparsed(document):
    try:
        parse(document)
    except GraphQLSyntaxError as error:
        return error


def _several(document):
    """Whether a document has several operations; parsed only where it looks like it."""
    if len(_OPERATION.findall(document)) < _SEVERAL:
        return False
    try:
        definitions = parse(document).definitions
    except (GraphQLSyntaxError, RecursionError):
        return False
    return sum(isinstance(one, OperationDefinitionNode) for one in definitions) >= _SEVERAL
