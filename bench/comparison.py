"""Whether all peers give the same answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import httpx
import orjson

from bench.database import Database
from bench.peer import Running
from bench.workload import WORKLOADS, Draw, Workload
from db.ulid import parsed_ulid

_SAMPLES = 20
_SAMPLED_ORDERS = 1_000
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)


class Differs(Exception):  # noqa: N818 (a word for the event)
    """Two peers were asked the same and did not answer the same."""


async def compare(peers: Sequence[Running], database: Database, page_sizes: Sequence[int]) -> int:
    """Ask all peers the same, sample by sample; how many answers were the same. Raises `Differs`."""
    compared = 0
    for workload in WORKLOADS.values():
        for size in page_sizes if workload.key == "W2" else page_sizes[:1]:
            expected = None
            for peer in peers:
                answers = await _answers(peer, workload, Draw("comparison", database.orders, size))
                if workload.saves:
                    await database.forget_saved()
                expected = expected or answers
                for number, (mine, theirs) in enumerate(zip(expected, answers, strict=True)):
                    _check(mine, theirs, f"{workload.key}, sample {number}: {peers[0].peer.title}, {peer.peer.title}")
                    compared += 1
    return compared


async def _answers(target: Running, workload: Workload, draw: Draw) -> list[Any]:
    bodies = target.peer.dialect.bodies(workload, draw)
    samples = max(2, min(_SAMPLES, _SAMPLED_ORDERS // draw.page_size))
    async with httpx.AsyncClient(headers=target.headers, trust_env=False, timeout=60.0) as client:
        return [await _answer(client, target, workload, next(bodies)) for _ in range(samples)]


async def _answer(client: httpx.AsyncClient, target: Running, workload: Workload, body: bytes) -> Any:
    response = await client.post(target.url, content=body)
    told = orjson.loads(response.content)
    if response.status_code != httpx.codes.OK or "errors" in told:
        raise Differs(f"{workload.key}: {target.peer.title} answers {response.status_code}: {response.text[:2_000]}")
    answer = target.peer.dialect.answer(workload, told["data"])
    if not answer:
        raise Differs(f"{workload.key}: {target.peer.title} finds nothing for {body.decode()}")
    if workload.saves:
        # Every server gives a new order an id of its own.
        assert parsed_ulid(answer.pop("id"))
    return _plain(answer)


def _plain(value: Any) -> Any:
    """The value, with instants that compare as instants."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        return datetime.fromisoformat(value)
    return value


def _check(mine: Any, theirs: Any, place: str) -> None:
    """Raise with the first path at which two answers differ."""
    if isinstance(mine, dict) and isinstance(theirs, dict) and mine.keys() == theirs.keys():
        for name, value in mine.items():
            _check(value, theirs[name], f"{place}: {name}")
    elif isinstance(mine, list) and isinstance(theirs, list) and len(mine) == len(theirs):
        for number, (one, other) in enumerate(zip(mine, theirs, strict=True)):
            _check(one, other, f"{place}[{number}]")
    elif mine != theirs or isinstance(mine, bool) != isinstance(theirs, bool):
        raise Differs(f"{place}: {str(mine)[:500]!r} is not {str(theirs)[:500]!r}")
