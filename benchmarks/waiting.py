"""Waiting for a condition."""

import time
from collections.abc import Callable
from typing import TypeVar

from benchmarks.failure import BenchmarkError

T = TypeVar("T")


def until(condition: Callable[[], T], seconds: float, what: str, *, every: float = 0.02) -> T:
    """Return what `condition` returns once that is true; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise BenchmarkError(f"{what} didn't happen within {seconds} s")
        time.sleep(every)
    return found
