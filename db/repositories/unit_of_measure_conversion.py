"""Conversions between units of measure, and the factors that follow from them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import asyncpg

from db.change import Change
from db.errors import Invalid
from db.lookup import found, sought, sought_path
from db.records import Material, UnitOfMeasure, UnitOfMeasureConversion
from db.repository import Repository
from db.rows import Rows
from db.ulid import Ulid

_NO_UNIT = f"refers to no {UnitOfMeasure.singular} that is there"
_NO_MATERIAL = f"refers to no {Material.singular} that is there"


class UnitOfMeasureConversions(Repository[UnitOfMeasureConversion]):
    """What one unit is in another, for every material or for one."""

    async def converted(self, amount: float, from_: str, to: str, material: str | None = None) -> float:
        """An amount of one unit in another one, by their `factor`."""
        converted = amount * await self.factor(from_, to, material)
        if not math.isfinite(converted):
            raise Invalid({"amount": ["is too large, or becomes too large a number"]})
        return converted

    async def factor(self, from_: str, to: str, material: str | None = None) -> float:
        """How many of one unit, named by id or name, are one of another: stored so, the other way round, or by a third.

        The fewest steps win; among these the conversions of the material, named by id or path, go before the general
        ones. Raises `Invalid` by the names of `convert`'s arguments.
        """
        row = await self.session.row(_FACTOR, *sought(from_), *sought(to), *_material(material))
        assert row
        violations = {
            "from": [] if row["from_id"] else [_NO_UNIT],
            "to": [] if row["to_id"] else [_NO_UNIT],
            "materialIdOrPath": [] if row["material_id"] or material is None else [_NO_MATERIAL],
        }
        if any(violations.values()):
            raise Invalid({argument: messages for argument, messages in violations.items() if messages})
        if row["from_id"] == row["to_id"]:
            return 1.0
        if row["multipliers"] is None:
            raise Invalid({"to": [_no_way(row, material)]})
        return _quotient(row["multipliers"], row["divisors"])

    def between(self, from_: str, to: str, material_id: Ulid | None = None) -> Rows[UnitOfMeasureConversion]:
        """The conversion that is stored from one unit to another, each named by id or name, for just this material."""
        return self.row(
            f"""
            select *
            from unit_of_measure_conversions
            where from_unit_of_measure_id = {found(UnitOfMeasure, "name", 1)}
                and to_unit_of_measure_id = {found(UnitOfMeasure, "name", 3)}
                and material_id is not distinct from $5
            """,
            *sought(from_),
            *sought(to),
            material_id,
        )

    def of_material(self, material_id: Ulid) -> Rows[UnitOfMeasureConversion]:
        """The conversions that hold for one material only."""
        return self.rows("select * from unit_of_measure_conversions where material_id = $1", material_id)

    async def add(
        self, from_: str, to: str, factor: float, material_id: Ulid | None = None
    ) -> Rows[UnitOfMeasureConversion]:
        """A new conversion between units that are named by id or name."""
        row = await self.session.row(
            f"select {found(UnitOfMeasure, 'name', 1)} as from_id, {found(UnitOfMeasure, 'name', 3)} as to_id",
            *sought(from_),
            *sought(to),
        )
        assert row
        missing = {"fromIdOrName": row["from_id"], "toIdOrName": row["to_id"]}
        if None in missing.values():
            raise Invalid({argument: [_NO_UNIT] for argument, unit_id in missing.items() if unit_id is None})
        return await self.save({**row, "conversion_factor": factor, "material_id": material_id})

    async def _check(self, changes: Sequence[Change]) -> None:
        """A factor is more than nothing, and leads to another unit."""
        await super()._check(changes)
        for change in changes:
            whole, violations = change.whole, change.violations
            factor, from_id = whole.get("conversion_factor"), whole.get("from_id")
            if factor is not None and factor <= 0:
                violations.setdefault("conversion_factor", ["must be greater than 0"])
            if from_id and from_id == whole.get("to_id"):
                violations.setdefault("to_id", ["must not be the unit it converts from"])


def _material(id_or_path: str | None) -> tuple[Ulid | None, str | None]:
    return (None, None) if id_or_path is None else sought_path(id_or_path)


def _no_way(row: asyncpg.Record, material: str | None) -> str:
    whose = "" if material is None else " for this material"
    return f"can't be reached: there is no conversion from {row['from_name']!r} to {row['to_name']!r}{whose}"


def _quotient(multipliers: list[float], divisors: list[float]) -> float:
    """The factor of a path; divided once, so that a thousandth is exactly one."""
    divisor = math.prod(divisors)
    factor = math.prod(multipliers) / divisor if divisor else math.inf
    if not 0 < factor < math.inf:
        raise Invalid({"to": ["can't be reached: the factor is too large or too small for a number"]})
    return factor


_FACTOR = f"""
    with given as (
        select {found(UnitOfMeasure, "name", 1)} as from_id,
            {found(UnitOfMeasure, "name", 3)} as to_id,
            {found(Material, "path", 5)} as material_id
    ), conversions as (
        select stored.*, (stored.material_id is not null)::integer as own
        from unit_of_measure_conversions stored, given
        where stored.enabled and (stored.material_id is null or stored.material_id = given.material_id)
    ), steps as (
        select from_unit_of_measure_id as start, to_unit_of_measure_id as finish,
            conversion_factor as multiplier, 1.0::float8 as divisor, own, 0 as turned, id
        from conversions
        union all
        select to_unit_of_measure_id, from_unit_of_measure_id, 1.0, conversion_factor, own, 1, id
        from conversions
    ), paths as (
        select 1 as length, own, turned, array[multiplier] as multipliers, array[divisor] as divisors, array[id] as ids
        from steps, given
        where start = from_id and finish = to_id
        union all
        select 2, first.own + second.own, first.turned + second.turned,
            array[first.multiplier, second.multiplier], array[first.divisor, second.divisor], array[first.id, second.id]
        from given
        join steps first on first.start = from_id
        join steps second on second.start = first.finish and second.finish = to_id
    ), best as (
        select multipliers, divisors
        from paths
        order by length, own desc, turned, ids
        limit 1
    )
    select given.*, best.*,
        (select name from unit_of_measure where id = from_id) as from_name,
        (select name from unit_of_measure where id = to_id) as to_name
    from given
    left join best on true
"""
