"""Terminals, pipes and parents that go away while a launcher runs."""

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

from app.settings import CHECKOUT
from tests.launch.places import (
    NO_SERVERS,
    Place,
    children_called,
    is_alive,
    printed_until,
    words_of,
)
from tests.processes import until

pytestmark = pytest.mark.timeout(40)

LAUNCH = f"'{sys.executable}' -m app.launch"


def started(place: Place, script: str) -> "subprocess.Popen[str]":
    """A shell in whose script `LAUNCH` starts a launcher, as soon as its processes run."""
    place.write_procfile("sleeper: sleep 1000")
    shell = place.start(["sh", "-c", script, "sh"], **NO_SERVERS)
    until(lambda: children_called(shell, "sleep 1000"))
    return shell


def launcher_of(shell: "subprocess.Popen[str]") -> psutil.Process:
    children = psutil.Process(shell.pid).children()
    [launcher] = [child for child in children if "app.launch" in words_of(child).split()]
    return launcher


def goes_on(launcher: psutil.Process) -> None:
    """Wait until it has started again what is killed: one that is about to end doesn't."""
    # what supervisord starts is a shell at first, which becomes the sleeper
    [killed] = until(lambda: sleepers(launcher), 15, "the sleeper")
    killed.kill()
    until(lambda: killed not in (found := sleepers(launcher)) and found, 15, "the next start")


def sleepers(launcher: psutil.Process) -> list[psutil.Process]:
    return [p for p in launcher.children(recursive=True) if words_of(p) == "sleep 1000"]


@pytest.fixture
def _hang_ups_count() -> Iterator[None]:
    """As they do for whoever isn't a child of nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("_hang_ups_count")
def test_a_hang_up_ends_a_launcher(place: Place) -> None:
    launcher = started(place, f'exec {LAUNCH} "$@"')
    launcher.send_signal(signal.SIGHUP)
    assert launcher.wait(timeout=10) == 0


def test_a_hang_up_that_nohup_ignores_does_not(place: Place) -> None:
    launcher = started(place, f'exec nohup {LAUNCH} "$@"')
    launcher.send_signal(signal.SIGHUP)
    goes_on(psutil.Process(launcher.pid))


def test_a_reader_that_goes_away_leaves_it_running_and_makes_no_noise(place: Place) -> None:
    place.write_procfile("release: sleep 0.3", "sleeper: sleep 1000")
    launcher = place.launch(**NO_SERVERS)
    printed_until("Migrating", launcher)
    assert launcher.stdout
    launcher.stdout.close()
    until(lambda: children_called(launcher, "sleep 1000"))

    launcher.send_signal(signal.SIGTERM)

    assert launcher.wait(timeout=10) == 0
    assert launcher.stderr
    assert launcher.stderr.read() == ""


def test_a_make_that_is_killed_takes_its_launcher_along(place: Place) -> None:
    make = started(place, f'{LAUNCH} --end-with-parent $$ "$@" & wait')
    launcher = launcher_of(make)

    make.kill()

    until(lambda: not is_alive(launcher), 10)
    assert place.processes() == []


def test_any_other_parent_does_not(place: Place) -> None:
    shell = started(place, f'{LAUNCH} "$@" & wait')
    launcher = launcher_of(shell)
    try:
        shell.kill()
        shell.wait()
        goes_on(launcher)
    finally:
        launcher.terminate()
        until(lambda: not is_alive(launcher))


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_make_names_itself_as_the_parent() -> None:
    shown = subprocess.run(
        ["make", "-n", "--no-print-directory", "run"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.endswith(" -m app.launch --end-with-parent $PPID\n")
