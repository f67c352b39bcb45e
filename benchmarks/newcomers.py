"""Students who book while something else is done to the tables, and how long they wait for it."""

import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self
from uuid import UUID

from sqlalchemy import Engine, Row, text

from benchmarks.failure import BenchmarkError
from benchmarks.waiting import until
from models.booking_job import JobKind, JobStatus
from models.deciding import decide_lane
from models.lanes import lane_of
from models.policy import Policy
from models.round import Decider
from models.submitting import Request, submit
from models.targets import step_target

PAUSE_SECONDS = 0.03
"""Between two of them, so that there are some until the end."""


@dataclass
class Newcomers:
    """Students who book the same classes meanwhile, one after the other, until they are told."""

    engine: Engine
    booked: int = 0
    slowest: float = 0.0
    _ended: threading.Event = field(default_factory=threading.Event)
    _failed: list[Exception] = field(default_factory=list)

    def __enter__(self) -> Self:
        """Let them begin."""
        self._thread = threading.Thread(target=self._come)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Let them end; raises what went wrong with them."""
        self._ended.set()
        self._thread.join()
        for failure in self._failed:
            raise failure

    def _come(self) -> None:
        decider = Decider(self.engine, lambda: datetime.now(UTC), Policy())
        try:
            with self.engine.connect() as db:
                wanted = db.execute(text(_NEWCOMERS)).all()
            for each in wanted:
                if self._ended.is_set():
                    return
                self._book(decider, each)
                self._ended.wait(PAUSE_SECONDS)
        except Exception as failure:  # noqa: BLE001 - raised again by whoever waits for the end
            self._failed.append(failure)

    def _book(self, decider: Decider, wish: Row[Any]) -> None:
        job = self._submit(wish)
        began = time.monotonic()
        lane = lane_of(wish.group_class_id)
        until(lambda: self._is_decided(decider, lane, job), 60, "a decision")
        self.slowest = max(self.slowest, time.monotonic() - began)

    def _submit(self, wish: Row[Any]) -> UUID:
        with self.engine.begin() as db:
            target = step_target(db, wish.user_id, wish.package_id, wish.step_id, wish.option_id)
            if target is None:
                raise BenchmarkError(f"package {wish.package_id} has no step {wish.step_id}")
            request = Request(
                kind=JobKind.BOOK_STEP,
                submitted_by=wish.user_id,
                target=target,
                body={"course_step_option_id": wish.option_id},
            )
            submitted = submit(db, request, datetime.now(UTC))
            if submitted.job is None:
                raise BenchmarkError("the queue is full")
            return submitted.job.id

    def _is_decided(self, decider: Decider, lane: int, job_id: UUID) -> bool:
        decide_lane(decider, lane)
        with self.engine.connect() as db:
            status = db.scalar(
                text("SELECT status FROM booking_job WHERE id = :id"), {"id": job_id}
            )
        self.booked += status == JobStatus.SUCCEEDED
        return bool(status != JobStatus.QUEUED)


_NEWCOMERS = """
SELECT package.user_id, package.id AS package_id, step.id AS step_id, option.id AS option_id,
       option.group_class_id
FROM student_package AS package
JOIN course_cohort AS cohort ON cohort.id = package.course_cohort_id
JOIN course_step AS step ON step.course_program_id = cohort.course_program_id
    AND step.step_order = 2 + package.id % 8
JOIN course_step_option AS option ON option.course_step_id = step.id
    AND option.group_class_id % 10 = package.id % 10
WHERE NOT EXISTS (SELECT FROM student_course_step_progress AS progress
                  WHERE student_package_id = package.id AND status <> 'UNBOOKED')
ORDER BY package.id
"""
