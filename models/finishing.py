"""Ends jobs: gives each its outcome and takes it out of the queue."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from models.booking_job import STILL_QUEUED, BookingJob, JobQueue, JobStatus
from models.desk import Job
from models.late_outcomes import late_failure
from models.outbox import OutboxMessage
from models.set_writing import as_parameter, delete_rows, given_rows, insert_rows

FAILED = {
    "job_failed": (
        "Something broke on our side and nothing was changed. Please try again later; if it goes"
        " on, tell the school."
    )
}
"""The code of a job that was given up, and its sentence."""


def finish_jobs(
    db: Connection, outcomes: list[dict[str, Any]], now: datetime, task_id: str | None
) -> None:
    """Give each job its outcome: rows of id, status, result and error."""
    if outcomes:
        values = {"rows": as_parameter(outcomes), "decided_at": now, "task_id": task_id}
        db.execute(_FINISH, values)


def fail_job(db: Connection, job: Job, now: datetime, task_id: str | None) -> None:
    """Give a job up for good: it broke each time it was tried. Who waited long is told so."""
    (code, message), *_ = FAILED.items()
    error = {
        "code": code,
        "detail": "given up after its last attempt",
        "message": message,
        "alternatives": [],
        "waitlist_open": False,
        "waitlist_until": None,
    }
    outcome = {"id": job.id, "status": JobStatus.FAILED, "result": None, "error": error}
    if db.scalar(_LOCKED, {"job_id": job.id}) is not None:  # else it was withdrawn meanwhile
        insert_rows(db, OutboxMessage, late_failure(job, now))
    finish_jobs(db, [outcome], now, task_id)
    leave_queue(db, [job])


def leave_queue(db: Connection, jobs: Iterable[Job]) -> None:
    """Take decided jobs out of every lane that they waited in."""
    places = [{"lane": lane, "arrival": job.arrival} for job in jobs for lane in job.lanes]
    delete_rows(db, JobQueue, places)


_LOCKED = (
    select(BookingJob.id)
    .where(BookingJob.id == bindparam("job_id"), STILL_QUEUED)
    .with_for_update(key_share=True)
)
_OUTCOME = given_rows(BookingJob, ("id", "status", "result", "error"))
_FINISH = (
    update(BookingJob)
    .where(BookingJob.id == _OUTCOME.c["id"], STILL_QUEUED)
    .values(
        status=_OUTCOME.c["status"],
        result=_OUTCOME.c["result"],
        error=_OUTCOME.c["error"],
        decided_at=bindparam("decided_at"),
        task_id=bindparam("task_id"),
        # the ordinary first try is counted with its outcome
        attempts=func.greatest(BookingJob.attempts, 1),
    )
)
