"""Finding the jobs that a person submitted; nobody else's are ever found."""

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, bindparam, select

from models.booking_job import BookingJob, JobStatus


def find_job(db: Connection, job_id: UUID, submitted_by: int) -> Row[Any] | None:
    """This person's job, or None: one primary-key read."""
    return db.execute(_BY_ID, {"job_id": job_id, "person_id": submitted_by}).one_or_none()


def find_by_key(db: Connection, submitted_by: int, idempotency_key: str) -> Row[Any] | None:
    """The job that this person made with this key before, if any."""
    return db.execute(_BY_KEY, {"key": idempotency_key, "person_id": submitted_by}).one_or_none()


def list_jobs(
    db: Connection,
    submitted_by: int,
    *,
    status: JobStatus | None,
    before_arrival: int | None,
    limit: int,
) -> list[Row[Any]]:
    """This person's jobs, newest first, from before the given arrival number."""
    query = _JOBS.where(BookingJob.submitted_by == submitted_by)
    if status is not None:
        query = query.where(BookingJob.status == status)
    if before_arrival is not None:
        query = query.where(BookingJob.arrival < before_arrival)
    return list(db.execute(query.order_by(BookingJob.arrival.desc()).limit(limit)))


def decided_among(db: Connection, job_ids: list[UUID]) -> list[UUID]:
    """Which of these jobs are in a final state."""
    return list(
        db.scalars(
            select(BookingJob.id).where(
                BookingJob.id.in_(job_ids), BookingJob.status != JobStatus.QUEUED
            )
        )
    )


_JOBS = select(*BookingJob.__table__.c)
# made once: of an execution's cost, more than half is making the statement (measured)
_OWN = _JOBS.where(BookingJob.submitted_by == bindparam("person_id"))
_BY_ID = _OWN.where(BookingJob.id == bindparam("job_id"))
_BY_KEY = _OWN.where(BookingJob.idempotency_key == bindparam("key"))
