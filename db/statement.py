"""Which rows, and what of them: both become one SQL statement that answers with the finished JSON text.

A root field says which rows (`Rows`), the selection under it says what of them (`Selection`). To-one relations are
joins, to-many relations are sub-selects, and the keys of the JSON objects are those the caller asked for, so the text
needs no further work on its way out.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

from cachetools import LRUCache, cached
from cachetools.keys import hashkey

from db.change_log import fields_json
from db.declaration import Column, Fixed, Logged, Many, Mixed, One, Paged, Record, Through
from db.listing import TOTALS, Listing
from db.origin import told
from db.parts import Holds, Part
from db.reach import is_short
from db.records import RECORDS
from db.references import referring
from db.rows import WHOLE, Rows, Shape, Window, found_by
from db.scope import Building, Scope, refers
from db.selection import Selected, Selection, connections, fields
from db.spelling import Verbatim, given_by_all, json_pieces, json_text
from db.values import Values

_MOST_VALUES = 99
"""A function of PostgreSQL takes no more arguments than 100, and the first one of `format` is its text."""
_KEPT: LRUCache[Any, str] = LRUCache(16 * 1024 * 1024, getsizeof=len)
"""The texts of the statements that were made last, so many characters of all projections together."""


def _key(kind: str, projection: Projection, rows: Rows[Any], *further: Any) -> Hashable:
    """What a text is kept by: no values, which may be long."""
    return hashkey(kind, projection, *rows.form, *further)


class Statement(NamedTuple):
    """SQL that answers with one row: `answer`, and where there can be too many rows `too_many`."""

    sql: str
    parameters: Sequence[Any]
    several: Callable[[], str] | None = None
    """Of rows with a key, of new ones, and of short pages: SQL for as many as share a statement, with the parameters of
    each one after the other. It gives their `answer`, and their `place` among them.
    """


class Projection:
    """What is shown of rows, and the text of the statement that shows it, made once for rows of the same shape."""

    def __init__(self, selection: Selection) -> None:
        self.selection = selection
        self.connections = tuple(connections(selection))
        self._fields = fields(selection)
        self._counts = not TOTALS.isdisjoint(_told(selection))

    def statement(
        self, rows: Rows[Any], windows: Iterable[Window], most: int, longest: int | None = None, origin: str = ""
    ) -> Statement:
        """The one statement that shows these rows, of which there may be so many at most.

        An answer of more bytes than `longest` is told as an empty one: it need not be sent to here.
        Each of the selected connections shows the part that its window in the same place says. Changes among them are
        told to have this origin.
        """
        windowed = rows.shape in (Shape.PAGE, Shape.CONNECTION)
        given = (*rows.parameters, origin) if rows.changes else rows.parameters
        if not (windowed or self.connections):
            shared = rows.key or rows.changes_of_several
            several = partial(self._several, rows, None, most, longest) if shared else None
            return Statement(self._sql(rows, None, (), most, longest), given, several)
        values = Values(given)
        window = values.window(rows.window, rows.record) if windowed else None
        placed = tuple(
            values.window(asked, RECORDS[selected.member.target])  # type: ignore[attr-defined] # They are connections.
            for selected, asked in zip(self.connections, windows, strict=True)
        )
        short = window and not (placed or self._counts) and is_short(rows.window, window, self._fields)
        several = partial(self._several, rows, window, most, longest) if short else None
        return Statement(self._sql(rows, window, placed, most, longest), values.parameters, several)

    @cached(_KEPT, partial(_key, "one"))
    def _sql(
        self, rows: Rows[Any], window: Window | None, windows: tuple[Window, ...], most: int, longest: int | None
    ) -> str:
        return self._made(rows, window, windows, most, longest)

    @cached(_KEPT, partial(_key, "several"))
    def _several(self, rows: Rows[Any], window: Window | None, most: int, longest: int | None) -> str:
        there = "true"
        if window:
            values = Values(of_several=True)
            window = values.window(rows.window, rows.record)
            # Where there are fewer, the others' sizes are null, which would be no limit.
            given, there = _given(values.casts), f"{window.size} is not null"
        elif rows.key:
            given = _given(["text"])
            rows = replace(rows, source=found_by(rows.record.table, rows.key, "given.value1"))
        else:
            given = rows.changes_of_several
            rows = replace(rows, source="select * from saved where id = given.id", changes="")
        one = self._made(rows, window, (), most, longest)
        return f"with {given} select answer, place from given left join lateral ({one}) one on true where {there}"

    def _made(
        self, rows: Rows[Any], window: Window | None, windows: tuple[Window, ...], most: int, longest: int | None
    ) -> str:
        showing = _Showing(rows, dict(zip(self.connections, windows, strict=True)), most)
        expressions, answer = showing.answer(rows, window or WHOLE, self.selection)
        # The driver has nothing to decode in bytes, which is worth more than it costs where there are many of them.
        shown = [f"({answer}) as answer" if rows.shape is Shape.ONE else f"convert_to(({answer}), 'UTF8') as answer"]
        sized = window is not None and window.size is not None
        limited = rows.shape in (Shape.LIST, Shape.REFERENCES) or (rows.shape is Shape.PAGE and not sized)
        if limited:
            shown.append(f"(select count(*) > {most} from page) as too_many")
        first = _after(rows.changes, expressions)
        told_origin = f" where {told(len(rows.parameters) + 1)}" if rows.changes else ""
        made = f"select {', '.join(shown)}{told_origin}"
        if longest is not None:
            short = f"case when octet_length(answer) > {longest} then '' else answer end as answer"
            # Without `offset` the answer would be made twice.
            made = f"select {short}{', too_many' if limited else ''} from ({made} offset 0) made"
        return f"{first}{made}"


class _Showing(Building):
    """A statement in the making, with the window of each connection in it.

    Of a `single` row the records that it leads to are looked up one by one: PostgreSQL may read a whole table to join
    it with the list of one row, where it misjudges how long the list is.
    """

    def __init__(self, rows: Rows[Any], windows: dict[Selected, Window], most: int) -> None:
        super().__init__(dict(rows.instead), most)
        self._windows = windows
        self._single = rows.shape is Shape.ONE

    def answer(self, rows: Rows[Any], window: Window, selection: Selection) -> tuple[str, str]:
        """Common table expressions, and SQL for the text of the answer over them."""
        match rows.shape:
            case Shape.LIST:
                ordered = f"select * from ({rows.source}) unordered order by {rows.order} limit {self.most + 1}"
                page = f"select shown.*, row_number() over () as place from ({ordered}) shown"
                scope = Scope(self, "page")
                text = self._object(scope, rows.record, selection)
                in_order = f"order by {scope.row}.place" if scope.grown else ""
                return f"page as materialized ({page})", f"select {_list(scope.query(text, in_order))}"
            case Shape.PAGE | Shape.CONNECTION:
                return self._windowed(rows.record, window, selection, "")
            case Shape.REFERENCES:
                return f"page as materialized ({referring(rows, self.most + 1)})", _tables(selection)
        return "", self._single_answer(rows, selection)

    def _single_answer(self, rows: Rows[Any], selection: Selection) -> str:
        """The same of one row, or of nodes: no expressions are needed."""
        if rows.shape is Shape.NODE:
            return f"select {self._node('given.id', selection)} from (select $1::text as id) given"
        if rows.shape is Shape.NODES:
            given = "unnest($1::text[]) with ordinality as given (id, place)"
            node = self._node("given.id", selection)
            return f"select {_list(f'select {node} from {given} order by place')}"
        scope = Scope(self, f"({rows.source})")
        if rows.relation:
            return scope.query(_concatenated(self._related(scope.row, rows.record, rows.relation, selection)))
        return scope.query(self._object(scope, rows.record, selection))

    def _windowed(self, record: type[Record], window: Window, selection: Selection, within: str) -> tuple[str, str]:
        """The same of a page or a connection."""
        listing = Listing(self, record, window, tuple(_told(selection)), within)
        return listing.expressions, f"select {self._parts(record, listing, selection)}"

    def _parts(self, record: type[Record], listing: Listing, selection: Selection) -> str:
        """SQL for a JSON object of the parts of a page or a connection."""

        def part(member: Part, inner: Selection) -> str:
            match member.holds:
                case Holds.PAGE_INFO:
                    return self._parts(record, listing, inner)
                case Holds.RECORDS:
                    scope = listing.records()
                    text = self._object(scope, record, inner)
                    return _list(scope.query(text, listing.in_order(scope)))
                case Holds.EDGES:
                    scope = listing.records()
                    text = self._edge(scope, listing, record, inner)
                    return _list(scope.query(text, listing.in_order(scope)))
            return listing.part(member.name)

        return _parts(selection, part)

    def _edge(self, scope: Scope, listing: Listing, record: type[Record], selection: Selection) -> str:
        """SQL for a record with its cursor."""
        return _parts(
            selection,
            lambda member, inner: (
                self._object(scope, record, inner) if member.holds is Holds.RECORD else listing.cursor
            ),
        )

    def _object(self, scope: Scope, record: type[Record], selection: Selection, row: str = "") -> str:
        """SQL for a JSON object of a record: response keys and the text of their values."""
        members = ((selected.key, self._value(scope, row or scope.row, record, selected)) for selected in selection)
        return _json_object(members)

    def _value(self, scope: Scope, row: str, record: type[Record], selected: Selected) -> list[str]:  # noqa: PLR0911 (by kind)
        """The pieces of the JSON text of one member."""
        match selected.member:
            case Fixed() as member:
                return [Verbatim(member.text)]
            case Column() as member:
                return json_pieces(member, row)
            case Mixed() as member:
                return [json_text(member, row)]
            case Logged() as member:
                return [fields_json(row, member.name)]
            case Through() as member:
                return [_value_through(scope, row, record, member.path.split("."))]
            case One() as relation:
                other = scope.joined(row, record, relation, one_by_one=self._single)
                text = self._object(scope, RECORDS[relation.target], selected.selection, other)
                return [f"case when {other}.id is null then 'null' else {text} end"]
            case Paged() as relation:
                within, target = refers(row, record, relation, "{row}"), RECORDS[relation.target]
                expressions, answer = self._windowed(target, self._windows[selected], selected.selection, within)
                return [f"({_after(expressions)}{answer})"]
            case Many() as relation:
                return self._related(row, record, relation, selected.selection)
        raise TypeError(selected.member)

    def _related(self, row: str, record: type[Record], relation: Many, selection: Selection) -> list[str]:
        """The pieces of the list of the records that refer to a row."""
        target = RECORDS[relation.target]
        scope = Scope(self, self.table(target))
        text = self._object(scope, target, selection)
        columns = dict.fromkeys(target.columns[name].stored_as for name in (*relation.order.split(", "), "id"))
        order = ", ".join(f"{scope.row}.{column}" for column in columns)
        return _pieces_of_list(scope.query(text, f"where {refers(row, record, relation, scope.row)} order by {order}"))

    def _node(self, node_id: str, selection: Selection) -> str:
        """SQL for the record with this id, of whichever of the selected kinds it is; `null` if it is of none."""
        choices = [self._as_kind(node_id, RECORDS[selected.key], selected.selection) for selected in selection]
        nothing = "'null'"
        return f"coalesce({', '.join([*choices, nothing])})"

    def _as_kind(self, node_id: str, record: type[Record], selection: Selection) -> str:
        scope = Scope(self, record.table)
        return f"({scope.query(self._object(scope, record, selection), f'where {scope.row}.id = {node_id}')})"


def _given(casts: Sequence[str]) -> str:
    """A common table expression of what those have given who share a statement, in columns of these types."""
    names = "".join(f"value{number}, " for number in range(1, len(casts) + 1))
    return f"given ({names}place) as (values {given_by_all(casts)})"


def _after(*expressions: str) -> str:
    """`with` and what of these common table expressions there is."""
    given = ", ".join(filter(None, expressions))
    return f"with {given} " if given else ""


def _told(selection: Selection) -> Iterator[str]:
    """The plain parts that are selected, those of edges and of the page info too."""
    for selected in selection:
        if isinstance(selected.member, Part):
            yield selected.member.name
            yield from _told(selected.selection if selected.member.holds in (Holds.EDGES, Holds.PAGE_INFO) else ())


def _parts(selection: Selection, part: Callable[[Part, Selection], str]) -> str:
    """SQL for a JSON object of parts."""

    def pieces(selected: Selected) -> list[str]:
        if isinstance(selected.member, Fixed):
            return [Verbatim(selected.member.text)]
        assert isinstance(selected.member, Part)
        return [part(selected.member, selected.selection)]

    return _json_object((selected.key, pieces(selected)) for selected in selection)


def _value_through(scope: Scope, row: str, record: type[Record], path: list[str]) -> str:
    """SQL for the value at the end of a path of relations; `null` where one of them leads nowhere."""
    *relations, last = path
    for relation in relations:
        member = record.members[relation]
        assert isinstance(member, One)
        row, record = scope.joined(row, record, member), RECORDS[member.target]
    return f"coalesce({json_text(record.columns[last], row)}, 'null')"


_REFERENCES = {"table_name": "table_name", "fk_col_name": "column_name", "id": "id"}
"""The columns of what refers to a row, by the parts that show them."""


def _tables(selection: Selection) -> str:
    """A select of the list of tables that refer to a row, each with its references."""

    def part(member: Part, inner: Selection) -> str:
        if member.holds is Holds.REFERENCES:
            return f"'[' || string_agg({_parts(inner, part)}, ',' order by column_name, id) || ']'"
        return f"to_json({_REFERENCES[member.name]})::text"

    return f"select {_list(f'select {_parts(selection, part)} from page group by table_name order by table_name')}"


def _list(texts: str) -> str:
    """SQL for the JSON list of what a select gives, each of them a text and none null."""
    return _concatenated(_pieces_of_list(texts))


def _pieces_of_list(texts: str) -> list[str]:
    """The same in pieces."""
    return [Verbatim("["), f"array_to_string(array({texts}), ',')", Verbatim("]")]


def _json_object(members: Iterable[tuple[str, Sequence[str]]]) -> str:
    """SQL for a JSON object of keys and the pieces of their values."""
    pieces: list[str] = [Verbatim("{")]
    for position, (key, value) in enumerate(members):
        pieces += [Verbatim(f"""{"," if position else ""}"{key}":"""), *value]
    return _concatenated([*pieces, Verbatim("}")])


def _concatenated(pieces: Iterable[str]) -> str:
    """SQL for the pieces one after the other, in calls of no more arguments than PostgreSQL takes.

    `format` has what is known beforehand in its first argument, where `concat` takes an argument for each piece.
    """
    calls: list[str] = []
    template, values = "", list[str]()
    for piece in pieces:
        if isinstance(piece, Verbatim):
            template += piece.replace("%", "%%")
            continue
        if len(values) == _MOST_VALUES:
            calls.append(_formatted(template, values))
            template, values = "", []
        template += "%s"
        values.append(piece)
    last = _formatted(template, values)
    return _concatenated([*calls, last]) if calls else last


def _formatted(template: str, values: Sequence[str]) -> str:
    return f"format('{template}', {', '.join(values)})" if values else f"format('{template}')"
