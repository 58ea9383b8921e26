"""Callers who save again and again, and the account of what they were told and what is stored."""

import asyncio
import contextlib
import secrets
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import count

import httpx

from tests.conftest import PATIENCE

SAVE_ORDER = "mutation ($input: ProductionOrderInput!) { saveProductionOrder(input: $input) { id } }"
# What has no unique name would be stored twice if it was saved twice.
SAVE_RECORD = "mutation ($input: ShiftRecordInput!) { saveShiftRecord(input: $input) { id } }"


@dataclass(frozen=True)
class Save:
    """One request, by its key."""

    key: str
    document: str
    input: dict

    @property
    def ordering(self):
        """Whether it saves an order."""
        return self.document == SAVE_ORDER

    @property
    def request(self):
        """What goes into the body."""
        return {"query": self.document, "variables": {"input": self.input}}


@dataclass
class Account:
    """What became of the saves of one time."""

    acknowledged: list = field(default_factory=list)
    unknown: list = field(default_factory=list)
    refused: list = field(default_factory=list)
    """Saves that were answered otherwise than by "done" or "come again": there should be none."""
    stored_unknown: int = 0
    replayed: int = 0
    lost: int = 0
    duplicated: int = 0
    wrong: int = 0
    """Saves that were stored without an answer, and not known again by their keys."""

    @property
    def good(self):
        """Whether nothing is lost, doubled or wrong."""
        return not (self.lost or self.duplicated or self.wrong or self.refused)


class Load:
    """So many callers at the server of this address, each of whom sends each request once."""

    def __init__(self, url, token, plant, callers=8):
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"}
        self._plant = plant
        self._callers = callers
        self._run = secrets.token_hex(4)
        self._numbers = count()
        self._ended = False
        self.account = Account()
        self.last_acknowledged = 0.0

    @contextlib.asynccontextmanager
    async def running(self):
        """Callers save meanwhile."""
        self._ended, self.account = False, Account()
        async with asyncio.TaskGroup() as tasks:
            for _ in range(self._callers):
                tasks.create_task(self._save_again_and_again())
            try:
                yield
            finally:
                self._ended = True

    async def more(self, number):
        """Returns when so many more saves were acknowledged."""
        enough = len(self.account.acknowledged) + number
        async with asyncio.timeout(PATIENCE):
            while len(self.account.acknowledged) < enough:  # noqa: ASYNC110 (looked at now and then, callers lose no time)
                await asyncio.sleep(0.01)

    async def settle(self, stored):
        """Send again what was not answered, and compare it all with what is stored: `stored()` counts it by key."""
        account, before = self.account, Counter(await stored())
        account.stored_unknown = sum(save.key in before for save in account.unknown)
        async with self._client() as client:
            for save in account.unknown:
                replayed = await self._answered(client, save)
                account.replayed += replayed
                account.wrong += save.key in before and not replayed
        after = Counter(await stored())
        every = [*account.acknowledged, *account.unknown]
        account.lost = sum(save.key not in after for save in every) + sum(
            save.key not in before for save in account.acknowledged
        )
        account.duplicated = sum(after[save.key] > 1 for save in every)

    def _client(self):
        return httpx.AsyncClient(base_url=self._url, headers=self._headers, timeout=30)

    async def _save_again_and_again(self):
        async with self._client() as client:
            while not self._ended:
                save = self._next()
                told = await self._sent(client, save)
                if told is None:
                    self.account.unknown.append(save)
                    await asyncio.sleep(0.02)
                elif told.get("errors"):
                    self.account.refused.append((save, told["errors"][0]["message"]))
                else:
                    self.account.acknowledged.append(save)
                    self.last_acknowledged = time.monotonic()

    def _next(self):
        number = next(self._numbers)
        key = f"{self._run}-{number}"
        if number % 2:
            shift = {"shiftId": self._plant["shifts"], "locationId": self._plant["locations"], "notes": key}
            return Save(key, SAVE_RECORD, shift)
        needed = {"productId": self._plant["materials"], "unitOfMeasureId": self._plant["unit_of_measure"]}
        return Save(key, SAVE_ORDER, {"name": key, **needed})

    async def _sent(self, client, save):
        """The answer to a save; None if there is none, or only that it may be sent again."""
        try:
            response = await client.post("/graphql", json=save.request, headers={"Idempotency-Key": save.key})
        except httpx.HTTPError:
            return None
        told = response.json()
        passing = any(
            error["extensions"]["code"] in ("SERVICE_UNAVAILABLE", "TIMEOUT") for error in told.get("errors", ())
        )
        return None if passing else told

    async def _answered(self, client, save):
        """Whether the answer to a save, sent until there is one, was there before."""
        async with asyncio.timeout(PATIENCE):
            while (told := await self._sent(client, save)) is None:  # noqa: ASYNC110 (nobody tells when the server is back)
                await asyncio.sleep(0.1)
        if told.get("errors"):
            self.account.refused.append((save, told["errors"][0]["message"]))
        return told.get("extensions", {}).get("idempotency", {}).get("wasReplayed", False)
