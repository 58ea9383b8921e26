"""Mutations that chance does not find: each is answered, and stores, as with strawberry's own execution."""

import pytest

from tests.compiled.operations import Operation

ORDER, OTHER = "01KE5Q8600-DEM00008-00000001", "01KE5Q8600-DEM00008-00000002"
MATERIAL, UNIT = "01JCH3ENGW-82KJDZDR-JHGYCXQN", "01JCH3EPVP-1MNNDJTS-37Z75NGB"
NEW = f'name: "New", productId: "{MATERIAL}", unitOfMeasureId: "{UNIT}"'
SHOWN = "{ id name version createdDate modifiedBy product { name productionOrders(last: 2) { nodes { name } } } }"

AFTERWARDS = "{ productionOrders(last: 3) { nodes { name version } } }"


def saved(given):
    return f"saveProductionOrder(input: {{{given}}})"


MUTATIONS = {
    "a new order, shown with its neighbours": f"mutation {{ {saved(NEW)} {SHOWN} }}",
    "errors in two of three": f"""
        mutation {{ a: {saved(NEW)} {SHOWN} b: {saved(NEW)} {{ id }} c: {saved("quantity: -1")} {{ id }}
            d: {saved(f'id: "{ORDER}", notes: "later"')} {{ notes version }} }}
    """,
    "more errors than are told, of which one names nobody's id": f"""
        mutation {{ {" ".join(f"e{number}: {saved('quantity: -1')} {{ id }}" for number in range(5))}
            f: {saved('id: "01JCH3ENGW-ZZZZZZZZ-ZZZZZZZZ", notes: "x"')} {{ id }} g: {saved(NEW)} {{ id }} }}
    """,
    "one record twice": f"""
        mutation {{ a: {saved(f'id: "{ORDER}", quantity: 1')} {{ version quantity }}
            b: {saved(f'id: "{ORDER}", quantity: 2, expectedVersion: 1')} {{ version }}
            c: {saved(f'id: "{ORDER}", quantity: 3')} {{ version quantity modifiedDate }} }}
    """,
    "one field that is merged": f"""
        mutation {{ {saved(NEW)} {{ id }} {saved(NEW)} {{ name }} ...M }}
        fragment M on Mutation {{ {saved(NEW)} {{ version }} }}
    """,
    "a field that is skipped": (
        f"mutation {{ {saved(NEW)} @skip(if: true) {{ id }} a: {saved(NEW)} {{ name @skip(if: true) }} }}"
    ),
    "nothing but a typename": f"mutation {{ __typename {saved(NEW)} {{ __typename }} }}",
    "a delete that is refused, and one that is not": f"""
        mutation {{ deleteMaterial(idOrPath: "{MATERIAL}") {{ success message data error __typename }}
            deleteProductionOrder(productionOrderIdOrName: "{OTHER}") {{ success data }}
            again: deleteProductionOrder(productionOrderIdOrName: "{OTHER}") {{ success error }} }}
    """,
    "classes that are made on the way": """
        mutation { createMaterialClassesForPath(path: "/New/Newer/Newest") { path parent { path parent { name } } } }
    """,
    "positions that are swapped": """
        mutation { a: swapBillOfMaterialsPositions(item1Id: "01KE5Q8600-DEM00011-00000001",
            item2Id: "01KE5Q8600-DEM00011-00000002") { success error }
          b: swapBillOfMaterialsPositions(item1Id: "01JCH3ENGW-ZZZZZZZZ-ZZZZZZZZ",
            item2Id: "01KE5Q8600-DEM00011-00000002") { success } }
    """,
}
SAVED = f'saveProductionOrder(input: {{id: "{ORDER}", notes: $n}}) {{ notes }}'
SET = f'setPropertyValues(productionOrderIdOrName: "{ORDER}", values: $v) {{ value property {{ name }} }}'
WITH_VARIABLES = [
    (
        "mutation ($input: ProductionOrderInput!) { saveProductionOrder(input: $input) { id name } }",
        {"input": {"name": None}},
    ),
    (f"mutation ($n: String) {{ {SAVED} }}", {}),
    (f"mutation ($n: String) {{ {SAVED} }}", {"n": None}),
    (f'mutation ($n: String = "y") {{ {SAVED} }}', {}),
    (f"mutation ($v: Mixed!) {{ {SET} }}", {"v": {"Nothing": 1}}),
    (f"mutation ($v: Mixed!) {{ {SET} }}", {"v": {"a": {"b": 1}}}),
    (f"mutation ($v: Mixed!) {{ {SET} }}", {"v": 1}),
    (
        'mutation ($n: String) { saveProductionOrders(inputs: { name: "One", notes: $n }) { id notes } }',
        {"n": "hello"},
    ),
]


@pytest.mark.parametrize("document", MUTATIONS.values(), ids=MUTATIONS)
@pytest.mark.parametrize("caller", ["everything", "only orders"])
async def test_a_nasty_mutation_is_answered_and_stored_as_by_the_reference(sides, document, caller):
    await sides.check(
        caller, Operation(document), Operation("{ productionOrders(last: 3) { nodes { name version } } }")
    )


@pytest.mark.parametrize(("document", "variables"), WITH_VARIABLES)
async def test_variables_of_a_mutation_are_taken_as_by_the_reference(sides, document, variables):
    await sides.check("everything", Operation(document, variables))
