"""Lays the desk: locks what a batch of jobs needs, in the one lock order, then reads it.

The order is the same for everybody who takes or frees a seat: group classes by id, sessions by
id, the jobs, the students by id. `FOR NO KEY UPDATE` leaves inserts that merely refer to a
locked row alone, which `FOR UPDATE` would block.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
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


def peek(
    db: Connection,
    lane: int,
    limit: int,
    *,
    only: Collection[UUID] | None = None,
    without: Collection[UUID] = (),
) -> list[Job]:
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
    if without:
        query = query.where(BookingJob.id.not_in(without))
    return [Job(row.id, JobKind(row.kind), *row[2:]) for row in db.execute(query)]


def lay_desk(
    db: Connection, jobs: list[Job], clock: Callable[[], datetime], *, patient: bool = True
) -> tuple[Desk, list[Job]]:
    """Lock and read all that the jobs need; returns the desk and the jobs that may be judged.

    Left out are jobs that somebody decided or withdrew in the meantime, and those whose option
    turned out to belong to a class that isn't locked: these stay queued for the next round. So
    do, for who isn't `patient`, those that need a row which somebody else has locked.
    """
    locks = _Locks(db, skip_locked=not patient)
    desk = Desk(now=clock())
    option_ids = {job.option_id for job in jobs}
    class_ids = locks.classes({o.group_class_id for o in read_options(db, option_ids).values()})
    class_ids -= locks.sessions(desk, class_ids, _named(jobs))
    claimed = locks.claim(jobs)
    user_ids = locks.students({job.user_id for job in claimed})
    # whoever waited for a lock is judged by the time at which it got it
    desk.now = clock()
    desk.options = read_options(db, option_ids)
    read_steps(db, desk, ((job.student_package_id, job.course_step_id) for job in claimed))
    read_held(db, desk, user_ids, {job.student_package_id for job in claimed})
    within = [job for job in claimed if job.user_id in user_ids and _within(desk, job, class_ids)]
    return desk, within


def _named(jobs: list[Job]) -> set[int]:
    return {job.session_id for job in jobs if job.session_id is not None}


def _within(desk: Desk, job: Job, class_ids: set[int]) -> bool:
    option = desk.options.get(job.option_id)
    return option is None or option.group_class_id in class_ids


@dataclass(frozen=True, slots=True)
class _Locks:
    """Takes row locks until the transaction's end; with `skip_locked`, those that are free."""

    db: Connection
    skip_locked: bool

    def classes(self, ids: set[int]) -> set[int]:
        """Lock these classes; returns those that are locked now."""
        query = select(GroupClass.id).where(GroupClass.id.in_(ids))
        return set(self.db.scalars(self._locked(query, GroupClass)))

    def sessions(self, desk: Desk, class_ids: set[int], named_ids: set[int]) -> set[int]:
        """Lock the classes' coming sessions, and the named ones of them, and lay them out.

        Returns the classes of which a session wasn't free.
        """
        wanted = and_(
            # a named session of a class that isn't locked is refused whatever its row says
            CourseSession.group_class_id.in_(class_ids),
            or_(
                and_(
                    CourseSession.status == SessionStatus.SCHEDULED,
                    CourseSession.start_at > desk.now,
                ),
                CourseSession.id.in_(named_ids),
            ),
        )
        for row in self.db.execute(self._locked(_SESSIONS.where(wanted), CourseSession)):
            desk.sessions[row.id] = Seats(*row)
        for session in sorted(desk.sessions.values(), key=lambda s: (s.start_at, s.id)):
            desk.sessions_of_class.setdefault(session.group_class_id, []).append(session)
        if not self.skip_locked:
            return set()
        there = select(CourseSession.id, CourseSession.group_class_id).where(wanted)
        return {row.group_class_id for row in self.db.execute(there) if row.id not in desk.sessions}

    def claim(self, jobs: list[Job]) -> list[Job]:
        """Lock the jobs that are still queued."""
        query = select(BookingJob.id).where(
            BookingJob.id.in_([job.id for job in jobs]), BookingJob.status == JobStatus.QUEUED
        )
        still_queued = set(self.db.scalars(self._locked(query, BookingJob)))
        return [job for job in jobs if job.id in still_queued]

    def students(self, ids: set[int]) -> set[int]:
        """Lock these students; returns those that are locked now."""
        query = select(UserAccount.id).where(UserAccount.id.in_(ids))
        return set(self.db.scalars(self._locked(query, UserAccount)))

    def _locked(
        self,
        query: Select[*Columns],
        table: type[GroupClass | CourseSession | BookingJob | UserAccount],
    ) -> Select[*Columns]:
        return query.order_by(table.id).with_for_update(
            key_share=True, of=table, skip_locked=self.skip_locked
        )


_SESSIONS = select(
    CourseSession.id,
    CourseSession.group_class_id,
    GroupClass.name,
    CourseSession.start_at,
    CourseSession.end_at,
    CourseSession.capacity_max,
    CourseSession.seats_taken,
    CourseSession.status,
).join(GroupClass, GroupClass.id == CourseSession.group_class_id)
