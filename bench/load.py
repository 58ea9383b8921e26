"""The load: connections that each send the next request when the last one is answered."""

from __future__ import annotations

import asyncio
import gc
import time
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bench.peer import PATH, Running

_PATIENCE = 120.0
"""Seconds that the last answers may take after the time is up."""
_LENGTH = b"\r\ncontent-length:"
_END_OF_HEAD = b"\r\n\r\n"


class NoAnswer(Exception):  # noqa: N818 (a word for the event)
    """A server closed a connection, or said something that is no answer."""


@dataclass
class Load:
    """What came of it: the latency of every good answer in seconds, and how many requests failed."""

    latencies: array[float] = field(default_factory=lambda: array("d"))
    failed: int = 0
    failure: str | None = None
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    """Processor time of the load itself."""


class _Connection(asyncio.Protocol):
    """One HTTP/1.1 connection that is kept open; as little Python as it takes, because it shares the machine."""

    def __init__(self, requests: Iterator[bytes], until: float, load: Load) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._requests = requests
        self._until = until
        self._load = load
        self._received = bytearray()
        self._expected = 0
        self._sent = 0.0

    def connection_made(self, transport: Any) -> None:
        # uvloop's transports are not of asyncio's classes.
        self._transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        received = self._received
        received += data
        if not self._expected and not self._head_is_read():
            return
        if len(received) < self._expected:
            return
        now = time.perf_counter()
        if received.startswith(b"HTTP/1.1 200") and b'"errors"' not in received:
            self._load.latencies.append(now - self._sent)
        else:
            self._load.failed += 1
            self._load.failure = self._load.failure or received.decode(errors="replace")
        received.clear()
        self._expected = 0
        if now < self._until:
            self._ask()
        else:
            self._finish(None)

    def connection_lost(self, _: Exception | None) -> None:
        self._finish(NoAnswer("The server closed the connection before it answered."))

    def close(self) -> None:
        """Wait for nothing more."""
        self._transport.close()

    def _ask(self) -> None:
        request = next(self._requests)
        self._sent = time.perf_counter()
        self._transport.write(request)

    def _head_is_read(self) -> bool:
        """Find out how long the answer is going to be, once its head is there."""
        end = self._received.find(_END_OF_HEAD)
        if end < 0:
            return False
        head = bytes(self._received[: end + 2]).lower()
        place = head.find(_LENGTH)
        if place < 0:
            self._finish(NoAnswer(f"The answer does not say how long it is: {head!r}"))
            return False
        begin = place + len(_LENGTH)
        self._expected = end + len(_END_OF_HEAD) + int(head[begin : head.index(b"\r\n", begin)])
        return True

    def _finish(self, error: Exception | None) -> None:
        if not self.done.done():
            if error:
                self.done.set_exception(error)
            else:
                self.done.set_result(None)
        self.close()


async def loaded(target: Running, bodies: Iterator[bytes], connections: int, seconds: float) -> Load:
    """Ask for so long, and then wait for what was asked: the rate is of everything, over all of that time."""
    load = Load()
    requests = _requests(target, bodies)
    loop = asyncio.get_running_loop()
    opened: list[_Connection] = []
    gc.collect()
    gc.disable()
    try:
        began, busy = time.perf_counter(), time.process_time()
        async with asyncio.timeout(seconds + _PATIENCE):
            for _ in range(connections):
                _, connection = await loop.create_connection(
                    lambda: _Connection(requests, began + seconds, load), "127.0.0.1", target.port
                )
                opened.append(connection)
            await asyncio.gather(*(connection.done for connection in opened))
        load.seconds = time.perf_counter() - began
        load.cpu_seconds = time.process_time() - busy
    finally:
        gc.enable()
        for connection in opened:
            connection.close()
    return load


def _requests(target: Running, bodies: Iterator[bytes]) -> Iterator[bytes]:
    """The bodies with a head in front of each."""
    lines = [f"POST {PATH} HTTP/1.1", *(f"{name}: {value}" for name, value in target.headers.items())]
    head = "\r\n".join([*lines, "Content-Length: "]).encode()
    for body in bodies:
        yield b"%b%d\r\n\r\n%b" % (head, len(body), body)
