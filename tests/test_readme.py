"""Every answer and every script that the README shows is what a user gets."""

import json
import re
from pathlib import Path

import asyncpg
import pytest

from db.demo import load_demo

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"```graphql\n(.*?)```\n\nanswers\n\n```json\n(.*?)```", README, re.DOTALL)
DOCUMENTS = re.findall(r"```graphql\n(.*?)```", README, re.DOTALL)
SCRIPTS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.fixture
async def demo(database):
    connection = await asyncpg.connect(database)
    await load_demo(connection)
    await connection.close()


@pytest.fixture
async def administrator(demo, caller):  # noqa: ARG001 (the examples are about the demo plant)
    return await caller("PRODUCTION_ORDER", "CUSTOMER.READ", "MATERIAL.READ", "UNIT_OF_MEASURE.READ", "SYSTEM")


def test_the_readme_shows_answers_and_a_script():
    assert len(SHOWN) == 3
    assert len(SCRIPTS) == 1


@pytest.mark.parametrize(("document", "answer"), SHOWN)
async def test_the_answers_are_those_of_the_demo_plant(administrator, document, answer):
    assert await administrator.answer(document) == json.loads(answer)


@pytest.mark.parametrize("document", DOCUMENTS)
async def test_every_operation_succeeds(administrator, document):
    assert await administrator(document)


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_prints_what_its_comments_say(demo, live_url, live_token, script, capsys):  # noqa: ARG001 (as above)
    given = re.sub(r"token = .*", f"token = {live_token!r}", script).replace("http://127.0.0.1:8000", live_url)

    names = {}
    exec(compile(given, "README.md", "exec"), names)  # noqa: S102 (it is ours)
    names["system"].close()

    printed = capsys.readouterr().out.splitlines()
    assert set(re.findall(r"print\(.*\)  # (.*)", script)) <= set(printed)
