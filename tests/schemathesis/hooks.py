"""What schemathesis has to know of this API: its scalars, and what an answer must never be."""

import os

import requests
import schemathesis
from hypothesis import strategies as st
from schemathesis.graphql import nodes

CODES = {
    "BAD_REQUEST",
    "BAD_USER_INPUT",
    "CONFLICT",
    "FORBIDDEN",
    "GRAPHQL_PARSE_FAILED",
    "GRAPHQL_VALIDATION_FAILED",
    "NOT_FOUND",
    "OPERATION_RESOLUTION_FAILURE",
    "QUERY_TOO_COMPLEX",
}
"""What may be wrong with an operation; the other codes tell of the server."""
INSIDE = ("asyncpg", "postgresql", "psycopg", "strawberry", "graphql.error", "traceback", "site-packages", "sqlstate")
_STORED = """{
  productionOrders(first: 20) { nodes { id productId } }
  billOfMaterialsItems(first: 20) { nodes { id materialId unitOfMeasureId } }
  productionOrderPropertyValues(first: 20) { nodes { id propertyId } }
  shiftRecords(first: 20) { nodes { id shiftId locationId } }
}"""


def stored_ids():
    """Ids of the demo plant's records, so that operations lead to something."""
    headers = {"Authorization": f"Bearer {os.environ['MES_TOKEN']}"}
    response = requests.post(os.environ["MES_URL"], json={"query": _STORED}, headers=headers, timeout=10)
    answer = response.json()
    rows = [row for connection in answer["data"].values() for row in connection["nodes"]]
    return sorted({value for row in rows for value in row.values() if value})


ids = st.sampled_from([*stored_ids(), "01JCH3EPVP-1MNNDJTS-37Z75NGA"])
mixed = st.one_of(
    st.text(max_size=20).map(nodes.String),
    st.integers().map(nodes.Int),
    st.floats(allow_nan=False, allow_infinity=False).map(nodes.Float),
    st.booleans().map(nodes.Boolean),
    st.just(nodes.Null),
)
schemathesis.graphql.scalar("ULID", ids.map(nodes.String))
schemathesis.graphql.scalar("String", st.one_of(ids, st.text(max_size=40)).map(nodes.String))
schemathesis.graphql.scalar("DateTime", st.datetimes().map(lambda moment: nodes.String(f"{moment.isoformat()}Z")))
schemathesis.graphql.scalar("Long", st.integers(-(2**63), 2**63 - 1).map(nodes.Int))
schemathesis.graphql.scalar("Mixed", mixed)
schemathesis.graphql.scalar("JSON", mixed)


@schemathesis.check
def told_as_documented(_ctx, response, _case):
    """An answer is JSON with data or errors, an error has a code that tells what the caller can do about it."""
    assert response.status_code in {200, 400}, f"The status is {response.status_code}."
    told = response.json()
    assert told.keys() & {"data", "errors"}, "There are neither data nor errors."
    for error in told.get("errors", []):
        code = error["extensions"]["code"]
        assert code in CODES, f"The code is {code}: {error['message']}"
        inside = [word for word in INSIDE if word in error["message"].lower()]
        assert not inside, f"The message tells of {inside}: {error['message']}"
