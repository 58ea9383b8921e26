"""What the list of bad requests does not have, or has in the words of another schema only."""

import pytest

NODE = "query($id:ID!){node(id:$id){id}}"
GET = "query($id:String!){getProductionOrder(productionOrderIdOrName:$id){id}}"
DELETE = "mutation($id:String!){deleteProductionOrder(productionOrderIdOrName:$id){success}}"
THROUGH_MATERIAL = "{materials{nodes{productionOrders{nodes{id quantity}}}}}"
CLASSES = "mutation($path:String!){createMaterialClassesForPath(path:$path){id}}"
VALUES = 'mutation($values:Mixed!){setPropertyValues(productionOrderIdOrName:"PO1",values:$values){id}}'

FILTERED = "query($f:ProductionOrderFilter){productionOrders(first:1,filter:$f){nodes{id}}}"
ORDERED = "query($o:[ProductionOrderOrderBy!]){productionOrders(first:1,orderBy:$o){nodes{id}}}"
FOUND = "query($q:QueryRequestInput!){findProductionOrders(queryRequest:$q){totalElements}}"
CHECKED = "query($q:QueryRequestInput!){validateQueryRequest(input:$q)}"
SAVED = "mutation($i:ProductionOrderInput!){saveProductionOrder(input:$i){id}}"
ACCENTS, SUGGESTING, QUOTES = "\u0316\u0300" * 30_000, " Did you mean " * 5_000, "x'y" * 20_000
INSTANT, ULID = "2026-01-01T00:00:00Z", "01JCH3ENGW-82KJDZDR-JHGYCXQN"
INVALID, COMPLEX = "BAD_USER_INPUT", "QUERY_TOO_COMPLEX"
MUCH = {
    "accents to look for": (FILTERED, {"f": {"name": {"equals": f"a{ACCENTS}"}}}, None),
    "accents of a name": (GET, {"id": f"a{ACCENTS}"}, None),
    "accents to save": (SAVED, {"i": {"name": f"a{ACCENTS}"}}, INVALID),
    "a suggestion as a field": (SAVED, {"i": {SUGGESTING: 1}}, INVALID),
    "a suggestion as a status": (SAVED, {"i": {"status": SUGGESTING}}, INVALID),
    "zeros of an instant": (SAVED, {"i": {"dueDate": f"2026-01-01T00:00:00.{'0' * 900_000}"}}, INVALID),
    "quotes as a field": (SAVED, {"i": {QUOTES: 1}}, INVALID),
    "quotes as a status": (SAVED, {"i": {"status": QUOTES}}, INVALID),
    "instants": (FILTERED, {"f": {"dueDate": {"in": [*[INSTANT] * 24_000, "x"]}}}, COMPLEX),
    "ids": (FILTERED, {"f": {"id": {"in": [*[ULID] * 24_000, "x"]}}}, COMPLEX),
    "as many ids as there may be": (FILTERED, {"f": {"id": {"in": [ULID] * 4_990}}}, None),
    "filters": (FILTERED, {"f": {"and": [{}] * 12_000}}, COMPLEX),
    "keys": (ORDERED, {"o": [{"id": "ASC"}] * 12_000}, COMPLEX),
    "unknown fields": (SAVED, {"i": {f"'k{number}'": 1 for number in range(24_000)}}, COMPLEX),
    "unknown properties": (VALUES, {"values": {f"k{number}": 1 for number in range(12_000)}}, COMPLEX),
    "fields to sort by": (FOUND, {"q": {"sortFields": [f"a{number}" for number in range(4_000)]}}, INVALID),
    "wrong filters": (FOUND, {"q": {"filters": [{"field": f"a{number}"} for number in range(500)]}}, INVALID),
    "wrong directions": (CHECKED, {"q": {"sortDirections": ["up"] * 4_000}}, None),
}
"""What was answered with megabytes, or kept others waiting: the document, its variables, and the code that is told."""


@pytest.mark.parametrize("name", MUCH)
async def test_of_much_that_is_wrong_little_is_told(site, name):
    document, variables, code = MUCH[name]

    reply, health = await site.reply("T_WRITE" if document != CHECKED else "T_QUERY", document, **variables)

    assert reply.codes == [code] if code else "errors" not in reply.told
    assert len(reply.body) < 65_536
    assert not any(text * 65 in reply.text for text in ("0", "x'y"))
    assert all(live.well for live in health)


@pytest.mark.parametrize("name", ["\u3164", "\u115f\u1160", "\uffa0", "\u2800", "\u034f", "\ufe0f", "\U000e0100"])
async def test_a_name_of_which_nothing_is_seen_is_refused(site, name):
    reply, _ = await site.reply("T_WRITE", SAVED, i={"name": name})

    assert reply.codes == [INVALID]
    assert reply.told["errors"][0]["extensions"]["violations"]["name"]


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
