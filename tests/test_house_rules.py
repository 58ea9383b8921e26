"""The project held to its own rules."""

import ast
import re
from dataclasses import fields
from enum import Enum
from pathlib import Path

import graphql
import pytest

from db import declaration, errors, spelling
from db.change_log import Change
from db.declaration import Column, Many, One
from db.records import RECORDS
from docs.api.chapters import chapters
from docs.api.page import page
from resolvers.access import Permission, access
from server.config import Settings, variable
from server.schema import make_schema

ROOT = Path(__file__).parents[1]
PACKAGES = ("server", "resolvers", "db", "client")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
ALL_PYTHON = sorted([*SOURCES, *(ROOT / "tests").rglob("*.py"), *ROOT.glob("*.py")])

# What a package may import of the others, and what it must not know of the world.
MAY_IMPORT = {
    "server": {"server", "resolvers", "db"},
    "resolvers": {"resolvers", "db"},
    "db": {"db"},
    "client": {"client"},
}
MUST_NOT_IMPORT = {
    "server": set(),
    "resolvers": {"asyncpg", "starlette", "uvicorn", "httpx"},
    "db": {"graphql", "strawberry", "starlette", "uvicorn", "httpx"},
    "client": {"graphql", "strawberry", "starlette", "uvicorn", "asyncpg"},
}
LONGEST_FILE = 400
LONGEST_FUNCTION = 50
LARGEST_NAME = 63

SCHEMA = make_schema()
COLUMNS = [(record, column) for record in RECORDS.values() for column in record.columns.values()]


def root_fields():
    schema = graphql.build_schema(SCHEMA.as_str())
    return [field for root in (schema.query_type, schema.mutation_type) for field in root.fields.items()]


def required_permission(field):
    """What @requiresPermission says; None where it does not stand."""
    for directive in field.ast_node.directives:
        if directive.name.value == "requiresPermission":
            return directive.arguments[0].value.value
    return None


def imports(path):
    """The modules that a file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def relative(path):
    return str(path.relative_to(ROOT))


@pytest.fixture
async def stored_columns(pool):
    """What PostgreSQL says of every column."""
    rows = await pool.fetch(
        """
        select table_name, column_name, data_type, is_nullable = 'YES' as nullable
        from information_schema.columns
        where table_schema = 'public'
        """
    )
    return {(row["table_name"], row["column_name"]): (row["data_type"], row["nullable"]) for row in rows}


async def test_the_tables_have_the_declared_columns(stored_columns):
    declared = {
        (record.table, column.stored_as): (spelling.sql_type(column), column.nullable) for record, column in COLUMNS
    }
    tables = {record.table for record in RECORDS.values()}

    assert {key: column for key, column in stored_columns.items() if key[0] in tables} == declared


async def test_texts_are_compared_by_code_point(pool):
    rows = await pool.fetch(
        """
        select attrelid::regclass::text, attname
        from pg_attribute join pg_class on pg_class.oid = attrelid
        where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> 'schema_migrations'
            and atttypid = 'text'::regtype and attcollation <> '"C"'::regcollation
        """
    )

    assert [tuple(row) for row in rows] == []


async def test_the_tables_have_the_declared_foreign_keys(pool):
    rows = await pool.fetch(
        """
        select
            conrelid::regclass::text as table_name,
            (select attname from pg_attribute where attrelid = conrelid and attnum = conkey[1]) as column_name,
            confrelid::regclass::text as target
        from pg_constraint
        where contype = 'f' and cardinality(conkey) = 1
        """
    )
    declared = {
        (record.table, column.stored_as, RECORDS[column.target].table) for record, column in COLUMNS if column.target
    }

    assert {tuple(row) for row in rows} == declared


async def test_the_tables_have_the_declared_unique_fields(pool):
    rows = await pool.fetch(
        """
        select conname, array_agg(attname::text order by place) as columns
        from pg_constraint
        cross join unnest(conkey) with ordinality as keys (attnum, place)
        join pg_attribute using (attnum)
        where contype = 'u' and attrelid = conrelid
        group by conname
        """
    )
    declared = {
        f"{record.table}_{key}_key": [record.columns[field].stored_as for field in fields]
        for record in RECORDS.values()
        for key, fields in record.unique.items()
    }
    tables = {record.table for record in RECORDS.values()}
    # That the id of a property is unique together with its data type is there for foreign keys to refer to.
    stored = {row["conname"]: row["columns"] for row in rows if "id" not in row["columns"]}

    assert {name: columns for name, columns in stored.items() if name.startswith(tuple(tables))} == declared


async def test_every_table_is_logged_by_the_name_of_its_record(pool):
    rows = await pool.fetch(
        """
        select table_name, event_manipulation, action_statement
        from information_schema.tables
        left join information_schema.triggers
            on event_object_table = table_name and trigger_schema = table_schema and trigger_name like 'log\\_%'
        where table_schema = 'public'
            and table_name not in ('changes', 'idempotent_answers', 'schema_migrations', 'timelines')
        """
    )
    names = {record.table: name for name, record in RECORDS.items() if not record.view}
    logged = {table: f"EXECUTE FUNCTION log_changes('{name}')" for table, name in names.items()}
    logged["api_tokens"] = "EXECUTE FUNCTION log_token_changes('ApiToken')"

    assert {tuple(row) for row in rows} == {
        (table, event, action) for table, action in logged.items() for event in ("INSERT", "UPDATE", "DELETE")
    }


async def test_every_foreign_key_has_an_index(pool):
    rows = await pool.fetch(
        """
        select conname from pg_constraint
        where contype = 'f' and not exists (
            select from pg_index where indrelid = conrelid and indkey[0] = conkey[1]
        )
        """
    )

    assert [row["conname"] for row in rows] == []


async def test_every_declared_index_is_there(pool):
    """Pages that one of them has in their order are planned once (`db/reach.py`)."""
    rows = await pool.fetch("select tablename, split_part(indexdef, 'USING ', 2) as columns from pg_indexes")
    there = {tuple(row) for row in rows}

    for record in (*RECORDS.values(), Change):
        for index in record.indexes:
            columns = ", ".join(record.columns[name].stored_as for name in (*index, "id"))
            assert (record.table, f"btree ({columns})") in there


async def test_the_closed_sets_are_those_of_the_tables(pool):
    rows = await pool.fetch(
        "select conname, pg_get_constraintdef(oid) as rule from pg_constraint where contype = 'c' and conrelid <> 0"
    )
    rules = {row["conname"]: set(re.findall(r"'([^']*)'::text", row["rule"])) for row in rows}

    for record, column in COLUMNS:
        if isinstance(column.kind, type) and issubclass(column.kind, Enum):
            values = {member.value for member in column.kind}
            assert rules[f"{record.table}_{column.stored_as}_check"] == values, column


async def test_every_number_with_a_point_is_finite(pool):
    rows = await pool.fetch("select conname, pg_get_constraintdef(oid) as rule from pg_constraint where contype = 'c'")
    rules = [row["rule"] for row in rows if "Infinity" in row["rule"]]

    for _, column in COLUMNS:
        if column.kind is float and column.name != "duration":
            assert any(f"({column.stored_as} < 'Infinity'" in rule for rule in rules), column


async def test_constraints_are_named_for_their_table_and_kind(pool):
    rows = await pool.fetch(
        """
        select conname, conrelid::regclass::text as table_name, contype::text
        from pg_constraint
        where contype in ('c', 'f', 'u') and conrelid <> 0 and connamespace = 'public'::regnamespace
        """
    )
    endings = {"c": "_check", "f": "_fkey", "u": "_key"}

    for row in rows:
        assert row["conname"].startswith(f"{row['table_name']}_")
        assert row["conname"].endswith(endings[row["contype"]])


def test_no_name_in_a_migration_is_longer_than_postgresql_keeps():
    for migration in (ROOT / "db" / "migrations").glob("*.sql"):
        names = re.findall(r"\w+", migration.read_text(encoding="utf-8"))
        assert max(map(len, names)) <= LARGEST_NAME, migration.name


def test_migrations_are_numbered_without_gaps():
    files = sorted(path.name for path in (ROOT / "db" / "migrations").glob("*.sql"))

    assert [int(re.fullmatch(r"(\d{4})_[a-z0-9_]+\.sql", name)[1]) for name in files] == list(range(1, len(files) + 1))


@pytest.mark.parametrize(("name", "field"), root_fields())
def test_every_root_field_has_a_description_and_a_permission_marker(name, field):
    assert field.description, name
    assert required_permission(field) in {"", *(permission.value for permission in Permission)}
    assert all(argument.description for argument in field.args.values())


@pytest.mark.parametrize(("name", "field"), root_fields())
def test_only_new_and_permissions_ask_for_no_more_than_a_known_caller(name, field):
    # A node asks for the permission of the record that it turns out to be; all permissions are for who gives them.
    harmless = name.startswith("new") or re.fullmatch(r"get(?!All)\w+Permissions|nodes?", name)

    assert (required_permission(field) == "") == bool(harmless)


def test_every_relation_carries_the_permission_of_the_record_it_shows():
    schema = graphql.build_schema(SCHEMA.as_str())

    for name, record in RECORDS.items():
        for member in record.members.values():
            if isinstance(member, One | Many):
                field = schema.type_map[name].fields[member.documented]
                assert required_permission(field) == access(RECORDS[member.target]).read.value


def test_everything_in_the_schema_is_described():
    schema = graphql.build_schema(SCHEMA.as_str())

    for named in schema.type_map.values():
        if not graphql.is_introspection_type(named) and not graphql.is_specified_scalar_type(named):
            assert named.description, named.name
            for key, field in {**getattr(named, "fields", {}), **getattr(named, "values", {})}.items():
                assert field.description, f"{named.name}.{key}"


def test_the_schema_file_is_what_the_code_prints():
    printed = SCHEMA.as_str() + "\n"

    assert (ROOT / "schema.graphql").read_text(encoding="utf-8") == printed, "run scripts/schema"


def test_every_root_field_has_one_example():
    examples = [example.function for chapter in chapters() for example in chapter.examples]

    assert sorted(examples) == sorted(name for name, _ in root_fields())


def test_the_api_page_is_what_the_code_prints():
    assert (ROOT / "docs/api.md").read_text(encoding="utf-8") == page(), "run scripts/schema"


def test_permissions_are_in_alphabetical_order_and_named_for_their_values():
    values = [permission.value for permission in Permission]

    assert values == sorted(values)
    assert all(permission.name == permission.value.replace(".", "_") for permission in Permission)


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_imports_go_one_way(path):
    package = path.relative_to(ROOT).parts[0]
    imported = {module.split(".")[0] for module in imports(path)}

    assert imported & set(PACKAGES) <= MAY_IMPORT[package]
    assert not imported & MUST_NOT_IMPORT[package]


@pytest.mark.parametrize("path", ALL_PYTHON, ids=relative)
def test_no_file_is_too_long(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_a_function_fits_on_a_screen(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno - node.lineno < LONGEST_FUNCTION, node.name


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_a_module_starts_with_what_it_is_for(path):
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))

    if path.read_text(encoding="utf-8").strip():
        assert docstring
        assert docstring.splitlines()[0].endswith((".", "`"))


@pytest.mark.parametrize("path", [path for path in SOURCES if path != ROOT / "server" / "config.py"], ids=relative)
def test_only_the_configuration_reads_the_environment(path):
    assert "os.environ" not in path.read_text(encoding="utf-8")


def test_every_error_code_is_provoked_by_a_test():
    tests = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    failures = [failure for failure in vars(errors).values() if isinstance(failure, type)]
    # That a record is in use is told in the answer of its delete, not as an error.
    codes = {vars(failure)["code"] for failure in failures if "code" in vars(failure)} - {errors.InUse.code}

    for code in codes:
        assert f'"{code}"' in tests, code


def test_the_readme_names_every_setting():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    for setting in fields(Settings):
        assert f"`{variable(setting.name)}`" in readme
        assert setting.metadata["description"] in readme


def test_the_names_of_fields_are_spelled_in_one_way():
    for record in RECORDS.values():
        for member in record.members.values():
            assert re.fullmatch(r"[a-z]+[0-9]?(_[a-z]+)*", member.name)
            assert isinstance(member, Column) is (member.name in record.columns)
            assert declaration.documented_name(member.name) == member.documented
