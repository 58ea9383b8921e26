"""The servers that are compared, each a process of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx
import psutil

from bench.database import Database
from bench.dialect import DOCUMENTS, MES_ORDERS, PLAIN, POSTGRAPHILE, Dialect

CHECKOUT = Path(__file__).resolve().parent.parent
NODE = CHECKOUT / "bench" / ".venv" / "bin" / "node"
NODE_SERVERS = CHECKOUT / "bench" / "servers" / "node"
PATH = "/graphql"
_START_SECONDS = 60.0
_STOP_SECONDS = 30.0
_PRODUCTION = {"NODE_ENV": "production", "GRAPHILE_ENV": "production"}


class PeerNotReady(Exception):  # noqa: N818 (a word for the event)
    """A server gave up, or did not answer in time."""


@dataclass(frozen=True)
class Peer:
    """How a server is started; `command` is told the port and a folder of the server's own."""

    key: str
    title: str
    dialect: Dialect
    command: Callable[[int, Path], list[str]]


@dataclass(frozen=True)
class Running:
    """A server that answers."""

    peer: Peer
    process: psutil.Process
    port: int
    token: str | None

    @property
    def application(self) -> str:
        """What its connections to PostgreSQL are called."""
        return self.peer.key

    @property
    def headers(self) -> dict[str, str]:
        """What every request carries."""
        told = {"Host": f"127.0.0.1:{self.port}", "Content-Type": "application/json", "Accept": "application/json"}
        return told | ({"Authorization": f"Bearer {self.token}"} if self.token else {})

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}{PATH}"


def _mes_orders(port: int, folder: Path) -> list[str]:
    return [str(Path(sys.executable).with_name("mes-orders")), "serve", "--port", str(port), "--data", str(folder)]


def _bare(*more: str) -> Callable[[int, Path], list[str]]:
    program = [sys.executable, "-m", "bench.servers.bare"]
    return lambda port, _: [*program, str(port), str(DOCUMENTS / PLAIN.name), *more]


def _strawberry(port: int, _: Path) -> list[str]:
    return [sys.executable, "-m", "bench.servers.strawberry_loaders", str(port)]


def _on_node(program: str) -> Callable[[int, Path], list[str]]:
    return lambda port, _: [str(NODE), str(NODE_SERVERS / program), str(port)]


OURS = Peer("mes-orders", "MES Orders", MES_ORDERS, _mes_orders)
PEERS = (
    OURS,
    Peer("bare", "Bare statement", PLAIN, _bare()),
    Peer("bare-reset", "Bare with RESET", PLAIN, _bare("reset")),
    Peer("postgraphile", "PostGraphile", POSTGRAPHILE, _on_node("postgraphile.mjs")),
    Peer("mercurius", "Mercurius + JIT", PLAIN, _on_node("mercurius.mjs")),
    Peer("strawberry", "Strawberry + loaders", PLAIN, _strawberry),
)


@asynccontextmanager
async def running(peer: Peer, database: Database, scratch: Path) -> AsyncIterator[Running]:
    """The peer, answering from the database until the context is left."""
    folder = scratch / f"{peer.key}-{database.orders}"
    folder.mkdir()
    port = _free_port()
    own = {"MES_ORDERS_DATABASE_URL": database.dsn, "MES_ORDERS_ALLOW_SUPERUSER": "on"}
    environment = {"PATH": os.environ["PATH"], **database.environment, "PGAPPNAME": peer.key, **own, **_PRODUCTION}
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: ASYNC220, S603 (it returns at once; the words are ours)
            peer.command(port, folder),
            cwd=CHECKOUT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            # Keeps the Ctrl-C of the terminal away: what is measured ends after what measures it.
            start_new_session=True,
        )
    try:
        await _answers(peer, process, port, partial(log.read_text, encoding="utf-8", errors="replace"))
        yield Running(peer, psutil.Process(process.pid), port, _token(folder / "admin-token"))
    finally:
        _end(process)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _token(file: Path) -> str | None:
    """The token that the server has made, where it makes one."""
    return file.read_text(encoding="utf-8").strip() if file.exists() else None


async def _answers(peer: Peer, process: subprocess.Popen[bytes], port: int, log: Callable[[], str]) -> None:
    """Wait until the server answers anything at all."""
    loop = asyncio.get_running_loop()
    until = loop.time() + _START_SECONDS
    async with httpx.AsyncClient(trust_env=False) as client:
        while True:
            try:
                await client.get(f"http://127.0.0.1:{port}{PATH}", timeout=1.0)
            except httpx.TransportError:
                if process.poll() is not None or loop.time() > until:
                    raise PeerNotReady(f"{peer.title} did not start:\n{log()[-2_000:]}") from None
                await asyncio.sleep(0.1)
            else:
                return


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
