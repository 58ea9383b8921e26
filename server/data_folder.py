"""The data folder, kept for one server at a time."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

from server.failures import StartFailure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class DataFolderInUse(StartFailure):
    """Another program works with the data folder."""


class DataFolderUnusable(StartFailure):
    """The data folder can't be read or written, or belongs to another version of PostgreSQL."""


@contextmanager
def locked(data: Path) -> Iterator[Path]:
    """The resolved data folder, made if missing, and closed to other servers until the context is left."""
    try:
        folder = data.expanduser().resolve()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = private(folder / "lock", "a+")
    except (FileExistsError, NotADirectoryError) as error:
        raise DataFolderUnusable(f"The data folder {data} is a file, or lies below one.") from error
    except OSError as error:
        raise DataFolderUnusable(f"The data folder {data} can't be written: {error.strerror}.") from error
    with lock:
        _take(lock, data)
        yield folder


def private(path: Path, mode: str) -> IO[Any]:
    """Open a file that nobody else may read."""
    return open(path, mode, opener=lambda name, flags: os.open(name, flags, 0o600))


def _take(lock: IO[str], data: Path) -> None:
    # The kernel lets go of this lock when the process ends in whatever way; child processes do not inherit it.
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.seek(0)
        holder = lock.read().strip() or "unknown"
        raise DataFolderInUse(
            f"The data folder {data} is in use by another MES Orders server (process {holder}). "
            "Stop it, or give another folder with --data."
        ) from error
    except OSError as error:
        raise DataFolderUnusable(f"The data folder {data} can't be locked: {error.strerror}.") from error
    lock.truncate(0)
    lock.write(f"{os.getpid()}\n")
    lock.flush()
