import pytest

FIELDS = """
id name description address city state country zip primaryContact primaryContactEmail primaryContactPhone altContact
altContactEmail altContactPhone notes enabled spare1 spare2 spare3
"""
SAVE = f"mutation ($input: CustomerInput!) {{ saveCustomer(input: $input) {{ {FIELDS} version }} }}"
GET = "query ($key: String!) { getCustomer(idOrName: $key) { name productionOrders { nodes { name } } } }"
CUSTOMER = {
    "name": "Bakery",
    "description": "Bread",
    "address": "High Street 1",
    "city": "Town",
    "state": "State",
    "country": "Country",
    "zip": "12345",
    "primaryContact": "A. Baker",
    "primaryContactEmail": "baker@example.com",
    "primaryContactPhone": "+1 555 0100",
    "altContact": "B. Miller",
    "altContactEmail": "miller@example.com",
    "altContactPhone": "+1 555 0101",
    "notes": "on Mondays",
    "enabled": False,
    "spare1": "1",
    "spare2": "2",
    "spare3": "3",
}


@pytest.fixture
def save(execute):
    async def run(**fields):
        return (await execute(SAVE, input=fields))["saveCustomer"]

    return run


async def test_new_returns_every_field_empty_and_enabled(execute):
    data = await execute(f"{{ newCustomer {{ {FIELDS} }} }}")

    assert data["newCustomer"] == {**dict.fromkeys(["id", *CUSTOMER]), "enabled": True}


async def test_a_customer_is_shown_as_it_was_saved(save):
    saved = await save(**CUSTOMER)

    assert saved == {"id": saved["id"], **CUSTOMER, "version": 1}


async def test_save_keeps_the_fields_that_are_left_out_and_null_clears_one(save):
    saved = await save(**CUSTOMER)

    changed = await save(id=saved["id"], city=None, zip="54321", name=None)

    assert changed == {**saved, "city": None, "zip": "54321", "version": 2}


async def test_a_customer_is_found_by_id_and_name_with_its_orders(execute, production_order, plant):
    order = await production_order(customerId=plant.customer)

    for key in (plant.customer, "Corner Shop"):
        assert (await execute(GET, key=key))["getCustomer"] == {
            "name": "Corner Shop",
            "productionOrders": {"nodes": [{"name": order.name}]},
        }


async def test_two_customers_cannot_have_one_name(execute):
    failure = await execute.failing(SAVE, input={"name": "Corner Shop"})

    assert (failure.code, failure.message) == (
        "CONFLICT",
        "There is another customer with the name 'Corner Shop' already.",
    )


async def test_all_customers_are_shown_and_found(execute, save):
    await save(**CUSTOMER)

    data = await execute(
        "{ getAllCustomers { name } findCustomers(queryRequest: {}) { totalElements content { name } } }"
    )

    names = [{"name": "Corner Shop"}, {"name": "Bakery"}]
    assert data == {"getAllCustomers": names, "findCustomers": {"totalElements": 2, "content": names}}


async def test_the_permissions_of_customers_are_those_of_their_part_of_the_api(execute):
    data = await execute("{ getCustomerPermissions }")

    assert data["getCustomerPermissions"] == [
        "CUSTOMER.READ.GET",
        "CUSTOMER.READ.VALIDATE",
        "CUSTOMER.WRITE.DELETE",
        "CUSTOMER.WRITE.SAVE",
    ]
