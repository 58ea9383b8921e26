"""Answers of two sides, compared: what was made while they were given is told by its turn."""

import base64
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

MOST_ERRORS = 5
RECENT = timedelta(hours=1)
ULID = re.compile(r"\b[0-7][0-9A-HJKMNP-TV-Z]{9}-?[0-9A-HJKMNP-TV-Z]{8}-?[0-9A-HJKMNP-TV-Z]{8}\b")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)")
CURSOR = re.compile(r"\bWyJ[A-Za-z0-9+/]+=*")


@dataclass(frozen=True)
class Answer:
    """An HTTP status, and the JSON that came with it."""

    status: int
    body: Any

    def read(self):
        """The answer as a client has it, who reads JSON."""
        return Answer(self.status, json.loads(orjson.dumps(self.body)))

    @property
    def codes(self):
        """The codes of its errors."""
        return [error["extensions"]["code"] for error in self.body.get("errors", [])]


class Known:
    """Tells what is new on one side by its turn, so that it is the same on both."""

    def __init__(self, ids):
        self._known = ids
        self._turns = {}

    def know(self, text):
        """Take the ids in a text for known: who asks has made them up."""
        self._known |= {found.replace("-", "") for found in ULID.findall(text)}

    def told(self, value):
        """The value, with new ids and recent instants named; what is an object keeps the order of its keys."""
        match value:
            case dict():
                return [[self.told(key), self.told(one)] for key, one in value.items()]
            case list():
                return ["list", *(self.told(one) for one in value)]
            case str():
                return self._text(value)
            case bool():
                return f"bool {value}"
        return value

    def _text(self, text):
        if cursor := CURSOR.fullmatch(text):
            text = base64.b64decode(cursor[0]).decode(errors="replace")
        return INSTANT.sub(_instant, ULID.sub(self._id, text))

    def _id(self, found):
        plain = found[0].replace("-", "")
        if plain in self._known:
            return found[0]
        return f"new id {self._turns.setdefault(plain, len(self._turns))}"


def _instant(found):
    try:
        at = datetime.fromisoformat(found[0])
    except ValueError:
        return found[0]
    return "now" if abs(datetime.now(UTC) - at) < RECENT else found[0]


def compared(answer, known):
    """What has to be the same on both sides: the status, the data in its order, the errors in any."""
    body = dict(answer.body)
    given = [_told(error) for error in body.pop("errors", [])]
    told = sorted(json.dumps(known.told(_sorted(error)), sort_keys=True) for error in given)
    return answer.status, known.told(body.get("data")), "data" in body, told


def _told(error):
    """The error without what is the request's own; no places are the same as none told."""
    extensions = {key: one for key, one in error["extensions"].items() if key != "requestId"}
    return {key: one for key, one in {**error, "extensions": extensions}.items() if one not in ([], None)}


def differences(ours, reference, known, known_there):
    """What of our answer is other than the reference's, in a word; nothing where they are the same."""
    status, data, executed, told = compared(ours, known)
    status_there, data_there, executed_there, told_there = compared(reference, known_there)
    if (status, executed) != (status_there, executed_there):
        return f"status {status}, not {status_there}"
    if data != data_there:
        return "data"
    if len(told_there) > MOST_ERRORS:
        few = len(told) == MOST_ERRORS and set(told) <= set(told_there)
        return "" if few else "errors, of many"
    return "" if told == told_there else "errors"


def _sorted(value):
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(one) for one in value] if isinstance(value, list) else value
