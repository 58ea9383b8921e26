"""GraphQL over HTTP: what a request asks for, and in which form it wants the answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import NoneType
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
from starlette.datastructures import QueryParams
from starlette.requests import ClientDisconnect

from server.response import GRAPHQL_RESPONSE, JSON

if TYPE_CHECKING:
    from starlette.types import Receive, Scope

_OBJECTS = ("variables", "extensions")
"""The parameters that are JSON objects."""
_TEXT, _OBJECT = (str, NoneType), (dict, NoneType)
"""What parameters may be that need not be there. Made once: a union would be made at each request."""
_ACCEPTED = {GRAPHQL_RESPONSE: GRAPHQL_RESPONSE, JSON: JSON, "application/*": JSON, "*/*": JSON}
"""For each media range that a client may accept: the media type it gets."""
_KEPT = 256
"""How many spellings of a header are kept with what they mean."""
_WEIGHT = re.compile(r"0(\.\d{0,3})?|1(\.0{0,3})?", re.ASCII)


class Refused(Exception):  # noqa: N818 (a word for the event)
    """The request is answered with an HTTP status before it becomes a GraphQL operation."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = headers


class GraphQLRequest(NamedTuple):
    """A document, and what of it to run with which variables."""

    query: str
    operation_name: str | None
    variables: dict[str, Any] | None
    reads_only: bool


class Headers:
    """The headers of a request, by their names in lower case; several of one name are one, with commas between."""

    def __init__(self, scope: Scope) -> None:
        given = scope["headers"]
        self._values: Mapping[bytes, bytes] = dict(given)
        if len(self._values) < len(given):
            self._values = {name: b",".join(value for same, value in given if same == name) for name in self._values}

    def get(self, name: bytes, default: bytes = b"") -> str:
        """The value of a header, or what stands for one that was not sent."""
        return self._values.get(name, default).decode("latin-1")


@lru_cache(_KEPT)
def response_type(accept: str) -> str:
    """The media type of the answer, by the Accept header: JSON if it does not say. Raises `Refused`."""
    ranges = sorted(map(_media_range, (accept or "*/*").split(",")), key=lambda weighed: -weighed[1])
    for media, weight in ranges:
        if weight and media in _ACCEPTED:
            return _ACCEPTED[media]
    raise Refused(406, "NOT_ACCEPTABLE", f"The answer can be {GRAPHQL_RESPONSE} or {JSON}: accept one of them.")


@lru_cache(_KEPT)
def check_media_type(content_type: str, encoding: str) -> None:
    """Raises `Refused` for a body that is no JSON in UTF-8 by its headers."""
    media, *parameters = (part.strip().lower() for part in content_type.split(";"))
    charset = next((parameter[8:].strip('"') for parameter in parameters if parameter.startswith("charset=")), "utf-8")
    if media != JSON or charset not in ("utf-8", "utf8") or encoding.lower() != "identity":
        raise Refused(
            415, "UNSUPPORTED_MEDIA_TYPE", f"Send the request as Content-Type: {JSON}, in UTF-8 and not compressed."
        )


def from_query_string(text: bytes) -> GraphQLRequest:
    """What a GET asks for. Raises `Refused`."""
    parameters = dict(QueryParams(text))
    spelled = {name: _json(parameters[name], f"The parameter {name}") for name in _OBJECTS if parameters.get(name)}
    return _from_parameters({**parameters, **dict.fromkeys(_OBJECTS), **spelled}, reads_only=True)


async def from_body(receive: Receive) -> GraphQLRequest:
    """What a POST asks for. Raises `Refused`, and `ClientDisconnect` if the rest of the body does not come."""
    parts = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return _from_parameters(_json(b"".join(parts), "The body"), reads_only=False)


def _media_range(text: str) -> tuple[str, float]:
    """A media range of an Accept header, and how much it is wanted."""
    media, *parameters = (part.strip().lower() for part in text.split(";"))
    weight = next((parameter[2:] for parameter in parameters if parameter.startswith("q=")), "1")
    return media, float(weight) if _WEIGHT.fullmatch(weight) else 0.0


def _from_parameters(given: Any, *, reads_only: bool) -> GraphQLRequest:
    if not isinstance(given, dict):
        raise _bad_request("The body must be a JSON object with a query. Batches are not taken.")
    query, name = given.get("query"), given.get("operationName")
    if not isinstance(query, str):
        raise _bad_request("The parameter query must be a text: the GraphQL document.")
    if not isinstance(name, _TEXT):
        raise _bad_request("The parameter operationName must be a text or null.")
    for parameter in _OBJECTS:
        if not isinstance(given.get(parameter), _OBJECT):
            raise _bad_request(f"The parameter {parameter} must be a JSON object or null.")
    return GraphQLRequest(query, name or None, given.get("variables"), reads_only)


def _json(text: bytes | str, what: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _bad_request(f"{what} is no JSON in UTF-8: {error.msg}.") from error


def _bad_request(message: str) -> Refused:
    return Refused(400, "BAD_REQUEST", message)
