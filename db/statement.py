"""Which rows, and what of them: both become one SQL statement that answers with the finished JSON text.

A root field says which rows (`Rows`), the selection under it says what of them (`Selection`). To-one relations are
joins, to-many relations are sub-selects, and the keys of the JSON objects are those the caller asked for, so the text
needs no further work on its way out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from db.declaration import Column, Many, Mixed, One, Paged, Record, Through, TypeName
from db.listing import Listing, encoded
from db.parts import Holds, Part
from db.records import RECORDS
from db.references import referring
from db.rows import Rows, Shape, Window
from db.scope import Building, Scope, refers
from db.selection import Selected, Selection, connections
from db.spelling import json_text
from db.values import Values

_MOST_ARGUMENTS = 100
"""A function of PostgreSQL takes no more arguments than these."""
_KEPT_TEXTS = 64
"""How many shapes of rows a projection keeps the text of its statement for."""


@dataclass(frozen=True)
class Statement:
    """SQL that answers with one row: `answer`, where there can be too many rows `too_many`, of a save `missing`."""

    sql: str
    parameters: Sequence[Any]


class Projection:
    """What is shown of rows, and the text of the statement that shows it, made once for rows of the same shape."""

    def __init__(self, selection: Selection) -> None:
        self.selection = selection
        self.connections = tuple(connections(selection))
        self._sql = lru_cache(_KEPT_TEXTS)(self._made)

    def statement(self, rows: Rows[Any], windows: Iterable[Window], most: int) -> Statement:
        """The one statement that shows these rows, of which there may be so many at most.

        Each of the selected connections shows the part that its window in the same place says.
        """
        values = Values(rows.parameters)
        window = (
            values.window(rows.window, rows.record) if rows.shape in (Shape.PAGE, Shape.CONNECTION) else rows.window
        )
        placed = tuple(
            values.window(asked, RECORDS[selected.member.target])  # type: ignore[attr-defined] # They are connections.
            for selected, asked in zip(self.connections, windows, strict=True)
        )
        return Statement(self._sql(replace(rows, parameters=(), window=window), placed, most), values.parameters)

    def _made(self, rows: Rows[Any], windows: tuple[Window, ...], most: int) -> str:
        building = _Showing(rows, dict(zip(self.connections, windows, strict=True)), most)
        expressions, answer = _answer(building, rows, self.selection)
        shown = [f"({answer}) as answer"]
        if rows.shape in (Shape.LIST, Shape.PAGE, Shape.REFERENCES):
            shown.append(f"(select count(*) > {most} from page) as too_many")
        if rows.saving:
            shown.append("(select array_agg(field) from missing) as missing")
        first = ", ".join(filter(None, [rows.changes, expressions]))
        return f"{f'with {first} ' if first else ''}select {', '.join(shown)}"


class _Showing(Building):
    """A statement in the making, with the window of each connection in it."""

    def __init__(self, rows: Rows[Any], windows: Mapping[Selected, Window], most: int) -> None:
        super().__init__(dict(rows.instead), most)
        self.windows = windows


def _answer(building: _Showing, rows: Rows[Any], selection: Selection) -> tuple[str, str]:  # noqa: PLR0911 (by shape)
    """Common table expressions, and SQL for the text of the answer over them."""
    match rows.shape:
        case Shape.ONE:
            scope = Scope(building, f"({rows.source})")
            if not rows.relation:
                return "", scope.query(_object(building, scope, scope.row, rows.record, selection))
            return "", scope.query(_related(building, scope.row, rows.record, rows.relation, selection))
        case Shape.LIST:
            ordered = f"select * from ({rows.source}) unordered order by {rows.order} limit {building.most + 1}"
            page = f"select shown.*, row_number() over () as place from ({ordered}) shown"
            listed = _listed(building, rows.record, "page", "place", _shown(building, selection))
            return f"page as materialized ({page})", listed
        case Shape.PAGE | Shape.CONNECTION:
            return _windowed(building, rows.record, rows.window, selection, "")
        case Shape.REFERENCES:
            return f"page as materialized ({referring(rows, building.most + 1)})", _tables(selection)
        case Shape.NODE:
            return "", f"select {_node(building, '$1', selection)}"
        case Shape.NODES:
            listed = f"string_agg({_node(building, 'given.id', selection)}, ',' order by place)"
            given = "unnest($1::text[]) with ordinality as given (id, place)"
            return "", f"select coalesce('[' || {listed} || ']', '[]') from {given}"


def _windowed(
    building: _Showing, record: type[Record], window: Window, selection: Selection, within: str
) -> tuple[str, str]:
    """The same of a page or a connection."""
    listing = Listing(building, record, window, set(_told(selection)), within)
    return listing.expressions, f"select {_parts(building, record, listing, selection)}"


def _told(selection: Selection) -> Iterator[str]:
    """The plain parts that are selected, those of edges and of the page info too."""
    for selected in selection:
        if isinstance(selected.member, Part):
            yield selected.member.name
            yield from _told(selected.selection if selected.member.holds in (Holds.EDGES, Holds.PAGE_INFO) else ())


def _parts(building: _Showing, record: type[Record], listing: Listing, selection: Selection) -> str:
    """SQL for a JSON object of the parts of a page or a connection."""

    def part(selected: Selected) -> str:
        match selected.member:
            case TypeName() as member:
                return _type_name(member)
            case Part(holds=Holds.PAGE_INFO):
                return _parts(building, record, listing, selected.selection)
            case Part(holds=Holds.RECORDS):
                shown = _shown(building, selected.selection)
            case Part(holds=Holds.EDGES):
                shown = _edge(building, selected.selection)
            case member:
                return listing.part(member.name)
        return f"({_listed(building, record, listing.source, listing.place, shown)})"

    return _json_object((selected.key, part(selected)) for selected in selection)


Shown = Callable[[Scope, type[Record]], str]
"""SQL for the text of one row of a list."""


def _shown(building: _Showing, selection: Selection) -> Shown:
    return lambda scope, record: _object(building, scope, scope.row, record, selection)


def _edge(building: _Showing, selection: Selection) -> Shown:
    """A record with its cursor."""

    def edge(scope: Scope, record: type[Record]) -> str:
        def part(selected: Selected) -> str:
            match selected.member:
                case TypeName() as member:
                    return _type_name(member)
                case Part(holds=Holds.RECORD):
                    return _object(building, scope, scope.row, record, selected.selection)
            return f"""'"' || {encoded(f"{scope.row}.cursor")} || '"'"""

        return _json_object((selected.key, part(selected)) for selected in selection)

    return edge


def _listed(building: _Showing, record: type[Record], source: str, place: str, shown: Shown) -> str:
    """A select of the list of rows, in their places."""
    scope = Scope(building, source)
    text = shown(scope, record)
    return scope.query(f"coalesce('[' || string_agg({text}, ',' order by {scope.row}.{place}) || ']', '[]')")


def _object(building: _Showing, scope: Scope, row: str, record: type[Record], selection: Selection) -> str:
    """SQL for a JSON object: response keys and the text of their values."""
    return _json_object((selected.key, _value(building, scope, row, record, selected)) for selected in selection)


def _value(building: _Showing, scope: Scope, row: str, record: type[Record], selected: Selected) -> str:
    """SQL for the JSON text of one member."""
    match selected.member:
        case TypeName() as member:
            return _type_name(member)
        case Column() | Mixed() as member:
            return json_text(member, row)
        case Through() as member:
            return _value_through(scope, row, record, member.path.split("."))
        case One() as relation:
            other, target = scope.joined(row, record, relation)
            shown = _object(building, scope, other, target, selected.selection)
            return f"case when {other}.id is null then 'null' else {shown} end"
        case Paged() as relation:
            within = refers(row, record, relation, "{row}")
            window, target = building.windows[selected], RECORDS[relation.target]
            expressions, answer = _windowed(building, target, window, selected.selection, within)
            return f"(with {expressions} {answer})"
        case Many() as relation:
            return _related(building, row, record, relation, selected.selection)
    raise TypeError(selected.member)


def _value_through(scope: Scope, row: str, record: type[Record], path: list[str]) -> str:
    """SQL for the value at the end of a path of relations; `null` where one of them leads nowhere."""
    *relations, last = path
    for relation in relations:
        member = record.members[relation]
        assert isinstance(member, One)
        row, record = scope.joined(row, record, member)
    return f"coalesce({json_text(record.columns[last], row)}, 'null')"


def _related(building: _Showing, row: str, record: type[Record], relation: Many, selection: Selection) -> str:
    """SQL for the list of the records that refer to a row."""
    target = RECORDS[relation.target]
    inner = Scope(building, building.table(target))
    shown = _object(building, inner, inner.row, target, selection)
    columns = dict.fromkeys(target.columns[name].stored_as for name in (*relation.order.split(", "), "id"))
    order = ", ".join(f"{inner.row}.{column}" for column in columns)
    listed = f"coalesce('[' || string_agg({shown}, ',' order by {order}) || ']', '[]')"
    return f"({inner.query(listed, f'where {refers(row, record, relation, inner.row)}')})"


def _json_object(members: Iterable[tuple[str, str]]) -> str:
    """SQL for a JSON object of keys and the SQL of their values."""
    parts = ["'{'"]
    for position, (key, value) in enumerate(members):
        parts += [f"""'{"," if position else ""}"{key}":'""", value]
    return _concatenated([*parts, "'}'"])


def _concatenated(parts: list[str]) -> str:
    """The parts one after the other, in calls of no more arguments than PostgreSQL takes."""
    while len(parts) > 1:
        groups = [parts[start : start + _MOST_ARGUMENTS] for start in range(0, len(parts), _MOST_ARGUMENTS)]
        parts = [f"concat({', '.join(group)})" for group in groups]
    return parts[0]


def _node(building: _Showing, node_id: str, selection: Selection) -> str:
    """SQL for the record with this id, of whichever of the selected kinds it is; `null` if it is of none."""
    choices = [_as_kind(building, node_id, RECORDS[selected.key], selected.selection) for selected in selection]
    return f"coalesce({', '.join(choices)}, 'null')"


def _as_kind(building: _Showing, node_id: str, record: type[Record], selection: Selection) -> str:
    scope = Scope(building, record.table)
    text = _object(building, scope, scope.row, record, selection)
    return f"({scope.query(text, f'where {scope.row}.id = {node_id}')})"


def _tables(selection: Selection) -> str:
    """A select of the list of tables that refer to a row, each with its references."""

    def part(selected: Selected) -> str:
        if isinstance(selected.member, TypeName):
            return _type_name(selected.member)
        if selected.selection:
            shown = _json_object((one.key, part(one)) for one in selected.selection)
            return f"'[' || string_agg({shown}, ',' order by column_name, id) || ']'"
        return f"to_json({_REFERENCES[selected.member.name]})::text"

    table = _json_object((selected.key, part(selected)) for selected in selection)
    listed = "coalesce('[' || string_agg(told, ',' order by table_name) || ']', '[]')"
    return f"select {listed} from (select table_name, {table} as told from page group by table_name) tables"


_REFERENCES = {"table_name": "table_name", "fk_col_name": "column_name", "id": "id"}
"""The columns of what refers to a row, by the parts that show them."""


def _type_name(member: TypeName) -> str:
    return f"""'"{member.name}"'"""
