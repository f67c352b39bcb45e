"""Finding the jobs that a person submitted; nobody else's are ever found."""

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Result, Row, and_, bindparam, select

from models.booking_job import BookingJob, JobStatus
from models.people import IS_THERE, UnknownPerson, UserAccount


def find_job(db: Connection, job_id: UUID, person_id: int) -> Row[Any] | None:
    """This person's job, or None: one statement, which reads two rows by their primary keys.

    Raises UnknownPerson.
    """
    return _found(db.execute(_BY_ID, {"job_id": job_id, "person_id": person_id}))


def find_earlier(db: Connection, person_id: int, idempotency_key: str) -> Row[Any] | None:
    """The id and fingerprint of what this person asked for under this key before, or None.

    Raises UnknownPerson.
    """
    return _found(db.execute(_BY_KEY, {"key": idempotency_key, "person_id": person_id}))


def find_by_key(db: Connection, submitted_by: int, idempotency_key: str) -> Row[Any] | None:
    """The same without a look at the person."""
    query = select(BookingJob.id, BookingJob.fingerprint).where(
        BookingJob.submitted_by == submitted_by, BookingJob.idempotency_key == idempotency_key
    )
    found: Result[Any] = db.execute(query)
    return found.one_or_none()


def _found(rows: Result[Any]) -> Row[Any] | None:
    person_and_job = rows.one_or_none()
    if person_and_job is None:
        raise UnknownPerson
    return None if person_and_job.id is None else person_and_job


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
_BY_ID = (
    _JOBS.select_from(UserAccount)
    .outerjoin(
        BookingJob,
        and_(BookingJob.submitted_by == UserAccount.id, BookingJob.id == bindparam("job_id")),
    )
    .where(UserAccount.id == bindparam("person_id"), IS_THERE)
)
_BY_KEY = (
    select(BookingJob.id, BookingJob.fingerprint)
    .select_from(UserAccount)
    .outerjoin(
        BookingJob,
        and_(
            BookingJob.submitted_by == UserAccount.id,
            BookingJob.idempotency_key == bindparam("key"),
        ),
    )
    .where(UserAccount.id == bindparam("person_id"), IS_THERE)
)
