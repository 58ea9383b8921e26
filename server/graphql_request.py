"""GraphQL over HTTP: what a request asks for, and in which form it wants the answer."""

from __future__ import annotations

import re
from functools import lru_cache, partial
from types import NoneType
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl

import orjson
from starlette.requests import ClientDisconnect

from db.apart import apart
from resolvers.limits import MOST_VALUES
from server.response import GRAPHQL_RESPONSE, JSON

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Receive

_OBJECTS = ("variables", "extensions")
"""The parameters that are JSON objects."""
_TEXT, _OBJECT = (str, NoneType), (dict, NoneType)
"""What parameters may be that need not be there. Made once: a union would be made at each request."""
_ACCEPTED = {GRAPHQL_RESPONSE: GRAPHQL_RESPONSE, JSON: JSON, "application/*": JSON, "*/*": JSON}
"""For each media range that a client may accept: the media type it gets."""
_KEPT = 256
"""How many spellings of a header are kept with what they mean."""
_SPACE = b" \t\n\r"
"""What JSON may have between the name of a member and the colon."""
_MOST = 400_000, 100_000
"""How many values and brackets a request may bring that saves many records."""
_USUALLY_MOST = MOST_VALUES, 12_500
"""The same of any other."""
_SHORT = 1024**2
"""Bytes up to which a body is not taken for one that saves many records."""
_LONG = 128 * 1024
"""Bytes from which on a body takes long to read."""
_PIECE = 64 * 1024
"""How many bytes are looked at without a pause."""
_BRACKETED = (dict, list)
_MOST_QUERY_STRING = 32 * 1024
_LONGEST_HEADER = 1_000
"""Characters of a header that is taken apart; no client needs more of them to say what it wants."""
_MOST_DIGITS = 20
_UTF_8: tuple[list[str], ...] = [], ["utf-8"], ["utf8"]
"""What may be said of the charset of a body, which is told once."""
_CLOSE = {"Connection": "close"}
"""What is still to come of a request is not read."""
_WEIGHT = re.compile(r"0(\.\d{0,3})?|1(\.0{0,3})?", re.ASCII)


class Refused(Exception):  # noqa: N818 (a word for the event)
    """The request is answered with an HTTP status before it becomes a GraphQL operation."""

    def __init__(
        self, status: int, code: str, message: str, headers: dict[str, str] | None = None, **extensions: Any
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = headers
        self.extensions = extensions
        self.hit: tuple[str, int] | None = None
        """The limit that it is refused for, and what was asked for, as the log tells them."""

    def for_limit(self, limit: str, value: int) -> Refused:
        """The same, which says for the log that a limit was hit."""
        self.hit = limit, value
        return self


class GraphQLRequest(NamedTuple):
    """A document, and what of it to run with which variables."""

    query: str
    operation_name: str | None
    variables: dict[str, Any] | None
    reads_only: bool = False
    length: int = 0
    """How many bytes the JSON has in which its variables are."""
    large: bool = False
    """Whether its body is longer than that of any request may be that does not save many records with one call."""
    costed: bool = False
    """Whether the caller wants to know what it costs."""
    idempotency_key: str | None = None
    by_standby: bool = False
    """Whether its caller is known by a standby alone, which may know less than the primary."""
    prefer: str = ""
    """Its Prefer header, where there are standbys."""
    coerced: Mapping[str, Any] | None = None
    """Its variables, where they had to be coerced before it is run."""


@lru_cache(_KEPT)
def response_type(accept: str) -> str:
    """The media type of the answer, by the Accept header: JSON if it does not say. Raises `Refused`."""
    if len(accept) > _LONGEST_HEADER:
        raise Refused(406, "NOT_ACCEPTABLE", f"An Accept header may have {_LONGEST_HEADER:,} characters at most.")
    ranges = sorted(map(_media_range, (accept or "*/*").split(",")), key=lambda weighed: -weighed[1])
    for media, weight in ranges:
        if weight and media in _ACCEPTED:
            return _ACCEPTED[media]
    raise Refused(406, "NOT_ACCEPTABLE", f"The answer can be {GRAPHQL_RESPONSE} or {JSON}: accept one of them.")


@lru_cache(_KEPT)
def check_media_type(content_type: str, encoding: str) -> None:
    """Raises `Refused` for a body that is no JSON in UTF-8 by its headers."""
    media, *parameters = (part.strip().lower() for part in content_type[:_LONGEST_HEADER].split(";"))
    charsets = [parameter[8:].strip('"') for parameter in parameters if parameter.startswith("charset=")]
    known = len(content_type) <= _LONGEST_HEADER and charsets in _UTF_8
    if media != JSON or not known or encoding.lower() != "identity":
        raise _unsupported()


def check_transfer(coding: str) -> None:
    """Raises `Refused` for a Transfer-Encoding that is more than chunked, which alone is undone before."""
    if coding.lower() != "chunked":
        raise _unsupported()


def from_query_string(text: bytes, nesting: int) -> GraphQLRequest:
    """What a GET asks for. Raises `Refused`."""
    if len(text) > _MOST_QUERY_STRING:
        told = f"Send more than {_MOST_QUERY_STRING:,} bytes with POST."
        raise Refused(414, "URI_TOO_LONG", told).for_limit("query_string", len(text))
    try:
        given = parse_qsl(text.decode(), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError as error:
        raise _bad_request("The parameters are not in UTF-8.") from error
    parameters: dict[str, Any] = dict(given)
    if len(parameters) < len(given):
        raise _bad_request("Each parameter can be given once.")
    spelled = {
        name: unambiguous_json(parameters[name].encode(), nesting, f"The parameter {name}")
        for name in _OBJECTS
        if parameters.get(name)
    }
    return _from_parameters({**parameters, **dict.fromkeys(_OBJECTS), **spelled}, len(text), reads_only=True)


def check_length(text: str, most: int) -> None:
    """Raises `Refused` for a Content-Length beyond the limit; what is no number, the HTTP parser has refused."""
    if len(text) > _MOST_DIGITS:
        raise Refused(400, "BAD_REQUEST", f"A Content-Length has {_MOST_DIGITS} digits at most.", _CLOSE)
    if text and int(text) > most:
        raise too_large("bulk_body", most, int(text))


async def from_body(receive: Receive, usual: int, most: int, nesting: int) -> GraphQLRequest:
    """What a POST asks for, in so many bytes and with so many brackets inside of each other at most.

    Of more bytes than the `usual` number the request is `large`.

    Raises `Refused`, and `ClientDisconnect` if the rest of the body does not come.
    """
    parts, length = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        parts.append(message.get("body", b""))
        length += len(parts[-1])
        if length > most:
            raise too_large("bulk_body", most, length)
        if not message.get("more_body"):
            read = partial(_from_json, b"".join(parts), nesting)
            asked = await apart(read) if length > _LONG else read()
            return asked._replace(large=True) if length > usual else asked


def _media_range(text: str) -> tuple[str, float]:
    """A media range of an Accept header, and how much it is wanted."""
    media, *parameters = (part.strip().lower() for part in text.split(";"))
    weight = next((parameter[2:] for parameter in parameters if parameter.startswith("q=")), "1")
    return media, float(weight) if _WEIGHT.fullmatch(weight) else 0.0


def _from_json(body: bytes, nesting: int) -> GraphQLRequest:
    return _from_parameters(unambiguous_json(body, nesting, "The body"), len(body))


def _from_parameters(given: Any, length: int, *, reads_only: bool = False) -> GraphQLRequest:
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
    return GraphQLRequest(query, name or None, given.get("variables"), reads_only, length)


def unambiguous_json(text: bytes, nesting: int, what: str) -> Any:
    """The value that JSON in UTF-8 spells. Raises `Refused`, also for objects that name a member twice."""
    try:
        values, brackets = _MOST if len(text) > _SHORT else _USUALLY_MOST
        if len(text) > brackets:
            _check_number(what, "values", text.count(b","), values)
            _check_number(what, "brackets", text.count(b"[") + text.count(b"{"), brackets)
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        if "depth" in error.msg:
            raise _too_deep(nesting) from error
        raise _bad_request(f"{what} is no JSON in UTF-8: {error.msg}.") from error
    # Of members with the same name the last one is there; who looked at the request before may have seen the first.
    members = _members(value, nesting)
    # What looks like a member inside of a text is counted too by the first look, which nearly always is enough.
    if text.translate(None, _SPACE).count(b'":') > members and named_members(text) > members:
        raise _bad_request("An object of the JSON names a member twice.")
    return value


def named_members(text: bytes) -> int:
    """How many members JSON names: outside of its texts a colon follows each name.

    It is done in pieces, between which other threads have their turns.
    """
    named, inside, start = 0, False, 0
    while start < len(text):
        piece = text[start : start + _PIECE]
        if (len(piece) - len(piece.rstrip(b"\\"))) % 2:
            piece = text[start : start + _PIECE + 1]  # What is escaped is not torn off.
        start += len(piece)
        # Without what is escaped, each quotation mark begins or ends a text.
        parts = piece.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')
        named += b"".join(parts[inside::2]).count(b":")
        inside ^= len(parts) % 2 == 0
    return named


def _members(value: Any, nesting: int, depth: int = 1) -> int:
    """How many members all objects in a value have together."""
    if not isinstance(value, _BRACKETED):
        return 0
    if depth > nesting:
        raise _too_deep(nesting)
    members, inner = (len(value), value.values()) if isinstance(value, dict) else (0, value)
    for one in inner:
        if isinstance(one, _BRACKETED):
            members += _members(one, nesting, depth + 1)
    return members


def _check_number(what: str, limit: str, value: int, most: int) -> None:
    """Raises `Refused` for more values or brackets than anything may have that is sent at once."""
    if value > most:
        told = f"{what} has too many {limit}: send at most {most:,} of them at a time."
        raise _bad_request(told, limit=limit, value=value, max=most)


def _too_deep(nesting: int) -> Refused:
    return _bad_request(
        f"The JSON has too many brackets inside of each other: there may be {nesting:,}. Send it with fewer, or have "
        "the server's MES_ORDERS_MAX_NESTING raised.",
        limit="nesting",
        value=nesting + 1,
        max=nesting,
    )


def too_large(limit: str, most: int, length: int) -> Refused:
    """That a body has more bytes than these, the most of this limit."""
    told = f"Send at most {most:,} bytes, or have MES_ORDERS_MAX_{limit.upper()} raised."
    return Refused(413, "PAYLOAD_TOO_LARGE", told, _CLOSE).for_limit(limit, length)


def _unsupported() -> Refused:
    return Refused(
        415, "UNSUPPORTED_MEDIA_TYPE", f"Send the request as Content-Type: {JSON}, in UTF-8 and not compressed."
    )


def _bad_request(message: str, **extensions: Any) -> Refused:
    return Refused(400, "BAD_REQUEST", message, **extensions)
