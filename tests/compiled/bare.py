"""Operations of hypothesis-graphql: the fields of the schema without arguments, which are given otherwise."""

from graphql import (
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_interface_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)
from hypothesis_graphql import queries


def documents(schema):
    """A strategy for queries of the schema, as documents."""
    return queries(_bare(schema), print_ast=lambda document: document)


def _bare(schema):
    """The schema without arguments and without `node`: hypothesis-graphql would take several times as long."""
    made = {}

    def bare(type_):
        if is_non_null_type(type_):
            return GraphQLNonNull(bare(type_.of_type))
        if is_list_type(type_):
            return GraphQLList(bare(type_.of_type))
        return type_ if is_leaf_type(type_) else made[type_.name]

    def fields(type_):
        return lambda: {
            name: GraphQLField(bare(field.type))
            for name, field in type_.fields.items()
            if not is_interface_type(get_named_type(field.type))
        }

    for name, type_ in schema.type_map.items():
        if name.startswith("__") or type_ is schema.mutation_type:
            continue
        if is_object_type(type_):
            made[name] = GraphQLObjectType(name, fields(type_))
    return GraphQLSchema(query=made[schema.query_type.name])
