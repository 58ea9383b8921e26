"""Errors as the caller is told them: a sentence and a code, and nothing from inside."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import structlog
from graphql import GraphQLError, GraphQLSyntaxError

from db.errors import Failure, ServiceUnavailable, Timeout
from resolvers.echo import beginning, spelled

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

_FAILED = ("INTERNAL_SERVER_ERROR", "SERVICE_UNAVAILABLE", "TIMEOUT")
"""The codes of what the caller has not done wrong, the worst first."""
_MOST_ERRORS = 5
_LONGEST_MESSAGE = 1_000
_LONGEST_LOOK = 4_000
"""As much of graphql-core's messages is looked at."""
_SUGGESTION = re.compile(r" Did you mean (?:[a-z ]+ )?['\"][^?]*(?:\?|$)")
"""What graphql-core adds to its messages: names of the schema."""
_ADDED_VALUE = re.compile(r"[.,;]? [Ff]ound: .*", re.DOTALL)
"""What it adds too: the caller's whole value."""
_QUOTED = re.compile(r"'([^']*)('|\Z)")
"""What is quoted; of a long message the end is not looked at, and the second quotation mark may be there."""
_VALUE = re.compile(r"(?<!invalid)( value: )(.*?)(\.?)$", re.DOTALL)
_TOKEN = re.compile(r"((?:found|Unexpected) \w+ )('.*)", re.DOTALL)
_ARGUMENT = "Argument "
"""How graphql-core's messages begin that the caller can do something about while the operation runs."""
_WRONG_FIELD = re.compile(r"Variable '\$(\w+)' has invalid value(?: at (\S*?(\w+)(?:\[\d+\])*))?: (.*)", re.DOTALL)
_UNKNOWN_FIELD = re.compile(r"unknown field '(.*)'\.", re.DOTALL)

_log = structlog.get_logger()


def plain(code: str, message: str, **extensions: Any) -> dict[str, Any]:
    """An error that no field of the operation caused."""
    return {"message": message, "extensions": {"code": code, **extensions}}


def told(failure: Failure) -> dict[str, Any]:
    """An error of the whole request, which says itself what it is."""
    return {"message": str(failure), "extensions": failure.extensions}


def seconds_told(seconds: int) -> str:
    """So many seconds, as a sentence tells them."""
    return "1 second" if seconds == 1 else f"{seconds} seconds"


def server_failed(codes: Collection[str]) -> bool:
    """Whether something went wrong here, and not with what the caller asked for."""
    return any(code in codes for code in _FAILED)


def worst(codes: Collection[str]) -> str:
    """The one of these codes that says most about how a request went."""
    return next((code for code in _FAILED if code in codes), next(iter(codes)))


def refused(errors: Iterable[GraphQLError], request_id: str) -> list[dict[str, Any]]:
    """The errors of an operation that was not run: it does not parse, or is not valid."""
    return [_refused(error, request_id) for error in list(errors)[:_MOST_ERRORS]]


def uncoerced(errors: Iterable[GraphQLError]) -> list[dict[str, Any]]:
    """The errors of variables that are not of their types, with the field that is wrong."""
    told = [_located(error, "BAD_USER_INPUT") for error in list(errors)[:_MOST_ERRORS]]
    for error in told:
        if unknown := _UNKNOWN_FIELD.search(error["message"]):
            error["extensions"]["violations"] = {unknown[1]: ["is not a field of this input"]}
        elif wrong := _WRONG_FIELD.search(error["message"]):
            variable, path, field, message = wrong.groups()
            # Of an object the field is told as in all violations; of a list of objects, which of them it is as well.
            named = f"{variable}{path}" if path and path.startswith("[") else field or variable
            error["extensions"]["violations"] = {named: [message]}
    return told


def failed(errors: Sequence[GraphQLError], request_id: str) -> list[dict[str, Any]]:
    """The errors of fields, each at its path; of too many, those that are not the caller's doing before the others."""
    told = sorted(errors, key=_of_the_caller) if len(errors) > _MOST_ERRORS else errors
    answer = [_failed(error, request_id) for error in told[:_MOST_ERRORS]]
    for error in errors:
        _let_go(error)
    return answer


def _let_go(error: BaseException) -> None:
    """Part an error from the frames it came through: they hold all that was at hand there, the error too.

    What holds itself is kept until somebody looks for it, which is seldom (`server/worker.py`).
    """
    error.__traceback__ = None
    for cause in (error.__cause__, error.__context__, getattr(error, "original_error", None)):
        if cause and cause.__traceback__:
            _let_go(cause)


def _of_the_caller(error: GraphQLError) -> bool:
    cause = error.original_error
    return isinstance(cause, Failure | GraphQLError) and not isinstance(cause, ServiceUnavailable | Timeout)


def _refused(error: GraphQLError, request_id: str) -> dict[str, Any]:
    if error.original_error and not isinstance(error.original_error, GraphQLError):
        _log.error("operation not understood", exc_info=error.original_error)
        return internal(request_id)
    parsed = not isinstance(error, GraphQLSyntaxError)
    return _located(error, "GRAPHQL_VALIDATION_FAILED" if parsed else "GRAPHQL_PARSE_FAILED")


def _failed(error: GraphQLError, request_id: str) -> dict[str, Any]:
    cause = error.original_error
    where = {"locations": [location.formatted for location in error.locations or []], "path": error.path}
    if isinstance(cause, Failure):
        log_cause(cause)
        return {"message": str(cause), **where, "extensions": cause.extensions}
    if isinstance(cause, GraphQLError) and cause.message.startswith(_ARGUMENT):
        return {**_located(error, "BAD_USER_INPUT"), **where}
    _log.error("field failed", path=error.path, exc_info=cause)
    return {**internal(request_id), **where}


def log_cause(failure: Failure) -> None:
    """Write down what the driver said of a database that cannot answer: the caller is not told."""
    if isinstance(failure, ServiceUnavailable | Timeout):
        cause = failure.__cause__
        said = next(iter(str(cause).splitlines()), "")
        sqlstate = getattr(cause, "sqlstate", None)
        _log.warning("database failed", error=type(cause).__name__, sqlstate=sqlstate, said=said)


def internal(request_id: str) -> dict[str, Any]:
    """What is told of an error that nobody expected: where its story is to be found."""
    return plain(
        "INTERNAL_SERVER_ERROR",
        "Something went wrong here. The server's log tells more under the request id.",
        requestId=request_id,
    )


def _located(error: GraphQLError, code: str) -> dict[str, Any]:
    message = _told(error.message)[:_LONGEST_MESSAGE]
    locations = [location.formatted for location in error.locations or []]
    return {"message": message, "locations": locations, "extensions": {"code": code, **(error.extensions or {})}}


def _told(message: str) -> str:
    """graphql-core's sentence without suggestions, and with no more of the caller's values than their beginning."""
    message = _ADDED_VALUE.sub(".", _SUGGESTION.sub("", message[:_LONGEST_LOOK]))
    message = _VALUE.sub(lambda found: f"{found[1]}{spelled(found[2])}{found[3]}", message)
    message = _TOKEN.sub(lambda found: found[1] + beginning(found[2]), message)
    message = _QUOTED.sub(lambda found: f"'{beginning(found[1])}{found[2]}", message)
    return message.replace("not to be None", "not to be null")
