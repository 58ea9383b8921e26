"""How a record is declared: its columns, its relations, and what else it shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from types import NoneType
from typing import Any, ClassVar, NewType, TypeVar, get_args, get_type_hints

from db.ulid import Ulid

Long = NewType("Long", int)
"""An integer of 64 bits; a plain int has 32."""

REQUIRED: Any = object()
"""The default of a column that the caller must give."""


def documented_name(name: str) -> str:
    """The documented spelling of a field's name: camelCase."""
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))


@dataclass(frozen=True, kw_only=True, eq=False)
class Member:
    """Something a record shows under a name; `drafted` members are also in what `new…` returns and `save…` accepts.

    Each is declared once and is equal to itself alone, so that it costs nothing to look for what is kept about it.
    """

    name: str = ""
    description: str
    drafted: bool = True

    @cached_property
    def documented(self) -> str:
        """The name in the documents and in the schema: camelCase."""
        return documented_name(self.name)


@dataclass(frozen=True, kw_only=True, eq=False)
class Column(Member):
    """A stored value. `given` columns come from the caller, the others from the server.

    A `label` is what people tell records apart by. `not_below` names the column whose value this one must reach. A
    `relation` is the name of the record that a reference leads to, where it is not the column's without `_id`.
    """

    kind: Any = None
    nullable: bool = False
    default: Any = REQUIRED
    stored_as: str = ""
    given: bool = True
    max_length: int = 255
    label: bool = False
    minimum: float | None = None
    not_below: str | None = None
    target: str | None = None
    relation: str = ""

    @property
    def required(self) -> bool:
        """Whether a new record needs it from the caller."""
        return self.given and self.default is REQUIRED and not self.nullable


@dataclass(frozen=True, kw_only=True, eq=False)
class One(Member):
    """The one record that a column refers to."""

    column: str
    target: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Many(Member):
    """The records of another table whose column `by` refers to this one, ordered by their column `order`.

    They refer to it by its id, or by what its own column `of` holds, if that is not what its column `unless` holds.
    """

    target: str
    by: str
    order: str
    of: str = "id"
    unless: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Paged(Many):
    """Such records where there can be many of them: shown as a connection."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Through(Member):
    """A column of a record at the end of relations, as `schedule_shift_record.shift.name`: shown, never stored."""

    path: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Mixed(Member):
    """A value of the record's data type, kept in the column of that type, as `<prefix>int_value`."""

    prefix: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Logged(Member):
    """Fields of a record of any kind as the log has them, kept as JSON in the column of this name."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Fixed(Member):
    """What does not depend on the rows: its `text` stands in the answer as it is, as the name of a type does."""

    text: str


class Record:
    """A row of a table, declared column by column; what every record has stands here."""

    table: ClassVar[str]
    view: ClassVar[bool]
    singular: ClassVar[str]
    members: ClassVar[Mapping[str, Member]]
    columns: ClassVar[Mapping[str, Column]]
    unique: ClassVar[Mapping[str, tuple[str, ...]]]
    indexes: ClassVar[tuple[tuple[str, ...], ...]]

    id: Ulid
    notes: str | None
    enabled: bool
    spare1: str | None
    spare2: str | None
    spare3: str | None
    created_date: datetime
    created_by: str
    modified_date: datetime | None
    modified_by: str | None
    version: int


def column(description: str, **rules: Any) -> Any:
    """A column that the caller gives; nullable where its annotation says `| None`."""
    return Column(description=description, **rules)


def kept(description: str, **rules: Any) -> Any:
    """A column that the server fills in: shown, never taken from an input."""
    return Column(description=description, given=False, drafted=rules.pop("drafted", False), **rules)


def label(description: str, **rules: Any) -> Any:
    """A short text by which people tell records apart: trimmed, and without characters that can't be seen."""
    return Column(description=description, label=True, **rules)


def reference(target: str, to: str, **rules: Any) -> Any:
    """A column with the id of another record, and with it the relation to that record, without `_id` in its name."""
    return Column(description=f"Id of {to}.", target=target, **rules)


def many(target: str, description: str, *, by: str, order: str, **rules: Any) -> Any:
    """The records that refer to this one."""
    return Many(description=description, target=target, by=by, order=order, drafted=False, **rules)


def paged(target: str, description: str, *, by: str) -> Any:
    """The records that refer to this one, where there can be many of them."""
    return Paged(description=description, target=target, by=by, order="id", drafted=False)


def through(path: str, description: str, *, drafted: bool = False) -> Any:
    """A column of a related record, shown as if it were this record's."""
    return Through(description=description, path=path, drafted=drafted)


def mixed(description: str, *, prefix: str = "") -> Any:
    """A value of the record's data type."""
    return Mixed(description=description, prefix=prefix)


def logged(description: str) -> Any:
    """Fields of the record that a row of the log is about."""
    return Logged(description=description, drafted=False)


COMMON: Mapping[str, Column] = {
    "id": kept("Id of the record; the server makes it.", drafted=True),
    "notes": column("Notes for people.", max_length=10_000),
    "enabled": column("Whether the record is active.", default=True),
    "spare1": column("Free for the plant's own use."),
    "spare2": column("Free for the plant's own use."),
    "spare3": column("Free for the plant's own use."),
    "created_date": kept("When the record was created, by the database's clock."),
    "created_by": kept("Who created the record."),
    "modified_date": kept("When the record was last changed; null until the first change."),
    "modified_by": kept("Who last changed the record; null until the first change."),
    "version": kept("Starts at 1 and grows by one with each change."),
}

RECORDS: dict[str, type[Record]] = {}
"""Every declared record by its name."""

R = TypeVar("R", bound=type[Record])


def table(
    table_name: str,
    singular: str,
    *,
    unique: Mapping[str, tuple[str, ...]] | None = None,
    indexes: tuple[tuple[str, ...], ...] = (),
    view: bool = False,
) -> Callable[[R], R]:
    """Declare a record: the table it is stored in, and what a person calls one of it.

    Of the fields that are `unique`, alone or together, no two records have the same values; the key is the name of the
    constraint between the table's name and `_key`. The `indexes` have the rows in the order of these columns
    and of the id. A `view` shows more of the rows of another record, which it inherits from.
    """

    def declare(record: R) -> R:
        record.view = view
        record.unique = unique or {}
        record.indexes = indexes
        RECORDS[record.__name__] = record
        return _declared(record, table_name, singular, COMMON)

    return declare


def log(table_name: str, singular: str, *, indexes: tuple[tuple[str, ...], ...]) -> Callable[[R], R]:
    """Declare what the database writes down by itself: it has no columns but its own, and is no record to be saved."""

    def declare(entry: R) -> R:
        entry.indexes = indexes
        return _declared(entry, table_name, singular, {})

    return declare


def _declared(record: R, table_name: str, singular: str, common: Mapping[str, Column]) -> R:
    keys = [key for base in record.__mro__ for key, member in vars(base).items() if isinstance(member, Member)]
    declared = {key: getattr(record, key) for key in keys}
    hints = get_type_hints(record)
    members = [_named(key, member, hints.get(key)) for key, member in {**declared, **common}.items()]
    record.table = table_name
    record.singular = singular
    record.members = {member.name: member for member in [*members, *_relations(members)]}
    record.columns = {member.name: member for member in members if isinstance(member, Column)}
    return record


def _named(key: str, member: Member, hint: Any) -> Member:
    """The member with its name and, of a column, the type that its annotation gives."""
    if not isinstance(member, Column):
        return replace(member, name=key)
    kinds = [kind for kind in get_args(hint) if kind is not NoneType] if NoneType in get_args(hint) else [hint]
    nullable = NoneType in get_args(hint)
    default = None if nullable and member.default is REQUIRED else member.default
    stored_as = member.stored_as or key
    return replace(member, name=key, kind=kinds[0], nullable=nullable, default=default, stored_as=stored_as)


def _relations(members: list[Member]) -> list[Member]:
    """The relation that each reference brings."""
    return [
        One(
            name=member.relation or member.name.removesuffix("_id"),
            description=_capitalized(member.description.removeprefix("Id of ")),
            column=member.name,
            target=member.target,
            drafted=False,
        )
        for member in members
        if isinstance(member, Column) and member.target
    ]


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]
