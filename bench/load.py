"""The load: connections that each send the next request when the last one is answered.

It shares the machine with what it asks, so there is as little of it as there can be: sockets, epoll, and requests that
are made before the time begins.
"""

from __future__ import annotations

import gc
import os
import select
import signal
import socket
import time
from array import array
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import chain, islice

from bench.peer import PATH, Running

_PATIENCE = 120.0
"""Seconds that an answer may take."""
_READY = 10_000
"""Requests that are made before, for each second; more are made as they are needed."""
_PIECE = 64 * 1024
"""Bytes that are read at a time."""
_LENGTH = b"\r\ncontent-length:"
_END_OF_HEAD = b"\r\n\r\n"


class NoAnswer(Exception):  # noqa: N818 (a word for the event)
    """A server closed a connection, said nothing any more, or said something that is no answer."""


@dataclass
class Load:
    """What came of it: the latency of every good answer in seconds, and how many requests failed."""

    latencies: array[float] = field(default_factory=lambda: array("d"))
    failed: int = 0
    failure: str | None = None
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    """Processor time of the load itself."""

    def count(self, answer: bytearray, seconds: float) -> None:
        """Count an answer that took so long."""
        if answer.startswith(b"HTTP/1.1 200") and b'"errors"' not in answer:
            self.latencies.append(seconds)
        else:
            self.failed += 1
            self.failure = self.failure or answer.decode(errors="replace")


class _Connection:
    """One HTTP/1.1 connection that is kept open."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sent = 0.0
        self._answer = bytearray()
        self._length = 0

    def ask(self, request: bytes) -> None:
        """Send a request."""
        self._sent = time.perf_counter()
        self.socket.sendall(request)

    def read(self, load: Load) -> bool:
        """Read what has come of the answer; whether that was the rest of it, which is counted then."""
        data = self.socket.recv(_PIECE)
        if not data:
            raise NoAnswer("The server closed the connection before it answered.")
        answer = self._answer
        answer += data
        length = self._length or _length(answer)
        if not length or len(answer) < length:
            self._length = length
            return False
        load.count(answer, time.perf_counter() - self._sent)
        self._answer, self._length = bytearray(), 0
        return True


def loaded(target: Running, bodies: Iterator[bytes], connections: int, seconds: float) -> Load:
    """Ask for so long, and then wait for what was asked: the rate is of everything, over all of that time.

    Nothing else goes on in this process meanwhile.
    """
    load = Load()
    requests = _requests(target, bodies)
    requests = chain(list(islice(requests, int(_READY * seconds))), requests)
    try:
        with ExitStack() as stack:
            opened = [_Connection(target.port) for _ in range(connections)]
            for connection in opened:
                stack.enter_context(connection.socket)
            events = stack.enter_context(select.epoll(connections))
            stack.enter_context(_in_the_background())
            busy, began = time.process_time(), time.perf_counter()
            _exchange(opened, events, requests, began + seconds, load)
            load.seconds = time.perf_counter() - began
            load.cpu_seconds = time.process_time() - busy
    except ConnectionError as error:
        raise NoAnswer(f"The server broke the connection: {error.strerror}.") from error
    return load


def _exchange(
    opened: list[_Connection], events: select.epoll, requests: Iterator[bytes], until: float, load: Load
) -> None:
    """Ask on all connections until then, and wait for the last answers."""
    by_number = {connection.socket.fileno(): connection for connection in opened}
    for number, connection in by_number.items():
        events.register(number, select.EPOLLIN)
        connection.ask(next(requests))
    asking = len(opened)
    while asking:
        ready = events.poll(_PATIENCE)
        if not ready:
            raise NoAnswer(f"The server has not answered {asking} requests for {_PATIENCE:.0f} s.")
        for number, _ in ready:
            connection = by_number[number]
            if connection.read(load):
                if time.perf_counter() < until:
                    connection.ask(next(requests))
                else:
                    # The server may close it while others are still answered.
                    events.unregister(number)
                    asking -= 1


@contextmanager
def _in_the_background() -> Iterator[None]:
    """Without pauses, and without pushing aside the server that has just sent an answer.

    Load that comes from other machines does not do that either.
    """
    gc.collect()
    gc.disable()
    # That of the event loop would wait until it is its turn again.
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    try:
        yield
    finally:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
        signal.signal(signal.SIGINT, handler)
        gc.enable()


def _length(answer: bytearray) -> int:
    """How many bytes the whole answer has; 0 if its head is not all there yet."""
    end = answer.find(_END_OF_HEAD)
    if end < 0:
        return 0
    head = answer[: end + 2].lower()
    place = head.find(_LENGTH)
    if place < 0:
        raise NoAnswer(f"The answer does not say how long it is: {bytes(head)!r}")
    begin = place + len(_LENGTH)
    return end + len(_END_OF_HEAD) + int(head[begin : head.index(b"\r\n", begin)])


def _requests(target: Running, bodies: Iterator[bytes]) -> Iterator[bytes]:
    """The bodies with a head in front of each."""
    lines = [f"POST {PATH} HTTP/1.1", *(f"{name}: {value}" for name, value in target.headers.items())]
    head = "\r\n".join([*lines, "Content-Length: "]).encode()
    for body in bodies:
        yield b"%b%d\r\n\r\n%b" % (head, len(body), body)
