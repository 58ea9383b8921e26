"""What the server answered: the data, or the error that it tells of."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx

from client.errors import MesError
from client.results import Result

if TYPE_CHECKING:
    from collections.abc import Mapping

# Codes for what answers in the server's place: a proxy, or another server.
CODES = {401: "UNAUTHENTICATED", 403: "FORBIDDEN", 408: "TIMEOUT", 429: "RATE_LIMITED", 504: "TIMEOUT"}
UNAVAILABLE = (502, 503)


def data(response: httpx.Response, *, partly: bool) -> Any:
    """The data of a response without an error; with `partly`, what the caller may not see of a result is None."""
    answer = _json(response)
    errors = _errors(answer)
    failures = [error for error in errors if not (partly and _hidden(error))]
    if failures:
        raise _told(failures, response)
    if not isinstance(answer.get("data"), dict):
        reason = f"{response.status_code} {response.reason_phrase}".strip()
        raise MesError(_code(response), f"{response.url} answered {reason}, and nothing of GraphQL.")
    return answer["data"]


def unanswered(error: httpx.RequestError, *, read: bool) -> MesError:
    """The error for a request that got no answer."""
    code = "TIMEOUT" if isinstance(error, httpx.TimeoutException) else "SERVICE_UNAVAILABLE"
    sent = not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
    doubt = " Whether the change was made is not known." if sent and not read else ""
    return MesError(code, f"No answer from {error.request.url}: {error or type(error).__name__}.{doubt}")


def _json(response: httpx.Response) -> Mapping[str, Any]:
    try:
        answer = json.loads(response.content, object_pairs_hook=Result)
    except (ValueError, RecursionError):
        answer = None
    return answer if isinstance(answer, dict) else {}


def _errors(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    errors = answer.get("errors")
    return errors if isinstance(errors, list) and all(isinstance(error, dict) for error in errors) else []


def _hidden(error: Mapping[str, Any]) -> bool:
    """Whether only a part of the result is missing, for want of a permission: the function itself has done its work."""
    path, extensions = error.get("path") or [], error.get("extensions") or {}
    return len(path) > 1 and extensions.get("code") == "FORBIDDEN"


def _told(errors: list[dict[str, Any]], response: httpx.Response) -> MesError:
    extensions = [error.get("extensions") or {} for error in errors]
    violations = [each.get("violations") or {} for each in extensions]
    return MesError(
        extensions[0].get("code") or _code(response),
        "\n".join(str(error.get("message")) for error in errors),
        violations={field: texts for each in violations for field, texts in each.items()},
        path=errors[0].get("path"),
        request_id=extensions[0].get("requestId") or response.headers.get("x-request-id"),
    )


def _code(response: httpx.Response) -> str:
    if response.status_code in UNAVAILABLE:
        return "SERVICE_UNAVAILABLE"
    return CODES.get(response.status_code, "BAD_ANSWER")
