"""A way to ask for the same: documents, the names of their variables, and where the answer is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from bench.workload import Asked, Draw, Workload
from db.ulid import new_ulid

DOCUMENTS = Path(__file__).with_name("documents")


@dataclass(frozen=True)
class Dialect:
    """`variables` gives a workload's variables their names in the documents; `answers` are the paths to the values."""

    name: str
    variables: dict[str, Callable[[Asked], Asked]]
    answers: dict[str, tuple[str, ...]]

    def bodies(self, workload: Workload, draw: Draw) -> Iterator[bytes]:
        """Requests without an end: always the same text, with other variables."""
        document = (DOCUMENTS / self.name / f"{workload.key}.graphql").read_text(encoding="utf-8")
        named = self.variables[workload.key]
        begin = b'{"query":%b,"variables":' % orjson.dumps(document)
        while True:
            yield begin + orjson.dumps(named(workload.asked(draw))) + b"}"

    def answer(self, workload: Workload, data: Any) -> Any:
        """What was asked for, out of its wrapping."""
        for name in self.answers[workload.key]:
            data = data[name]
        return _unwrapped(data)


def _unwrapped(value: Any) -> Any:
    """The value with the lists that connections hold."""
    if isinstance(value, list):
        return [_unwrapped(one) for one in value]
    if isinstance(value, dict):
        return _unwrapped(value["nodes"]) if value.keys() == {"nodes"} else {k: _unwrapped(v) for k, v in value.items()}
    return value


def _same(asked: Asked) -> Asked:
    return asked


def _input(asked: Asked) -> Asked:
    return {"input": asked}


def _window(asked: Asked) -> Asked:
    return {"status": asked["status"], "first": asked["size"], "offset": asked["size"] * asked["page"]}


def _numbered_page(asked: Asked) -> Asked:
    return {"status": asked["status"], "pageSize": asked["size"], "pageIndex": asked["page"]}


def _row(asked: Asked) -> Asked:
    """The columns of a new row: PostGraphile is told the id, because the table gives none of its own."""
    columns = {("productMaterialId" if name == "productId" else name): value for name, value in asked.items()}
    return {"input": {"rowId": new_ulid(), **columns}}


MES_ORDERS = Dialect(
    "mes_orders",
    {"W1": _same, "W2": _numbered_page, "W3": _input, "W4": _same},
    {
        "W1": ("getProductionOrder",),
        "W2": ("findProductionOrders", "content"),
        "W3": ("saveProductionOrder",),
        "W4": (),
    },
)
PLAIN = Dialect(
    "plain",
    {"W1": _same, "W2": _window, "W3": _input, "W4": _same},
    {"W1": ("productionOrder",), "W2": ("productionOrders",), "W3": ("saveProductionOrder",), "W4": ()},
)
POSTGRAPHILE = Dialect(
    "postgraphile",
    {"W1": _same, "W2": _window, "W3": _row, "W4": _same},
    {
        "W1": ("productionOrder",),
        "W2": ("productionOrders",),
        "W3": ("createProductionOrder", "productionOrder"),
        "W4": (),
    },
)
