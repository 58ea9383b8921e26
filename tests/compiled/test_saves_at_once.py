"""New records that are saved at once and share statements: each is answered, and stored, as one that is saved alone."""

import pytest

from tests.compiled.operations import Operation

MATERIAL, UNIT = "01JCH3ENGW-82KJDZDR-JHGYCXQN", "01JCH3EPVP-1MNNDJTS-37Z75NGB"
TAKEN = "PO-2026-0001"
NOBODY = "01JCH3ENGW-ZZZZZZZZ-ZZZZZZZZ"
ORDER = {"productId": MATERIAL, "unitOfMeasureId": UNIT, "dueDate": "2026-12-01T06:00:00+01:00", "notes": 'a "b" \\ 😀'}
ORDERS = """
mutation ($input: ProductionOrderInput!) {
    new: saveProductionOrder(input: $input) {
        ...Shown
        product { name materialClass { path } }
        propertyValues { id }
    }
}
fragment Shown on ProductionOrder {
    __typename id name notes status quantity dueDate startDate enabled spare1 version createdBy createdDate modifiedDate
    unitOfMeasure { symbol } unitOfMeasureName customerName
}
"""
UNITS = "mutation ($input: UnitOfMeasureInput!) { saveUnitOfMeasure(input: $input) { id name symbol notes version } }"
AT_ONCE = {
    "orders": [(ORDERS, {**ORDER, "name": f"New {number}", "quantity": number / 4}) for number in range(11)],
    "orders, of which some are wrong": [
        (ORDERS, {**ORDER, "name": name, "productId": product})
        for name, product in [
            ("A", MATERIAL),
            ("B", NOBODY),
            ("C", MATERIAL),
            ("D", "no id"),
            (" ", NOBODY),
            ("E", NOBODY),
        ]
    ],
    "orders with a name that is taken": [(ORDERS, {**ORDER, "name": name}) for name in ("A", TAKEN, "B", "C")],
    "orders of several kinds": [
        (ORDERS, {**ORDER, "name": f"New {number}", **more})
        for number, more in enumerate(
            [{}, {"spare1": "x"}, {}, {"spare1": "y"}, {"status": "RUNNING"}, {"enabled": False}]
        )
    ],
    "units": [(UNITS, {"name": f"Unit {number}", "symbol": f"u{number}"}) for number in range(9)],
    "units and orders": [
        pair
        for number in range(5)
        for pair in (
            (ORDERS, {**ORDER, "name": f"New {number}"}),
            (UNITS, {"name": f"Unit {number}", "symbol": f"u{number}", "notes": "n"}),
        )
    ],
}


@pytest.mark.parametrize("caller", ["everything", "only orders"])
@pytest.mark.parametrize("saves", AT_ONCE.values(), ids=AT_ONCE)
@pytest.mark.usefixtures("some_share")
async def test_what_is_saved_at_once_is_answered_and_stored_as_one_after_the_other(sides, saves, caller):
    await sides.check_at_once(caller, *(Operation(document, {"input": given}) for document, given in saves))
