"""A server as a process, with a plant and callers, which is sent bad requests over TCP."""

import asyncio
import base64
import hashlib
import hmac
import json
import os
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Thread
from urllib.parse import urlsplit

import asyncpg
import pytest

from db.roles import create_role
from db.tokens import create_token, parsed_token, revoke_token
from db.ulid import new_ulid
from tests.bad_inputs.expectation import JSON
from tests.bad_inputs.translated import request
from tests.bad_inputs.wire import talk
from tests.conftest import dsn_of, new_database, planted

PERMISSIONS = {
    "T_WRITE": ["PRODUCTION_ORDER", "MATERIAL", "UNIT_OF_MEASURE"],
    "T_READ": ["PRODUCTION_ORDER.READ.GET"],
    "T_SAVE": ["PRODUCTION_ORDER.WRITE.SAVE"],
    "T_MATERIAL": ["MATERIAL.READ.GET"],
    "T_QUERY": ["QUERY.READ.VALIDATE"],
    "T_EMPTYSEG": ["PRODUCTION_ORDER..WRITE", "", "."],
    "T_STAR": ["*", "PRODUCTION_ORDER.*"],
}
SAVE = "mutation($i:[ProductionOrderInput!]!){saveProductionOrders(inputs:$i){id}}"
ORDERS = ("PO1", "Caf\N{LATIN SMALL LETTER E WITH ACUTE}-1")
_PATIENCE = 30
_LINGER = 0.5
"""Seconds in which more would come than the one answer that is due."""


class Site:
    """The server, and what stands in the rows for its tokens and ids."""

    def __init__(self, port, words):
        self.port = port
        self.words = words

    async def sent(self, row, accept):
        """The reply to a row's request, and those to whether the server lives, during it and after it."""
        payload = request(row, accept, self.words, f"127.0.0.1:{self.port}")
        patience = row.get("close_within_s", _PATIENCE) + 2
        linger = patience if "close_within_s" in row else _LINGER if row["kind"] == "raw" else 0
        reply, during = await asyncio.gather(self.talk(payload, patience, linger), self.live())
        return reply, [during, await self.live()]

    async def live(self):
        return await self.talk(b"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")

    async def asked(self, token, document, **variables):
        """What is told to the owner of a token."""
        return (await self.reply(token, document, **variables))[0].told

    async def reply(self, token, document, **variables):
        """The same, as it was sent, and whether the server lived."""
        body = json.dumps({"query": document, "variables": variables})
        headers = {"Content-Type": JSON, "Authorization": f"Bearer {{{{{token}}}}}"}
        row = {"id": "", "kind": "http", "method": "POST", "path": "/graphql", "headers": headers, "body": body}
        return await self.sent(row, JSON)

    async def talk(self, payload, patience=_PATIENCE, linger=0):
        return await asyncio.to_thread(talk, self.port, payload, patience, linger)


@pytest.fixture(scope="module")
async def dsn(administration, postgres, template):
    """The server's database."""
    async with new_database(administration, f"template {template} strategy file_copy") as name:
        yield dsn_of(postgres, name)


@pytest.fixture(scope="module")
async def stored(dsn):
    """A connection to the server's database."""
    connection = await asyncpg.connect(dsn)
    yield connection
    await connection.close()


@pytest.fixture(scope="module")
async def words(stored):
    """What stands for the names in braces."""
    ids = await planted(stored)
    for token, permissions in PERMISSIONS.items():
        await create_role(stored, f"Test/{token}", permissions)
    tokens = {token: await create_token(stored, token, [f"Test/{token}"]) for token in (*PERMISSIONS, "T_NONE")}
    return {
        **tokens,
        **await _void_tokens(stored),
        "PRODUCT": ids["materials"],
        "UNIT": ids["unit_of_measure"],
        "ABSENT": new_ulid(),
        "ID_HIDDEN": new_ulid(),
        "NAME_NFC": "1",
    }


@pytest.fixture(scope="module")
def log():
    """The lines that the server has logged."""
    return []


@pytest.fixture(scope="module")
async def site(dsn, words, log, scratch):
    """The server, with two orders."""
    with served(dsn, scratch / "bad inputs", log) as port:
        site = Site(port, words)
        needed = {"productId": words["PRODUCT"], "unitOfMeasureId": words["UNIT"]}
        saved = await site.asked("T_WRITE", SAVE, i=[{"name": name, **needed} for name in ORDERS])
        words["ID_PRESENT"] = saved["data"]["saveProductionOrders"][0]["id"]
        yield site


@contextmanager
def served(dsn, data, log):
    """A process of the server; its port."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MES_ORDERS_")}
    command = [sys.executable, "-m", "server.command", "serve", "--port", "0", "--data", str(data)]
    variables = {
        "MES_ORDERS_LOG_FORMAT": "json",
        "MES_ORDERS_DATABASE_URL": dsn,
        "MES_ORDERS_ALLOW_SUPERUSER": "on",
        # All of them come from one address, and each is to be told what is wrong with it alone.
        "MES_ORDERS_FAILED_AUTHENTICATIONS": "0",
    }
    with subprocess.Popen(  # noqa: S603 (our own words)
        command, env={**inherited, **variables}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        url = next(line["url"] for line in map(json.loads, process.stderr) if line["event"] == "MES Orders listens")
        # A server whose log nobody reads would wait for that.
        reading = Thread(target=_read, args=(process.stderr, log))
        reading.start()
        try:
            yield urlsplit(url).port
        finally:
            process.terminate()
            reading.join()


def _read(lines, log):
    for line in lines:
        log.append(json.loads(line))


async def _void_tokens(stored):
    """Tokens that let nobody in."""
    level = ["Test/T_WRITE"]
    revoked = await create_token(stored, "revoked", level)
    await revoke_token(stored, parsed_token(revoked)[0])
    expired = await create_token(stored, "expired", level, datetime.now(UTC) - timedelta(seconds=1))
    return {"T_EXPIRED": expired, "T_REVOKED": revoked, "JWT_ALG_CONFUSION": _confusing()}


def _confusing():
    """A JWT that is signed with what others know, as if that were a secret."""
    head, claims = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")
        for part in ({"alg": "HS256", "typ": "JWT"}, {"sub": "admin", "exp": 9_999_999_999})
    )
    signature = hmac.digest(b"-----BEGIN PUBLIC KEY-----", b".".join((head, claims)), hashlib.sha256)
    return b".".join((head, claims, base64.urlsafe_b64encode(signature).rstrip(b"="))).decode()
