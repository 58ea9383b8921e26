"""The requests of the rows in the words of this schema, with the same faults."""

import base64
import json
import re

# The references that each order needs, in JSON, in a document that is in JSON, and in a URL.
_NEEDED = r'"productId":"{{PRODUCT}}","unitOfMeasureId":"{{UNIT}}",'
_NEEDED_LITERALLY = r'productId:\\"{{PRODUCT}}\\",unitOfMeasureId:\\"{{UNIT}}\\",'
_NEEDED_ENCODED = r"productId%3A%22{{PRODUCT}}%22%2CunitOfMeasureId%3A%22{{UNIT}}%22%2C"

# What stands in the rows (a pattern), and what stands for it here.
SPELLED = (
    (r"productionOrders\(name:", r"getProductionOrder(productionOrderIdOrName:"),
    (r"productionOrders\(([^()]*)\)\{id\}", r"productionOrders(\1){nodes{id}}"),
    (r"productionOrder\(id:\$id\)\{id name\}", r"node(id:$id){id ...on ProductionOrder{name}}"),
    (r"\bproductionOrder\(id:", r"node(id:"),
    (r"\bPOIn!", r"ProductionOrderInput!"),
    (r'"i": ?\{', rf'"i":{{{_NEEDED}'),
    (r"saveProductionOrder\(input:\{", rf"saveProductionOrder(input:{{{_NEEDED_LITERALLY}"),
    (r"saveProductionOrder\(input%3A%7B", rf"saveProductionOrder(input%3A%7B{_NEEDED_ENCODED}"),
    (r'"(amount|ratio)":', r'"quantity":'),
    (r'"day": "infinity"', r'"dueDate":"infinity"'),
    (r'"day": "([^"]*)"', r'"dueDate":"\1T00:00:00Z"'),
    (r'"due":', r'"dueDate":'),
    (r'"status": "open"', r'"status":"scheduled"'),
    (r'status:\\"OPEN\\"', r'status:\\"SCHEDULED\\"'),
    (r"\$m:JSON\b", r"$m:Mixed"),
    (r"\bboom\b", r'deleteProductionOrder(productionOrderIdOrName:\\"PO1\\"){success}'),
    (r"query\(\$r:Float\)\{slow\(seconds:\$r\)\}", r'query($r:Float!){convert(amount:$r,from:\\"kg\\",to:\\"kg\\")}'),
)

_SAVE = "mutation($i:ProductionOrderInput!){saveProductionOrder(input:$i){id name}}"
_VALUES = "mutation($m:Mixed!){setPropertyValues(productionOrderIdOrName:" + '"PO1",values:$m){id}}'
_SHIFT = 'query($n:Long){getCurrentShift(locationIdOrPath:"/Line 1",timestampMillis:$n){id}}'
_TO_AND_FRO = 6
"""How many times a document goes from an order to its product and back to the orders of that."""


def _said(document, **variables):
    return json.dumps({"query": document, **({"variables": variables} if variables else {})})


def _order(**fields):
    return {"productId": "{{PRODUCT}}", "unitOfMeasureId": "{{UNIT}}", **fields}


# The bodies of rows that this schema says in another way altogether.
BODIES = {
    "L07": _said(
        "{productionOrders(first:1){nodes{"
        + "product{productionOrders{nodes{" * _TO_AND_FRO
        + "id"
        + "}}}" * _TO_AND_FRO
        + "}}}"
    ),
    "L23": _said(
        "{"
        + " ".join(
            f"a{number}:productionOrders(first:100){{nodes{{id product{{name productionOrders{{nodes{{id}}}}}}}}}}"
            for number in range(20)
        )
        + "}"
    ),
    # Quantities are no Int here: what is one is the version that the order must have, and a Long is a time in ms.
    "V12": _said(_SAVE, i=_order(name="v12", expectedVersion=2**31)),
    "V14": _said(_SHIFT, n=2**63),
    "V16": _said(_SAVE, i=_order(name="v16", expectedVersion=5.5)),
    "V17": _said(_SAVE, i=_order(name="v17", expectedVersion=True)),
    "V33": _said(_VALUES, m={"k\0": "v\0"}),
    "V74": _said(_SAVE, i=_order(name="v74", productId="{{ABSENT}}")),
    "A26": _said("{productionOrders(first:1){nodes{product{productionOrders{nodes{id quantity}}}}}}"),
    "A28": _said("{productionOrders(first:1){nodes{id product @include(if:false){name}}}}"),
}


def request(row, accept, words, host):
    """The bytes of the row's request, which wants to be answered as this media type."""
    if row["kind"] == "raw":
        said = base64.b64decode(row["body_b64"]).decode("latin-1").replace("/health ", "/health/live ")
        return _filled(said, words).encode("latin-1")
    body = _body(row, words)
    lengths = {"Content-Length": str(len(body))} if body or row["method"] in ("POST", "PUT") else {}
    headers = {"Host": host, "Connection": "close", **row["headers"], "Accept": accept, **lengths}
    lines = [f"{name}: {value}" for name, value in [*headers.items(), *row.get("extra_headers", [])]]
    head = "\r\n".join([f"{row['method']} {_spelled(row['path'])} HTTP/1.1", *lines, "", ""])
    return _filled(head, words).encode("latin-1") + body


def _body(row, words):
    if "body_b64" in row:
        return base64.b64decode(row["body_b64"])
    if "body_repeat" in row:
        parts = row["body_repeat"]
        prefix, suffix = (_filled(_spelled(parts[name]), words) for name in ("prefix", "suffix"))
        return prefix.encode() + parts["unit"].encode() * parts["count"] + suffix.encode()
    return _filled(BODIES.get(row["id"]) or _spelled(row.get("body", "")), words).encode()


def _spelled(text):
    for theirs, ours in SPELLED:
        text = re.sub(theirs, ours, text)
    return text


def _filled(text, words):
    """The text with the tokens and ids for which names in braces stand."""
    return re.sub(r"\{\{([A-Z_]+)\}\}", lambda name: words[name[1]], text)
