"""Lays the desk: locks what a batch of jobs needs, in the one lock order, then reads it.

The order is the same for everybody who takes or frees a seat: group classes by id, sessions by
id, the jobs, the students by id. `FOR NO KEY UPDATE` leaves inserts that merely refer to a
locked row alone, which `FOR UPDATE` would block.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TypeVarTuple
from uuid import UUID

from sqlalchemy import Connection, Select, and_, or_, select

from models.booking_job import BookingJob, JobKind, JobQueue, JobStatus
from models.catalog import (
    CourseSession,
    GroupClass,
    SessionStatus,
)
from models.desk import Desk, Job, Seats
from models.desk_reading import read_held, read_options, read_steps
from models.people import UserAccount

Columns = TypeVarTuple("Columns")


def peek(db: Connection, lane: int, limit: int, only: Sequence[UUID] | None = None) -> list[Job]:
    """The oldest queued jobs of a lane, unlocked; staff's and promotions before the others'."""
    query = (
        select(
            BookingJob.id,
            BookingJob.kind,
            BookingJob.submitted_by,
            BookingJob.user_id,
            BookingJob.student_package_id,
            BookingJob.course_step_id,
            BookingJob.request,
            BookingJob.arrival,
            BookingJob.lanes,
            BookingJob.submitted_at,
        )
        .join(JobQueue, JobQueue.job_id == BookingJob.id)
        # a kind that only a newer release knows waits for that release's worker
        .where(JobQueue.lane == lane, BookingJob.kind.in_(list(JobKind)))
        .order_by(JobQueue.priority, JobQueue.arrival)
        .limit(limit)
    )
    if only is not None:
        query = query.where(BookingJob.id.in_(only))
    return [Job(row.id, JobKind(row.kind), *row[2:]) for row in db.execute(query)]


def lay_desk(
    db: Connection, jobs: list[Job], clock: Callable[[], datetime]
) -> tuple[Desk, list[Job]]:
    """Lock and read all that the jobs need; returns the desk and the jobs that may be judged.

    Left out are jobs that somebody decided or withdrew in the meantime, and those whose option
    turned out to belong to a class that isn't locked: these stay queued for the next round.
    """
    desk = Desk(now=clock())
    option_ids = {job.option_id for job in jobs}
    class_ids = {option.group_class_id for option in read_options(db, option_ids).values()}
    _lock_classes(db, class_ids)
    _lock_sessions(db, desk, class_ids, _named(jobs))
    claimed = _claim(db, jobs)
    user_ids = {job.user_id for job in claimed}
    _lock_students(db, user_ids)
    # whoever waited for a lock is judged by the time at which it got it
    desk.now = clock()
    desk.options = read_options(db, option_ids)
    read_steps(db, desk, ((job.student_package_id, job.course_step_id) for job in claimed))
    read_held(db, desk, user_ids, {job.student_package_id for job in claimed})
    return desk, [job for job in claimed if _within(desk, job, class_ids)]


def _named(jobs: list[Job]) -> set[int]:
    return {job.session_id for job in jobs if job.session_id is not None}


def _lock_classes(db: Connection, class_ids: Iterable[int]) -> None:
    db.execute(_locked(select(GroupClass.id).where(GroupClass.id.in_(class_ids)), GroupClass))


def _lock_sessions(
    db: Connection, desk: Desk, class_ids: Iterable[int], named_ids: Iterable[int]
) -> None:
    coming = and_(
        CourseSession.group_class_id.in_(class_ids),
        CourseSession.status == SessionStatus.SCHEDULED,
        CourseSession.start_at > desk.now,
    )
    query = (
        select(
            CourseSession.id,
            CourseSession.group_class_id,
            GroupClass.name,
            CourseSession.start_at,
            CourseSession.end_at,
            CourseSession.capacity_max,
            CourseSession.seats_taken,
            CourseSession.status,
        )
        .join(GroupClass, GroupClass.id == CourseSession.group_class_id)
        .where(
            # a named session of a class that isn't locked is refused whatever its row says
            CourseSession.group_class_id.in_(class_ids),
            or_(coming, CourseSession.id.in_(named_ids)),
        )
    )
    for row in db.execute(_locked(query, CourseSession)):
        desk.sessions[row.id] = Seats(*row)
    for session in sorted(desk.sessions.values(), key=lambda s: (s.start_at, s.id)):
        desk.sessions_of_class.setdefault(session.group_class_id, []).append(session)


def _claim(db: Connection, jobs: list[Job]) -> list[Job]:
    query = select(BookingJob.id).where(
        BookingJob.id.in_([job.id for job in jobs]), BookingJob.status == JobStatus.QUEUED
    )
    still_queued = set(db.scalars(_locked(query, BookingJob)))
    return [job for job in jobs if job.id in still_queued]


def _lock_students(db: Connection, user_ids: Iterable[int]) -> None:
    db.execute(_locked(select(UserAccount.id).where(UserAccount.id.in_(user_ids)), UserAccount))


def _within(desk: Desk, job: Job, class_ids: set[int]) -> bool:
    option = desk.options.get(job.option_id)
    return option is None or option.group_class_id in class_ids


def _locked(
    query: Select[*Columns], table: type[GroupClass | CourseSession | BookingJob | UserAccount]
) -> Select[*Columns]:
    return query.order_by(table.id).with_for_update(key_share=True, of=table)
