"""The rules of properties: of production orders, of materials, of locations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from db import mixed
from db.change import Change
from db.mixed import LEFT_OUT, Misfit
from db.records import Property
from db.repository import Repository

R = TypeVar("R", bound=Property)


class Properties(Repository[R]):
    """The properties that records of one kind can have."""

    async def _check(self, changes: Sequence[Change]) -> None:
        """The default value follows the rules that the property sets for values."""
        defaults = [change.given.pop("default_value", LEFT_OUT) for change in changes]
        await super()._check(changes)
        for change, default in zip(changes, defaults, strict=True):
            _check_default(change, default)


def _check_default(change: Change, default: Any) -> None:
    rules = {**change.whole}
    try:
        mixed.check_options(rules["data_type"], rules["options"])
    except Misfit as misfit:
        change.violations["options"] = [str(misfit)]
        rules["options"] = None
    try:
        change.values |= _default_columns(default, rules, change.before)
    except Misfit as misfit:
        change.violations["default_value"] = [str(misfit)]


def _default_columns(default: Any, rules: Mapping[str, Any], before: Mapping[str, Any] | None) -> dict[str, Any]:
    """Where the default value is kept; `Misfit` if it breaks the rules, be it a new one or the one before."""
    data_type = rules["data_type"]
    if default is not LEFT_OUT:
        return mixed.columns(data_type, mixed.fitting(data_type, default, rules), "default_")
    kept = before and mixed.kept_value(before["data_type"], before, "default_")
    if before is None or kept is None:
        return {}
    if before["data_type"] is not data_type:
        raise Misfit(f"is of the type {before['data_type'].value}: give one of the new type, or null")
    mixed.check_limits(data_type, kept, rules)
    return {}
