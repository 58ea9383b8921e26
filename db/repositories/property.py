"""The rules of properties: of production orders, of materials, of locations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from db import mixed
from db.mixed import LEFT_OUT, Misfit
from db.records import Property
from db.repository import Repository
from db.validation import Violations

R = TypeVar("R", bound=Property)


class Properties(Repository[R]):
    """The properties that records of one kind can have."""

    async def _checked(
        self, changes: dict[str, Any], before: Mapping[str, Any] | None
    ) -> tuple[dict[str, Any], Violations]:
        """The default value follows the rules that the property sets for values."""
        default = changes.pop("default_value", LEFT_OUT)
        values, violations = await super()._checked(changes, before)
        rules = {**(before or {}), **values}
        try:
            mixed.check_options(rules["data_type"], rules["options"])
        except Misfit as misfit:
            violations["options"] = [str(misfit)]
            rules["options"] = None
        try:
            values |= _default_columns(default, rules, before)
        except Misfit as misfit:
            violations["default_value"] = [str(misfit)]
        return values, violations


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
