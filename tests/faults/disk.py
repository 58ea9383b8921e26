"""A small disk of its own for the database, which can be filled."""

import os
import shutil
import subprocess
from pathlib import Path

_SIZE = "1g"
_LEFT = 256 * 1024
"""Bytes that stay free on a full disk: less than what PostgreSQL takes at once for its log."""


class Disk:
    """A folder in memory; with a size of its own where the system lets us mount one."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.limited = False

    def __enter__(self):
        self.folder.mkdir(mode=0o755)
        mount = ["mount", "-t", "tmpfs", "-o", f"size={_SIZE},mode=755", "tmpfs", str(self.folder)]
        if os.geteuid() == 0 and shutil.which("mount"):
            self.limited = subprocess.run(mount, check=False, capture_output=True).returncode == 0  # noqa: S603 (our own words)
        return self

    def __exit__(self, *_):
        if self.limited:
            subprocess.run(["umount", "--lazy", str(self.folder)], check=True)  # noqa: S603, S607 (our own words)
        self.folder.rmdir() if self.limited else shutil.rmtree(self.folder)

    def fill(self):
        """Take all the space that is left, but for a little."""
        free = shutil.disk_usage(self.folder).free
        with self._ballast.open("wb") as ballast:
            os.posix_fallocate(ballast.fileno(), 0, max(1, free - _LEFT))

    def empty(self):
        """Give it back."""
        self._ballast.unlink()

    @property
    def _ballast(self):
        return self.folder / "ballast"
