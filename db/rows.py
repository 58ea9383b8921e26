"""Which rows: of one record, of many in an order, or a part of many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from functools import cache
from typing import Any, Generic, TypeVar

from db.declaration import Column, Many, One, Record
from db.filters import EVERYTHING, Filter
from db.ulid import Ulid

R = TypeVar("R", bound=Record)


class Shape(Enum):
    """What is made of the rows: one object, a list, a page with its numbers, or a connection.

    Or what refers to the one row; or, of the ids in the parameter, the records of whatever kind that have them.
    """

    ONE = auto()
    LIST = auto()
    PAGE = auto()
    CONNECTION = auto()
    REFERENCES = auto()
    NODE = auto()
    NODES = auto()

    # Not of their names, in Python, each time that a statement is looked up.
    __hash__ = object.__hash__


@dataclass(unsafe_hash=True)  # A frozen one takes three times as long to make, and each request makes some.
class Sort:
    """One key of an order: a column of the record itself, or of the record that a relation leads to."""

    column: Column
    descending: bool = False
    relation: One | None = None


@dataclass(unsafe_hash=True)  # As an order.
class Window:
    """A part of a table's rows: those that match, in an order that the id makes complete, from one place on.

    Either `offset` says where it begins, or `after` and `before` do: the values of the order's keys at two cursors,
    null where there is none. `backward` counts `size` from the end.

    In a statement's text SQL for parameters stands in the place of the values (`db/values.py`), and `reach` says how
    far into the order it may be at most, if that is part of the text, as is whether it is `near` the beginning of an
    index (`db/reach.py`).
    """

    matching: Filter = EVERYTHING
    order: tuple[Sort, ...] = ()
    size: int | str | None = None
    offset: int | str = 0
    after: tuple[Any, ...] | None = None
    before: tuple[Any, ...] | None = None
    backward: bool = False
    reach: int | None = None
    near: bool = False


WHOLE = Window()


@dataclass(eq=False)
class Rows(Generic[R]):
    """Rows of a record's table: what `source` gives, with the table's columns, for the parameters $1, $2, ….

    Of many rows `order` says which comes first, in SQL; a page and a connection take those of their `window` from the
    table. With a `relation`, what is shown is the list of the records that refer to the row by it.

    `changes` are common table expressions that run before: those of a save, which gives no row where one of the ids
    that its fields are `referring` to is that of no record; `changes_of_several` those of as many new records as share
    a statement (`db/saving.py`). `instead` holds what is read instead of a table, since a statement does not see what
    it stores, or instead of the table of one view, by the view's name.
    """

    record: type[R]
    source: str = ""
    parameters: tuple[Any, ...] = ()
    shape: Shape = Shape.ONE
    order: str = ""
    window: Window = WHOLE
    relation: Many | None = None
    changes: str = ""
    changes_of_several: str = ""
    referring: Mapping[str, Ulid] = field(default_factory=dict)
    instead: tuple[tuple[str, str], ...] = ()
    sooner: Rows[R] | None = None
    """The same row, looked for where it most likely is; where it is not found there, it may be found all the same."""
    key: str = ""
    """The column in which the one row has the only parameter, a text: `found_by` it, and by nothing else."""

    @property
    def form(self) -> tuple[Any, ...]:
        """What the text of a statement has of them, in which there are no values."""
        return (
            self.record,
            self.source,
            self.shape,
            self.order,
            self.relation,
            self.changes,
            self.instead,
            self.key,
        )

    def related(self, relation: Many) -> Rows[R]:
        """The records that refer to this one."""
        return replace(self, relation=relation, sooner=self.sooner and self.sooner.related(relation))

    def references(self) -> Rows[R]:
        """What refers to the row."""
        return replace(self, shape=Shape.REFERENCES, sooner=None, key="")


@cache
def found_by(table: str, column: str, value: str) -> str:
    """SQL for the row of a table that has this value in a column."""
    return f"select * from {table} where {column} = {value}"


def as_changed(table: str, *changed: str) -> str:
    """A table's rows as they are after the change: a statement does not see what it stores itself."""
    new = " union all ".join(f"select * from {name}" for name in changed)
    unchanged = " and ".join(f"id not in (select id from {name})" for name in changed)
    return f"({new} union all select * from {table} where {unchanged})"
