"""The machine and the versions that a result belongs to, without names or paths of it."""

from __future__ import annotations

import json
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

import psutil

from bench.database import Database
from bench.peer import NODE, NODE_SERVERS

_PACKAGES = ("strawberry-graphql", "graphql-core", "starlette", "uvicorn", "uvloop", "httptools", "asyncpg", "orjson")


async def described(database: Database) -> dict[str, str]:
    """What the machine is, and what ran on it."""
    asked = database.administration
    node = json.loads((NODE_SERVERS / "package.json").read_text(encoding="utf-8"))["dependencies"]
    return {
        "Processor": f"{_processor()}, {psutil.cpu_count()} cores, shared by load, server and PostgreSQL",
        "Memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "System": f"{platform.system()} {platform.release().split('-')[0]} {platform.machine()}",
        "PostgreSQL": f"{(await asked.fetchval('show server_version')).split()[0]}, "
        f"synchronous_commit {await asked.fetchval('show synchronous_commit')}, "
        f"shared_buffers {await asked.fetchval('show shared_buffers')}",
        "Python": platform.python_version(),
        "Python packages": ", ".join(f"{name} {version(name)}" for name in _PACKAGES),
        "Node": subprocess.run(  # noqa: ASYNC221, S603 (it is over at once; the words are ours)
            [str(NODE), "--version"], capture_output=True, text=True, check=True
        ).stdout.strip("v\n"),
        "Node packages": ", ".join(f"{name} {pinned}" for name, pinned in node.items()),
    }


def _processor() -> str:
    """What the processor calls itself, where the system tells."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text(encoding="utf-8").splitlines() if told.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
