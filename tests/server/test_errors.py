import pytest
from graphql import GraphQLError, get_variable_values

from resolvers import echo
from server.errors import failed, refused

LONG = "secret" * 50
SAVE = "mutation ($input: ProductionOrderInput!) { saveProductionOrder(input: $input) { id } }"
BY_NAME = 'query ($key: String = "a") { getProductionOrder(productionOrderIdOrName: $key) { id } }'
QUOTES = "x'y" * 200
UNKNOWN = " ".join(f"field{number}" for number in range(8))

SUGGESTING = [
    '{ getProductionOrdr(productionOrderIdOrName: "a") { id } }',
    '{ getProductionOrder(productionOrderIdOrNam: "a") { id } }',
    "{ newProductionOrder { nam } }",
    "{ newProductionOrder }",
    "{ ... on Quer { __typename } }",
    "query ($input: ProductionOrderInpu) { __typename }",
    "mutation { saveProductionOrder(input: {quantit: 1}) { id } }",
    "mutation { saveProductionOrder(input: {status: IDL}) { id } }",
]
LONG_LITERALS = [
    f'mutation {{ saveProductionOrder(input: {{status: "{LONG}"}}) {{ id }} }}',
    f"mutation {{ saveProductionOrder(input: {{status: {LONG}}}) {{ id }} }}",
    f'mutation {{ saveProductionOrder(input: {{quantity: "{LONG}"}}) {{ id }} }}',
    f'mutation {{ saveProductionOrder(input: {{dueDate: "{LONG}"}}) {{ id }} }}',
    f'mutation {{ saveProductionOrder(input: {{productId: "{LONG}"}}) {{ id }} }}',
    f'mutation {{ saveProductionOrder(input: {{unknown: 1, notes: "{LONG}"}}) {{ id }} }}',
    f'mutation {{ saveProductionOrder(input: {{quantit: 1, notes: "{LONG}"}}) {{ id }} }}',
    f'mutation {{ saveProductionOrder(input: "{LONG}") {{ id }} }}',
    f"{{ {LONG} }}",
    f"{{ newProductionOrder(a: 1) {{ {LONG} }} }}",
    f"{{ ...{LONG} }}",
    f"{{ __typename @{LONG} }}",
    f"query (${LONG}: Int) {{ __typename }}",
    f"{{ {LONG}: {LONG}: }}",
    f'{{ a(b "{LONG}") }}',
    f'"{LONG}"',
]
LONG_VARIABLES = [
    {"status": LONG},
    {"status": [LONG]},
    {"quantity": LONG},
    {"name": {"a": LONG}},
    {"dueDate": LONG},
    {"productId": LONG},
    {"expectedVersion": LONG},
    {"unknown": LONG},
    {"quantit": LONG},
    {LONG: 1},
]


@pytest.fixture
def errors_of(caller):
    """What is told of an operation that is not run."""

    async def run(document, **variables):
        planner = await caller("PRODUCTION_ORDER")
        return (await planner.answer(document, **variables))["errors"]

    return run


def unexpected(error):
    """An error as graphql-core brings it."""
    return GraphQLError(str(error), original_error=error)


async def test_no_more_than_5_errors_are_told(errors_of):
    assert len(await errors_of(f"{{ {UNKNOWN} }}")) == 5


@pytest.mark.parametrize("document", SUGGESTING)
async def test_no_names_of_the_schema_are_suggested(errors_of, document):
    (error, *_) = await errors_of(document)

    assert "did you mean" not in error["message"].lower()


@pytest.mark.parametrize("document", LONG_LITERALS, ids=range(len(LONG_LITERALS)))
async def test_of_a_long_literal_only_the_beginning_is_told(errors_of, document):
    told = str([error["message"] for error in await errors_of(document)])

    assert "secret" * 12 not in told


@pytest.mark.parametrize("length", [3_900, 3_960, 3_990, 4_100, 14_000])
@pytest.mark.parametrize(
    "document",
    [
        "{{ {name} }}",
        "{{ ...{name} }}",
        "{{ __typename @{name} }}",
        "{{ newProductionOrder({name}: 1) {{ id }} }}",
        "{{ ... on {name} {{ id }} }}",
        "query ($id: {name}) {{ __typename }}",
        "{{ a: __typename a: {name} }}",
        "{{ {name} {name} }} }}",
        'mutation {{ saveProductionOrder(input: {{dueDate: "{name}"}}) {{ id }} }}',
        "mutation {{ saveProductionOrder(input: {{status: {name}}}) {{ id }} }}",
        "mutation {{ saveProductionOrder(input: {{{name}: 1}}) {{ id }} }}",
    ],
)
async def test_of_a_name_of_any_length_only_the_beginning_is_told(errors_of, document, length):
    for error in await errors_of(document.format(name="ab" * (length // 2))):
        assert "ab" * 33 not in error["message"]


@pytest.mark.parametrize("given", LONG_VARIABLES, ids=[*(next(iter(given))[:20] for given in LONG_VARIABLES)])
async def test_of_a_long_variable_only_the_beginning_is_told(errors_of, given):
    errors = await errors_of(SAVE, input=given)

    assert "secret" * 12 not in str(errors)


@pytest.mark.parametrize(
    "given", [{"status": QUOTES}, {QUOTES: 1}, {"status": [QUOTES]}, {"dueDate": QUOTES}, {"productId": {QUOTES: 1}}]
)
async def test_of_a_long_variable_with_quotes_only_the_beginning_is_told(errors_of, given):
    errors = await errors_of(SAVE, input=given)

    assert QUOTES[:64] not in str(errors[0]["message"])
    assert all(QUOTES[:64] not in name + text for name, (text,) in errors[0]["extensions"]["violations"].items())


@pytest.mark.parametrize("name", ["status", "dueDate"])
async def test_of_a_long_literal_with_quotes_only_the_beginning_is_told(errors_of, name):
    (error,) = await errors_of(f'mutation {{ saveProductionOrder(input: {{{name}: "{QUOTES}"}}) {{ id }} }}')

    assert QUOTES[:65] not in error["message"]


async def test_an_unknown_field_is_told_by_its_name_whatever_is_in_it(errors_of):
    (error,) = await errors_of(SAVE, input={"it's": 1})

    assert error["extensions"]["violations"] == {"it's": ["is not a field of this input"]}


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ([None, True], "a list"),
        ({"a": {"b": 1}}, "an object"),
        (True, "true"),
        ("a", "'a'"),
    ],
)
@pytest.mark.parametrize("name", ["quantity", "dueDate"])
async def test_a_wrong_value_is_told_in_the_words_of_json(errors_of, name, value, told):
    (error,) = await errors_of(SAVE, input={name: value})

    assert f": {told}" in error["message"]
    assert not any(word in error["message"] for word in ("[None", "True", "{'"))


@pytest.mark.parametrize("given", [{" Did you mean " * 400: 1}, {"status": " Did you mean " * 400}])
async def test_what_is_wrong_with_a_long_text_is_found_out_by_its_beginning(errors_of, given, monkeypatch):
    coerced = []

    def watched(schema, definitions, inputs, **options):
        coerced.append(inputs)
        return get_variable_values(schema, definitions, inputs, **options)

    monkeypatch.setattr(echo, "get_variable_values", watched)

    (error,) = await errors_of(SAVE, input=given)

    assert len(str(coerced)) < 200
    assert " Did you mean " in error["message"]


async def test_an_unknown_field_among_others_is_told_without_their_values(errors_of):
    (error,) = await errors_of('mutation { saveProductionOrder(input: {quantit: 1, notes: "secret"}) { id } }')

    assert error["message"] == ("Expected value of type 'ProductionOrderInput' not to include unknown field 'quantit'.")


async def test_a_variable_that_may_not_be_null_is_told_in_the_words_of_graphql(errors_of):
    (error,) = await errors_of(SAVE, input=None)

    assert error["message"].endswith("Expected value of non-null type 'ProductionOrderInput!' not to be null.")


async def test_a_null_that_an_argument_does_not_take_is_the_callers_mistake(errors_of):
    (error,) = await errors_of(BY_NAME, key=None)

    assert error["extensions"] == {"code": "BAD_USER_INPUT"}
    assert error["path"] == ["getProductionOrder"]


async def test_each_variable_of_the_wrong_type_is_told_with_its_field(errors_of):
    errors = await errors_of(SAVE, input={"quantity": "a", "status": "b", "unknown": "c"})

    assert [list(error["extensions"]["violations"]) for error in errors] == [["status"], ["quantity"], ["unknown"]]


async def test_a_variable_with_a_long_name_is_told_by_the_beginning_of_it(errors_of):
    (error,) = await errors_of(f"query (${LONG}: Boolean!) {{ __typename @skip(if: ${LONG}) }}")

    assert error["extensions"] == {"code": "BAD_USER_INPUT"}
    assert LONG[:65] not in error["message"]


@pytest.mark.parametrize("cause", [ValueError("secret"), KeyError("secret"), GraphQLError("Int cannot be 'secret'")])
def test_what_nobody_expected_is_told_by_the_request_id_alone(cause):
    (told,) = failed([unexpected(cause)], "01")

    assert told["extensions"] == {"code": "INTERNAL_SERVER_ERROR", "requestId": "01"}
    assert "secret" not in str(told)


def test_what_nobody_expected_before_the_operation_runs_is_told_in_the_same_way():
    (told,) = refused([unexpected(RuntimeError("secret"))], "01")

    assert told["extensions"] == {"code": "INTERNAL_SERVER_ERROR", "requestId": "01"}
    assert "secret" not in str(told)
