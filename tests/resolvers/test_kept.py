import gc
from contextlib import suppress

import pytest

from resolvers.compiled.execution import Execution
from resolvers.compiled.operation import NotUnderstood
from resolvers.limits import Limits
from server.schema import make_schema

SCHEMA = make_schema()._schema  # noqa: SLF001 (it is graphql-core's)
FIELDS = "id name status quantity product { id name } location { id name }"
DOCUMENTS = {
    "a query": f"{{ productionOrders(first: 50) {{ nodes {{ {FIELDS} }} }} }}",
    "fragments": "{ productionOrders(first: 1) { nodes { "
    + " ".join(f"...F{number}" for number in range(5))
    + " } } }"
    + "".join(f" fragment F{number} on ProductionOrder {{ product {{ name }} {FIELDS} }}" for number in range(5)),
    "a long one": f"{{ productionOrders(first: 1) {{ nodes {{ {FIELDS} }} }} }} #{'x' * 3_000}",
    "an unknown field": "{ nothing }",
    "no document": "{ { ",
    "too much of it": "{ a: productionOrders(first: 1000) { nodes { billOfMaterials { id } id } } " * 6 + "}" * 6,
    "no operation": "fragment F on ProductionOrder { id }",
}
SENT = 300
"""More often than operations are kept, so that some of them are let go."""


@pytest.fixture
def execution():
    return Execution(SCHEMA, Limits())


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_documents_leave_nothing_behind_for_the_collector_of_garbage(execution, document):
    def read(number):
        with suppress(NotUnderstood):
            execution.operation(f"{document} #{number}", None)

    for number in range(SENT):
        read(number)
    gc.collect()
    gc.disable()
    try:
        for number in range(SENT, SENT + 10):
            read(number)
        # A traceback that somebody has at hand may be among it: one document's cycles were hundreds.
        assert gc.collect() < 50
    finally:
        gc.enable()


@pytest.mark.parametrize(
    ("document", "caches"), [("a query", ("operation", "plan")), ("a long one", ("long_operation", "plan"))]
)
def test_an_operation_is_read_once_and_planned_once(execution, document, caches):
    for _ in range(3):
        operation = execution.operation(DOCUMENTS[document], None)
        execution.kept.plan(operation, ())

    told = {name: (info.misses, info.hits) for name, info in execution.kept.told().items()}
    assert told == {name: (1, 2) if name in caches else (0, 0) for name in told}


def test_fewer_long_operations_are_kept(execution):
    told = execution.kept.told()

    assert told["long_operation"].maxsize * 10 < told["operation"].maxsize


@pytest.mark.parametrize(("connections", "kept"), [(1, True), (28, False)], ids=["narrow", "wide"])
def test_fewer_plans_of_wide_operations_are_kept(execution, connections, kept):
    shown = " ".join(f"p{number}: productionOrders(first: 1) {{ nodes {{ ...F }} }}" for number in range(connections))
    document = f"{{ materials(first: 1) {{ nodes {{ {shown} }} }} }} fragment F on ProductionOrder {{ {FIELDS} }}"
    operations = [execution.operation(f"{document} #{number}", None) for number in range(250)]
    plans = [execution.kept.plan(operation, ()) for operation in operations]

    assert (execution.kept.plan(operations[0], ()) is plans[0]) == kept
