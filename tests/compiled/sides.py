"""The two sides, asked the same."""

import asyncio
from collections import Counter

from resolvers.access import Caller
from tests.compiled import plants
from tests.compiled.answers import Answer, Known, differences
from tests.compiled.callers import CALLERS

PLAIN, GRAPHQL = "application/json", "application/graphql-response+json"
_AT_ONCE = 3


class Different(AssertionError):  # noqa: N818 (a word for the event)
    """The sides answer differently."""


class Sides:
    """The application over HTTP with one database, and the reference with another that has the same rows."""

    def __init__(self, *, http, tokens, pool, reference, reference_pool, ids):  # noqa: PLR0913 (two of nearly everything)
        self._http = http
        self._tokens = tokens
        self._pool = pool
        self._reference_pool = reference_pool
        self._reference = reference
        self._ids = ids
        self.codes = Counter()
        self.shared = []
        """Statements that were sent for several requests."""

    def __repr__(self):
        return "<both sides>"

    async def check(self, caller, *operations):
        """Ask both sides the same, one operation after the other; what they answer and store has to be the same."""
        compared = _Compared(self._ids)
        for operation in operations:
            times = 1 if "mutation" in operation.document else _AT_ONCE
            answering = (self._answer(caller, operation) for _ in range(times))
            *answers, expected = await asyncio.gather(*answering, self._expected(caller, operation))
            for ours in answers:
                compared.compare(operation, caller, ours, expected)
        if any("mutation" in operation.document for operation in operations):
            await self._compare_rows(compared)

    async def check_at_once(self, caller, *operations):
        """Ask ours all of these at once, and the reference one after the other."""
        compared = _Compared(self._ids)
        answers = await asyncio.gather(*(self._answer(caller, operation) for operation in operations))
        for operation, ours in zip(operations, answers, strict=True):
            compared.compare(operation, caller, ours, await self._expected(caller, operation))
        # In which order they were stored is not told.
        await self._compare_rows(compared, in_order=sorted)

    async def _answer(self, caller, operation):
        request = {"query": operation.document, "variables": operation.variables, "operationName": operation.name}
        headers = {"Authorization": f"Bearer {self._tokens[caller]}", "Accept": GRAPHQL}
        response = await self._http.post("/graphql", json=request, headers=headers)
        return Answer(response.status_code, response.json())

    async def _expected(self, caller, operation):
        expected = await self._reference.answer(operation, Caller(caller, frozenset(CALLERS[caller])))
        # What they end with is counted: a test that only meets errors shows nothing.
        self.codes.update(set(expected.codes) or {"no error"})
        return expected

    async def _compare_rows(self, compared, in_order=list):
        known, known_there, asked = compared.known, compared.known_there, compared.asked
        ours, expected = await asyncio.gather(plants.changes(self._pool), plants.changes(self._reference_pool))
        try:
            if in_order(map(str, known.told(ours))) != in_order(map(str, known_there.told(expected))):
                raise Different("rows\n\n" + "\n\n".join([*asked, f"rows of ours: {ours}", f"reference: {expected}"]))
        finally:
            if ours or expected:
                await plants.restore(self._pool, self._reference_pool)
            await plants.forget(self._pool, self._reference_pool)


class _Compared:
    """What was asked and answered until now, and what each side made meanwhile."""

    def __init__(self, ids):
        self.known, self.known_there = Known(ids), Known(ids)
        self.asked = []

    def compare(self, operation, caller, ours, expected):
        for known in (self.known, self.known_there):
            known.know(f"{operation.document} {operation.variables}")
        self.asked.append(f"{operation}\ncaller: {caller}\nours: {ours}\nreference: {expected}")
        # What both share may fail on both sides alike.
        broken = "INTERNAL_SERVER_ERROR" in f"{ours} {expected}"
        found = differences(ours, expected, self.known, self.known_there) or ("both are broken" if broken else None)
        if found:
            raise Different(f"{found}\n\n" + "\n\n".join(self.asked))
