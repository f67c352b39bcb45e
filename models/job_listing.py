"""Everybody's jobs, for staff, the newest first."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, bindparam, select

from models.booking_job import BookingJob


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFilter:
    """Which jobs are wanted."""

    status: str | None = None
    kind: str | None = None
    user_id: int | None = None


def find_any_job(db: Connection, job_id: UUID) -> Row[Any] | None:
    """The job with this id, whosever it is."""
    return db.execute(_BY_ID, {"job_id": job_id}).one_or_none()


def list_any_jobs(
    db: Connection, wanted: JobFilter, *, before: Row[Any] | None, limit: int
) -> list[Row[Any]]:
    """The jobs from the newest to the oldest, from before that job.

    Job ids rise with time, so the primary key serves the list of everybody's jobs; one user's
    have an index by arrival, and few are queued or failed, which have indexes too.
    """
    column = BookingJob.id if wanted.user_id is None else BookingJob.arrival
    query = _JOBS.where(*_conditions(wanted))
    if before is not None:
        query = query.where(column < (before.id if wanted.user_id is None else before.arrival))
    return list(db.execute(query.order_by(column.desc()).limit(limit)))


def _conditions(wanted: JobFilter) -> list[Any]:
    asked = (
        (BookingJob.status, wanted.status),
        (BookingJob.kind, wanted.kind),
        (BookingJob.user_id, wanted.user_id),
    )
    return [column == value for column, value in asked if value is not None]


_JOBS = select(*BookingJob.__table__.c)
_BY_ID = _JOBS.where(BookingJob.id == bindparam("job_id"))
