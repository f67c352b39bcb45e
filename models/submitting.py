"""Accepting a request: the committed row is the promise that it will be decided."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Row,
    SmallInteger,
    and_,
    bindparam,
    case,
    exists,
    func,
    insert,
    select,
)
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.orm import aliased

from models.booking_job import BookingJob, JobKind, JobQueue, JobStatus, Priority
from models.new_id import new_id
from models.own_jobs import find_by_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a request turned out to be about, and the queue lanes that it waits in.

    `facts` are added to what the request says: ids that its path names.
    """

    lanes: frozenset[int]
    user_id: int
    student_package_id: int | None = None
    course_step_id: int | None = None
    session_id: int | None = None
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What somebody asks for, ready to be kept as a job.

    `idempotency_key` and `fingerprint` come together: the same key with the same fingerprint is
    the same request, sent again. `submitted_from` is the network address of a member of staff,
    whose deeds are audited.
    """

    kind: JobKind
    submitted_by: int
    target: Target
    body: dict[str, Any] = field(default_factory=dict)
    priority: Priority = Priority.ORDINARY
    submitted_from: str | None = None
    idempotency_key: str | None = None
    fingerprint: bytes | None = None
    retry_of: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """A job that was accepted this moment, as its row has it; nobody has looked at it yet."""

    id: UUID
    kind: str
    submitted_by: int
    lanes: list[int]
    arrival: int
    retry_of: UUID | None
    submitted_at: datetime
    status: str = JobStatus.QUEUED
    attempts: int = 0
    task_id: str | None = None
    decided_at: datetime | None = None
    result: dict[str, Any] | None = None
    error: dict[str, Any] | None = None


AnyJob = Row[Any] | NewJob


@dataclass(frozen=True, slots=True)
class Submitted:
    """What became of a submit: the job that it made, or the id of the one that it repeats.

    Neither when a promotion was asked for while its session's line waits to be looked at.
    """

    job: NewJob | None = None
    earlier: Row[Any] | None = None


def submit(db: Connection, request: Request, now: datetime) -> Submitted:
    """Keep the request as a queued job, once for each idempotency key.

    One statement makes the job and its queue rows. When somebody else's transaction made the
    same key a moment ago the insert returns nothing, and the job is read instead.
    """
    values = _values(request, now)
    arrival = db.scalar(_INSERT, values)
    if arrival is not None:
        return Submitted(
            NewJob(
                id=values["id"],
                kind=request.kind,
                submitted_by=request.submitted_by,
                lanes=values["lanes"],
                arrival=arrival,
                retry_of=request.retry_of,
                submitted_at=now,
            )
        )
    if request.idempotency_key is None:
        return Submitted()
    return Submitted(earlier=find_by_key(db, request.submitted_by, request.idempotency_key))


def _values(request: Request, now: datetime) -> dict[str, Any]:
    target = request.target
    return {
        "id": new_id(),
        "kind": request.kind,
        "submitted_by": request.submitted_by,
        "user_id": target.user_id,
        "student_package_id": target.student_package_id,
        "course_step_id": target.course_step_id,
        "session_id": target.session_id,
        "submitted_from": request.submitted_from,
        "request": request.body | target.facts,
        "idempotency_key": request.idempotency_key,
        "fingerprint": request.fingerprint,
        "retry_of": request.retry_of,
        "lanes": sorted(target.lanes),
        "submitted_at": now,
        "priority": request.priority,
    }


def _insert_job_with_queue_rows() -> Any:
    made = _insert_job()
    lane = func.unnest(made.c.lanes, type_=SmallInteger)
    queued = (
        insert(JobQueue)
        .from_select(
            ["lane", "priority", "arrival", "job_id", "submitted_at"],
            select(lane, _place_in_line(made), made.c.arrival, made.c.id, made.c.submitted_at),
        )
        .cte("queued")
    )
    return select(made.c.arrival).add_cte(queued)


def _insert_job() -> CTE:
    columns = BookingJob.__table__.c
    return (
        pg_insert(BookingJob)
        .values({name: bindparam(name, type_=columns[name].type) for name in _GIVEN})
        # the same key, or a second open promotion of a session
        .on_conflict_do_nothing()
        .returning(*columns)
        .cte("made")
    )


def _place_in_line(made: CTE) -> ColumnElement[int]:
    """Whoever may go ahead of others doesn't go ahead of their own package's jobs."""
    priority = bindparam("priority", type_=SmallInteger)
    earlier = aliased(BookingJob)
    earlier_of_package = exists().where(
        earlier.student_package_id == made.c.student_package_id,
        earlier.status == JobStatus.QUEUED,
    )
    goes_behind = and_(priority < Priority.ORDINARY, earlier_of_package)
    return case((goes_behind, Priority.ORDINARY), else_=priority)


_GIVEN = (
    "id",
    "kind",
    "submitted_by",
    "user_id",
    "student_package_id",
    "course_step_id",
    "session_id",
    "submitted_from",
    "request",
    "idempotency_key",
    "fingerprint",
    "retry_of",
    "lanes",
    "submitted_at",
)
_INSERT = _insert_job_with_queue_rows()
