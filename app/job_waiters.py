"""Waits for jobs to be decided: all waiters of a process share one query."""

import threading
from collections import Counter
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import Engine

from models.own_jobs import decided_among

LOOK_SECONDS = 0.05
MOST_WAITERS = 12
"""Of the server's 16 threads; the others go on answering."""

log = structlog.get_logger()


class JobWaiters:
    """Lets request threads sleep until their jobs are decided."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._changed = threading.Condition()
        self._waiting: Counter[UUID] = Counter()
        self._decided: set[UUID] = set()
        self._looking = False

    def wait(self, job_id: UUID, longest: timedelta) -> bool:
        """Return True when the job is decided or after `longest`.

        False at once when too many wait, and as soon as nobody can look.
        """
        with self._changed:
            if self._waiting.total() >= MOST_WAITERS:
                return False
            self._waiting[job_id] += 1
            try:
                self._start_looking()
                self._changed.wait_for(
                    lambda: job_id in self._decided or not self._looking, longest.total_seconds()
                )
                return self._looking or job_id in self._decided
            finally:
                self._leave(job_id)

    def _leave(self, job_id: UUID) -> None:
        self._waiting[job_id] -= 1
        if self._waiting[job_id] == 0:
            del self._waiting[job_id]
            self._decided.discard(job_id)

    def _start_looking(self) -> None:
        if not self._looking:
            self._looking = True
            threading.Thread(target=self._look, name="job-waiters", daemon=True).start()

    def _look(self) -> None:
        """Ask for all waiters at once until none is left; when that fails they answer early."""
        pause = threading.Event()
        while wanted := self._wanted():
            try:
                with self._engine.connect() as db:
                    decided = decided_among(db, wanted)
            except Exception as error:  # noqa: BLE001 - whatever it is, nobody may wait for nobody
                log.warning("waiting for jobs was cut short", reason=type(error).__name__)
                self._send_away()
                return
            with self._changed:
                self._decided.update(decided)
                self._changed.notify_all()
            pause.wait(LOOK_SECONDS)

    def _send_away(self) -> None:
        with self._changed:
            self._looking = False
            self._changed.notify_all()

    def _wanted(self) -> list[UUID]:
        with self._changed:
            wanted = [job_id for job_id in self._waiting if job_id not in self._decided]
            if not wanted:
                self._looking = False
            return wanted
