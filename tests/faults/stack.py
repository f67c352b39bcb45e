"""An installation under test: its processes, its school, and what must be true in the end."""

import mailbox
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, text

from models.invariants import check_invariants
from tests.backends import WORKERS, busy_backends, waiting_backends
from tests.processes import Processes, Running, until
from tests.school import Course, School

QUIET_LOOKS = 5
FINAL_SECONDS = 10
"""How long a job may take when nobody was woken for it: the sweep's promise."""
_SWEEPS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'thrive sweep'
"""


@dataclass
class Stack:
    """A school and the processes that serve it."""

    processes: Processes
    school: School

    def submit(self, course: Course, count: int = 1) -> list[UUID]:
        """New students' requests, accepted; nobody is woken for them yet."""
        return [course.submit(*course.enrol_one()) for _ in range(count)]

    def wake(self, job_ids: list[UUID]) -> None:
        """Wake workers as the web server does."""
        for job_id in job_ids:
            self.processes.wakeups.wake(job_id, self.school.job(job_id).lanes)

    def statuses(self, job_ids: list[UUID]) -> list[str]:
        with self.school.engine.connect() as db:
            query = text("SELECT id, status FROM booking_job WHERE id = ANY (:ids)")
            found = {row.id: row.status for row in db.execute(query, {"ids": job_ids})}
        return [found[job_id] for job_id in job_ids]

    def await_status(
        self, job_ids: list[UUID], status: str = "SUCCEEDED", seconds: float = FINAL_SECONDS
    ) -> None:
        """Wait until these jobs are final, which must be this state."""
        until(lambda: "QUEUED" not in self.statuses(job_ids), seconds, "the decision")
        assert set(self.statuses(job_ids)) == {status}

    def queued(self) -> int:
        with self.school.engine.connect() as db:
            return self._count(db, "SELECT count(*) FROM booking_job WHERE status = 'QUEUED'")

    def await_waiting(self, count: int = 1) -> None:
        """Wait until that many transactions stand still at a lock that the test holds."""
        until(lambda: len(waiting_backends(self.school.engine, WORKERS)) >= count, 10, "the wait")

    @contextmanager
    def held(self, table: str, row_id: int) -> Iterator[Callable[[], None]]:
        """Hold the lock of a row, so that whoever needs it stands still; yields the release."""
        with self.school.engine.connect() as db:
            db.execute(text(f"SELECT FROM {table} WHERE id = {row_id} FOR UPDATE"))
            yield db.rollback

    def send_mail(self) -> None:
        """Wake the couriers, as beat does every few seconds."""
        self.processes.send("tasks.mail.send_mail", queue="mail")
        self.processes.send("tasks.events.publish_events", queue="events")

    def mail_ids(self) -> list[str]:
        """The Message-ID of each mail in the Maildir."""
        directory = self.processes.settings.maildir
        if not directory.exists():
            return []
        return [message["Message-ID"] for message in mailbox.Maildir(directory)]

    def open_messages(self) -> int:
        with self.school.engine.connect() as db:
            return self._count(db, "SELECT count(*) FROM outbox_message WHERE status <> 'SENT'")

    def await_sweep(self) -> None:
        """Wait for a sweep's first look: its promise begins then."""
        until(self._sweep_looks, 30, "the sweep's first look")

    def _sweep_looks(self) -> bool:
        with self.school.engine.connect() as db:
            return bool(self._count(db, _SWEEPS))

    def assert_settled(self, bookings: int) -> None:
        """Every job final, a booking for each that succeeded, one mail for each booking.

        On a slow machine some may be told besides that it took long and came to nothing.
        """
        if self.open_messages():
            self.send_mail()
        until(lambda: self.open_messages() == 0, 20, "the mail")
        assert self.queued() == 0
        with self.school.engine.connect() as db:
            assert self._count(db, "SELECT count(*) FROM job_queue") == 0
            assert self._count(db, "SELECT count(*) FROM deciding_marker") == 0
            assert self._count(db, "SELECT count(*) FROM booking") == bookings
            assert self._count(db, "SELECT sum(seats_taken) FROM session") == bookings
            late = "SELECT count(*) FROM outbox_message WHERE topic = 'request_refused'"
            told_late = self._count(db, late)
        assert len(set(self.mail_ids())) == bookings + told_late
        assert check_invariants(self.school.engine).violations == []

    def _count(self, db: Connection, query: str) -> int:
        return int(db.scalar(text(query)) or 0)


@dataclass
class WorkingStack(Stack):
    """A stack with one worker that takes every queue, two tasks at once.

    `make_worker` starts another one when it is gone.
    """

    worker: Running
    make_worker: Callable[[], Running]

    def await_quiet(self) -> None:
        """Take all messages away, and wait until nobody works on the last ones.

        The next test empties the tables, which no transaction may still be in.
        """
        quiet_looks = 0
        while quiet_looks < QUIET_LOOKS:
            self.processes.redis.flushall()
            until(lambda: not busy_backends(self.school.engine, WORKERS), 20, "quiet")
            time.sleep(0.01)
            quiet_looks += not busy_backends(self.school.engine, WORKERS)

    def replace_worker(self) -> None:
        self.worker = self.make_worker()
