"""The API page `docs/api.md`, put together; `python -m docs.api.page` prints it."""

from __future__ import annotations

from pathlib import Path

import graphql

from client.schema import INTROSPECTION, schema_of
from client.selection import keys
from docs.api.chapters import Chapter, chapters
from docs.api.functions import Functions
from docs.api.spelling import blocks, link
from docs.api.tables import Types
from server.schema import make_schema

_INTRODUCTION = Path(__file__).with_name("introduction.md")

_GRAPHQL = """\
Beside the functions the API has what GraphQL clients expect: each record as a connection, and any record by its id. A
script asks for them with `system.graphql(document, variables)`, as for any other document; so it gets what is related
to a record in the same answer."""
_FILTERS = """\
A filter names fields of the record, and for each an operator with a value: `{quantity: {greaterThan: 100}}`. All of it
must hold; `and`, `or` and `not` join filters. A related record is filtered by its own fields,
`{product: {name: {startsWith: "Skyr"}}}`, and many of them by `some` or `none`. Fields of an enumeration have `equals`,
`notEquals`, `in` and `isNull`."""
_RECORDS = """\
What the keys of a record are, and what a save takes of them: `required` in a new record, `optional` or with a default,
or `ignored` because it is only for display. What has nothing there is shown, and not taken. Relations are asked for in
GraphQL, and need the permission to read the record that they lead to."""
_ANSWER = "A connection answers with its records, as `nodes` or as `edges` with a cursor each, and with where it is:"


def page() -> str:
    """The whole page."""
    schema = graphql.build_schema(make_schema().as_str())
    known = schema_of(graphql.graphql_sync(schema, INTROSPECTION).data or {})
    functions, types = Functions(schema), Types(schema, {name: keys(known, name) for name in known.fields})
    *modules, native = chapters()
    texts = blocks(
        _INTRODUCTION.read_text(encoding="utf-8").strip(),
        _contents(modules),
        *(_module(functions, chapter) for chapter in modules),
        _graphql(functions, types, native),
        blocks("## Records", _RECORDS, "### Every record", types.common(), types.records()),
        blocks(
            "## Requests and answers", types.requests(), "### Pages", types.part("ProductionOrderPage"), types.answers()
        ),
        blocks("## Enumerations", types.enumerations()),
        blocks("## Scalars", types.scalars()),
    )
    return f"{texts}\n"


def _contents(modules: list[Chapter]) -> str:
    named = [f"[`system.mes.{chapter.name}`](#systemmes{chapter.name.lower()}): {chapter.title}" for chapter in modules]
    others = [link(name) for name in ("GraphQL", "Records", "Enumerations", "Scalars")]
    answers = "[Requests and answers](#requests-and-answers)"
    return "\n".join(f"- {each}" for each in [*named, *others[:2], answers, *others[2:]])


def _module(functions: Functions, chapter: Chapter) -> str:
    groups = (
        blocks(f"### {name}", *(functions.scripted(chapter.name, example) for example in examples))
        for name, examples in chapter.groups.items()
    )
    return blocks(f"## system.mes.{chapter.name}", f"{chapter.title}.", *groups)


def _graphql(functions: Functions, types: Types, native: Chapter) -> str:
    groups = (blocks(f"### {name}", *map(functions.native, examples)) for name, examples in native.groups.items())
    answer = blocks(_ANSWER, types.part("ProductionOrderConnection"), "### PageInfo", types.part("PageInfo"))
    return blocks("## GraphQL", _GRAPHQL, types.paging(), _FILTERS, types.operators(), answer, *groups)


if __name__ == "__main__":
    print(page(), end="")
