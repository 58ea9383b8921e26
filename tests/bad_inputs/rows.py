"""The bad requests, as they are listed beside the clone, and what this project has decided otherwise about them."""

import json
from pathlib import Path

FILE = Path(__file__).resolve().parents[3] / "shared" / "safety" / "bad_inputs.json"
_LISTED = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {"cases": [], "must_not_leak": []}
ROWS = {row["id"]: row for row in _LISTED["cases"]}
MUST_NOT_LEAK = _LISTED["must_not_leak"]

_NO_WEBSOCKETS = (
    "There are no subscriptions, so there is no websocket: the handshake is refused, whatever would follow."
)
UNMAPPED = {row_id: _NO_WEBSOCKETS for row_id, row in ROWS.items() if row["kind"] == "ws"}
"""The rows of which only a part can be tested here, and why."""

DECIDED = {
    "M15": (
        {"expected_status": 400, "expected_status_legacy_json": 400, "expected_code": "BAD_REQUEST"},
        "The parser of HTTP knows no such method: the bytes are refused as no request.",
    ),
    "V19": (
        {"expected_status": 200, "expected_code": None, "alt_status": [], "saves": 1},
        "Null for a field that can't be null means that it is left out: the quantity takes its default.",
    ),
    "V37": (
        {"expected_status": 200, "expected_code": "CONFLICT"},
        "A name is trimmed, then it is the name of an order that is there.",
    ),
    "V61": (
        {"expected_code": "GRAPHQL_VALIDATION_FAILED", "alt_status": []},
        "There is no argument for an offset; the row's own note prefers that.",
    ),
    "A30": (
        {"expected_code": None},
        "What is not there is null without an error; no order is hidden from those who may read orders.",
    ),
}
"""Rows that this project answers otherwise, by documented decisions: what differs, and the reason."""


def decided(row_id):
    """The row with this id, with this project's decisions."""
    return {**ROWS[row_id], **DECIDED.get(row_id, ({}, ""))[0]}


def of_kind(kind):
    """The ids of the rows that are sent in this way."""
    return [row["id"] for row in ROWS.values() if row["kind"] == kind]


def waits(row_id):
    """Whether the row begins a request and never ends it."""
    return ROWS[row_id].get("close_within_s", 0) > 2
