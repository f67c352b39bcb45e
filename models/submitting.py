"""Accepting a request: the committed row is the promise that it will be decided."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Connection,
    Row,
    SmallInteger,
    bindparam,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import insert as pg_insert
from uuid6 import uuid7

from models.booking_job import BookingJob, JobKind, JobQueue
from models.catalog import CourseStepOption
from models.enrolment import StudentCourseStepProgress, StudentPackage
from models.lanes import lane_of
from models.own_jobs import find_by_key

ORDINARY = 1
"""The queue priority of students' requests; staff and promotions go ahead with 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What somebody asks for, ready to be kept as a job.

    `idempotency_key` and `fingerprint` come together: the same key with the same fingerprint is
    the same request, sent again.
    """

    kind: JobKind
    submitted_by: int
    user_id: int
    student_package_id: int | None
    course_step_id: int | None
    lanes: tuple[int, ...]
    body: dict[str, Any] = field(default_factory=dict)
    idempotency_key: str | None = None
    fingerprint: bytes | None = None


@dataclass(frozen=True, slots=True)
class Submitted:
    """An accepted job: its row, and whether this request made it or repeats an earlier one."""

    job: Row[Any]
    is_new: bool


def own_step_lane(
    db: Connection, user_id: int, package_id: int, step_id: int, option_id: int
) -> int | None:
    """The queue lane for booking this option, or None when package and step aren't this user's.

    An option that doesn't exist is not this function's business: the worker refuses it.
    """
    row = db.execute(
        select(CourseStepOption.group_class_id)
        .select_from(StudentCourseStepProgress)
        .join(StudentPackage, StudentPackage.id == StudentCourseStepProgress.student_package_id)
        .outerjoin(CourseStepOption, CourseStepOption.id == option_id)
        .where(
            StudentPackage.user_id == user_id,
            StudentPackage.id == package_id,
            StudentCourseStepProgress.course_step_id == step_id,
        )
    ).one_or_none()
    return None if row is None else lane_of(row.group_class_id)


def submit(db: Connection, request: Request, now: datetime) -> Submitted:
    """Keep the request as a queued job, once for each idempotency key.

    One statement makes the job and its queue rows. When somebody else's transaction made the
    same key a moment ago the insert returns nothing, and the job is read instead.
    """
    row = db.execute(_INSERT, _values(request, now)).one_or_none()
    if row is not None:
        return Submitted(row, is_new=True)
    if request.idempotency_key is None:
        raise RuntimeError("a job without a key can't meet another")
    earlier = find_by_key(db, request.submitted_by, request.idempotency_key)
    if earlier is None:
        raise RuntimeError("the job of this key vanished while it was read")
    return Submitted(earlier, is_new=False)


def _values(request: Request, now: datetime) -> dict[str, Any]:
    return {
        "id": UUID(int=uuid7().int),
        "kind": request.kind,
        "submitted_by": request.submitted_by,
        "user_id": request.user_id,
        "student_package_id": request.student_package_id,
        "course_step_id": request.course_step_id,
        "request": request.body,
        "idempotency_key": request.idempotency_key,
        "fingerprint": request.fingerprint,
        "lanes": sorted(set(request.lanes)),
        "submitted_at": now,
        "priority": ORDINARY,
    }


def _insert_job_with_queue_rows() -> Any:
    made = (
        pg_insert(BookingJob)
        .values(
            {
                column: bindparam(column, type_=BookingJob.__table__.c[column].type)
                for column in (
                    "id",
                    "kind",
                    "submitted_by",
                    "user_id",
                    "student_package_id",
                    "course_step_id",
                    "request",
                    "idempotency_key",
                    "fingerprint",
                    "lanes",
                    "submitted_at",
                )
            }
        )
        .on_conflict_do_nothing(
            index_elements=["submitted_by", "idempotency_key"],
            index_where=text("idempotency_key IS NOT NULL"),
        )
        .returning(*BookingJob.__table__.c)
        .cte("made")
    )
    lane = func.unnest(made.c.lanes, type_=SmallInteger)
    queued = (
        insert(JobQueue)
        .from_select(
            ["lane", "priority", "arrival", "job_id", "submitted_at"],
            select(
                lane,
                bindparam("priority", type_=SmallInteger),
                made.c.arrival,
                made.c.id,
                made.c.submitted_at,
            ),
        )
        .cte("queued")
    )
    return select(*made.c).add_cte(queued)


_INSERT = _insert_job_with_queue_rows()
