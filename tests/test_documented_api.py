"""The schema beside the documented API: every function, parameter, returned key, default and permission of it.

`documented_api.json` holds the facts. A type that ends in `?` may be null; a default stands after ` = `.
"""

import json
import re
from pathlib import Path

import graphql
import pytest

from server.schema import make_schema

DOCUMENTED = json.loads(Path(__file__).with_name("documented_api.json").read_text(encoding="utf-8"))
FUNCTIONS = {name.split(".")[1]: facts for name, facts in DOCUMENTED.items()}
SCHEMA = graphql.build_schema(make_schema().as_str())
CHANGING = re.compile(r"(save|delete|set|swap|create|add)[A-Z]|get\w+OrCreateNew")
NEW = [name for name in FUNCTIONS if name.startswith("new")]
VALIDATED = [name for name in FUNCTIONS if name.startswith("validate") and not name.endswith("Request")]

# A documented type, as GraphQL spells it. A closed set is an enum, also where the documents say "String".
SPELLED = {
    "String:ULID": "ULID",
    "Double": "Float",
    "Integer": "Int",
    "Instant": "DateTime",
    "Object": "Mixed",
    "Query Request": "QueryRequestInput",
    "List<String>": "[String!]",
    "List<Double>": "[Float!]",
    "List<Instant>": "[DateTime!]",
    "List<FilterRequestDTO>": "[FilterRequestInput!]",
}
ENUM = {"String", "String:Enum", "String (Enum)", "Enum"}

# What is meant to be otherwise than documented, and why.
OTHER_PERMISSIONS = {
    # The documents ask for none; a change without permission is a hole.
    "swapBillOfMaterialsPositions": "PRODUCTION_ORDER.WRITE.SAVE",
    "deleteRole": "SYSTEM.ADMIN",
}
OTHER_PARAMETERS = {
    # The number of a material in the ERP system is a plain text: the documented tables say so.
    ("getMaterialByErpId", "erpId"): "String",
    ("saveMaterial", "erpId"): "String?",
    ("validateMaterial", "erpId"): "String?",
    # There are two documented forms, and what is not in both of them may be null.
    ("convert", "materialIdOrPath"): "String?",
    ("getShift", "id"): "String?",
    ("getShift", "locationIdOrPath"): "String?",
    ("getShift", "name"): "String?",
}
OTHER_KEYS = {
    ("getMaterialByErpId", "erpId"): "String",
    ("getMaterial", "erpId"): "String",
    # A factor is a number, as in the other functions that return it.
    ("getUnitOfMeasureConversion", "conversionFactor"): "Double",
    # Ids of other records are ULIDs, as they are where the documents list the same keys of a location.
    ("getLocationTree", "parentId"): "String:ULID",
    ("getLocationTree", "storageCapacityUnitId"): "String:ULID",
}
NOT_REQUIRED = {
    # An item takes the product of its order, and belongs to no order at first: both are left out in the documents.
    "validateBillOfMaterialsItem": {"productId", "productionOrderId"},
    # What `newRole` returns is not documented: there the requirement is ANY.
    "validateRole": {"roleRequirementType"},
}


def field(name):
    root = SCHEMA.mutation_type if CHANGING.match(name) else SCHEMA.query_type
    return root.fields[name]


def permission(name):
    (directive,) = [one for one in field(name).ast_node.directives if one.name.value == "requiresPermission"]
    return directive.arguments[0].value.value


def parameters(name):
    """What a function takes; of one that takes a whole record, the fields of its input."""
    arguments = field(name).args
    return arguments["input"].type.of_type.fields if "input" in arguments else arguments


def fields_of(kind):
    """The fields of what a function returns; of references, those of each of their items as well."""
    named = graphql.get_named_type(kind)
    fields = getattr(named, "fields", {})
    return {**fields, **fields_of(fields["references"].type)} if named.name == "TableReferences" else fields


def spelled(kind):
    """A GraphQL type as the documents name it, as far as they do; without its nullability."""
    kind = graphql.get_nullable_type(kind)
    return "String" if graphql.is_enum_type(kind) else str(kind)


def documented(text):
    """A documented type as `spelled` gives it, and whether it may be null."""
    kind = text.split(" = ")[0]
    named = kind.removesuffix("?")
    return "String" if named in ENUM else SPELLED.get(named, named), kind.endswith("?")


def plain(default):
    """A documented default as the JSON value that it spells."""
    try:
        return json.loads(default.removeprefix("= "))
    except ValueError:
        return default.removeprefix("= ")


def test_there_are_126_documented_functions():
    assert len(FUNCTIONS) == 126


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_that_changes_something_is_a_mutation_and_the_others_are_queries(name):
    assert (name in SCHEMA.mutation_type.fields, name in SCHEMA.query_type.fields) == (
        bool(CHANGING.match(name)),
        not CHANGING.match(name),
    )


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_asks_for_the_documented_permission(name):
    assert permission(name) == OTHER_PERMISSIONS.get(name, FUNCTIONS[name]["permission"])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_takes_the_documented_parameters(name):
    taken = parameters(name)
    expected = {
        parameter: documented(OTHER_PARAMETERS.get((name, parameter), facts))
        for parameter, facts in FUNCTIONS[name].get("parameters", {}).items()
    }

    assert {parameter: spelled(taken[parameter].type) for parameter in expected} == {
        parameter: kind for parameter, (kind, _) in expected.items()
    }
    # The fields of an input may all be left out: what a new record needs, its save says.
    if "input" not in field(name).args:
        assert {parameter: not graphql.is_non_null_type(argument.type) for parameter, argument in taken.items()} == {
            parameter: nullable for parameter, (_, nullable) in expected.items()
        }


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if FUNCTIONS[name].get("returns")])
def test_a_function_returns_the_documented_keys(name):
    shown = fields_of(field(name).type)
    keys = {key: OTHER_KEYS.get((name, key), kind) for key, kind in FUNCTIONS[name]["returns"].items()}

    assert keys.keys() <= shown.keys()
    for key, kind in keys.items():
        if kind.startswith("List<") and kind not in SPELLED:
            assert graphql.is_list_type(graphql.get_nullable_type(shown[key].type)), key
        elif not kind.startswith("= "):
            assert spelled(shown[key].type) == documented(kind)[0], key


@pytest.mark.parametrize("name", [name for name in NEW if "returns" in FUNCTIONS[name]])
def test_what_is_new_has_no_other_keys_than_the_documented_ones(name):
    # The reference to a shift record, which the documents name only where an order is saved.
    added = {"newProductionOrder": {"scheduleShiftRecordId"}}.get(name, set())

    assert set(fields_of(field(name).type)) == FUNCTIONS[name]["returns"].keys() | added


@pytest.mark.settings(max_root_fields=100, max_aliases=100)
async def test_what_is_new_has_the_documented_defaults(execute):
    expected = {
        name: {key: plain(default) for key, default in FUNCTIONS[name]["returns"].items()}
        for name in NEW
        if "returns" in FUNCTIONS[name]
    }
    asked = {name: " ".join(keys).replace("filters", "filters { field }") for name, keys in expected.items()}

    answer = await execute(f"{{ {' '.join(f'{name} {{ {keys} }}' for name, keys in asked.items())} }}")

    assert answer == expected


def test_the_defaults_of_parameters_are_those_of_what_is_new():
    for name, facts in FUNCTIONS.items():
        new = FUNCTIONS.get(re.sub(r"^(save|validate)", "new", name), {}).get("returns", {})
        for parameter, kind in facts.get("parameters", {}).items():
            if " = " in kind and parameter in new:
                assert plain(kind.split(" = ")[1]) == plain(new[parameter]), (name, parameter)


def required(name):
    """The parameters that may not be null and have no default."""
    new = FUNCTIONS[name.replace("validate", "new")].get("returns", {})
    return {
        parameter
        for parameter, kind in FUNCTIONS[name]["parameters"].items()
        if not documented(kind)[1] and plain(new.get(parameter, "= null")) is None
    } - NOT_REQUIRED.get(name, set())


@pytest.mark.settings(max_root_fields=500, max_aliases=500, max_tokens=100_000, max_characters=1_000_000)
async def test_a_parameter_without_a_default_that_may_not_be_null_is_required(execute):
    violations = await execute(f"{{ {' '.join(f'{name}(input: {{}})' for name in VALIDATED)} }}")

    assert violations == {name: {parameter: ["is required"] for parameter in required(name)} for name in VALIDATED}


@pytest.mark.parametrize(
    "name",
    ["new{}", "get{}", "find{}s", "getAll{}s", "get{}References", "validate{}", "save{}", "delete{}"],
)
def test_customers_have_the_functions_of_the_other_records(name):
    area = {"new": "", "save": "CUSTOMER.WRITE.SAVE", "delete": "CUSTOMER.WRITE.DELETE"}
    area |= {"validate": "CUSTOMER.READ.VALIDATE"}
    verb = re.match("[a-z]+", name)[0]

    assert permission(name.format("Customer")) == area.get(verb, "CUSTOMER.READ.GET")
