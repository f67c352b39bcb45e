"""What makes a job poisonous: its package's name says what it does to whoever decides it."""

import os
import signal
from typing import Any

from models import round as rounds
from models.booking_job import JobKind

KILLS = "Kills its process"
BREAKS = "Breaks after it was written"


def poison() -> None:
    """Let this process's jobs work as their packages' names say."""
    book_step = rounds.USE_CASES[JobKind.BOOK_STEP]
    record = rounds.record

    def book_or_die(desk: Any, job: Any, *rest: Any) -> None:
        if desk.steps[job.student_package_id, job.course_step_id].package_name == KILLS:
            os.kill(os.getpid(), signal.SIGKILL)
        book_step(desk, job, *rest)

    def record_or_break(db: Any, desk: Any, verdicts: Any, *rest: Any) -> None:
        record(db, desk, verdicts, *rest)
        if any(taken.step.package_name == BREAKS for taken in verdicts.taken):
            raise ZeroDivisionError("poison")

    rounds.USE_CASES[JobKind.BOOK_STEP] = book_or_die
    rounds.record = record_or_break
