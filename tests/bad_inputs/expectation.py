"""What is wrong with the answer to a row: every answer is JSON, also to what is no HTTP."""

import re

from tests.bad_inputs.rows import MUST_NOT_LEAK

GRAPHQL_RESPONSE = "application/graphql-response+json"
JSON = "application/json"
_SECONDS = 2
_LEAST_SECONDS = 1
"""Rows want an answer in less, or at a time; a machine that does other things beside the tests can't promise that."""
_LONG_ECHO = re.compile(r"(.)\1{64}")


def wrong(row, accept, reply):
    """A sentence for each expectation that the reply does not meet."""
    return [sentence for check in _CHECKS for sentence in check(row, accept, reply)]


def _status(row, accept, reply):
    listed = row["expected_status" if accept == GRAPHQL_RESPONSE else "expected_status_legacy_json"]
    # What may come instead is listed for both, beside what may come only in plain JSON.
    instead = [*row.get("alt_status", []), *(row.get("alt_legacy", []) if accept == JSON else [])]
    if reply.status not in (listed, *instead):
        yield f"The status is {reply.status}, not {listed}{f' or {instead}' if instead else ''}: {reply.text[:300]!r}."


def _code(row, _accept, reply):
    allowed = {row["expected_code"], *row.get("alt_codes", [])}
    if not reply.body and (row["method"] == "HEAD" or reply.status == 0):
        return
    if not isinstance(reply.told, dict):
        yield f"The body is no JSON object: {reply.text[:100]!r}."
        return
    if row["kind"] == "raw" and None in allowed:
        return
    codes = set(reply.codes) or {None}
    if not codes <= allowed:
        yield f"The codes are {sorted(map(str, codes))}, not {sorted(map(str, allowed))}: {reply.text[:300]}"


def _strict(_row, _accept, reply):
    if reply.status and reply.headers.get("x-content-type-options") != "nosniff":
        yield "A browser may guess what the answer is."
    if reply.status and "frame-ancestors 'none'" not in reply.headers.get("content-security-policy", ""):
        yield "A page may show the answer inside of it."


def _said(row, _accept, reply):
    for name in row.get("must_header", []):
        if name not in reply.headers:
            yield f"There is no header {name}."
    for text in (*row.get("must_not_contain", []), *MUST_NOT_LEAK):
        if text.lower() in reply.text.lower():
            yield f"It says {text!r}: {reply.text[:300]}"
    if _LONG_ECHO.search(reply.text):
        yield f"It echoes more than 64 characters: {reply.text[:300]}"


def _size(row, _accept, reply):
    told = reply.told if isinstance(reply.told, dict) else {}
    if len(told.get("errors", [])) > row.get("max_errors", 5):
        yield f"There are {len(told['errors'])} errors."
    if len(reply.body) > row.get("max_bytes", 16_384):
        yield f"There are {len(reply.body)} bytes."
    if len(reply.statuses) > row.get("max_responses", 1):
        yield f"There are {len(reply.statuses)} answers."


def _time(row, _accept, reply):
    closing = row.get("close_within_s")
    most = closing + _LEAST_SECONDS if closing else max(row.get("max_s", _SECONDS), _LEAST_SECONDS)
    if closing and not reply.closed:
        yield f"The connection was still open after {most} s."
    if reply.seconds > most:
        yield f"It took {reply.seconds:.2f} s."


_CHECKS = (_status, _code, _strict, _said, _size, _time)
