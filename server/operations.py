"""Operations, run for their callers: understood, paid for, answered by the primary or by a standby."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

from graphql import NoSchemaIntrospectionCustomRule, specified_rules

from db.apart import apart
from db.errors import Conflict, Failure, Forbidden, ServiceUnavailable, Timeout, Unconfirmed
from db.idempotency import Turns
from db.session import Most, Session
from resolvers.compiled.execution import Execution
from resolvers.compiled.operation import NotUnderstood, Operation, Uncoerced
from resolvers.context import Context
from resolvers.kept import KEPT_OPERATIONS
from resolvers.limits import TooComplex, values
from server import errors, idempotency
from server.config import limits
from server.deadline import Deadlines
from server.departure import READING
from server.graphql_request import GraphQLRequest, Refused, too_large
from server.notes import note, request_id
from server.outcome import Outcome
from server.staleness import preference

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Scope

    from db.connections import Connections, Source
    from resolvers.access import Caller
    from server.config import Settings
    from server.points import Points
    from server.schema import Schema
    from server.staleness import Staleness

_LONG_DOCUMENT = 1_000
_LONG_JSON = 8 * 1024
"""Bytes from which on variables may take long to coerce."""
_LEAST_LENGTH = 2
"""Bytes that a value takes at least, with what parts it from the next one."""
_NO_SCHEMA = "The schema is told to callers who hold a permission."


class Operations:
    """Runs the operations of a schema on a database."""

    def __init__(
        self,
        schema: Schema,
        connections: Connections,
        settings: Settings,
        points: Points | None,
        staleness: Staleness | None,
    ) -> None:
        rules = specified_rules if settings.introspection else (*specified_rules, NoSchemaIntrospectionCustomRule)
        # strawberry has no other way to graphql-core's schema.
        self._limits = limits(settings)
        self._most = Most(settings.row_limit, settings.page_limit, settings.answer_limit)
        self._execution = Execution(schema._schema, self._limits, rules)  # noqa: SLF001
        self._connections = connections
        self._settings = settings
        self._points = points
        self._staleness = staleness
        self._deadlines = Deadlines()
        self._turns = Turns()
        self._met: dict[int, bool] = {}

    def kept(self) -> Mapping[str, Any]:
        """How often what is kept of operations was of use, as `lru_cache` tells it."""
        return self._execution.kept.told()

    async def outcome(self, asked: GraphQLRequest, caller: Caller, scope: Scope) -> Outcome:
        """What becomes of an operation, in a session of its caller. Raises `Refused`, and `Failure` if nothing does."""
        async with self._session(self._connections, caller) as session:
            answer = await self._executed(asked, Context(caller, session), scope)
        note(statements=session.statements)
        if answer.errors:
            note(codes=sorted(answer.codes))
            _note_limit(answer.errors)
        return answer

    def _session(self, connections: Source, caller: Caller) -> Session:
        return Session(connections, caller.name, self._most, request_id())

    def _understood(self, asked: GraphQLRequest) -> Operation:
        """The operation that is meant. Raises `NotUnderstood`, and `Refused` and `TooComplex` for too much of it."""
        large = too_large("body", self._settings.max_body, asked.length) if asked.large else None
        try:
            operation = self._execution.operation(asked.query, asked.operation_name)
        except NotUnderstood as failure:
            if large:
                raise large from failure
            raise
        if not operation.measured.bulk:
            if large:
                raise large
            if asked.length > _LEAST_LENGTH * self._limits.values:
                self._limits.check("values", values(asked.variables))
        return operation

    def _is_new(self, asked: GraphQLRequest) -> bool:
        """Whether an operation takes long to understand, because its document is long and was not sent lately."""
        if len(asked.query) < _LONG_DOCUMENT:
            return False
        key = hash((asked.query, asked.operation_name))
        known = self._met.pop(key, False)
        if len(self._met) >= KEPT_OPERATIONS:
            self._met.pop(next(iter(self._met)))
        self._met[key] = True
        return not known

    async def _executed(self, asked: GraphQLRequest, context: Context, scope: Scope) -> Outcome:
        most, changing = self._settings, False
        try:
            with self._deadlines.within(most.request_seconds) as deadline:
                understand = partial(self._understood, asked)
                operation = await apart(understand) if self._is_new(asked) else understand()
                if operation.changing:
                    _admit(asked)
                note(operation=operation.kind, name=operation.name)
                if operation.measured.introspecting and context.caller.holds_nothing:
                    return Outcome([errors.plain("FORBIDDEN", _NO_SCHEMA)])
                cost = None
                if (asked.costed or self._points) and not operation.errors:
                    cost, asked = await self._cost(operation, asked, context.caller)
                if operation.changing:
                    # It has limits in the database; but there a COMMIT waits for ever for a standby that is gone.
                    changing = True
                    deadline.allow(most.change_seconds)
                    answer = await self._changed(operation, asked, context)
                else:
                    # It is of no use to anybody when its client has left.
                    scope[READING] = deadline.task
                    try:
                        answer = await (self._read if self._staleness else self._outcome)(operation, asked, context)
                    finally:
                        del scope[READING]
            return answer._replace(cost=cost) if asked.costed else answer
        except (NotUnderstood, TooComplex, Conflict, Forbidden) as failure:
            return Outcome(_told(failure))
        except TimeoutError as error:
            raise _late(most, changing=changing) from error
        except asyncio.CancelledError as error:
            if changing:
                raise Unconfirmed("The server was told to stop before the change was confirmed.") from error
            raise

    async def _cost(self, operation: Operation, asked: GraphQLRequest, caller: Caller) -> tuple[int, GraphQLRequest]:
        """What the operation costs, which its caller pays for, and the request with the variables that say it.

        Raises `Uncoerced`, `TooComplex` and `Refused`.
        """
        coerce = partial(operation.variables, asked.variables or {})
        variables = await apart(coerce) if asked.length > _LONG_JSON else coerce()
        cost = operation.measured.check_cost(variables)
        if self._points:
            self._points.spend_on_operation(caller, cost + operation.measured.saved.total(variables))
        return cost, asked._replace(coerced=variables)

    async def _read(self, operation: Operation, asked: GraphQLRequest, context: Context) -> Outcome:
        """What a standby answers, if one is as near as the caller wants it, or else the primary."""
        caller, staleness = context.caller, self._staleness
        assert staleness
        seconds = staleness.accepted(asked.prefer)
        # Twice: one that is well may have been asked in the second in which this process got no processor.
        for standby in chain.from_iterable(staleness.standbys(seconds, caller.name) for _ in range(2)):
            with suppress(ServiceUnavailable):
                async with self._session(standby, caller) as session:
                    outcome = await self._outcome(operation, asked, Context(caller, session))
                context.session.statements += session.statements
                if ServiceUnavailable.code not in outcome.codes:
                    break
            if (task := asyncio.current_task()) and task.cancelling():
                # What came of the connection has taken the place of it.
                raise asyncio.CancelledError
        else:
            outcome = await self._outcome(operation, asked, context)
        return outcome._replace(staleness=preference(asked.prefer))

    async def _changed(self, operation: Operation, asked: GraphQLRequest, context: Context) -> Outcome:
        key, run = asked.idempotency_key, partial(self._outcome, operation, asked, context)
        try:
            return await (run() if key is None else idempotency.once(context, self._turns, key, asked, run))
        finally:
            if self._staleness:
                self._staleness.changes.note(context.caller.name)

    async def _outcome(self, operation: Operation, asked: GraphQLRequest, context: Context) -> Outcome:
        given, long = asked.variables or {}, asked.length > _LONG_JSON
        answer = await self._execution.answer(operation, given, context, asked.coerced, long=long)
        return Outcome(errors.failed(answer.errors, request_id()) if answer.errors else [], answer.data)


def _admit(asked: GraphQLRequest) -> None:
    """Raise what keeps a change from being made by this request."""
    if asked.reads_only:
        raise Refused(405, "METHOD_NOT_ALLOWED", "Use POST for mutations.", {"Allow": "POST"})
    if asked.by_standby:
        raise ServiceUnavailable("The database takes no changes now. Try again in a moment.")


def _told(failure: NotUnderstood | TooComplex | Conflict | Forbidden) -> list[dict[str, Any]]:
    """The errors of an operation that was not run."""
    if isinstance(failure, (Conflict, Forbidden)):
        return [errors.told(failure)]
    if isinstance(failure, Uncoerced):
        return errors.uncoerced(failure.errors)
    return errors.refused([failure] if isinstance(failure, TooComplex) else failure.errors, request_id())


def _late(most: Settings, *, changing: bool) -> Failure:
    """What is told of an operation that took too long; of a change, nobody knows whether it was stored."""
    if changing:
        return Unconfirmed(f"The change was not confirmed within {errors.seconds_told(most.change_seconds)}.")
    return Timeout(f"The answer took more than {errors.seconds_told(most.request_seconds)}. Ask for less.")


def _note_limit(told: list[dict[str, Any]]) -> None:
    for error in told:
        if limit := error["extensions"].get("limit"):
            note(limit=limit.replace(" ", "_"), value=error["extensions"]["value"])
