"""What the list of bad requests does not have, or has in the words of another schema only."""

import pytest

NODE = "query($id:ID!){node(id:$id){id}}"
GET = "query($id:String!){getProductionOrder(productionOrderIdOrName:$id){id}}"
DELETE = "mutation($id:String!){deleteProductionOrder(productionOrderIdOrName:$id){success}}"
THROUGH_MATERIAL = "{materials{nodes{productionOrders{nodes{id quantity}}}}}"
CLASSES = "mutation($path:String!){createMaterialClassesForPath(path:$path){id}}"
VALUES = 'mutation($values:Mixed!){setPropertyValues(productionOrderIdOrName:"PO1",values:$values){id}}'


@pytest.mark.parametrize("document", [NODE, GET, DELETE])
async def test_who_may_not_see_an_order_is_not_told_whether_it_is_there(site, document):
    present, absent = [await site.asked("T_NONE", document, id=f"{{{{{name}}}}}") for name in ("ID_PRESENT", "ABSENT")]

    assert present == absent


async def test_orders_are_not_reached_through_their_material_without_the_permission(site):
    answer = await site.asked("T_MATERIAL", THROUGH_MATERIAL)

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
    assert answer["data"]["materials"]["nodes"] == [{"productionOrders": None}]


async def test_a_path_of_very_many_classes_is_refused_soon(site):
    reply, health = await site.reply("T_WRITE", CLASSES, path="/a" * 15_000)

    assert reply.codes == ["BAD_USER_INPUT"]
    assert all(live.well for live in health)


async def test_not_all_of_very_many_wrong_classes_are_told(site):
    reply, _ = await site.reply("T_WRITE", CLASSES, path="".join(f"/{number}\u200b" for number in range(1_000)))

    assert reply.codes == ["BAD_USER_INPUT"]
    assert len(reply.body) < 16_384


async def test_not_all_of_very_many_unknown_properties_are_told(site):
    reply, _ = await site.reply("T_WRITE", VALUES, values={f"No {number}": number for number in range(1_000)})

    assert reply.codes == ["NOT_FOUND"]
    assert len(reply.body) < 16_384


async def test_of_the_long_name_of_an_unknown_property_the_beginning_is_told(site):
    reply, _ = await site.reply("T_WRITE", VALUES, values={"n" * 10_000: 1})

    assert reply.codes == ["NOT_FOUND"]
    assert "n" * 65 not in reply.text


async def test_what_is_no_request_is_in_the_log(site, log):
    refused = {"event": "refused", "status": 400, "codes": ["BAD_REQUEST"], "address": "127.0.0.1"}.items()

    reply = await site.talk(b"no HTTP\r\n\r\n")

    assert reply.status == 400
    while not any(all(line.get(name) == value for name, value in refused) for line in list(log)):
        await site.live()
