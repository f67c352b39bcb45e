"""Node and npm, with which pages are tested: where they are missing, one loud line says so."""

import fcntl
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

HOME = Path(__file__).parent
OLDEST = 20


@cache
def node() -> str:
    """The program; without it the test is skipped, or fails where nothing may be skipped."""
    found = shutil.which("node")
    if found is None:
        miss("there is no node")
    version = subprocess.run([found, "--version"], capture_output=True, text=True, check=True)
    if int(version.stdout.lstrip("v").split(".")[0]) < OLDEST:
        miss(f"node is {version.stdout.strip()}, which is too old")
    return found


def node_modules(home: Path = HOME) -> Path:
    """What `home`'s package-lock.json locks, installed once for all who test at the same time."""
    node()
    installed, lock = home / "node_modules", home / "package-lock.json"
    stamp = installed / ".installed"
    with (home / "package.json").open() as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if not (stamp.exists() and stamp.read_text() == lock.read_text()):
            _install(home)
            stamp.write_text(lock.read_text())
    return installed


def _install(home: Path) -> None:
    if shutil.which("npm") is None:
        miss("there is no npm")
    done = subprocess.run(
        ["npm", "ci"], cwd=home, capture_output=True, text=True, timeout=110, check=False
    )
    if done.returncode != 0:
        miss(f"npm ci failed: {done.stderr.strip().splitlines()[-1:]}")


def miss(why: str) -> None:
    """Skip, unless THRIVE_NOTHING_SKIPPED says that this machine has everything."""
    line = f"WHAT NEEDS NODE IS NOT TESTED HERE: {why}"
    if os.environ.get("THRIVE_NOTHING_SKIPPED"):
        pytest.fail(line)
    pytest.skip(line)
