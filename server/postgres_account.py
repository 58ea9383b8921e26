"""The system account PostgreSQL runs under, because it refuses to run as root."""

from __future__ import annotations

import os
import pwd
import stat
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from server.failures import StartFailure

if TYPE_CHECKING:
    from pathlib import Path

NAME = "embedded_postgres"


class NoAccount(StartFailure):
    """Root started the server, and no other account can run PostgreSQL."""


class ProcessUser(TypedDict, total=False):
    """What `subprocess` is told about the user of a process."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Account:
    """Who PostgreSQL runs as: this process's own account, or another one when that is root."""

    uid: int
    gid: int

    @property
    def process_user(self) -> ProcessUser:
        """The arguments that make a process of this account."""
        if self.uid == os.geteuid():
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def take(self, path: Path) -> None:
        """Make the account the owner."""
        if self.uid != os.geteuid():
            os.chown(path, self.uid, self.gid)

    def reach(self, path: Path) -> None:
        """Let the account pass through the folders above a path, and nothing more."""
        for folder in reversed(path.parents):
            if self.uid != os.geteuid() and not self._passes(folder):
                try:
                    folder.chmod(stat.S_IMODE(folder.stat().st_mode) | stat.S_IXOTH)
                except OSError as error:
                    raise NoAccount(
                        f"PostgreSQL does not run as root, and the user {NAME} it runs as instead can't reach {path}: "
                        f"{folder} is closed to it, which `chmod o+x {folder}` would change."
                    ) from error

    def read(self, package: Path) -> None:
        """Let the account read an installed package, which the umask of the installation may have closed to it."""
        self.reach(package)
        if self.uid == os.geteuid() or package.stat().st_mode & stat.S_IROTH:
            return
        # The package's own folder comes last, because it is what is asked above.
        for path in [*package.rglob("*"), package]:
            mode = stat.S_IMODE(path.stat().st_mode)
            path.chmod(mode | stat.S_IROTH | (mode & stat.S_IXUSR) >> 6)

    def _passes(self, folder: Path) -> bool:
        status = folder.stat()
        if status.st_uid == self.uid:
            return bool(status.st_mode & stat.S_IXUSR)
        if status.st_gid == self.gid:
            return bool(status.st_mode & stat.S_IXGRP)
        return bool(status.st_mode & stat.S_IXOTH)


def account(files: Path) -> Account:
    """The account of this process or, for root, the owner of the database's files, who is a system user at first."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    if files.exists() and (owner := files.stat()).st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    user = _system_user()
    return Account(user.pw_uid, user.pw_gid)


def _system_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(NAME)
    except KeyError:
        complaint = _new_system_user()
    # Asked again, not trusted: another server may have made the same user at the same moment.
    try:
        return pwd.getpwnam(NAME)
    except KeyError as error:
        raise NoAccount(
            f"PostgreSQL does not run as root, and the user {NAME} to run it as could not be made ({complaint}): "
            "start the server as another user."
        ) from error


def _new_system_user() -> str:
    """Make the user; what useradd says if it does not."""
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", NAME]
    path = {"PATH": "/usr/sbin:/sbin:/usr/bin:/bin"}
    try:
        return subprocess.run(command, env=path, capture_output=True, text=True, check=False).stderr.strip()  # noqa: S603
    except FileNotFoundError:
        return "there is no useradd"
