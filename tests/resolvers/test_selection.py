import pytest

ORDER = "query ($key: String!) { getProductionOrder(productionOrderIdOrName: $key) { %s } }"

# The 55 fields of one order that are measured as W1.
W1 = """
id name status schedulePriority quantity quantityProduced quantityScheduled startDate endDate dueDate locationId notes
enabled spare1 spare2 spare3 createdDate createdBy modifiedDate modifiedBy product { name } unitOfMeasure { symbol }
propertyValues { value property { name } } billOfMaterials { quantityOrder material { name } }
"""


@pytest.fixture
def show(execute):
    """The selection of an order."""

    async def run(order, selection, **variables):
        document = ORDER % selection
        for name, default in (("yes", "true"), ("no", "false")):
            if f"${name}" in selection:
                document = document.replace("$key: String!", f"$key: String!, ${name}: Boolean! = {default}")
        data = await execute(document, key=order.id, **variables)
        return data["getProductionOrder"]

    return run


async def test_an_order_with_all_it_shows_is_one_statement(execute, production_order, statements):
    order = await production_order()
    statements.clear()

    await execute(ORDER % W1, key=order.id)

    assert len(statements) == 1


async def test_a_new_order_is_one_statement_and_a_transaction_by_itself(production_order, statements):
    await production_order()
    statements.clear()

    await production_order()

    assert [sql.split()[0].lower() for sql in statements] == ["with"]


async def test_a_changed_order_is_two_statements_beside_begin_and_commit(execute, production_order, statements):
    order = await production_order()
    save = "mutation ($id: ULID!) { saveProductionOrder(input: {id: $id, quantity: 9}) { name product { name } } }"
    statements.clear()

    await execute(save, id=order.id)

    assert [sql.split()[0].lower() for sql in statements] == ["begin;", "select", "with", "commit;"]


async def test_a_change_that_leads_back_to_itself_is_two_statements_and_shows_what_is_stored(
    execute, production_order, production_order_property, statements
):
    order, size = await production_order(), await production_order_property(dataType="Int")
    document = """
    mutation ($input: ProductionOrderPropertyValueInput!) {
      saveProductionOrderPropertyValue(input: $input) {
        id value productionOrder { propertyValues { value productionOrder { propertyValues { value version } } } }
      }
    }
    """
    created = await execute(document, input={"productionOrderId": order.id, "propertyId": size.id, "value": 1})
    statements.clear()

    changed = await execute(document, input={"id": created["saveProductionOrderPropertyValue"]["id"], "value": 2})

    value = changed["saveProductionOrderPropertyValue"]
    assert value["productionOrder"] == {
        "propertyValues": [{"value": 2, "productionOrder": {"propertyValues": [{"value": 2, "version": 2}]}}]
    }
    assert len(statements) == 4


async def test_root_fields_are_one_statement_each(execute, production_order, statements):
    order = await production_order()
    statements.clear()

    await execute(
        f'{{ a: getProductionOrder(productionOrderIdOrName: "{order.id}") {{ id }} b: newProductionOrder {{ id }} '
        f'c: getProductionOrder(productionOrderIdOrName: "{order.id}") {{ product {{ name }} }} }}'
    )

    assert len(statements) == 2


async def test_aliases_name_the_keys_of_the_answer(show, production_order):
    order = await production_order(name="Order7", quantity=3)

    assert await show(order, "a: name b: name name: quantity") == {"a": "Order7", "b": "Order7", "name": 3}


async def test_one_relation_can_be_shown_twice(show, production_order):
    order = await production_order()

    shown = await show(order, "product { name } other: product { path unitOfMeasure { symbol } } productName")

    assert shown == {
        "product": {"name": "Milk"},
        "other": {"path": "/Dairy/Milk", "unitOfMeasure": {"symbol": "kg"}},
        "productName": "Milk",
    }


async def test_selections_of_one_key_are_merged(show, production_order):
    order = await production_order()

    shown = await show(
        order, "product { name } ... on ProductionOrder { product { name path } } ... { product { erpId } }"
    )

    assert shown == {"product": {"name": "Milk", "path": "/Dairy/Milk", "erpId": None}}


async def test_fragments_in_fragments_are_shown(execute, production_order):
    order = await production_order()
    fragments = "fragment A on ProductionOrder { ...B product { ...C } } fragment B on ProductionOrder { quantity }"

    data = await execute(
        f"{ORDER % '...A'} {fragments} fragment C on Material {{ name materialClass {{ path }} }}", key=order.id
    )

    assert data["getProductionOrder"] == {
        "quantity": 0,
        "product": {"name": "Milk", "materialClass": {"path": "/Dairy"}},
    }


@pytest.mark.parametrize(
    ("selection", "keys"),
    [
        ("id name @skip(if: true)", ["id"]),
        ("id name @include(if: false)", ["id"]),
        ("id name @skip(if: $yes)", ["id"]),
        ("id name @skip(if: $no)", ["id", "name"]),
        ("id name @include(if: $yes) @skip(if: $no)", ["id", "name"]),
        ("id ... @include(if: $no) { name }", ["id"]),
        ("id ... on ProductionOrder @skip(if: $no) { name }", ["id", "name"]),
        ("id product @include(if: false) { name } product @include(if: true) { path }", ["id", "product"]),
    ],
)
async def test_skip_and_include_decide_what_is_shown(show, production_order, selection, keys):
    order = await production_order()

    assert list(await show(order, selection)) == keys


async def test_a_variable_wins_over_its_default(show, production_order):
    order = await production_order()

    assert await show(order, "name @skip(if: $yes)", yes=False) == {"name": order.name}


async def test_type_names_are_shown_everywhere(show, production_order):
    order = await production_order()

    shown = await show(order, "__typename t: __typename product { __typename } propertyValues { __typename }")

    assert shown == {
        "__typename": "ProductionOrder",
        "t": "ProductionOrder",
        "product": {"__typename": "Material"},
        "propertyValues": [],
    }


@pytest.mark.settings(max_aliases=1_000, max_characters=100_000, max_tokens=10_000)
async def test_more_fields_than_a_function_of_postgresql_takes_are_shown(show, production_order):
    order = await production_order(name="Order7")

    shown = await show(order, " ".join(f"n{number}: name" for number in range(250)))

    assert shown == {f"n{number}": "Order7" for number in range(250)}


async def test_a_long_alias_is_kept_whole(show, production_order):
    order = await production_order(name="Order7")
    alias = "a" * 200

    assert await show(order, f"{alias}: name") == {alias: "Order7"}


async def test_texts_come_out_as_they_were_saved(show, production_order):
    text = 'quotes " and \\ and \n new lines, \t tabs, <html>, emoji 🏭, \u2028'
    order = await production_order(notes=text)

    assert (await show(order, "notes"))["notes"] == text


async def test_a_relation_that_the_caller_may_not_see_is_null_and_the_rest_stays(caller, production_order):
    order = await production_order()
    planner = await caller("PRODUCTION_ORDER.READ", "UNIT_OF_MEASURE")

    answer = await planner.answer(
        ORDER % "id productName product { name } other: product { id } unitOfMeasure { symbol }", key=order.id
    )

    assert answer["data"]["getProductionOrder"] == {
        "id": order.id,
        "productName": "Milk",
        "product": None,
        "other": None,
        "unitOfMeasure": {"symbol": "kg"},
    }
    assert [(error["path"], error["extensions"]) for error in answer["errors"]] == [
        (["getProductionOrder", key], {"code": "FORBIDDEN", "permission": "MATERIAL.READ.GET"})
        for key in ("product", "other")
    ]


async def test_a_relation_that_is_skipped_needs_no_permission(caller, production_order):
    order = await production_order()
    planner = await caller("PRODUCTION_ORDER.READ")

    data = await planner(ORDER % "id product @include(if: false) { name }", key=order.id)

    assert data == {"getProductionOrder": {"id": order.id}}


async def test_a_caller_who_may_only_save_sees_what_was_saved(caller, plant):
    saver = await caller("PRODUCTION_ORDER.WRITE")
    document = (
        "mutation ($input: ProductionOrderInput!) { saveProductionOrder(input: $input) { name propertyValues { id } } }"
    )

    answer = await saver.answer(
        document, input={"name": "Order1", "productId": plant.material, "unitOfMeasureId": plant.unit_of_measure}
    )

    assert answer["data"]["saveProductionOrder"] == {"name": "Order1", "propertyValues": None}
    assert answer["errors"][0]["extensions"]["permission"] == "PRODUCTION_ORDER.READ.GET"


async def test_of_several_mutations_one_that_fails_does_not_hide_the_others(execute, plant):
    fields = f'productId: "{plant.material}", unitOfMeasureId: "{plant.unit_of_measure}"'
    document = f"""
    mutation {{
      a: saveProductionOrder(input: {{name: "A", {fields}}}) {{ name }}
      b: saveProductionOrder(input: {{name: "A", {fields}}}) {{ name }}
      c: saveProductionOrder(input: {{name: "C", {fields}}}) {{ name }}
    }}
    """

    answer = await execute.answer(document)

    assert answer["data"] == {"a": {"name": "A"}, "b": None, "c": {"name": "C"}}
    assert [(error["path"], error["extensions"]["code"]) for error in answer["errors"]] == [(["b"], "CONFLICT")]
