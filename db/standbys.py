"""The machines that follow the primary, and up to which moment each of them has what was changed.

The primary is asked for the position of its log, again and again. A standby that has replayed the log up to there has
every change that was there before the primary was asked: no clock is compared with another one, and a standby that has
lost its primary grows old. That it follows this primary, and not another one, is told by rows of which each primary
gets one (`timelines`): a standby has the same as its primary, whatever else somebody has put there.
"""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, NamedTuple

import asyncpg
import structlog

from db.connections import Connections, Source
from db.errors import Failure, ServiceUnavailable
from db.machines import machines, place
from db.pool import pool
from db.pool_size import PoolSize
from db.translation import translated
from db.turns import Turns

TABLE = "timelines"
_EVERY = 0.25
"""Seconds from one question to the next."""
_PATIENCE = 1.0
"""Seconds after which a machine that says nothing counts as stuck."""
_FAR = 30.0
"""Seconds after which it is worth a line that a standby has not reached where the primary was."""
_MOST_KEPT = 4_096
"""How many positions are kept that a standby has yet to reach."""
_BLOCK = 8_192
_HEADERS = (24, 40)
"""Bytes at the beginning of a block of the log: a position behind them is that before them, which a standby tells."""

_MARK = """
    (
        select sha256(convert_to(string_agg(concat(timeline, mark, system_identifier), ' ' order by timeline), 'UTF8'))
        from timelines, pg_control_system()
    ) as mark
"""
"""All primaries that there were, and whose they were: a copy of the tables in another place has the same rows."""
_POSITION = f"""
    select
        (pg_current_wal_flush_lsn() - '0/0'::pg_lsn)::bigint as flushed,
        (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint as written,
        3 * extract(epoch from current_setting('wal_writer_delay')::interval)::float8 as longest_delay,
        timeline,
        timeline in (select timeline from timelines) as noticed,
        {_MARK}
    from (
        select ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::integer as timeline
    ) current
"""
_REPLAYED = f"""
    select coalesce((pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::bigint, 0) as position, {_MARK}
    where pg_is_in_recovery()
"""

_log = structlog.get_logger()


@asynccontextmanager
async def standbys(
    primary: str,
    others: str,
    size: int | PoolSize,
    connection_class: type[asyncpg.Connection[Any]] | None = None,
    *,
    pooled: bool = False,
) -> AsyncIterator[Standbys]:
    """The standbys that the URL of the others names, with at most `size` connections to each, and one to look at it."""
    async with AsyncExitStack() as stack:

        async def opened(
            url: str, most: int | PoolSize, kind: type[asyncpg.Connection[Any]] | None = None
        ) -> Connections:
            return await stack.enter_async_context(pool(url, most, kind, pooled=pooled))

        urls = machines(others)
        found = [Standby(place(url), await opened(url, size, connection_class), await opened(url, 1)) for url in urls]
        known = Standbys(await opened(primary, 1), found)
        await stack.enter_async_context(known.followed())
        yield known


class Bound(NamedTuple):
    """How old what a reader sees may be: so many seconds, and not older than from this moment."""

    seconds: float
    since: float = -math.inf


class Sample(NamedTuple):
    """Where the log of the primary was, at this moment or later."""

    moment: float
    position: int
    mark: bytes


class Standby:
    """One machine that follows the primary."""

    def __init__(self, name: str, connections: Connections, questions: Connections) -> None:
        self.name = name
        self.connections = connections
        self._questions = questions
        self._complete_until = -math.inf
        """The moment before which every change is there."""
        self._follows = False
        self._ahead: list[Sample] = []
        self._far = False

    def expect(self, sample: Sample) -> None:
        """Note a position that it has to reach."""
        if self._ahead and self._ahead[-1].mark != sample.mark:
            self._ahead = []
        if len(self._ahead) < _MOST_KEPT:
            self._ahead.append(sample)

    async def look(self) -> None:
        """See how far it is."""
        # A machine that is stuck answers nobody, not even who breaks off what it was asked.
        silence = asyncio.get_running_loop().call_later(_PATIENCE, self._cut)
        try:
            async with self._questions.taken() as connection:
                row = await connection.fetchrow(_REPLAYED)
        except BaseException:
            self._follows = False
            raise
        finally:
            silence.cancel()
        # A machine that follows nobody is no standby, whatever it holds.
        self._follows = row is not None
        if row is None:
            await self.connections.retire()
            return
        ahead: list[Sample] = []
        for sample in self._ahead:
            if row["mark"] == sample.mark and row["position"] >= sample.position:
                self._complete_until = max(self._complete_until, sample.moment)
            else:
                ahead.append(sample)
        self._ahead = ahead
        self._tell(row["mark"])

    def _tell(self, mark: bytes | None) -> None:
        """Warn once of a standby that does not come near: its readers go to the primary, and nobody would know why."""
        if not self._ahead:
            return
        first, last = self._ahead[0], self._ahead[-1]
        was_far, self._far = self._far, last.moment - max(first.moment, self._complete_until) > _FAR
        if self._far and not was_far:
            reason = "is far behind" if mark == last.mark else "lacks the timelines of the primary"
            _log.warning("standby does not come near", machine=self.name, reason=reason)

    def _cut(self) -> None:
        """Let nobody wait for it any longer, until it is seen again."""
        self._follows = False
        for connections in (self.connections, self._questions):
            connections.cut()

    def fits(self, bound: Bound) -> bool:
        """Whether it has now what a reader wants to see."""
        return self._follows and self._complete_until >= max(time.monotonic() - bound.seconds, bound.since)


class Standbys:
    """All of them."""

    def __init__(self, primary: Connections, standbys: list[Standby]) -> None:
        self._primary = primary
        self.all = standbys

    def fitting(self, bound: Bound) -> Iterator[Reading]:
        """Those that have what a reader wants to see, in any order: another one where one does not answer."""
        for standby in random.sample(self.all, len(self.all)):
            if standby.fits(bound):
                yield Reading(standby, bound)

    @asynccontextmanager
    async def followed(self) -> AsyncIterator[None]:
        """Look at the primary and at each standby, as long as this context."""
        looks = [("the primary", self.ask), *((one.name, one.look) for one in self.all)]
        tasks = [asyncio.create_task(_again_and_again(name, look)) for name, look in looks]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def ask(self) -> None:
        """Ask the primary where its log is, for the standbys to reach."""
        moment = time.monotonic()
        async with asyncio.timeout(_PATIENCE), self._primary.taken() as connection:
            row = await connection.fetchrow(_POSITION)
            if not row["noticed"]:
                await connection.execute(
                    "insert into timelines (timeline) values ($1) on conflict do nothing", row["timeline"]
                )
                return
        # What waits for nothing to be flushed (synchronous_commit = off) is seen so much earlier than it is flushed.
        flushed = Sample(moment - row["longest_delay"], row["flushed"], row["mark"])
        written = Sample(moment, _without_header(row["written"]), row["mark"])
        for standby in self.all:
            standby.expect(flushed)
            standby.expect(written)


class Reading(Source):
    """The connections of a standby, for a reader with this bound."""

    def __init__(self, standby: Standby, bound: Bound) -> None:
        self._standby = standby
        self._bound = bound

    async def take(self) -> Any:
        """A connection, if the standby has not become too old while others were waited for."""
        with translated():
            # Who has waited for a place does not wait as long again for the machine to let it in.
            async with asyncio.timeout(_PATIENCE):
                connection = await self._standby.connections.take()
        if not self._standby.fits(self._bound):
            await self.give(connection, sound=True)
            raise ServiceUnavailable("No standby is as near to the primary as it has to be.")
        return connection

    async def give(self, connection: Any, *, sound: bool) -> None:
        """Take one back."""
        await self._standby.connections.give(connection, sound=sound)

    def distrust(self) -> None:
        """Do nothing: that a standby can't be written is no news."""


async def _again_and_again(name: str, look: Callable[[], Awaitable[None]]) -> None:
    failing, turns = False, Turns(f"the look at {name}")
    while True:
        with turns:
            try:
                await look()
                failing = False
            except (Failure, TimeoutError, asyncpg.PostgresError) as error:
                if not failing:
                    _log.warning("machine does not answer", machine=name, error=type(error.__cause__ or error).__name__)
                failing = True
        await asyncio.sleep(_EVERY)


def _without_header(position: int) -> int:
    """The position, or that before the header of a block that nothing has been written to yet."""
    return position - position % _BLOCK if position % _BLOCK in _HEADERS else position
