"""Waiting for a child without losing sight of whoever asks us to end meanwhile."""

import signal
import subprocess
from collections.abc import Callable, Sequence

import psutil

from app.embedded.ending import Farewell, descendants, end_processes

SECONDS_BETWEEN_TICKS = 0.1
AT_ONCE = (Farewell(signal.SIGTERM, 1),)
"""For a child that has nothing to bring to an end."""

Tick = Callable[[], None]
"""Called again and again while something is waited for; what it raises ends the waiting."""


def pay_no_attention() -> None:
    """The tick of those whom nobody interrupts."""


def wait_attentively(
    child: "subprocess.Popen[str]", tick: Tick, farewells: Sequence[Farewell]
) -> str:
    """Wait for the child's end and return what it wrote to a pipe as its standard error.

    When `tick` raises, the child is ended, by the farewells, and what it started with it.
    """
    try:
        while True:
            try:
                return child.communicate(timeout=SECONDS_BETWEEN_TICKS)[1] or ""
            except subprocess.TimeoutExpired:
                tick()
    finally:
        if child.poll() is None:
            end_processes([psutil.Process(child.pid), *descendants(child.pid)], farewells)
            child.wait()
