"""Ends jobs: gives each its outcome and takes it out of the queue."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, tuple_, update

from models.booking_job import BookingJob, JobQueue, JobStatus
from models.desk import Job

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
    """Give each job its outcome: rows of job_id, status, result and error."""
    if outcomes:
        db.execute(_FINISH.values(decided_at=now, task_id=task_id), outcomes)


def fail_job(db: Connection, job: Job, now: datetime, task_id: str | None) -> None:
    """Give a job up for good: it broke each time it was tried."""
    (code, message), *_ = FAILED.items()
    error = {
        "code": code,
        "detail": "given up after its last attempt",
        "message": message,
        "alternatives": [],
        "waitlist_open": False,
    }
    outcome = {"job_id": job.id, "status": JobStatus.FAILED, "result": None, "error": error}
    finish_jobs(db, [outcome], now, task_id)
    leave_queue(db, [job])


def leave_queue(db: Connection, jobs: Iterable[Job]) -> None:
    """Take decided jobs out of every lane that they waited in."""
    places = [(lane, job.arrival) for job in jobs for lane in job.lanes]
    if places:
        db.execute(delete(JobQueue).where(tuple_(JobQueue.lane, JobQueue.arrival).in_(places)))


_FINISH = (
    update(BookingJob)
    .where(BookingJob.id == bindparam("job_id"), BookingJob.status == JobStatus.QUEUED)
    .values(
        status=bindparam("status"),
        result=bindparam("result"),
        error=bindparam("error"),
        # the ordinary first try is counted with its outcome
        attempts=func.greatest(BookingJob.attempts, 1),
    )
)
