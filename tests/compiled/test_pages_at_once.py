"""Short pages that are asked for at once and share statements: each is answered as one that is asked for alone."""

import pytest

from tests.compiled.operations import Operation

PAGE = """
query ($page: Int, $size: Int, $status: String) {
    findProductionOrders(queryRequest: {
        pageIndex: $page, pageSize: $size, sortFields: ["status", "dueDate"]
        filters: [{ field: "status", condition: "EQUALS", stringValue: $status }]
    }) {
        pageIndex hasPrevious isFirst
        orders: content { ...Shown bill: billOfMaterials { quantityOrder material { name materialClass { path } } } }
    }
}
fragment Shown on ProductionOrder {
    __typename id name dueDate product { name unitOfMeasure { symbol } } propertyValues { value property { name } }
    customerName
}
"""
CONNECTION = """
query ($first: Int, $after: String, $last: Int, $before: String) {
    productionOrders(first: $first, after: $after, last: $last, before: $before, orderBy: [{ dueDate: DESC }]) {
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        edges { cursor node { id dueDate modifiedDate product { name } } }
    }
}
"""
MATERIALS = "query ($first: Int) { materials(first: $first) { nodes { id name materialClass { name } } } }"
PAGES = {
    "pages of a status": [
        (PAGE, {"page": page, "size": size, "status": status})
        for page, size, status in [
            *(
                (0, 1, "IDLE"),
                (0, 2, "RUNNING"),
                (1, 2, "IDLE"),
                (0, 9, "NOWHERE"),
                (2, 3, "SCHEDULED"),
                (0, 5, "idle"),
            ),
            *((0, 7, "a \0 b"), (0, 0, "IDLE"), (0, 4, "CLOSED"), (0, 3, "x" * 300)),
        ]
    ],
    "connections": [
        (CONNECTION, given)
        for given in [
            *({"first": 3}, {"first": 5}, {"last": 2}, {"last": 4}, {"first": 1, "after": "nonsense"}, {"first": -1}),
            *({"first": 2, "after": ""}, {"last": 3, "before": "MQ=="}, {"first": 12}),
        ]
    ],
    "of several kinds": [
        pair
        for number in range(1, 7)
        for pair in ((MATERIALS, {"first": number}), (CONNECTION, {"first": number}), (CONNECTION, {"last": number}))
    ],
}


@pytest.mark.parametrize("caller", ["everything", "only orders"])
@pytest.mark.parametrize("pages", PAGES.values(), ids=PAGES)
@pytest.mark.usefixtures("some_share")
async def test_pages_that_are_asked_for_at_once_are_as_those_that_are_asked_for_alone(sides, pages, caller):
    await sides.check_at_once(caller, *(Operation(document, given) for document, given in pages))
