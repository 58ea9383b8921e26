"""The rows of a page or a connection, and what is told of them beside the records."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from db.declaration import Record
from db.filters import filter_sql
from db.keyset import Place, beyond, cursor_sql, keys, up_to
from db.rows import Window
from db.scope import Building, Scope

_CURSORS = {"cursor", "start_cursor", "end_cursor"}
TOTALS = {"total_pages", "total_elements", "page_size", "is_last", "has_next", "total_count"}
"""The parts for which all rows are counted that match."""
_RECORDS_ALONE = ["content"], ["nodes"]
_OF_THE_PAGE = {
    *("content", "nodes", "edges"),
    *("has_content", "has_next_page", "has_previous_page", "start_cursor", "end_cursor"),
}
"""The parts that depend on which records are shown."""


class Listing:
    """A window of a table's rows as the common table expressions `page` and `total`; `told` are the parts to tell.

    The window has SQL for parameters in the place of its values. `page` has the ids of the rows and the keys of their
    order, and one row more than it shows where that tells whether there is another one. Where the records are told
    once and nothing else is that depends on them, there is no such expression: they are read where they are shown.
    With `within`, the rows are those for which this SQL over `{row}` is true.
    """

    def __init__(
        self, building: Building, record: type[Record], window: Window, told: Sequence[str], within: str
    ) -> None:
        self._building = building
        self._record = record
        self._window = window
        self._size = None if window.size is None else str(window.size)
        self._offset = window.offset
        self._told = set(told)
        self._cursors = bool(self._told & _CURSORS)
        self._counted = bool(self._told & TOTALS)
        self._scope = Scope(building, building.table(record))
        self._keys = keys(record, window.order, self._scope)
        self._matching = [filter_sql(window.matching, self._scope.row, record, building)]
        if within:
            self._matching.append(within.format(row=self._scope.row))
        shown = [name for name in told if name in _OF_THE_PAGE]
        past_a_cursor = window.after is not None or window.before is not None
        self._in_place = shown in _RECORDS_ALONE and self._size is not None and not past_a_cursor
        # No index has the rows within another record in their order: of many it is better to sort few columns.
        self._whole = self._in_place and window.near and not within

    @property
    def expressions(self) -> str:
        """The common table expressions, if there are any."""
        expressions = [] if self._in_place else [f"page as materialized ({self._placed()})"]
        if self._counted:
            expressions.append(f"total as materialized ({self._total()})")
        return ", ".join(expressions)

    def records(self) -> Scope:
        """The records that are shown.

        They are looked up one by one, unless the page leaves out few: those that it does need not be read for it.
        """
        if self._whole:
            return Scope(self._building, self._shown)
        table = self._building.table(self._record)
        found = f"(select stored.* from {table} stored where stored.id = shown.id offset 0)"
        return Scope(self._building, found, f"{self._shown} shown cross join lateral ")

    def in_order(self, scope: Scope) -> str:
        """The clause for the order of the records that are shown; none where they come in their order anyway."""
        if self._in_place and not (scope.grown or self._window.backward):
            return ""
        place = f"{scope.row}.place" if self._whole else "shown.place"
        return f"order by {place} desc" if self._window.backward else f"order by {place}"

    @property
    def cursor(self) -> str:
        """SQL for the JSON text of the cursor of a record that is shown."""
        return f"""'"' || {_encoded("shown.cursor")} || '"'"""

    @property
    def _shown(self) -> str:
        if not self._size:
            return "page"
        # Between two places PostgreSQL expects few rows whatever the size is, so the size decides on no plan; behind an
        # `offset` it does not know that they are places.
        first = "between 1 and" if self._window.reach else "<="
        page = f"({self._placed()} offset 0) page" if self._in_place else "page"
        return f"(select * from {page} where place {first} {self._size})"

    def part(self, name: str) -> str:
        """SQL for the JSON text of a plain part."""
        return _PARTS[name](self)

    def _placed(self) -> str:
        return f"select shown.*, row_number() over () as place from ({self._page()}) shown"

    def _page(self) -> str:
        """The rows in their order, of which those past a cursor come from a select for each way to be past it."""
        window = self._window
        start = window.before if window.backward else window.after
        end = window.after if window.backward else window.before
        within = list(self._matching)
        if end is not None:
            before_end = beyond(self._keys, end, backward=not window.backward)
            within.append(" or ".join(f"({one})" for one in before_end) or "false")
        if start is None:
            return self._ordered(within)
        starts = beyond(self._keys, start, backward=window.backward) or ["false"]
        together = " union all ".join(f"({self._ordered([*within, one])})" for one in starts)
        order = ", ".join(
            replace(key, sql=f"key{number}").ordered(backward=window.backward) for number, key in enumerate(self._keys)
        )
        return f"select * from ({together}) past order by {order} {self._limit()}"

    def _ordered(self, conditions: list[str]) -> str:
        shown = [f"{self._scope.row}.id", *(f"{key.sql} as key{number}" for number, key in enumerate(self._keys))]
        if self._whole:
            shown = [f"{self._scope.row}.*"]
        if self._cursors:
            shown.append(f"{cursor_sql(self._window.order, self._keys)} as cursor")
        order = ", ".join(key.ordered(backward=self._window.backward) for key in self._keys)
        rows = self._scope.query(", ".join(shown), f"where {_all(conditions)} order by {order}")
        reach = self._window.reach
        return f"select * from ({rows} limit {reach}) near {self._limit()}" if reach else f"{rows} {self._limit()}"

    def _limit(self) -> str:
        if self._size is None:
            return f"limit {self._building.most + 1}"
        more = " + 1" if self._told & {"has_next_page", "has_previous_page"} else ""
        return f"limit {self._size}{more} offset {self._offset}"

    def _total(self) -> str:
        return self._scope.query("count(*) as records", f"where {_all(self._matching)}")

    def _beyond_the_first(self, cursor: Place | None, *, backward: bool) -> str:
        """Whether there is a row at that cursor or on its other side."""
        if cursor is None:
            return "false"
        order = ", ".join(key.ordered(backward=not backward) for key in self._keys)
        # The nearest one, and not `exists`: in its order an index finds it, also where the cursor is a parameter.
        nearest = [
            self._scope.query("true", f"where {_all([*self._matching, one])} order by {order} limit 1")
            for one in up_to(self._keys, cursor, backward=backward)
        ]
        return f"coalesce({', '.join(f'({one})' for one in nearest)}, false)"

    def page_info(self, *, forward: bool) -> str:
        """Whether there are rows after those that are shown, or before them."""
        window = self._window
        if forward != window.backward:
            return f"((select count(*) from page) > {self._size})::text"
        cursor = window.before if window.backward else window.after
        return f"({self._beyond_the_first(cursor, backward=window.backward)})::text"

    def end_cursor(self, *, last: bool) -> str:
        """The cursor of the first or the last row that is shown."""
        descending = "" if last == self._window.backward else " desc"
        found = f"select {self.cursor} from {self._shown} shown order by place{descending} limit 1"
        return f"coalesce(({found}), 'null')"

    @property
    def size(self) -> str:
        """SQL for how many records a page has, at least one."""
        return self._size or "(select greatest(records, 1) from total)"

    @property
    def page_size(self) -> str:
        """SQL for how many records a page has at most; where nobody says so, for how many there are."""
        return self._size or "(select records from total)"

    @property
    def index(self) -> str:
        """SQL for which page it is, from 0."""
        return f"({self._offset} / {self._size})" if self._size else "0"

    @property
    def follows(self) -> str:
        """SQL for whether there is a page after this one."""
        return f"((select records from total) > ({self.index} + 1) * {self.size})"


def _encoded(cursor: str) -> str:
    """SQL for the opaque text of a cursor."""
    return f"translate(encode(convert_to({cursor}, 'UTF8'), 'base64'), E'\\n', '')"


def _all(conditions: list[str]) -> str:
    return " and ".join(f"({one})" for one in conditions)


_PARTS: dict[str, Callable[[Listing], str]] = {
    "total_pages": lambda listing: f"(select ceil(records::numeric / {listing.size}) from total)",
    "total_elements": lambda _: "(select records from total)",
    "page_size": lambda listing: listing.page_size,
    "page_index": lambda listing: listing.index,
    "has_content": lambda _: "(exists (select from page))::text",
    "is_first": lambda listing: f"({listing.index} = 0)::text",
    "is_last": lambda listing: f"(not {listing.follows})::text",
    "has_next": lambda listing: f"{listing.follows}::text",
    "has_previous": lambda listing: f"({listing.index} > 0)::text",
    "total_count": lambda _: "(select records from total)",
    "has_next_page": lambda listing: listing.page_info(forward=True),
    "has_previous_page": lambda listing: listing.page_info(forward=False),
    "start_cursor": lambda listing: listing.end_cursor(last=False),
    "end_cursor": lambda listing: listing.end_cursor(last=True),
}
"""For each plain part: SQL for its JSON text."""
