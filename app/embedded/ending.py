"""Ending processes: asked first, each in its own way, and killed when the time is up."""

import contextlib
import math
import signal
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import psutil

SECONDS_TO_DIE = 5
"""How long a killed process is waited for; only one that the kernel holds fast needs longer."""


@dataclass(frozen=True, slots=True)
class Farewell:
    """A signal that asks a process to end, and how many seconds it gets to do so."""

    signal: signal.Signals
    seconds: float


def end_processes(
    processes: Iterable[psutil.Process],
    farewells: Sequence[Farewell],
    *,
    by: float = math.inf,
) -> None:
    """End `processes`: each farewell in turn to those still there, and SIGKILL at last.

    SIGKILL comes at the monotonic time `by` at the latest, whatever the farewells would leave.
    """
    end_together([(process, farewells) for process in processes], by=by)


def end_together(
    endings: Iterable[tuple[psutil.Process, Sequence[Farewell]]], *, by: float = math.inf
) -> None:
    """End all these processes at the same time, each with its own farewells, by the time `by`."""
    left = [_Ending(process, _timetable(farewells, by)) for process, farewells in endings]
    while True:
        for ending in left:
            ending.send_what_is_due()
        left = [ending for ending in left if not ending.is_over()]
        if not left:
            return
        time.sleep(0.02)


def _timetable(farewells: Sequence[Farewell], by: float) -> list[tuple[float, signal.Signals]]:
    """Say when each signal is due; with too little time, each farewell gets its share of it."""
    due = time.monotonic()
    wanted = sum(farewell.seconds for farewell in farewells)
    share = min(1.0, max(0.0, by - due) / wanted) if wanted else 1.0
    table = []
    for farewell in farewells:
        table.append((due, farewell.signal))
        due += farewell.seconds * share
    return [*table, (due, signal.SIGKILL)]


class _Ending:
    """One process on its way out."""

    def __init__(
        self, process: psutil.Process, timetable: list[tuple[float, signal.Signals]]
    ) -> None:
        self._process = process
        self._timetable = timetable
        self._give_up_at = timetable[-1][0] + SECONDS_TO_DIE

    def send_what_is_due(self) -> None:
        while self._timetable and self._timetable[0][0] <= time.monotonic():
            _, number = self._timetable.pop(0)
            with contextlib.suppress(psutil.NoSuchProcess):  # it ended by itself
                self._process.send_signal(number)

    def is_over(self) -> bool:
        return not _is_alive(self._process) or time.monotonic() > self._give_up_at


def _is_alive(process: psutil.Process) -> bool:
    """Tell whether it still does anything: a zombie only waits for its parent to look at it."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def descendants(pid: int) -> list[psutil.Process]:
    """Return the children of a process and theirs; none when it is gone."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []
