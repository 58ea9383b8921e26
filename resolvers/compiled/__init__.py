"""How an operation is run: understood once, and from then on one statement for each root field that reads.

A GraphQL server usually walks over an operation field by field, and asks for each of them: is it skipped, which type is
it of, who resolves it, how is it written? For a page of fifty orders these are some 1,500 questions, the same for every
request, whose answers do not depend on the orders. Here they are asked when an operation comes for the first time. What
is left for each request is what does depend on it: the variables, the caller and the rows.

    text, operationName ── operation.py ──> an `Operation`: parsed, valid, the one that is meant
                                  │
    values of @skip, @include ────┤
                                  ▼
                               plan.py ───> a `Plan`: its root fields, each in one of three ways
                                  │
    variables, caller ────────────┤
                                  ▼
                            execution.py ─> `{"key":TEXT,"key":TEXT}`, and the errors

**Understood once.** `Execution` keeps operations by their text and name, and plans by the operation and the values of
the variables that its @skip and @include use: with these values it is certain which fields are selected. Both caches
are bounded; what was used longest ago is forgotten first. An operation that is not valid is kept with its errors.

**Three ways.** A root field that shows rows is a `Rows` from its function (*which* rows: SQL and parameters) under a
`Projection` (*what* of them: the selection, read by `resolvers/selection.py`). `db/statement.py` makes one statement of
the two. PostgreSQL answers with finished JSON text under the keys that the caller asked for, and the text goes into the
response as it is: nobody reads it again. A root field that computes its answer (`newProductionOrder`, `convert`, the
introspection) is run by graphql-core, alone, in an operation that has just this field; the two kinds may stand side by
side in one operation. The third way is `__typename`, whose text is known beforehand.

**What depends on the request.** Variables and arguments are coerced by functions made once (`coercion.py`), which do as
graphql-core does with values that fit, and ask it about all others. Values never touch the text of a statement: the
windows of connections are computed from the arguments, `db/values.py` puts their values apart, and what remains is the
shape of the request (what is compared how, in which order, from where on). The texts of the shapes that a projection
has met are kept, so PostgreSQL meets them again as well and has its plan ready.

**Permissions.** A plan knows what a caller needs to see all that is selected. Who lacks some of it still gets the rest,
and `FORBIDDEN` at each place where something is missing: the statement leaves gaps there, which are found in its text
and told of (`resolvers/withheld.py`).

**The reference.** The same schema runs every operation in the plain way through `strawberry.Schema.execute`. Both ways
call the same functions of the same root fields and make the same statements, so they can only differ in what is in this
folder, and in how it reads the selection. `tests/compiled` compares them, answer for answer and error for error, over
random operations. What both share is tested elsewhere, against PostgreSQL.
"""
