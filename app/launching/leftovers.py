"""Finds and ends what an earlier run, or an earlier incarnation of one process, left behind."""

import math
import os
import signal
from collections.abc import Sequence
from pathlib import Path

import psutil

from app.embedded.ending import Farewell, end_processes

RUN = "THRIVE_RUN"
"""Each process of a run has the run's directory in this variable: known by it, never by a name."""
PROCESS = "THRIVE_PROCESS"
"""The Procfile's name of a process, in it and its children."""
FAREWELLS = (Farewell(signal.SIGTERM, 3),)


def end_leftovers(
    var: Path,
    process_name: str | None = None,
    *,
    known: Sequence[psutil.Process] = (),
    by: float = math.inf,
) -> None:
    """End all processes of earlier runs in `var`, or only those of one line of the Procfile.

    Those that are `known` to be left over end too. At the monotonic time `by` all are killed.
    The caller holds the run's lock, or is what takes that line's place.
    """
    wanted = {RUN: str(var)} | ({PROCESS: process_name} if process_name else {})
    marked = [process for process in psutil.process_iter() if _is_marked(process, wanted)]
    end_processes({*marked, *known}, FAREWELLS, by=by)


def _is_marked(process: psutil.Process, wanted: dict[str, str]) -> bool:
    if process.pid == os.getpid():
        return False
    try:
        environment = process.environ()
    except (psutil.NoSuchProcess, psutil.AccessDenied, OSError):
        return False  # gone, or somebody else's
    return wanted.items() <= environment.items()
