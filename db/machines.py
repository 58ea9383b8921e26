"""The database machines that a URL names, and a connection to the one of them that can be written."""

from __future__ import annotations

import asyncio
import re
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode

import asyncpg

if TYPE_CHECKING:
    Connection = asyncpg.Connection[Any]

_PARTS = re.compile(r"(\w+://(?:[^/?#]*@)?)([^/?#]*)(.*)", re.DOTALL)
_SOCKET_OPTIONS = {
    (socket.SOL_SOCKET, "SO_KEEPALIVE"): 1,
    (socket.IPPROTO_TCP, "TCP_KEEPIDLE"): 5,
    (socket.IPPROTO_TCP, "TCP_KEEPINTVL"): 1,
    (socket.IPPROTO_TCP, "TCP_KEEPCNT"): 3,
    (socket.IPPROTO_TCP, "TCP_USER_TIMEOUT"): 5_000,
}
"""A machine without power closes no connection: after 5 to 8 seconds of silence the kernel does."""


class NoPrimary(ConnectionError):  # noqa: N818 (a word for the event)
    """None of several machines can be written: what is wrong with each."""


def machines(url: str) -> list[str]:
    """A URL for each of the machines that this one names, as `postgresql://one:5432,other:5432/mes`."""
    login, named, rest = _parted(url)
    if named:
        return [f"{login}{one}{rest}" for one in named.split(",")]
    query = _query(rest)
    hosts, ports = query.get("host", "").split(","), query.get("port", "").split(",")
    if len(hosts) == 1:
        return [url]
    ports = ports if len(ports) == len(hosts) else ports[:1] * len(hosts)
    return [
        f"{login}{rest.partition('?')[0]}?{urlencode({**query, 'host': host, 'port': port})}"
        for host, port in zip(hosts, ports, strict=True)
    ]


def place(url: str) -> str:
    """Where the machine of a URL is, without the password."""
    _, named, rest = _parted(url)
    return named or _query(rest).get("host", "")


async def connect(url: str, **options: Any) -> Connection:
    """A connection to the machine of the URL or, of several machines, to the one that can be written.

    All are asked at once: one that is gone without a word must not keep those waiting who would find the other.
    """
    several = machines(url)
    if len(several) == 1:
        return _watched(await asyncpg.connect(url, **options))
    attempts = [asyncio.ensure_future(_writable(one, options)) for one in several]
    chosen = None
    try:
        for attempt in asyncio.as_completed(attempts):
            with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                chosen = await attempt
                return chosen
    finally:
        for attempt in attempts:
            attempt.cancel()
        outcomes = await asyncio.gather(*attempts, return_exceptions=True)
        for other in outcomes:
            if isinstance(other, asyncpg.Connection) and other is not chosen:
                other.terminate()
    raise NoPrimary("; ".join(_told(one, outcome) for one, outcome in zip(several, outcomes, strict=True)))


def _parted(url: str) -> tuple[str, str, str]:
    """What stands before the hosts, the hosts, and what stands behind them."""
    parts = _PARTS.fullmatch(url)
    return (parts[1], parts[2], parts[3]) if parts else (url, "", "")


def _query(rest: str) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(rest.partition("?")[2]).items()}


async def _writable(url: str, options: dict[str, Any]) -> Connection:
    connection = await asyncpg.connect(url, **options)
    try:
        # Asked, not read from what was told at the beginning: a PgBouncer tells what it has heard once.
        read_only = await connection.fetchval("select current_setting('transaction_read_only')::boolean")
    except BaseException:
        connection.terminate()
        raise
    if read_only:
        connection.terminate()
        raise NoPrimary("it can't be written")
    return _watched(connection)


def _watched(connection: Connection) -> Connection:
    """The connection, which notices when the machine at its other end is gone; a socket's file can't lose it."""
    opened = connection._transport.get_extra_info("socket")  # type: ignore[attr-defined] # noqa: SLF001 (there is no other way)
    if opened is not None and opened.family != socket.AF_UNIX:
        for (level, name), value in _SOCKET_OPTIONS.items():
            if hasattr(socket, name):
                opened.setsockopt(level, getattr(socket, name), value)
    return connection


def _told(url: str, outcome: object) -> str:
    """What is wrong with a machine."""
    return f"{place(url)}: {next(iter(str(outcome).splitlines()), '') or 'it does not answer'}"
