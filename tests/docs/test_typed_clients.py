"""The examples of typed clients know the whole schema; tests/typed_clients/run generates and runs them."""

import re
import tomllib
from pathlib import Path

import graphql
import pytest

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / "docs/typed-clients/python"
TYPESCRIPT = ROOT / "docs/typed-clients/typescript"

SCHEMA = graphql.build_schema((ROOT / "schema.graphql").read_text(encoding="utf-8"))
SCALARS = {
    name
    for name, kind in SCHEMA.type_map.items()
    if isinstance(kind, graphql.GraphQLScalarType) and not graphql.is_specified_scalar_type(kind)
}
SOURCE = (TYPESCRIPT / "src/example.ts").read_text(encoding="utf-8")
OPERATIONS = {
    "python": (PYTHON / "queries.graphql").read_text(encoding="utf-8"),
    "typescript": "".join(re.findall(r"graphql\(`(.*?)`\)", SOURCE, re.DOTALL)),
}


def test_python_has_a_type_for_every_scalar():
    settings = tomllib.loads((PYTHON / "pyproject.toml").read_text(encoding="utf-8"))

    assert settings["tool"]["ariadne-codegen"]["scalars"].keys() == SCALARS


def test_typescript_has_a_type_for_every_scalar():
    settings = (TYPESCRIPT / "codegen.ts").read_text(encoding="utf-8")

    mapped = re.search(r"scalars: \{\n(.*?)\n +\},", settings, re.DOTALL)[1]
    assert set(re.findall(r"^ +(\w+):", mapped, re.MULTILINE)) == SCALARS


def test_the_page_tells_the_types_of_every_scalar():
    page = (ROOT / "docs/typed-clients.md").read_text(encoding="utf-8")

    assert set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == SCALARS


@pytest.mark.parametrize("language", OPERATIONS)
def test_the_operations_are_of_the_schema(language):
    document = graphql.parse(OPERATIONS[language])

    assert len(document.definitions) >= 2
    assert graphql.validate(SCHEMA, document) == []


def test_both_ask_the_same():
    python, typescript = (graphql.print_ast(graphql.parse(operations)) for operations in OPERATIONS.values())

    assert python == typescript


def test_the_lock_of_the_packages_names_no_address():
    lock = (TYPESCRIPT / "package-lock.json").read_text(encoding="utf-8")

    assert "://" not in lock
