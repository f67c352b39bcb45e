"""Ctrl-C and SIGTERM, at whatever moment and whatever hangs: everything is over in 10 seconds."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.launch.places import (
    NO_SERVERS,
    Place,
    alive,
    children_called,
    printed_until,
    tree_of,
)
from tests.processes import until

pytestmark = pytest.mark.timeout(60)

WEB = "web: python web.py"
SECONDS = 10

AT_FORK = """
import os, signal, sys, time

forks = 0
at, doing = int(sys.argv.pop(1)), sys.argv.pop(1)

def interrupt():
    global forks
    forks += 1
    if forks == at:
        exec(doing)

os.register_at_fork(before=interrupt)
from app.launch import main
sys.exit(main())
"""
"""A launcher to which something happens in the middle of one of the forks of its start."""
FORKS = {"initdb": 1, "PostgreSQL": 2, "Valkey": 3, "the release": 4, "supervisord": 5}


def launch_to_fork(place: Place, fork: str, doing: str) -> "subprocess.Popen[str]":
    place.write_procfile("release: true", WEB, "sleeper: sleep 1000")
    return place.start([sys.executable, "-c", AT_FORK, str(FORKS[fork]), doing])


@pytest.mark.parametrize("fork", FORKS)
def test_a_signal_in_the_middle_of_a_fork_is_obeyed(place: Place, fork: str) -> None:
    launcher = launch_to_fork(place, fork, "os.kill(os.getpid(), signal.SIGTERM)")

    out, err = launcher.communicate(timeout=SECONDS + 10)
    assert (launcher.returncode, err) == (0, "")
    assert out.endswith("Ending, at most 10 seconds ...\n")
    assert place.processes() == []


@pytest.mark.timeout(120)
def test_a_signal_at_any_moment_of_the_start_ends_everything(place: Place) -> None:
    place.write_procfile("release: sleep 0.3", WEB, "sleeper: sleep 1000")
    for moment in range(6):
        launcher = place.launch()
        time.sleep(moment * 0.5)
        began = time.monotonic()
        launcher.send_signal(signal.SIGTERM)
        _, err = launcher.communicate(timeout=SECONDS)
        assert time.monotonic() - began < SECONDS
        assert err == ""
        assert launcher.returncode in (0, -signal.SIGTERM)  # before it took note of any, it died
        assert place.processes() == []


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_ctrl_c_while_the_launcher_is_still_loading_is_no_traceback(place: Place) -> None:
    place.write_procfile("release: sleep 1000")
    launcher = place.launch(**NO_SERVERS)
    loaded = Path(f"/proc/{launcher.pid}/maps")
    until(lambda: "psycopg" in loaded.read_text(), what="a library of those it loads", every=0.001)

    launcher.send_signal(signal.SIGINT)

    _, err = launcher.communicate(timeout=SECONDS)
    assert (launcher.returncode, err) == (0, "")


def test_ctrl_c_ends_a_release_without_a_noise(place: Place) -> None:
    place.write_procfile("release: sh -c 'sleep 1000; true'", WEB)
    launcher = place.launch()
    until(lambda: children_called(launcher, "sleep 1000"))
    processes = tree_of(launcher)

    launcher.send_signal(signal.SIGINT)

    out, err = launcher.communicate(timeout=SECONDS)
    assert (launcher.returncode, err) == (0, "")
    assert out.endswith("Migrating ...\nEnding, at most 10 seconds ...\n")
    assert alive(processes) == []


def ignore_sigterm(place: Place) -> "subprocess.Popen[str]":
    """A process that ignores the signal to end."""
    stubborn = "stubborn: sh -c \"trap '' TERM INT; while true; do sleep 0.2; done\""
    place.write_procfile(WEB, stubborn, "other: sleep 9")
    return place.launch()


def stand_still(place: Place) -> "subprocess.Popen[str]":
    """Processes that do nothing any more, supervisord and servers too."""
    place.write_procfile(WEB, "sleeper: sleep 1000")
    return place.launch()


def hang_itself(place: Place) -> "subprocess.Popen[str]":
    """A launcher that never gets to anything again."""
    return launch_to_fork(place, "Valkey", "print('hangs', flush=True); time.sleep(1000)")


@pytest.mark.timeout(90)
def test_whatever_hangs_is_gone_within_ten_seconds_and_so_is_all_beside_it(
    another_place: Callable[[], Place],
) -> None:
    """Three installations at once, because each of them takes the whole time."""
    places = [another_place() for _ in range(3)]
    stubborn, still, hanging = launchers = [
        begin(place)
        for begin, place in zip((ignore_sigterm, stand_still, hang_itself), places, strict=True)
    ]
    for launcher, words in zip(launchers, ("A token", "A token", "hangs"), strict=True):
        printed_until(words, launcher)
    until(lambda: children_called(stubborn, "trap"))
    until(lambda: children_called(still, "sleep 1000"))
    assert places[2].processes()
    for process in tree_of(still)[1:]:
        process.suspend()
    trees = [tree_of(launcher) for launcher in launchers]

    began = time.monotonic()
    for launcher in launchers:
        launcher.send_signal(signal.SIGTERM)
    stubborn.send_signal(signal.SIGINT)  # impatience changes nothing

    for launcher, tree in zip(launchers[:2], trees, strict=False):
        assert launcher.wait(timeout=SECONDS + 2) == 0
        assert alive(tree) == []
    _, err = hanging.communicate(timeout=SECONDS + 2)
    assert time.monotonic() - began < SECONDS
    assert hanging.returncode == 1
    assert err == "Thrive Booking: it didn't end in order, so all of it was killed.\n"
    until(lambda: not any(place.processes() for place in places))
