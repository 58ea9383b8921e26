"""Operations that chance does not find: each is answered as strawberry's own execution answers it."""

import pytest

from tests.compiled.operations import Operation

ORDER, OTHER = "01KE5Q8600-DEM00008-00000001", "01KE5Q8600-DEM00008-00000002"
MATERIAL, UNIT = "01JCH3ENGW-82KJDZDR-JHGYCXQN", "01JCH3EPVP-1MNNDJTS-37Z75NGB"
ITEM, LOCATION = "01KE5Q8600-DEM00011-00000001", "01KE5Q8600-DEM00004-00000002"
UNKNOWN = "01JCH3ENGW-ZZZZZZZZ-ZZZZZZZZ"
GET = f'getProductionOrder(productionOrderIdOrName: "{ORDER}")'
MANY = " ".join(f"a{number}: newShift {{ name }}" for number in range(60))
FAILING = " ".join(f'e{number}: getMaterial(idOrPath: "a\\u0000") {{ id }}' for number in range(8))
NESTED = "{ product { productionOrders(first: 1) { nodes " * 6 + "{ id }" + " } } }" * 6

QUERIES = {
    "a connection that is merged in two places": f"""
        query ($n: Int = 2) {{ {GET} {{ ...A ...B product {{ ... on Node {{ ...C }} }} }} }}
        fragment A on ProductionOrder {{ product {{ productionOrders(first: $n) {{ nodes {{ name }} }} }} }}
        fragment B on ProductionOrder {{ product {{ ... on Material {{
            productionOrders(first: $n) {{ totalCount nodes {{ id name product {{ id }} }} edges {{ cursor }} }}
        }} }} }}
        fragment C on Material {{ productionOrders(first: $n) {{ nodes {{ product {{ path id }} }} }} }}
    """,
    "one relation under two aliases with different windows": """
        { locations(first: 3) { nodes {
            early: productionOrders(first: 1, orderBy: [{ name: ASC }]) { nodes { name } pageInfo { hasNextPage } }
            late: productionOrders(last: 2, orderBy: [{ name: ASC }]) { edges { node { name } } totalCount }
            productionOrders(first: 4) { nodes { id } totalCount }
        } } }
    """,
    "typenames everywhere": """
        { __typename t: __typename materials(first: 1) { __typename edges { __typename k: __typename
          node { __typename productionOrders(first: 1) { __typename nodes { __typename } pageInfo { __typename } } } }
          nodes { a: __typename __typename } pageInfo { __typename hasNextPage b: __typename } }
          findMaterials(queryRequest: {pageSize: 1}) { __typename content { __typename } }
          newMaterial { __typename } getMaterialReferences(idOrPath: "x") { __typename references { __typename } } }
    """,
    "nothing but typenames of records": (
        "{ getAllCustomers { __typename } customers { edges { node { __typename } } } }"
    ),
    "fragments on the interface in a list of nodes": f"""
        {{ nodes(ids: ["{ORDER}", "{MATERIAL}", "{UNKNOWN}", "{ORDER}", "{UNIT}", "{LOCATION}"]) {{
            ...N __typename ... on Material {{ x: path ...N unitOfMeasure {{ ...N ... on Node {{ y: id }} }} }}
            ... on ProductionOrder {{ x: name product {{ ... on Node {{ ... on Material {{ path }} id }} }} }}
            ... on Node {{ ... on UnitOfMeasure {{ symbol }} }} }} }}
        fragment N on Node {{ id __typename k: id }}
    """,
    "fragments of types that are not met": (
        f'{{ node(id: "{UNIT}") {{ ... on Shift {{ name }} ... on Role {{ id }} }} }}'
    ),
    "a fragment under different conditions": f"""
        query ($yes: Boolean = true, $no: Boolean!) {{ {GET} {{
            ...F @include(if: $no) ...F @skip(if: $no) @include(if: $yes)
            ... @skip(if: $yes) {{ name }} id @skip(if: $yes)
        }} }}
        fragment F on ProductionOrder {{ status @include(if: $no) quantity product @skip(if: $no) {{ id }} }}
    """,
    "a relation that is skipped in one place and not in another": f"""
        {{ {GET} {{ product @skip(if: true) {{ id }} product {{ name }}
            ... @include(if: false) {{ product {{ path }} }} }} }}
    """,
    "a relation with nothing left": (
        f"{{ {GET} {{ product {{ id @skip(if: true) }} location {{ ...E }} }} }} fragment E on Location "
        f"{{ id @include(if: false) }}"
    ),
    "a connection with nothing left": (
        "{ materials(first: 2) { nodes { id @skip(if: true) } edges @skip(if: true) { cursor } } }"
    ),
    "an empty selection": "{ materials(first: 1) { nodes {} totalCount } }",
    "a root field that is skipped": f"{{ {GET} @skip(if: true) {{ id }} newShift {{ name }} }}",
    "every root field skipped": "{ getAllRoles @include(if: false) { id } ... @skip(if: true) { newShift { name } } }",
    "a skipped field with a wrong argument": '{ getMaterial(idOrPath: "a\\u0000") @skip(if: true) { id } __typename }',
    "an error in one of three": f'{{ a: newShift {{ name }} node(id: "no") {{ id }} {GET} {{ name }} }}',
    "errors of more fields than are told": f"{{ {FAILING} __typename }}",
    "many root fields": f"{{ {MANY} }}",
    "root fields out of order": (
        f"{{ z: newShift {{ name }} a: {GET} {{ id }} m: getAllPermissions b: "
        f'doesMaterialExist(idOrPath: "{MATERIAL}") }}'
    ),
    "introspection beside records": (
        f'{{ __schema {{ queryType {{ name }} }} {GET} {{ id }} __type(name: "Node") {{ kind name }} }}'
    ),
    "introspection between records": f"{{ {GET} {{ id }} s: __schema {{ types {{ name }} }} newShift {{ name }} }}",
    "a type that is not there": '{ __type(name: "Nobody") { name } __typename }',
    "a long alias": f"{{ {'a' * 300}: {GET} {{ {'b' * 300}: name {'c' * 70}: product {{ {'d' * 300}: id }} }} }}",
    "aliases that are other names": (
        f"{{ getMaterial: {GET} {{ name: id id: name product: productId __type: status }} }}"
    ),
    "aliases that mean something elsewhere": (
        f"{{ {GET} {{ __proto__: id constructor: name _: status row: quantity }} }}"
    ),
    "unicode in texts": (
        '{ getMaterial(idOrPath: "/Größe 😀 \\uD83D\\uDE00 \\u{1F600} \\"x\\" \\\\") { id } '
        'doesMaterialExist(idOrPath: "ä") }'
    ),
    "a lone surrogate": '{ getMaterial(idOrPath: "\\uD83D") { id } }',
    "a block string": f'{{ getProductionOrder(productionOrderIdOrName: """\n    {ORDER}\n  """) {{ name }} }}',
    "comments and commas": f"{{ # a comment {{\n ,,, {GET}, {{ id,,name }} \ufeff}}",
    "an exponent": (
        f'{{ convert(amount: 1e3, from: "{UNIT}", to: "{UNIT}") a: convert(amount: -0, from: "kg", to: "{UNIT}") }}'
    ),
    "a number that is too big": f'{{ convert(amount: 1e999, from: "{UNIT}", to: "{UNIT}") }}',
    "big integers": f"""
        {{ getCurrentShift(locationIdOrPath: "{LOCATION}", timestampMillis: 9223372036854775807) {{ id }}
           getCurrentShiftRecord(locationIdOrPath: "{LOCATION}", timestampMillis: 253402300799999) {{ id }} }}
    """,
    "an integer of more than 64 bits": (
        f'{{ getCurrentShift(locationIdOrPath: "{LOCATION}", timestampMillis: 9223372036854775808) {{ id }} }}'
    ),
    "null for optional arguments": (
        "{ materials(filter: null, orderBy: null, first: null, after: null) { totalCount } "
        "getLocationTree(filter: null) { text } }"
    ),
    "one value for a list": (
        '{ materials(orderBy: { name: DESC }, first: 2) { nodes { name } } nodes(ids: "x") { id } }'
    ),
    "wrong arguments of nested connections": (
        "{ materials(first: 2) { nodes { productionOrders(first: -1, last: 1) { totalCount } } } }"
    ),
    "a cursor that is none, nested": (
        '{ locations(first: 2) { nodes { id shifts(after: "no") { totalCount } } } newShift { name } }'
    ),
    "deeply nested connections": f"{{ productionOrders(first: 2) {{ nodes {NESTED} }} }}",
    "a fragment on the root": (
        "{ ...R ... on Query { ...R newShift { id } } } fragment R on Query { newShift { name } __typename }"
    ),
    "fragments in a circle": "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
    "fields that do not merge": f"{{ {GET} {{ a: name a: id }} }}",
    "no document": " ",
    "only a fragment": "fragment A on Query { __typename }",
    "a subscription": "subscription { a }",
    "a definition of a type": "type A { b: Int } { __typename }",
    "every order, in full": (
        "{ getAllProductionOrders { id name notes quantity startDate endDate dueDate propertyValues { "
        "value blobValue } } }"
    ),
    "values of every type": (
        "{ productionOrderPropertyValues(first: 60) { nodes { dataType value intValue floatValue dateValue } } }"
    ),
}

ORDERS = "productionOrders(filter: $filter, first: 5) { totalCount nodes { name } }"
FILTERED = f"query ($filter: ProductionOrderFilter) {{ {ORDERS} }}"
DEFAULTED = f'query ($filter: ProductionOrderFilter = {{name: {{contains: "1"}}}}) {{ {ORDERS} }}'
NESTED_VALUES = """
query ($n: String, $no: Boolean) {
  productionOrders(filter: {or: [{name: {contains: $n, isNull: $no}}]}) { totalCount }
}
"""
SIX = "abcdef"
ASKED = " ".join(f"{one}: materials(first: ${one}) {{ totalCount }}" for one in SIX)
MISSING = f"query ({' '.join(f'${one}: Int!' for one in SIX)}) {{ {ASKED} }}"
VARIABLES = [
    (FILTERED, {"filter": {"name": {"in": ["x", None]}}}),
    (FILTERED, {"filter": {"nothing": 1, "name": 2}}),
    (FILTERED, {}),
    (FILTERED, {"filter": None}),
    (DEFAULTED, {}),
    (DEFAULTED, {"filter": None}),
    (
        NESTED_VALUES,
        {"n": "1"},
    ),
    (
        NESTED_VALUES,
        {"n": None},
    ),
    ('query ($n: String!) { materials(filter: {name: {in: [$n, "Cream", $n]}}) { nodes { name } } }', {"n": "Cream"}),
    ('query ($n: String) { materials(filter: {name: {in: [$n, "Cream"]}}) { nodes { name } } }', {}),
    (
        "query ($one: ProductionOrderFilter!) { productionOrders(filter: {and: [$one, {not: $one}]}) { totalCount } }",
        {"one": {}},
    ),
    (
        "query ($s: ProductionOrderStatus! = IDLE) { productionOrders(filter: {status: {in: [$s]}}) { totalCount } }",
        {"s": "CLOSED"},
    ),
    (
        "query ($s: ProductionOrderStatus) { productionOrders(filter: {status: {equals: $s}}) { totalCount } }",
        {"s": "closed"},
    ),
    ("query ($d: OrderDirection = DESC) { materials(orderBy: [{name: $d}], first: 2) { nodes { name } } }", {}),
    ("query ($d: OrderDirection) { materials(orderBy: [{name: $d}], first: 2) { nodes { name } } }", {}),
    ("query ($n: Int) { materials(first: $n) { nodes { name } } }", {"n": 2.0}),
    ("query ($n: Int) { materials(first: $n) { nodes { name } } }", {"n": "2"}),
    ("query ($n: Int = 1) { materials(first: $n) { nodes { name } } }", {"n": None}),
    ("query ($n: Int!) { materials(first: $n) { nodes { name } } }", {"n": True}),
    ("query ($n: Int!, $m: Int!) { materials(first: $n, last: $m) { nodes { name } } }", {}),
    (
        MISSING,
        {},
    ),
    ("query ($unused: Int) { __typename }", {}),
    ("query ($n: Int) { materials(first: $n) { totalCount } }", {"n": 1, "more": 2}),
    ("query ($if: Boolean = true) { newShift @include(if: $if) { name } __typename }", {"if": None}),
    ("query ($if: Boolean!) { newShift @include(if: $if) { name } __typename }", {"if": "true"}),
    ("query ($if: Boolean! = false) { newShift @include(if: $if) { name id @skip(if: $if) } }", {}),
    ('query ($id: String = "x") { getMaterial(idOrPath: $id) { id } newShift { name } }', {"id": None}),
    ("query ($id: ID!) { node(id: $id) { id __typename } }", {"id": 5}),
    ("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": [ORDER, None]}),
    ("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ORDER}),
    ("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": [UNKNOWN] * 101}),
    ('query ($m: Long) { getCurrentShift(locationIdOrPath: "x", timestampMillis: $m) { id } }', {"m": 2**63 - 1}),
    ('query ($m: Long) { getCurrentShift(locationIdOrPath: "x", timestampMillis: $m) { id } }', {"m": 1.0}),
    ("query ($t: String!) { a: getMaterial(idOrPath: $t) { id } getCustomer(idOrName: $t) { id } }", {"t": "\0"}),
    (
        (
            'query ($v: String! = "a", $v2: String = "b") { doesMaterialExist(idOrPath: $v) b: '
            "doesMaterialExist(idOrPath: $v2) }"
        ),
        {},
    ),
]

FORBIDDEN = [
    (
        "only orders",
        f"{{ {GET} {{ name product {{ id }} location {{ id }} p: product {{ name }} propertyValues {{ value }} }} }}",
    ),
    ("only orders", "{ productionOrders(first: 3) { nodes { id billOfMaterials { materialName material { id } } } } }"),
    (
        "only orders",
        "{ productionOrders(first: 3) { edges { node { customer { id } product { id unitOfMeasure { id } } } } } }",
    ),
    ("only orders", '{ productionOrders(filter: {product: {name: {equals: "x"}}}) { totalCount } newShift { name } }'),
    (
        "only orders",
        "{ productionOrders(orderBy: [{product: {name: ASC}}], first: 1) { nodes { id product { id } } } }",
    ),
    ("no orders", "{ materials(first: 3) { nodes { id productionOrders(filter: {location: {}}) { totalCount } } } }"),
    ("materials to read", "{ materials(first: 2) { nodes { name unitOfMeasure { id } materialClass { name } } } }"),
    ("orders to read", "{ productionOrders(first: 2) { nodes { name p: product @skip(if: true) { id } } } }"),
    ("orders to read", f'{{ nodes(ids: ["{ORDER}", "{MATERIAL}", "{UNKNOWN}", "{UNIT}"]) {{ id __typename }} }}'),
    (
        "orders to read",
        f'{{ node(id: "{MATERIAL}") {{ __typename }} a: node(id: "{ORDER}") {{ id ... on Material {{ name }} }} }}',
    ),
    ("orders to read", f'{{ node(id: "{ORDER}") {{ ... on ProductionOrder {{ product {{ id }} name }} }} }}'),
    ("orders to read", f'{{ nodes(ids: ["{ORDER}", "{OTHER}"]) {{ ... on ProductionOrder {{ product {{ id }} }} }} }}'),
    (
        "orders and places to read",
        "{ locations(first: 9) { nodes { productionOrders { nodes { customer { id } } } } } }",
    ),
    ("nothing", "{ getAllRoles { id } newShift { name } getShiftPermissions __typename materials { totalCount } }"),
    ("nothing", "{ materials(first: -1) { totalCount } }"),
    (
        "nothing",
        f'{{ node(id: "{ORDER}") {{ __typename }} b: node(id: "no") {{ id }} c: node(id: "{UNKNOWN}") {{ id }} }}',
    ),
    (
        "writes",
        f'mutation {{ saveMaterial(input: {{id: "{MATERIAL}", notes: "x"}}) {{ notes unitOfMeasure {{ id }} }} }}',
    ),
]

FORBIDDEN_WITH_VARIABLES = """
    query ($n: String = "x", $yes: Boolean = true) {
      materials(first: 2) { nodes { id productionOrders(filter: { name: { in: [$n] } }) { totalCount } } }
      productionOrders(first: 2) { nodes {
        shift: product { id } product @include(if: $yes) { name } ... { product { path } }
        propertyValues { productionOrder { customer { id } unitOfMeasure { id } } }
      } }
    }
"""
KINDS = f"""
    {{ nodes(ids: ["{ORDER}", "{MATERIAL}", "{UNKNOWN}", "{LOCATION}", "{ORDER}"]) {{
        ... on Material {{ x: unitOfMeasure {{ id }} a: name }}
        ... on ProductionOrder {{ a: name x: unitOfMeasure {{ symbol }} b: product {{ x: unitOfMeasure {{ id }} }} }}
        ... on Location {{ x: productionOrders(first: 1) {{ nodes {{ x: unitOfMeasure {{ name }} }} }} }}
    }} }}
"""

NAMED = "query A($n: Int = 1) { materials(first: $n) { totalCount } } query B { newShift { name } } "


ONE_FOR_A_LIST = [
    ("{ materials(orderBy: { name: $d }) { nodes { name } } }", "$d: OrderDirection", {"d": "DESC"}),
    ("{ materials(filter: { and: { name: { equals: $x } } }) { nodes { name } } }", "$x: String", {"x": "Nothing"}),
    ("{ materials(filter: { and: { name: { equals: $x } } }) { nodes { name } } }", "$x: String", {}),
    ("{ materials(filter: { name: { in: $x } }) { nodes { name } } }", "$x: [String!]", {"x": "Nothing"}),
]
UNREACHED = """
    query A($x: Boolean!) { ...F @include(if: $x) }
    fragment F on Query { getAllCustomers { id } }
    query B($x: [ID!]!) { nodes(ids: $x) { id } }
    query C($x: String!) { a: getMaterial(idOrPath: $x) { id } ...G }
    fragment G on Query { newShift { name } }
"""


@pytest.mark.parametrize(("document", "defined", "variables"), ONE_FOR_A_LIST)
async def test_one_value_for_a_list_is_taken_as_by_the_reference(sides, document, defined, variables):
    await sides.check("everything", Operation(f"query ({defined}) {document}", variables))


@pytest.mark.parametrize(
    ("name", "x"), [("A", True), ("A", False), ("B", [UNKNOWN]), ("B", []), ("C", "y"), ("C", None)]
)
async def test_conditions_of_other_operations_are_none_of_this_one(sides, name, x):
    await sides.check("everything", Operation(UNREACHED, {"x": x}, name))


@pytest.mark.parametrize("document", QUERIES.values(), ids=QUERIES)
async def test_a_nasty_query_is_answered_as_by_the_reference(sides, document):
    await sides.check("everything", Operation(document, {"no": False}))


@pytest.mark.parametrize(("document", "variables"), VARIABLES)
async def test_variables_are_taken_as_by_the_reference(sides, document, variables):
    await sides.check("everything", Operation(document, variables))


@pytest.mark.parametrize(("caller", "document"), FORBIDDEN)
async def test_what_is_forbidden_is_told_as_by_the_reference(sides, caller, document):
    await sides.check(caller, Operation(document))


@pytest.mark.parametrize("caller", ["no orders", "orders to read", "orders and places to read", "materials to read"])
@pytest.mark.parametrize("variables", [{}, {"n": None}, {"yes": False}])
async def test_what_is_forbidden_with_wrong_arguments_is_told_so(sides, caller, variables):
    await sides.check(caller, Operation(FORBIDDEN_WITH_VARIABLES, variables))


@pytest.mark.parametrize("caller", ["no orders", "only orders", "orders and places to read", "no materials"])
async def test_what_is_forbidden_of_each_kind_is_told_as_by_the_reference(sides, caller):
    await sides.check(caller, Operation(KINDS))


@pytest.mark.parametrize("name", ["A", "B", "C", "", None])
@pytest.mark.parametrize("document", [NAMED, NAMED + "mutation C { __typename }", "query A { __typename }"])
async def test_the_named_operation_is_run_as_by_the_reference(sides, document, name):
    await sides.check("everything", Operation(document, {"n": 2}, name))


async def test_an_operation_is_answered_again_with_other_variables_and_callers(sides):
    document = (
        "query ($n: Int, $if: Boolean! = true) { materials(first: $n) { nodes { name @include(if: $if) path } } }"
    )

    for caller in ("everything", "only orders", "materials to read", "everything"):
        for variables in ({"n": 1}, {"n": 2, "if": False}, {}, {"n": "x"}, {"n": None}):
            await sides.check(caller, Operation(document, variables))
