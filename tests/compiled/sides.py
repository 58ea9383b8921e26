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
        known, known_there = Known(self._ids), Known(self._ids)
        asked = []
        for operation in operations:
            answers, expected = await self._answers(caller, operation)
            self._count(expected)
            for ours in answers:
                asked.append(told(operation, caller, ours, expected))
                # What both share may fail on both sides alike.
                broken = "INTERNAL_SERVER_ERROR" in f"{ours} {expected}"
                if found := differences(ours, expected, known, known_there) or ("both are broken" if broken else None):
                    raise Different(f"{found}\n\n" + "\n\n".join(asked))
        if any("mutation" in operation.document for operation in operations):
            await self._compare_rows(known, known_there, asked)

    async def _answers(self, caller, operation):
        """The answers of all who ask at once, of one alone where something changes; and that of the reference."""
        request = {"query": operation.document, "variables": operation.variables, "operationName": operation.name}
        headers = {"Authorization": f"Bearer {self._tokens[caller]}", "Accept": GRAPHQL}
        caller = Caller(caller, frozenset(CALLERS[caller]))
        times = 1 if "mutation" in operation.document else _AT_ONCE
        *responses, expected = await asyncio.gather(
            *(self._http.post("/graphql", json=request, headers=headers) for _ in range(times)),
            self._reference.answer(operation, caller),
        )
        return [Answer(response.status_code, response.json()) for response in responses], expected

    async def _compare_rows(self, known, known_there, asked):
        ours, expected = await asyncio.gather(plants.changes(self._pool), plants.changes(self._reference_pool))
        try:
            if known.told(ours) != known_there.told(expected):
                raise Different("rows\n\n" + "\n\n".join([*asked, f"rows of ours: {ours}", f"reference: {expected}"]))
        finally:
            if ours or expected:
                await plants.restore(self._pool, self._reference_pool)
            await plants.forget(self._pool, self._reference_pool)

    def _count(self, answer):
        """Count what the operations end with: a test that only meets errors shows nothing."""
        self.codes.update(set(answer.codes) or {"no error"})


def told(operation, caller, ours, expected):
    """What was asked, and both answers."""
    return f"{operation}\ncaller: {caller}\nours: {ours}\nreference: {expected}"
