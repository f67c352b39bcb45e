"""Which user runs PostgreSQL when we are root, who it refuses to serve."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict


class PopenArguments(TypedDict, total=False):
    """What `subprocess` takes to run a command as somebody else."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Account:
    """An unprivileged user of this machine."""

    name: str
    uid: int
    gid: int

    def as_popen_arguments(self) -> PopenArguments:
        """Return what `subprocess` needs to run a command as this user, in no other group."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can_reach(self, directory: Path) -> bool:
        """Tell whether this user may go to `directory`: each of its parents has to let it pass."""
        return self._may('cd -- "$1"', directory)

    def can_run(self, program: Path) -> bool:
        """Tell whether this user may run `program`."""
        return self._may('"$1" --version', program)

    def _may(self, script: str, path: Path) -> bool:
        """Let the machine answer: it knows of access lists and mount options, we don't."""
        finished = subprocess.run(  # noqa: S603 - a fixed script, the path is its argument
            ["/bin/sh", "-c", script, "sh", path],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # a Ctrl-C in the terminal is no answer
            check=False,
            **self.as_popen_arguments(),
        )
        return finished.returncode == 0

    def give(self, directory: Path) -> None:
        """Make `directory`, private to this user; its parents stay as they are."""
        directory.mkdir(mode=0o700, exist_ok=True)
        shutil.chown(directory, self.uid, self.gid)


def unprivileged_account() -> Account | None:
    """Return who is to run PostgreSQL for root; None for everybody else, who runs it themselves.

    An account made for PostgreSQL comes first: whatever else runs as nobody could read its files.
    """
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise LookupError("this machine has neither a user postgres nor nobody")
