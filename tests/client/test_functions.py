from concurrent.futures import ThreadPoolExecutor

import pytest
from graphql import build_schema, graphql_sync, parse, validate

from client import MesError, Result
from client.schema import INTROSPECTION

SDL = """
type Query {
  "A quantity in another unit."
  convert(amount: Float!, from: String!, to: String!, material: String, digits: Int! = 2): Float
  getOrder(idOrName: String!): Order
  newOrder: Order!
  orders(first: Int): OrderConnection!
  node(id: ID!): Node
}
interface Node { id: String }
type OrderConnection { nodes: [Order!]! }
type Mutation { saveOrder(input: OrderInput!): Order }
type Order implements Node { id: String name: String quantity: Float! }
input OrderInput { id: String name: String quantity: Float }
"""
SCHEMA = build_schema(SDL)
INTROSPECTED = (200, {"data": graphql_sync(SCHEMA, INTROSPECTION).data}, {})
ORDER = {"id": "1", "name": "A", "quantity": 2.0}


def answer(**data):
    return (200, {"data": data}, {})


@pytest.fixture
def orders(system):
    return system.mes.productionOrder


def test_a_read_is_a_query_of_what_the_result_shows(orders, scripted, answers):
    answers(INTROSPECTED, answer(getOrder=ORDER))

    order = orders.getOrder("A")

    assert type(order) is Result
    assert order == ORDER
    assert scripted.requests[1][2] == {
        "query": "query getOrder($idOrName: String!) { getOrder(idOrName: $idOrName) { id name quantity } }",
        "variables": {"idOrName": "A"},
        "operationName": "getOrder",
    }


def test_a_change_is_a_mutation(orders, scripted, answers):
    answers(INTROSPECTED, answer(newOrder=ORDER), answer(saveOrder=ORDER))

    draft = orders.newOrder()
    draft.quantity = "100"
    orders.saveOrder(**draft)

    sent = scripted.requests[2][2]
    assert sent["query"].startswith("mutation saveOrder($input: OrderInput!)")
    assert sent["variables"] == {"input": {"id": "1", "name": "A", "quantity": 100.0}}


def test_a_function_that_changes_something_is_sent_again_with_the_same_key(orders, scripted, answers):
    answers(INTROSPECTED, None)

    with pytest.raises(MesError):
        orders.saveOrder(name="A")

    _, *sent = [headers.get("Idempotency-Key") for _, headers, _ in scripted.requests]
    assert len(sent) == 3
    assert len(set(sent) - {None}) == 1


def test_one_document_serves_every_call_of_a_function(orders, scripted, answers):
    answers(INTROSPECTED, answer(convert=1.0))

    orders.convert("1", "kg", "g")
    orders.convert(1, "kg", "g", material="Milk", digits="3")

    first, second = (sent for _, _, sent in scripted.requests[1:])
    assert first["query"] == second["query"]
    assert validate(SCHEMA, parse(first["query"])) == []
    assert first["variables"] == {"amount": 1.0, "from": "kg", "to": "g"}
    assert second["variables"] == {"amount": 1, "from": "kg", "to": "g", "material": "Milk", "digits": 3}


def test_the_schema_is_read_once_for_all_threads(system, scripted, answers):
    def order(name):
        return system.mes.productionOrder.getOrder(name)

    answers(INTROSPECTED, answer(getOrder=None))

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(order, "ABCDEFGH"))

    assert told == [None] * 8
    assert [sent["operationName"] for _, _, sent in scripted.requests].count("introspection") == 1


def test_a_schema_that_could_not_be_read_is_read_at_the_next_call(orders, answers):
    answers((401, b"", {}), INTROSPECTED, answer(newOrder=ORDER))

    with pytest.raises(MesError, match="UNAUTHENTICATED"):
        orders.newOrder()

    assert orders.newOrder() == ORDER


def test_a_function_that_the_schema_does_not_have_is_an_attribute_error(orders, answers):
    answers(INTROSPECTED)

    with pytest.raises(AttributeError, match=r"no function 'getOrders' for system\.mes\.productionOrder"):
        orders.getOrders()


def test_any_module_reaches_any_function_and_lists_its_own(system, answers):
    answers(INTROSPECTED, answer(convert=1.0))

    assert dir(system.mes.unitOfMeasure) == ["convert"]
    assert system.mes.material.convert(1, "kg", "kg") == 1.0


def test_what_is_there_for_graphql_alone_is_listed_in_no_module(system, answers):
    answers(INTROSPECTED, answer(orders={"nodes": [ORDER]}))

    assert {name for module in dir(system.mes) for name in dir(getattr(system.mes, module))} == {"convert"}
    assert system.mes.productionOrder.orders(first=1).nodes == [ORDER]


def test_a_function_tells_how_it_is_called(orders, answers):
    answers(INTROSPECTED)

    assert orders.convert.__name__ == "convert"
    assert orders.convert.__doc__.startswith("convert(amount: Float!, from: String!")
    assert orders.convert.__doc__.endswith("A quantity in another unit.")
    assert repr(orders.saveOrder) == "saveOrder(id: String, name: String, quantity: Float)"
