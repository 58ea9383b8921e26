import pytest
from graphql import build_schema, graphql_sync

from client.schema import INTROSPECTION, schema_of
from client.signature import Signature

SDL = """
type Query {
  getOrder(idOrName: String!): String
  convert(amount: Float!, from: String!, to: String!, material: String, digits: Int! = 2): Float
  findOrders(queryRequest: QueryRequest!): String
  getAll: String
  getShift(id: String, locationIdOrPath: String, name: String): String
  validateOrder(input: OrderInput!): String
}
type Mutation { saveOrder(input: OrderInput!): Order saveOrders(inputs: [OrderInput!]!): [Order!] }
type Order { id: ID! name: String version: Int! productName: String notes: [Note!] product: Product }
type Note { text: String }
type Product { id: ID! name: String }
input OrderInput { id: ID name: String expectedVersion: Int }
input QueryRequest { pageSize: Int pageIndex: Int sortFields: [String!] }
"""


@pytest.fixture(scope="module")
def signatures():
    schema = schema_of(graphql_sync(build_schema(SDL), INTROSPECTION).data)
    return {field.name: Signature(field, schema) for field in (*schema.queries, *schema.mutations)}


@pytest.fixture(scope="module")
def given(signatures):
    return lambda name, /, *args, **keywords: signatures[name].given(args, keywords)


def test_arguments_are_given_by_position_or_by_keyword(given):
    assert given("getOrder", "A") == given("getOrder", idOrName="A") == {"idOrName": "A"}


def test_an_argument_named_as_a_python_keyword_is_given_either_way(given):
    expected = {"amount": 1, "from": "kg", "to": "g"}

    assert given("convert", 1, "kg", "g") == expected
    assert given("convert", 1, to="g", **{"from": "kg"}) == expected


@pytest.mark.parametrize(
    ("args", "keywords"),
    [
        (({"pageSize": 5, "pageIndex": 1},), {}),
        (({"pageSize": 5},), {"pageIndex": 1}),
        ((), {"pageSize": 5, "pageIndex": 1}),
        ((), {"queryRequest": {"pageSize": 5, "pageIndex": 1}}),
        ((5, 1), {}),
    ],
)
def test_one_object_is_given_whole_or_by_its_fields(given, args, keywords):
    assert given("findOrders", *args, **keywords) == {"queryRequest": {"pageSize": 5, "pageIndex": 1}}


@pytest.mark.parametrize(
    ("args", "keywords", "expected"),
    [
        (("1",), {}, {"id": "1"}),
        (("/Line", "Early"), {}, {"locationIdOrPath": "/Line", "name": "Early"}),
        (("/Line",), {"name": "Early"}, {"locationIdOrPath": "/Line", "name": "Early"}),
        ((), {"name": "Early", "locationIdOrPath": "/Line"}, {"locationIdOrPath": "/Line", "name": "Early"}),
        ((None, "/Line", "Early"), {}, {"id": None, "locationIdOrPath": "/Line", "name": "Early"}),
    ],
)
def test_a_function_of_two_forms_is_called_in_either(given, args, keywords, expected):
    assert given("getShift", *args, **keywords) == expected


RECORD = {"id": "1", "name": "A", "version": 3, "productName": "Milk", "notes": [{"text": "cold"}]}


@pytest.mark.parametrize("name", ["saveOrder", "validateOrder"])
@pytest.mark.parametrize(("args", "keywords"), [((RECORD,), {}), ((), RECORD), ((), {"input": RECORD})])
def test_a_record_that_was_read_is_given_without_what_only_is_shown(given, name, args, keywords):
    assert given(name, *args, **keywords) == {"input": {"id": "1", "name": "A"}}


@pytest.mark.parametrize("other", ["colour", "product", "Version"])
def test_what_no_result_shows_is_not_left_out(given, other):
    assert given("saveOrder", **{**RECORD, other: 1})["input"] == {"id": "1", "name": "A", other: 1}


def test_an_object_may_be_empty(given):
    assert given("findOrders") == {"queryRequest": {}}


def test_what_an_object_may_hold_is_left_to_the_server(given):
    assert given("findOrders", colour="red") == {"queryRequest": {"colour": "red"}}


@pytest.mark.parametrize(
    ("name", "args", "keywords", "message"),
    [
        ("getOrder", (), {}, r"getOrder\(idOrName: String!\) needs idOrName"),
        ("getOrder", ("A", "B"), {}, "was given 2 arguments"),
        ("getOrder", ("A",), {"idOrName": "B"}, "was given idOrName twice"),
        ("getOrder", ("A",), {"id": "B"}, "has no parameter id"),
        ("convert", (1, "kg"), {}, "needs to"),
        ("findOrders", (1, 2, [], 4), {}, "was given 4 arguments"),
        ("getAll", (1,), {}, r"getAll\(\) was given 1 arguments"),
    ],
)
def test_wrong_arguments_are_a_type_error_as_of_any_function(given, name, args, keywords, message):
    with pytest.raises(TypeError, match=message):
        given(name, *args, **keywords)


def test_a_signature_reads_as_the_schema_does(signatures):
    assert str(signatures["findOrders"]) == "findOrders(pageSize: Int, pageIndex: Int, sortFields: [String!])"
    assert str(signatures["convert"]).endswith("to: String!, material: String, digits: Int! = 2)")


def test_a_list_of_objects_is_one_argument(given, signatures):
    orders = [{"name": "A"}, {"name": "B"}]

    assert str(signatures["saveOrders"]) == "saveOrders(inputs: [OrderInput!]!)"
    assert given("saveOrders", orders) == given("saveOrders", inputs=orders) == {"inputs": orders}


def test_of_a_list_of_records_that_were_read_what_is_only_shown_is_left_out(given):
    read = {"id": "1", "name": "A", "version": 2, "productName": "Milk", "notes": []}

    assert given("saveOrders", [read, {"nme": "B"}]) == {"inputs": [{"id": "1", "name": "A"}, {"nme": "B"}]}
