"""Taking back a request that is not decided yet."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, delete, update

from models.booking_job import STILL_QUEUED, BookingJob, JobQueue, JobStatus
from models.own_jobs import find_job


def withdraw(db: Connection, job_id: UUID, submitted_by: int, now: datetime) -> Row[Any] | None:
    """Take back a queued job; returns the job as it stands then, None when it isn't theirs.

    A job that is being decided at this moment is waited for, and stays what it became.
    """
    withdrawn = db.execute(
        update(BookingJob)
        .where(
            BookingJob.id == job_id,
            BookingJob.submitted_by == submitted_by,
            STILL_QUEUED,
        )
        .values(status=JobStatus.WITHDRAWN, decided_at=now)
        .returning(BookingJob.arrival, BookingJob.lanes)
    ).one_or_none()
    if withdrawn is not None:
        db.execute(
            delete(JobQueue).where(
                JobQueue.lane.in_(withdrawn.lanes), JobQueue.arrival == withdrawn.arrival
            )
        )
    return find_job(db, job_id, submitted_by)
