"""The examples of the API page do what they say, on the demo plant; the links of the page lead somewhere."""

import asyncio
import json
import re
from collections import Counter
from pathlib import Path

import asyncpg
import pytest

from client import connect
from db.demo import load_demo
from docs.api.chapters import chapters
from server.first_start import first_start

PAGE = (Path(__file__).parents[2] / "docs/api.md").read_text(encoding="utf-8")
CHAPTERS = chapters()
READING = {"graphql", "query"}


@pytest.fixture
async def token(database, tmp_path):
    """The administrator's token, at a server that was started with the demo plant."""
    connection = await asyncpg.connect(database)
    await load_demo(connection)
    yield await first_start(connection, tmp_path)
    await connection.close()


@pytest.fixture
def system(live_url, token):
    with connect(live_url, token=token) as system:
        yield system


def told(system, example):
    """What an example says that happens, and what does."""
    if "graphql" in example.codes:
        return json.loads(example.codes["json"]), {"data": system.graphql(example.codes["graphql"])}
    printed = []
    # Not what goes to the standard output: there the server logs too.
    names = {"system": system, "print": lambda *values: printed.append(" ".join(map(str, values)))}
    exec(compile(example.codes["python"], example.function, "exec"), names)  # noqa: S102 (it is ours)
    return example.printed, printed


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)
def test_every_example_prints_what_its_comments_say(system, chapter):
    results = {example.function: told(system, example) for example in chapter.examples}

    assert {name: result for name, result in results.items() if result[0] != result[1]} == {}


def test_every_example_says_what_it_does():
    for chapter in CHAPTERS:
        for example in chapter.examples:
            code = example.codes["graphql" if chapter.name == "graphql" else "python"]
            assert re.search(rf"\b{example.function}\(|\b{example.function} {{", code), example.function
            assert "json" in example.codes or example.printed, example.function


def test_the_functions_are_in_their_modules(system):
    modules = {name: set(dir(getattr(system.mes, name))) for name in dir(system.mes)}

    *scripted, native = CHAPTERS
    assert {chapter.name: {example.function for example in chapter.examples} for chapter in scripted} == modules
    assert not {example.function for example in native.examples} & set.union(*modules.values())


def test_every_link_leads_to_one_heading():
    titles = re.findall(r"^#+ (.*)$", PAGE, re.MULTILINE)
    headings = Counter(re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles)

    assert {anchor: headings[anchor] for anchor in re.findall(r"\(#([^)]*)\)", PAGE) if headings[anchor] != 1} == {}


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)
async def test_every_change_by_an_example_is_logged_with_its_caller_and_request(system, pool, chapter):
    before = await pool.fetchval("select max(id) from changes")

    await asyncio.to_thread(lambda: [told(system, example) for example in chapter.examples])

    changed = await pool.fetch("select * from changes where id > $1", before)
    assert [row for row in changed if not row["request_id"] or row["changed_by"] != "administrator"] == []
    assert changed or chapter.name in READING
