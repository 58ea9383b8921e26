"""Variables that fit are coerced without graphql-core, which takes several times as long."""

import pytest
from graphql import is_enum_type, is_input_object_type, is_list_type, is_non_null_type

from resolvers.compiled import operation as operation_module
from resolvers.compiled.operation import Uncoerced, operation
from resolvers.limits import Limits
from server.schema import make_schema

SCHEMA = make_schema()._schema  # noqa: SLF001
SCALARS = {
    "Boolean": True,
    "DateTime": "2026-01-05T08:00:00Z",
    "Float": 1.5,
    "ID": "01KE5Q8600-DEM00008-00000001",
    "Int": 1,
    "Long": 1,
    "Mixed": "text",
    "String": "text",
    "ULID": "01KE5Q8600-DEM00008-00000001",
}
TYPES = {
    str(argument.type): argument.type
    for root in (SCHEMA.query_type, SCHEMA.mutation_type)
    for field in root.fields.values()
    for argument in field.args.values()
}


def fitting(kind, within=()):
    """A value of the type, with a list of one in each list, and all fields in each object that is in no other one."""
    if is_non_null_type(kind):
        return fitting(kind.of_type, within)
    if is_list_type(kind):
        return [fitting(kind.of_type, within)]
    if is_enum_type(kind):
        return next(iter(kind.values))
    if not is_input_object_type(kind):
        return SCALARS[kind.name]
    inner = [*within, kind]
    return {
        name: fitting(field.type, inner)
        for name, field in kind.fields.items()
        if is_non_null_type(field.type) or not within or (len(within) < 3 and kind not in within)
    }


@pytest.mark.parametrize("kind", TYPES.values(), ids=TYPES.keys())
def test_a_value_that_fits_any_argument_is_coerced_by_what_was_made_for_its_type(kind, monkeypatch):
    value = {"v": fitting(kind)}
    asked = operation(SCHEMA, f"query ($v: {kind}) {{ __typename @include(if: true) }}", None, Limits(), ())
    by_reference = operation_module.variable_values(SCHEMA, asked.node, value, Uncoerced)

    monkeypatch.setattr(operation_module, "variable_values", None)

    assert asked.variables(value) == by_reference
