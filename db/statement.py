"""Which rows, and what of them: both become one SQL statement that answers with the finished JSON text.

A root field says which rows (`Rows`), the selection under it says what of them (`Selected`). To-one relations are
joins, to-many relations are sub-selects, and the keys of the JSON objects are those the caller asked for, so the text
needs no further work on its way out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from db.declaration import Column, Many, Mixed, One, Paged, Record, Through
from db.listing import Listing, encoded
from db.parts import Holds, Part
from db.records import RECORDS
from db.rows import Rows, Shape, Window
from db.scope import Building, Scope
from db.selection import Selected
from db.spelling import json_text
from db.ulid import Ulid

Selection = tuple[Selected, ...]

_MOST_ARGUMENTS = 100
"""A function of PostgreSQL takes no more arguments than these."""


@dataclass(frozen=True)
class Statement:
    """SQL that answers with one row: `answer`, where there can be too many rows `too_many`, of a save `missing`."""

    sql: str
    parameters: tuple[Any, ...]


def statement(rows: Rows[Any], selection: Selection, most: int) -> Statement:
    """The one statement that shows this selection of these rows, of which there may be so many at most."""
    building = Building(rows.parameters, rows.instead, most)
    expressions, answer = _answer(building, rows, selection)
    shown = [f"({answer}) as answer"]
    if rows.shape in (Shape.LIST, Shape.PAGE):
        shown.append(f"(select count(*) > {most} from page) as too_many")
    if rows.saving:
        shown.append("(select array_agg(field) from missing) as missing")
    first = ", ".join(filter(None, [rows.changes, expressions]))
    return Statement(f"{f'with {first} ' if first else ''}select {', '.join(shown)}", tuple(building.parameters))


def _answer(building: Building, rows: Rows[Any], selection: Selection) -> tuple[str, str]:
    """Common table expressions, and SQL for the text of the answer over them."""
    match rows.shape:
        case Shape.ONE:
            scope = Scope(building, f"({rows.source})")
            if not rows.relation:
                return "", scope.query(_object(scope, scope.row, rows.record, selection))
            return "", scope.query(_related(scope, scope.row, rows.record, rows.relation, selection))
        case Shape.LIST:
            ordered = f"select * from ({rows.source}) unordered order by {rows.order} limit {building.most + 1}"
            page = f"select shown.*, row_number() over () as place from ({ordered}) shown"
            return f"page as materialized ({page})", _listed(building, rows.record, "page", "place", _shown(selection))
        case Shape.PAGE | Shape.CONNECTION:
            return _windowed(building, rows.record, rows.window, selection, "")


def _windowed(
    building: Building, record: type[Record], window: Window, selection: Selection, within: str
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


def _parts(building: Building, record: type[Record], listing: Listing, selection: Selection) -> str:
    """SQL for a JSON object of the parts of a page or a connection."""

    def part(selected: Selected) -> str:
        assert isinstance(selected.member, Part)
        match selected.member.holds:
            case Holds.PAGE_INFO:
                return _parts(building, record, listing, selected.selection)
            case Holds.RECORDS:
                shown = _shown(selected.selection)
            case Holds.EDGES:
                shown = _edge(selected.selection)
            case _:
                return listing.part(selected.member.name)
        return f"({_listed(building, record, listing.source, listing.place, shown)})"

    return _json_object((selected.key, part(selected)) for selected in selection)


Shown = Callable[[Scope, type[Record]], str]
"""SQL for the text of one row of a list."""


def _shown(selection: Selection) -> Shown:
    return lambda scope, record: _object(scope, scope.row, record, selection)


def _edge(selection: Selection) -> Shown:
    """A record with its cursor."""

    def edge(scope: Scope, record: type[Record]) -> str:
        cursor = f"""'"' || {encoded(f"{scope.row}.cursor")} || '"'"""
        return _json_object(
            (
                selected.key,
                cursor if selected.member.name == "cursor" else _object(scope, scope.row, record, selected.selection),
            )
            for selected in selection
        )

    return edge


def _listed(building: Building, record: type[Record], source: str, place: str, shown: Shown) -> str:
    """A select of the list of rows, in their places."""
    scope = Scope(building, source)
    text = shown(scope, record)
    return scope.query(f"coalesce('[' || string_agg({text}, ',' order by {scope.row}.{place}) || ']', '[]')")


def _object(scope: Scope, row: str, record: type[Record], selection: Selection) -> str:
    """SQL for a JSON object: response keys and the text of their values."""
    return _json_object((selected.key, _value(scope, row, record, selected)) for selected in selection)


def _value(scope: Scope, row: str, record: type[Record], selected: Selected) -> str:
    """SQL for the JSON text of one member."""
    match selected.member:
        case Column() | Mixed() as member:
            return json_text(member, row)
        case Through() as member:
            return _value_through(scope, row, record, member.path.split("."))
        case One() as relation:
            other, target = scope.joined(row, record, relation)
            return (
                f"case when {other}.id is null then 'null' else {_object(scope, other, target, selected.selection)} end"
            )
        case Paged() as relation:
            within = _refers(row, record, relation, "{row}")
            window, target = selected.window, RECORDS[relation.target]
            expressions, answer = _windowed(scope.building, target, window, selected.selection, within)
            return f"(with {expressions} {answer})"
        case Many() as relation:
            return _related(scope, row, record, relation, selected.selection)
    raise TypeError(selected.member)


def _value_through(scope: Scope, row: str, record: type[Record], path: list[str]) -> str:
    """SQL for the value at the end of a path of relations; `null` where one of them leads nowhere."""
    *relations, last = path
    for relation in relations:
        member = record.members[relation]
        assert isinstance(member, One)
        row, record = scope.joined(row, record, member)
    return f"coalesce({json_text(record.columns[last], row)}, 'null')"


def _related(scope: Scope, row: str, record: type[Record], relation: Many, selection: Selection) -> str:
    """SQL for the list of the records that refer to a row."""
    target = RECORDS[relation.target]
    inner = Scope(scope.building, scope.building.table(target))
    shown = _object(inner, inner.row, target, selection)
    columns = dict.fromkeys(target.columns[name].stored_as for name in (*relation.order.split(", "), "id"))
    order = ", ".join(f"{inner.row}.{column}" for column in columns)
    listed = f"coalesce('[' || string_agg({shown}, ',' order by {order}) || ']', '[]')"
    return f"({inner.query(listed, f'where {_refers(row, record, relation, inner.row)}')})"


def _refers(row: str, record: type[Record], relation: Many, other: str) -> str:
    """SQL for whether another row refers to this one."""
    by, of = RECORDS[relation.target].columns[relation.by], record.columns[relation.of]
    refers = f"{other}.{by.stored_as} = {row}.{of.stored_as}"
    if not relation.unless:
        return refers
    unless = record.columns[relation.unless].stored_as
    return f"{refers} and {row}.{of.stored_as} is distinct from {row}.{unless}"


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


def nodes_statement(ids: list[Ulid], selections: Mapping[type[Record], Selection], kind: str) -> Statement:
    """The one statement that shows records of any kind, each with the name of its record under the key `kind`."""
    building = Building([ids], {}, len(ids))
    choices = [_node(building, record, selection, kind) for record, selection in selections.items()]
    listed = f"string_agg(coalesce({', '.join(choices)}, 'null'), ',' order by place)"
    given = "unnest($1::text[]) with ordinality as given (id, place)"
    return Statement(
        f"select coalesce('[' || {listed} || ']', '[]') as answer from {given}", tuple(building.parameters)
    )


def _node(building: Building, record: type[Record], selection: Selection, kind: str) -> str:
    scope = Scope(building, record.table)
    shown = [(selected.key, _value(scope, scope.row, record, selected)) for selected in selection]
    text = _json_object([(kind, f"""'"{record.__name__}"'"""), *shown])
    return f"({scope.query(text, f'where {scope.row}.id = given.id')})"
