import re

import pytest
from graphql import build_schema, graphql_sync

from client.schema import INTROSPECTION, schema_of
from client.selection import selection

SDL = """
type Query {
  order: Order
  orders: [Order!]!
  page: OrderPage!
  connection: OrderConnection!
  references: [TableReferences!]!
  tree: LocationTree
  name: String!
  node: Anything
}
union Anything = Material | Order
enum Status { IDLE RUNNING }
scalar ULID
type Order {
  id: ULID!
  name: String!
  status: Status!
  tags: [String!]!
  product: Material!
  propertyValues: [PropertyValue!]!
  history(first: Int): OrderConnection!
}
type Material { id: ULID! name: String! }
type PropertyValue { id: ULID! value: String order: Order! orders: [Order!]! }
type OrderPage { content: [Order!]! totalElements: Int! }
type OrderConnection { edges: [OrderEdge!]! pageInfo: PageInfo! totalCount: Int! }
type OrderEdge { cursor: String! node: Order! }
type PageInfo { hasNextPage: Boolean! }
type TableReferences { tableName: String! references: [Reference!]! }
type Reference { fkColName: String! id: ULID! }
type LocationTree { id: ULID! name: String! parent: LocationTree children: [LocationTree!]! }
"""
ORDER = "{ id name status tags propertyValues { id value } }"


@pytest.fixture(scope="module")
def selected():
    told = graphql_sync(build_schema(SDL), INTROSPECTION)
    schema = schema_of(told.data)
    fields = {field.name: field for field in schema.queries}
    return lambda name: selection(schema, fields[name].type).strip()


@pytest.mark.parametrize("root", ["order", "orders"])
def test_a_record_gives_its_scalars_and_lists_but_no_other_record(selected, root):
    assert selected(root) == ORDER


def test_a_page_gives_its_records(selected):
    assert selected("page") == f"{{ content {ORDER} totalElements }}"


def test_a_connection_gives_its_records_and_where_it_is(selected):
    assert selected("connection") == f"{{ edges {{ cursor node {ORDER} }} pageInfo {{ hasNextPage }} totalCount }}"


def test_references_give_what_refers(selected):
    assert selected("references") == "{ tableName references { fkColName id } }"


def test_a_scalar_has_no_selection(selected):
    assert selected("name") == ""


def test_what_shows_nothing_tells_its_type(selected):
    assert selected("node") == "{ __typename }"


def test_a_tree_is_followed_to_the_tenth_level(selected):
    levels = re.findall("id name", selected("tree"))

    assert len(levels) == 9
