"""Running operations: what is understood and planned is kept."""

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

import orjson
from graphql import GraphQLError, GraphQLSchema, specified_rules

from db.apart import apart
from resolvers.compiled.operation import NotUnderstood, Operation, Rules, Uncoerced, operation
from resolvers.compiled.plan import Plan, Run, executed, plan
from resolvers.context import Context
from resolvers.kept import Kept
from resolvers.limits import Limits

Values = Mapping[str, Any]
_KEPT_ANSWERS = 4
"""Introspections, of which each is a quarter of a megabyte."""


class Answer(NamedTuple):
    """The JSON of the data in UTF-8, null if there is none, in pieces that may be long; and the errors of fields."""

    data: list[bytes]
    errors: list[GraphQLError]


class Execution:
    """Runs the operations of a schema."""

    def __init__(self, schema: GraphQLSchema, limits: Limits, rules: Rules = specified_rules) -> None:
        self._schema, self._limits, self._rules = schema, limits, rules
        self.kept = Kept(self._read, self._made, limits.characters)
        self._always: dict[Plan, Answer] = {}

    def operation(self, text: str, name: str | None) -> Operation:
        """The operation of a document that has this name, or the only one. Raises `NotUnderstood`."""
        read = self.kept.operation(text, name)
        if isinstance(read, NotUnderstood):
            raise NotUnderstood(read.errors)
        return read

    async def answer(
        self, asked: Operation, given: Values, context: Context, coerced: Values | None, *, long: bool
    ) -> Answer:
        """The answer of an operation with these variables, which are coerced apart where they are `long`, if at all.

        Raises `NotUnderstood` if it is not valid, `Uncoerced`, and `TooComplex` if it costs too much.
        """
        if asked.errors:
            raise NotUnderstood(asked.errors)
        if coerced is None:
            coerced = await apart(partial(asked.variables, given)) if long else asked.variables(given)
            asked.measured.check_cost(coerced)
        run = Run(context, given, coerced)
        conditions = tuple(map(coerced.get, asked.conditions))
        if None in conditions:
            return await _whole(asked, run)
        try:
            planned = self.kept.plan(asked, conditions)
        except RecursionError:  # Deeper than Python goes: graphql-core tells it of the field.
            return await _whole(asked, run)
        if known := self._always.get(planned):
            return known
        pieces = [b"{"]  # The answers of the root fields, one after the other.
        for beginning, way in planned.ways:
            if (text := await way.text(run)) is None:
                return Answer([b"null"], run.errors)
            pieces += beginning, text
        answer = Answer([*pieces, b"}"], run.errors)
        if planned.always:
            self._always = dict([*self._always.items(), (planned, answer)][-_KEPT_ANSWERS:])
        return answer

    def _read(self, text: str, name: str | None) -> Operation | NotUnderstood:
        try:
            return operation(self._schema, text, name, self._limits, self._rules)
        except NotUnderstood as failure:
            return NotUnderstood([error.with_traceback(None) for error in failure.errors])

    def _made(self, asked: Operation, conditions: tuple[Any, ...]) -> Plan:
        return plan(asked, dict(zip(asked.conditions, conditions, strict=True)))


async def _whole(asked: Operation, run: Run) -> Answer:
    """The answer of graphql-core alone, which says what is wrong with a condition that is null, and where."""
    data = await executed(asked, asked.document, run)
    if data is None and all(error.path is None for error in run.errors):
        raise Uncoerced(run.errors)
    return Answer([orjson.dumps(data)], run.errors)
