"""The rules of the values that records have for their properties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, TypeVar

import asyncpg

from db import mixed
from db.apart import many_apart
from db.change import Change
from db.declaration import Record
from db.enumerations import DataType
from db.errors import LONGEST_ECHO, Invalid, NotFound
from db.lookup import found, sought
from db.mixed import LEFT_OUT, Misfit
from db.records import RECORDS, MaterialPropertyValue, ProductionOrderPropertyValue, PropertyValue
from db.repository import Repository, among, fields
from db.rows import Rows, Shape, as_changed
from db.spelling import cast, sql_type, stored
from db.ulid import Ulid, new_ulid
from db.validation import Violations

R = TypeVar("R", bound=PropertyValue)

_MOST_TOLD = 5
_MOST_WRONG = 100
"""How many wrong values are told of, at most."""


class PropertyValues(Repository[R]):
    """The values of one kind of property; `owner` is the column with the record that a value belongs to."""

    owner: ClassVar[str]

    @property
    def rules(self) -> type[Record]:
        """The record of the properties, whose rules bind the values."""
        return RECORDS[str(self.record.columns["property_id"].target)]

    def of(self, owner: Rows[Any], named: str) -> Rows[R]:
        """The value of an owner's property, which is named by id or name."""
        number = len(owner.parameters) + 1
        return self.row(
            f"""
            select *
            from {self.record.table}
            where {self.owner} = (select id from ({owner.source}) owner)
                and property_id = {found(self.rules, "name", number)}
            """,
            *owner.parameters,
            *sought(named),
        )

    async def set(self, owner: Rows[Any], given: Mapping[str, Any], argument: str) -> Rows[R]:
        """Create or change the values of an owner's properties, named by id or name: all of them or none.

        They come back in the order in which they are given. Raises `NotFound` without the owner, which the `argument`
        names, or without one of the properties, and `Invalid` with what is wrong with each value, by their names.
        """
        owner_id = await self._held_owner(owner)
        if owner_id is None:
            message = f"There is no {owner.record.singular} of this id or name."
            raise NotFound(message, {argument: [f"refers to no {owner.record.singular} that is there"]})
        current = await self._current(owner_id, list(given))
        unknown = [row["named"] for row in current if row["meant"] is None]
        if unknown:
            message = f"There is no {self.rules.singular} with the id or name {unknown[0][:LONGEST_ECHO]!r}."
            told = [f"names no {self.rules.singular} that is there"]
            raise NotFound(message, {name[:LONGEST_ECHO]: told for name in unknown[:_MOST_TOLD]})
        columns: dict[Ulid, dict[str, Any]] = {}
        before: dict[Ulid, asyncpg.Record] = {}
        violations: Violations = {}
        for row, value in zip(current, given.values(), strict=True):
            if row["rules_id"] is None:
                violations[row["named"]] = ["names a property that is given already"]
                continue
            before[row["meant"]] = row
            try:
                columns[row["meant"]] = self._set_columns(row, value)
            except Misfit as misfit:
                violations[row["named"]] = [str(misfit)]
        if violations:
            raise Invalid(dict(list(violations.items())[:_MOST_WRONG]))
        return self._upserted(owner_id, columns, before)

    async def set_one(self, owner: Rows[Any], named: str, value: Any, argument: str) -> Rows[R]:
        """The same for one property: the value, instead of a list of it."""
        try:
            return replace(await self.set(owner, {named: value}, argument), shape=Shape.ONE)
        except Invalid as refusal:
            raise Invalid({"value": refusal.violations[named]}) from refusal

    async def _held_owner(self, owner: Rows[Any]) -> Ulid | None:
        """The owner's id, None if there is none; who sets other values of it waits until the transaction ends."""
        row = await self.session.row(
            f"select id from {owner.record.table} where id = (select id from ({owner.source}) owner) for no key update",
            *owner.parameters,
        )
        return row["id"] if row else None

    async def _current(self, owner_id: Ulid, named: list[str]) -> list[asyncpg.Record]:
        """Each property that is `meant`, in that order, with the owner's value for it; without both if meant already.

        A property may be large, and its id has thousands of spellings.
        """
        rules = ", ".join(
            f"rules.{column.stored_as} as rules_{column.stored_as}" for column in self.rules.columns.values()
        )
        return await self.session.fetch(
            f"""
            with given as (
                select named, place, coalesce(
                    (select id from {self.rules.table} where id = given.id),
                    (select id from {self.rules.table} where name = given.name)
                ) as meant
                from unnest($2::text[], $3::text[], $4::text[]) with ordinality as given (named, id, name, place)
            ), first as (
                select meant, min(place) as place
                from given
                group by meant
            )
            select given.named, given.meant, {rules}, value.*
            from given
            left join first on first.place = given.place
            left join {self.rules.table} rules on rules.id = first.meant
            left join {self.record.table} value on value.{self.owner} = $1 and value.property_id = first.meant
            order by given.place
            """,
            owner_id,
            named,
            [sought(name)[0] for name in named],
            [sought(name)[1] for name in named],
        )

    def _set_columns(self, row: asyncpg.Record, value: Any) -> dict[str, Any]:
        """Where the value is kept; `Misfit` if it breaks the rules of the property."""
        before = fields(self.record, row) if row["id"] else None
        return _value_columns(value, fields(self.rules, row, "rules_"), before)

    def _upserted(
        self, owner_id: Ulid, columns: Mapping[Ulid, dict[str, Any]], before: Mapping[Ulid, asyncpg.Record]
    ) -> Rows[R]:
        """The values of these properties with these columns; those that have them already stay as they are."""
        if not columns:
            return self.rows(f"select * from {self.record.table} where false")
        changed = [
            property_id
            for property_id, kept in columns.items()
            if before[property_id]["id"] is None or any(before[property_id][name] != kept[name] for name in kept)
        ]
        stored_columns = list(next(iter(columns.values())))
        kinds = [sql_type(self.record.columns[name]) for name in stored_columns]
        places = ", ".join(f"${number}::{cast(kind, listed=True)}" for number, kind in enumerate(kinds, 6))
        names = ", ".join(stored_columns)
        table = self.record.table
        return Rows(
            self.record,
            f"select * from saved union all select * from {table} "
            f"where {self.owner} = $1 and property_id = any($2) and id <> all (array(select id from saved))",
            (
                owner_id,
                list(columns),
                self.session.caller,
                [new_ulid() for _ in changed],
                changed,
                *([stored(columns[one][name]) for one in changed] for name in stored_columns),
            ),
            Shape.LIST,
            "array_position($2::text[], property_id)",
            changes=f"""
                saved as (
                    insert into {table} as value ({self.owner}, created_by, id, property_id, data_type, {names})
                    select $1, $3, given.id, property_id, rules.data_type, {names}
                    from unnest($4::text[], $5::text[], {places}) as given (id, property_id, {names})
                    join {self.rules.table} rules on rules.id = property_id
                    on conflict ({self.owner}, property_id) do update
                    set ({names}) = row({", ".join(f"excluded.{name}" for name in stored_columns)}),
                        modified_by = excluded.created_by, modified_date = now(), version = value.version + 1
                    returning value.*
                )
            """,
            instead=((table, as_changed(table, "saved")),),
        )

    async def _check(self, changes: Sequence[Change]) -> None:
        """The data type is that of the property, whose rules bind the value."""
        given = [
            (change.given.pop("value", LEFT_OUT if change.before else None), change.given.pop("data_type", None))
            for change in changes
        ]
        await super()._check(changes)
        new = {change.values.get("property_id") for change in changes if not change.before} - {None}
        properties = await self._properties(list(new)) if new else {}

        def check() -> None:
            for change, (value, data_type) in zip(changes, given, strict=True):
                before = change.before
                rules = before["property"] if before else properties.get(change.values.get("property_id"))
                self._check_owner(change)
                if rules:
                    _check_value(change, value, data_type, rules)

        await many_apart(len(changes), check)

    def _check_owner(self, change: Change) -> None:
        """A value stays with the record and the property that it is of."""
        before, values = change.before, change.values
        for field in (self.owner, "property_id"):
            if before and values.get(field, before[field]) != before[field]:
                change.violations[field] = ["must be the one that the value has: save another value instead"]

    async def _held(self, ids: Sequence[Ulid]) -> dict[Ulid, Mapping[str, Any]]:
        """The stored values, each with the fields of its property as `property`.

        Many values may be of one property, which is read once: it may be large.
        """
        columns = self.rules.columns.values()
        rules = ", ".join(f"property.{column.stored_as} as rules_{column.stored_as}" for column in columns)
        condition, parameter = among("id", ids)
        rows = await self.session.fetch(
            f"""
            select value.*, {rules}
            from {self.record.table} value
            left join {self.rules.table} property on property.id = value.property_id
                and value.id in (select min(id) from {self.record.table} where {condition} group by property_id)
            where value.{condition}
            order by value.id
            for no key update of value
            """,
            parameter,
        )

        def held() -> dict[Ulid, Mapping[str, Any]]:
            first = {row["property_id"]: row for row in rows if row["rules_id"]}
            properties = {property_id: fields(self.rules, row, "rules_") for property_id, row in first.items()}
            # Where the first value was deleted in this moment, the save finds none that has its id.
            return {
                row["id"]: {**fields(self.record, row), "property": properties.get(row["property_id"])} for row in rows
            }

        return await many_apart(len(rows), held)

    async def _properties(self, ids: Sequence[Any]) -> dict[Any, Mapping[str, Any]]:
        """The properties with these ids."""
        condition, parameter = among("id", ids)
        rows = await self.session.fetch(f"select * from {self.rules.table} where {condition}", parameter)
        return {row["id"]: fields(self.rules, row) for row in rows}


class ProductionOrderPropertyValues(PropertyValues[ProductionOrderPropertyValue]):
    """The values that production orders have for their properties."""

    owner = "production_order_id"


class MaterialPropertyValues(PropertyValues[MaterialPropertyValue]):
    """The values that materials have for their properties."""

    owner = "material_id"


def _check_value(change: Change, value: Any, data_type: DataType | None, rules: Mapping[str, Any]) -> None:
    """What is given of a value, by the rules of its property."""
    if _other_type(data_type, value, rules["data_type"]):
        change.violations["data_type"] = [f"must be {rules['data_type'].value}, the data type of the property"]
    try:
        change.values |= {"data_type": rules["data_type"], **_value_columns(value, rules, change.before)}
    except Misfit as misfit:
        change.violations["value"] = [str(misfit)]


def _other_type(given: DataType | None, value: Any, data_type: DataType) -> bool:
    """Whether another data type than the property's is given; String without a value is what `new…` returns."""
    untouched = given is DataType.String and value in (None, LEFT_OUT)
    return given not in (None, data_type) and not untouched


def _value_columns(value: Any, rules: Mapping[str, Any], before: Mapping[str, Any] | None) -> dict[str, Any]:
    """Where the value is kept; `Misfit` if it breaks the rules of the property."""
    data_type = rules["data_type"]
    if value is LEFT_OUT:
        return {}
    if value is None and before is None:
        return mixed.columns(data_type, mixed.kept_value(data_type, rules, "default_"))
    if value is None and not rules["nullable"] and mixed.kept_value(data_type, before or {}) is not None:
        raise Misfit("is set and can't be set to null: its property is not nullable")
    return mixed.columns(data_type, mixed.fitting(data_type, value, rules))
