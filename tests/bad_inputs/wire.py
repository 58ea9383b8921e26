"""A connection on which anything can be said."""

import contextlib
import json
import re
import socket
import time
from dataclasses import dataclass
from functools import cached_property
from threading import Thread

_BEGINNING = re.compile(rb"HTTP/1\.[01] (\d{3}) ")
_LENGTH = re.compile(rb"(?i)^content-length: *(\d+)\r\n(?:.+\r\n)*\r\n", re.MULTILINE)

_LIVE_SECONDS = 1
"""What the tests ask for; on a machine that does nothing else it is less than 0.1 s."""


@dataclass(frozen=True)
class Reply:
    """What came back, in how many seconds, and whether the connection was closed then."""

    received: bytes
    seconds: float
    closed: bool

    @property
    def statuses(self):
        """Of each answer that came."""
        return [int(status) for status in _BEGINNING.findall(self.received)]

    @property
    def status(self):
        """Of the first answer; 0 if there was none."""
        return self.statuses[0] if self.statuses else 0

    @property
    def headers(self):
        lines = self.received.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")[1:]
        return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}

    @property
    def body(self):
        return self.received.partition(b"\r\n\r\n")[2]

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    @cached_property
    def told(self):
        """The JSON of the body; None if it is none."""
        with contextlib.suppress(ValueError):
            return json.loads(self.body)

    @property
    def codes(self):
        """Of the errors that are told."""
        return [error["extensions"]["code"] for error in self.told.get("errors", [])]

    @property
    def well(self):
        """Whether this says, soon, that the server lives."""
        return self.status == 200 and self.seconds <= _LIVE_SECONDS


def talk(port, payload, patience, linger=0):
    """Say this, and hear what comes back until the end; a whole answer is the end if nothing follows it for a while."""
    received, closed, began = b"", False, time.monotonic()
    with socket.create_connection(("127.0.0.1", port)) as connection:
        # A server may answer and close before it has heard everything.
        saying = Thread(target=_say, args=(connection, payload))
        saying.start()
        heard = began
        while not closed and (left := _left(received, began + patience - time.monotonic(), linger)) > 0:
            connection.settimeout(left)
            try:
                part = connection.recv(65_536)
            except TimeoutError:
                break
            except ConnectionError:
                part = b""
            heard, received, closed = time.monotonic(), received + part, not part
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        saying.join()
    return Reply(received, heard - began, closed)


def _left(received, patience, linger):
    """How many seconds to wait for more."""
    length = _LENGTH.search(received)
    whole = length and len(received.partition(b"\r\n\r\n")[2]) >= int(length[1])
    return min(patience, linger) if whole else patience


def _say(connection, payload):
    with contextlib.suppress(OSError):
        connection.sendall(payload)
