"""A record that is to be saved: what is given for it, and what becomes of that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from db import validation
from db.declaration import Column, Member, Mixed, Record, documented_name
from db.spelling import VALUE_COLUMNS
from db.ulid import Ulid
from db.validation import Violations

_MOST_TOLD = 100
"""How many wrong fields are told of, at most."""


@dataclass(slots=True, eq=False)
class Change:
    """What is given for one record, and which of its values are to be stored.

    `place` says where among several it stands, as `inputs[3].`; it is empty for one alone. `before` is the record as it
    is stored, None for a new one.
    """

    given: dict[str, Any]
    record_id: Ulid | None = None
    expected: int | None = None
    place: str = ""
    before: Mapping[str, Any] | None = None
    values: dict[str, Any] = field(default_factory=dict)
    violations: Violations = field(default_factory=dict)

    @property
    def version(self) -> int | None:
        """The version of the stored record."""
        return self.before["version"] if self.before else None

    @property
    def whole(self) -> dict[str, Any]:
        """The record as it is going to be."""
        return {**self.before, **self.values} if self.before else self.values


def change(record: type[Record], given: Mapping[str, Any], place: str = "") -> Change:
    """What an input asks for; null for a field that can't be null counts as left out."""
    fields = validation.without_nulls(record, given)
    return Change(fields, fields.pop("id", None), fields.pop("expected_version", None), place)


def differing_fields(record: type[Record], change: Change) -> list[str]:
    """The documented names of the fields that the change gives other values, as its place has them."""
    return [f"{change.place}{member.documented}" for member in record.members.values() if _given(member, change.values)]


def _given(member: Member, values: Mapping[str, Any]) -> bool:
    if isinstance(member, Mixed):
        return any(f"{member.prefix}{column}" in values for column in VALUE_COLUMNS)
    return isinstance(member, Column) and member.given and member.name in values


def told(changes: Iterable[Change]) -> Violations:
    """What is wrong with them, by documented names that say of which; of very many the first."""
    every = {
        f"{change.place}{documented_name(name)}": messages
        for change in changes
        for name, messages in change.violations.items()
    }
    return validation.first_of(every, _MOST_TOLD, "inputs", "wrong fields")
