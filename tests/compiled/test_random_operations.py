"""Any operation is answered as strawberry's own execution of the schema answers it."""

import os

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from server.schema import make_schema
from tests.compiled.bare import documents
from tests.compiled.callers import OFTEN

ASKED = os.environ.get("MES_ORDERS_TEST_OPERATIONS")
OPERATIONS = int(ASKED or 2_000)


def examples(percent):
    """So many of the operations: the same ones in every run, unless a number of them is asked for."""
    return settings(
        max_examples=OPERATIONS * percent // 100,
        derandomize=not ASKED,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
    )


@pytest.fixture(scope="session")
def plain_documents():
    return documents(make_schema()._schema)  # noqa: SLF001


@pytest.mark.usefixtures("some_share")
@examples(80)
@given(data=st.data())
async def test_any_query_is_answered_as_by_the_reference(sides, operations, data):
    operation, caller = data.draw(st.tuples(operations.queries(), st.sampled_from(OFTEN)))

    await sides.check(caller, operation)


@examples(5)
@given(data=st.data())
async def test_any_selection_of_hypothesis_graphql_is_answered_so(sides, operations, plain_documents, data):
    operation, caller = data.draw(st.tuples(operations.dressed(plain_documents), st.sampled_from(OFTEN)))

    await sides.check(caller, operation)


@examples(10)
@given(data=st.data())
async def test_any_mutations_are_answered_so_and_store_the_same(sides, operations, data):
    mutations = st.lists(operations.mutations(), min_size=1, max_size=3)
    asked, caller = data.draw(st.tuples(mutations, st.sampled_from(OFTEN)))

    await sides.check(caller, *asked)
