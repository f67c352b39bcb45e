"""What makes a job poisonous: its package's name says what it does to whoever decides it."""

import os
import signal
from typing import Any

from models import round as rounds
from models.booking_job import JobKind
from models.use_cases import USE_CASES

KILLS = "Kills its process"
BREAKS = "Breaks after it was written"


def poison() -> None:
    """Let this process's jobs work as their packages' names say."""
    book_step = USE_CASES[JobKind.BOOK_STEP]
    record = rounds.record

    def book_or_die(desk: Any, job: Any) -> Any:
        if desk.step_of(job).package_name == KILLS:
            os.kill(os.getpid(), signal.SIGKILL)
        return book_step(desk, job)

    def record_or_break(db: Any, desk: Any, verdicts: Any, *rest: Any) -> Any:
        queued = record(db, desk, verdicts, *rest)
        if any(desk.step_of(verdict.job).package_name == BREAKS for verdict in verdicts):
            raise ZeroDivisionError("poison")
        return queued

    USE_CASES[JobKind.BOOK_STEP] = book_or_die
    rounds.record = record_or_break
