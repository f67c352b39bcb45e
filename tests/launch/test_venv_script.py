"""`.ci/venv.sh`, which prepares .venv for every `make`, when it isn't alone."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.settings import CHECKOUT
from tests.launch.places import NO_SERVERS, Place, children_called
from tests.processes import until

pytestmark = pytest.mark.timeout(60)

Prepare = Callable[[str], "subprocess.Popen[str]"]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A checkout whose requirements are quickly installed: there are none."""
    clone = tmp_path / "a b'é"
    (clone / ".ci").mkdir(parents=True)
    shutil.copy(CHECKOUT / ".ci" / "venv.sh", clone / ".ci")
    (clone / "requirements.txt").write_text("")
    (clone / "requirements-dev.txt").write_text("# and more\n")
    return clone


@pytest.fixture
def prepare(clone: Path) -> Prepare:
    return lambda requirements: subprocess.Popen(
        ["sh", ".ci/venv.sh", requirements],
        cwd=clone,
        env=os.environ | {"PYTHON": sys.executable},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_first_makes_in_one_clone_take_turns(clone: Path, prepare: Prepare) -> None:
    both = [prepare("requirements.txt"), prepare("requirements.txt")]

    said = sorted(one.communicate(timeout=50) for one in both)

    assert [one.returncode for one in both] == [0, 0]
    assert said[0][0].startswith("Making .venv with Python 3.")
    assert said[1] == ("Waiting for another make that prepares .venv here ...\n", "")
    assert (clone / ".venv" / "bin" / "pip").exists()


def test_what_something_runs_from_is_only_added_to(clone: Path, prepare: Prepare) -> None:
    assert prepare("requirements.txt").wait(50) == 0
    in_use = os.open(clone / ".venv", os.O_RDONLY)
    try:
        fcntl.flock(in_use, fcntl.LOCK_SH)  # as a launcher does
        assert prepare("requirements.txt").wait(50) == 0
        assert prepare("requirements-dev.txt").wait(50) == 0
        for name in ("requirements.txt", "requirements-dev.txt"):
            (clone / name).write_text("# other versions\n")

        refused = prepare("requirements.txt")
        _, err = refused.communicate(timeout=50)

        assert refused.returncode == 1
        assert err == (
            "Thrive Booking: something runs from .venv, where other versions have to be installed:"
            " end it first (Ctrl-C), then try again\n"
        )
    finally:
        os.close(in_use)
    assert prepare("requirements.txt").wait(50) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_launcher_says_that_it_runs_from_its_environment(place: Place) -> None:
    place.write_procfile("sleeper: sleep 1000")
    launcher = place.launch(**NO_SERVERS)
    until(lambda: children_called(launcher, "sleep 1000"))

    locks = [line.split() for line in Path("/proc/locks").read_text().splitlines()]

    inode = str(Path(sys.prefix).stat().st_ino)
    assert [lock for lock in locks if lock[3:5] == ["READ", str(launcher.pid)] and inode in lock[5]]
