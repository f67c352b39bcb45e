"""Lays the desk: locks what a batch of jobs needs, in the one lock order, then reads it.

The order is the same for everybody who takes or frees a seat: group classes by id, sessions by
id, the jobs, the students by id. `FOR NO KEY UPDATE` leaves inserts that merely refer to a
locked row alone, which `FOR UPDATE` would block.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVarTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Integer,
    Select,
    SmallInteger,
    and_,
    bindparam,
    case,
    func,
    not_,
    or_,
    select,
    true,
)

from models.booking_job import STILL_QUEUED, BookingJob, JobKind, JobQueue
from models.catalog import (
    CourseSession,
    GroupClass,
    SessionStatus,
)
from models.desk import Class, Desk, Job, Seats
from models.desk_reading import read_desk, read_scope
from models.in_set import in_given, in_set
from models.people import IS_THERE, UserAccount
from models.policy import Policy
from models.scope import Scope, Scopes, read_scopes

Columns = TypeVarTuple("Columns")


@dataclass(slots=True)
class LaidDesk:
    """The desk, the jobs that may be judged at it, in their order, and what each may touch."""

    desk: Desk
    jobs: list[Job]
    scopes: Scopes


def peek(
    db: Connection,
    lanes: int | Collection[int],
    limit: int,
    *,
    only: Collection[UUID] | None = None,
    without: Collection[UUID] = (),
) -> list[Job]:
    """The oldest queued jobs of a lane, or of several together, unlocked.

    The waitlist's and staff's come before the others'. Who waits in several of these lanes is
    there once.
    """
    conditions = []
    if only is not None:
        conditions.append(in_set(JobQueue.job_id, only))
    if without:
        conditions.append(not_(in_set(JobQueue.job_id, without)))
    query = _oldest(*conditions) if conditions else _OLDEST
    wanted = [lanes] if isinstance(lanes, int) else list(lanes)
    rows = db.execute(query, {"lanes": wanted, "most": limit}).all()
    jobs = {row[0]: Job(row[0], JobKind(row[1]), *row[2:]) for row in rows}
    return list(jobs.values())


def lay_desk(
    db: Connection,
    jobs: list[Job],
    wanted: Scope,
    clock: Callable[[], datetime],
    policy: Policy,
    *,
    patient: bool = True,
) -> LaidDesk:
    """Lock and read all that the jobs need, which `wanted` is known to be so far.

    Left out are jobs that somebody decided or withdrew in the meantime, and those that turned
    out to need something that isn't locked: these stay queued for the next round. So do, for who
    isn't `patient`, those that need a row which somebody else has locked.
    """
    locks = _Locks(db, skip_locked=not patient)
    desk = Desk(now=clock(), policy=policy)
    class_ids = locks.classes(desk, wanted.class_ids)
    class_ids -= locks.sessions(desk, class_ids, wanted.session_ids | wanted.named_session_ids)
    claimed = locks.claim(jobs)
    # those of the jobs that are decided already don't matter, but their students do no harm
    desk.people = locks.students(desk, wanted.user_ids)
    # whoever waited for a lock is judged by the time at which it got it
    desk.now = clock()
    scopes = read_scopes(db, claimed)
    within = [job for job in claimed if _is_within(scopes.of[job.id], desk, class_ids)]
    read_desk(db, desk, within, scopes)
    return LaidDesk(desk, within, scopes)


def lay_desk_for(db: Connection, wanted: Scope, now: datetime, policy: Policy) -> Desk:
    """Lock and read `wanted` for who seats students or frees seats without a job.

    The same locks in the same order; what isn't there, isn't on the desk.
    """
    locks = _Locks(db, skip_locked=False)
    desk = Desk(now=now, policy=policy)
    class_ids = locks.classes(desk, wanted.class_ids)
    locks.sessions(desk, class_ids, wanted.session_ids)
    desk.people = locks.students(desk, wanted.user_ids)
    read_scope(db, desk, wanted)
    return desk


def _is_within(scope: Scope, desk: Desk, class_ids: set[int]) -> bool:
    """Whether all that the job needs now is locked."""
    return (
        scope.class_ids <= class_ids
        and scope.session_ids <= desk.sessions.keys()
        and scope.user_ids <= desk.people
    )


@dataclass(frozen=True, slots=True)
class _Locks:
    """Takes row locks until the transaction's end; with `skip_locked`, those that are free."""

    db: Connection
    skip_locked: bool

    def classes(self, desk: Desk, ids: set[int]) -> set[int]:
        """Lock these classes and lay them out; returns those that are locked now."""
        rows = self.db.execute(_CLASSES[self.skip_locked], {"ids": list(ids)}).all()
        desk.classes = {row.id: Class(*row) for row in rows}
        return set(desk.classes)

    def sessions(self, desk: Desk, class_ids: set[int], session_ids: set[int]) -> set[int]:
        """Lock the classes' coming sessions, and these ones of them, and lay them out.

        Returns the classes of which a session wasn't free.
        """
        wanted = {"class_ids": list(class_ids), "ids": list(session_ids), "now": desk.now}
        for row in self.db.execute(_SESSIONS[self.skip_locked], wanted).all():
            desk.sessions[row.id] = Seats(*row)
        for session in sorted(desk.sessions.values(), key=lambda s: (s.start_at, s.id)):
            desk.sessions_of_class.setdefault(session.group_class_id, []).append(session)
        if not self.skip_locked:
            return set()
        there = self.db.execute(_SESSIONS_THERE, wanted).all()
        return {row.group_class_id for row in there if row.id not in desk.sessions}

    def claim(self, jobs: list[Job]) -> list[Job]:
        """Lock the jobs that are still queued, and see what they ask for now.

        A promotion may be told to look at its whole line again while it waits.
        """
        rows = self.db.execute(_JOBS[self.skip_locked], {"ids": [job.id for job in jobs]}).all()
        queued = {row.id: row.promotion for row in rows}
        return [
            replace(job, request=queued[job.id]) if queued[job.id] else job
            for job in jobs
            if job.id in queued
        ]

    def students(self, desk: Desk, ids: set[int]) -> set[int]:
        """Lock these students, and see who was erased; returns those that are locked now."""
        rows = self.db.execute(_STUDENTS[self.skip_locked], {"ids": list(ids)}).all()
        desk.erased = {row.id for row in rows if not row.is_there}
        return {row.id for row in rows}


def _locking(
    query: Select[*Columns], table: type[GroupClass | CourseSession | BookingJob | UserAccount]
) -> dict[bool, Select[*Columns]]:
    """The query with its rows locked, in the order of their ids, by whether to skip locked ones."""
    ordered = query.order_by(table.id)
    return {
        skip: ordered.with_for_update(key_share=True, of=table, skip_locked=skip)
        for skip in (False, True)
    }


_QUEUED_JOB = (
    select(BookingJob)
    .where(
        BookingJob.id == JobQueue.job_id,
        # a kind that only a newer release knows waits for that release's worker
        BookingJob.kind.in_(list(JobKind)),
        # a place that somebody's repair left behind is nobody's turn
        STILL_QUEUED,
    )
    # looked up for one place after the other, so that the look ends with the last job wanted: in a
    # rush the planner doesn't know yet how long the queue is, and would read all of it
    .limit(1)
    .lateral("job")
)


def _oldest(*conditions: ColumnElement[bool]) -> Select[Any]:
    """The oldest jobs of each lane that is given, and the oldest of these."""
    given = func.unnest(bindparam("lanes", type_=ARRAY(SmallInteger)))
    lanes = given.table_valued("lane", name="given").render_derived()
    of_lane = (
        select(
            _QUEUED_JOB.c.id,
            _QUEUED_JOB.c.kind,
            _QUEUED_JOB.c.submitted_by,
            _QUEUED_JOB.c.user_id,
            _QUEUED_JOB.c.student_package_id,
            _QUEUED_JOB.c.course_step_id,
            _QUEUED_JOB.c.session_id,
            _QUEUED_JOB.c.submitted_from,
            _QUEUED_JOB.c.request,
            JobQueue.priority,
            _QUEUED_JOB.c.arrival,
            _QUEUED_JOB.c.lanes,
            _QUEUED_JOB.c.submitted_at,
        )
        .select_from(JobQueue)
        .join(_QUEUED_JOB, true())
        .where(JobQueue.lane == lanes.c.lane, *conditions)
        .order_by(JobQueue.priority, JobQueue.arrival)
        .limit(bindparam("most", type_=Integer))
        .lateral("of_lane")
    )
    return (
        select(*of_lane.c)
        .select_from(lanes)
        .join(of_lane, true())
        .order_by(of_lane.c.priority, of_lane.c.arrival)
        .limit(bindparam("most", type_=Integer))
    )


_OLDEST = _oldest()
_WANTED_SESSION = and_(
    # a session of a class that isn't locked is refused whatever its row says
    in_given(CourseSession.group_class_id, "class_ids"),
    or_(
        and_(
            CourseSession.status == SessionStatus.SCHEDULED,
            CourseSession.start_at > bindparam("now"),
        ),
        in_given(CourseSession.id, "ids"),
    ),
)
_SESSIONS_THERE = select(CourseSession.id, CourseSession.group_class_id).where(_WANTED_SESSION)
_CLASSES = _locking(
    select(GroupClass.id, GroupClass.name, GroupClass.capacity_max).where(
        in_given(GroupClass.id, "ids")
    ),
    GroupClass,
)
_JOBS = _locking(
    select(
        BookingJob.id,
        case((BookingJob.kind == JobKind.PROMOTE, BookingJob.request)).label("promotion"),
    ).where(in_given(BookingJob.id, "ids"), STILL_QUEUED),
    BookingJob,
)
_STUDENTS = _locking(
    select(UserAccount.id, IS_THERE.label("is_there")).where(in_given(UserAccount.id, "ids")),
    UserAccount,
)
_ALL_OF_SESSION = select(
    CourseSession.id,
    CourseSession.group_class_id,
    GroupClass.name,
    CourseSession.start_at,
    CourseSession.end_at,
    CourseSession.capacity_max,
    CourseSession.seats_taken,
    CourseSession.status,
).join(GroupClass, GroupClass.id == CourseSession.group_class_id)
_SESSIONS = _locking(_ALL_OF_SESSION.where(_WANTED_SESSION), CourseSession)
