import asyncpg

from db.connections import Connections
from db.idempotency import Answering, KeptAnswer, Turns, answered_once
from db.session import Session
from tests.faults.doomed import doomed_by

SHA256 = bytes(32)
LOOKUP = 3
"""The call that reads the answer to a key that is known: after BEGIN, and after the try to take the key."""
FREE = "select key from idempotent_answers for update skip locked"


class LookingAround:
    """Finds out before each call which answers could be forgotten then."""

    def __init__(self, pool):
        self._pool = pool
        self.free = []

    async def through(self, _, call):
        self.free.append([row["key"] for row in await self._pool.fetch(FREE)])
        return await call()


async def answered(connections):
    """The answer to a request that stores something, and whether it was given before."""
    async with Session(connections, "planner") as session:

        async def made():
            async with session.transaction():
                await session.row("select 1")
            return Answering(KeptAnswer(b"1", None, []), final=True)

        return await answered_once(session, Turns(), "key 1", SHA256, made)


async def test_an_answer_that_is_told_again_is_not_forgotten_meanwhile(database, pool, connections):
    assert await answered(connections) == ((b"1", None, []), False)
    looking = LookingAround(pool)
    opened = asyncpg.create_pool(database, min_size=0, max_size=1, connection_class=doomed_by(looking))

    async with opened, Connections(opened) as others:
        assert await answered(others) == ((b"1", None, []), True)

    assert looking.free[:LOOKUP] == [["key 1"], ["key 1"], []]
