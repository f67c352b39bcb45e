"""Whose turn it is: nobody is overtaken in any lane that they wait in, nor within their package.

A job waits for every older one of its other lanes and of its package. Those behind it that
compete with it, for a class or for their package, wait with it; the others go on.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Connection,
    SmallInteger,
    Uuid,
    any_,
    bindparam,
    exists,
    func,
    literal,
    literal_column,
    not_,
    select,
    true,
    tuple_,
)

from models.booking_job import BookingJob, JobQueue, Priority
from models.desk import Job
from models.scope import Scope, Scopes


@dataclass(slots=True)
class Behind:
    """What the jobs that have to wait compete for; who comes later and wants it waits, too."""

    class_ids: set[int] = field(default_factory=set)
    package_ids: set[int] = field(default_factory=set)
    left_package_ids: set[int] = field(default_factory=set)
    """The packages of those that can't be decided for now."""

    def leaves(self, job: Job) -> bool:
        """Whether an older job of its package can't be decided for now, so that it can't either."""
        return job.student_package_id in self.left_package_ids

    def blocks(self, job: Job, scope: Scope) -> bool:
        """Whether the job competes with one that waits."""
        return job.student_package_id in self.package_ids or not self.class_ids.isdisjoint(
            scope.class_ids
        )

    def add(self, job: Job, scope: Scope) -> None:
        """Let those behind this job wait with it."""
        self.class_ids |= scope.class_ids
        if job.student_package_id is not None:
            self.package_ids.add(job.student_package_id)

    def add_left(self, job: Job) -> None:
        """Let its own package wait for this job, which can't be decided for now.

        Others don't: whoever keeps a row locked would hold up all that compete with the job.
        """
        if job.student_package_id is not None:
            self.left_package_ids.add(job.student_package_id)


@dataclass(slots=True)
class Turns:
    """Who may be decided now, and why the others may not.

    `held_back` wait for an older job of one of `older_lanes`, `behind` for one of this lane that
    waits itself; those `left` for one of their package that can't be decided for now.
    """

    now: list[Job] = field(default_factory=list)
    left: set[UUID] = field(default_factory=set)
    held_back: set[UUID] = field(default_factory=set)
    behind: set[UUID] = field(default_factory=set)
    older_lanes: set[int] = field(default_factory=set)


def take_turns(
    db: Connection,
    jobs: list[Job],
    scopes: Scopes,
    left: Collection[UUID] = (),
    kept: Collection[UUID] = (),
) -> Turns:
    """Sort out whose turn it is among a lane's oldest jobs, in their order.

    Those `left` were found undecidable a moment ago; of them, those `kept` keep their place, so
    that nobody overtakes them meanwhile. Read before any lock is taken: once an older job is seen
    decided, so is all that it came to.
    """
    older = _older_in_other_lanes(db, jobs)
    for job_id, lanes in _older_of_package(db, jobs).items():
        older.setdefault(job_id, set()).update(lanes)
    turns, behind = Turns(), Behind()
    for job in jobs:
        scope = scopes.of[job.id]
        if job.id in kept:
            behind.add(job, scope)
        elif job.id in left:
            behind.add_left(job)
        elif behind.blocks(job, scope):
            turns.behind.add(job.id)
            behind.add(job, scope)
        elif behind.leaves(job):
            turns.left.add(job.id)
            behind.add_left(job)
        elif job.id in older:
            turns.held_back.add(job.id)
            turns.older_lanes |= older[job.id]
            behind.add(job, scope)
        else:
            turns.now.append(job)
    return turns


def _older_in_other_lanes(db: Connection, jobs: list[Job]) -> dict[UUID, set[int]]:
    """For each job of several lanes, those in which somebody else comes before it."""
    places = [
        (job.id, lane, *job.place) for job in jobs if len(job.lanes) > 1 for lane in job.lanes
    ]
    if not places:
        return {}
    ids, lanes, priorities, arrivals = zip(*places, strict=True)
    wanted = (
        func.unnest(
            literal(list(ids), ARRAY(Uuid)),
            literal(list(lanes), ARRAY(SmallInteger)),
            literal(list(priorities), ARRAY(SmallInteger)),
            literal(list(arrivals), ARRAY(BigInteger)),
        )
        .table_valued("id", "lane", "priority", "arrival", name="wanted")
        .render_derived()
    )
    before = exists().where(
        JobQueue.lane == wanted.c.lane,
        tuple_(JobQueue.priority, JobQueue.arrival) < tuple_(wanted.c.priority, wanted.c.arrival),
        not_(JobQueue.job_id == any_(literal([job.id for job in jobs], ARRAY(Uuid)))),
    )
    found: dict[UUID, set[int]] = {}
    for row in db.execute(select(wanted.c.id, wanted.c.lane).where(before)):
        found.setdefault(row.id, set()).add(row.lane)
    return found


def _older_of_package(db: Connection, jobs: list[Job]) -> dict[UUID, set[int]]:
    """For each job, the lanes of older ones of its package that aren't among the jobs."""
    ours = {job.id for job in jobs}
    package_ids = {job.student_package_id for job in jobs}
    rows = db.execute(_QUEUED_OF_PACKAGES, {"package_ids": list(package_ids)}).all()
    others = [row for row in rows if row.id not in ours]
    found: dict[UUID, set[int]] = {}
    for row in others:
        for job in _of_package(jobs, row.student_package_id):
            if (row.priority, row.arrival) < job.place:
                found.setdefault(job.id, set()).update(row.lanes)
    return found


def _of_package(jobs: list[Job], package_id: int) -> Iterable[Job]:
    return (job for job in jobs if job.student_package_id == package_id)


_PACKAGE = (
    func.unnest(bindparam("package_ids", type_=ARRAY(BigInteger)))
    .table_valued("id", name="package")
    .render_derived()
)
_OF_PACKAGE = (
    select(BookingJob.id, BookingJob.student_package_id, BookingJob.arrival, BookingJob.lanes)
    .where(
        BookingJob.student_package_id == _PACKAGE.c.id,
        # written into the statement: a plan that is kept can use the index of what is queued then
        BookingJob.status == literal_column("'QUEUED'"),
    )
    # one package after the other: the planner doesn't know how long the queue is
    .offset(0)
    .lateral("of_package")
)
_PLACE = (
    select(JobQueue.priority)
    # each priority by its name, so that the queue's primary key finds the row at once
    .where(
        JobQueue.lane == _OF_PACKAGE.c.lanes[1],
        JobQueue.priority.in_(list(Priority)),
        JobQueue.arrival == _OF_PACKAGE.c.arrival,
    )
    .limit(1)
    .lateral("place")
)
_QUEUED_OF_PACKAGES = (
    select(*_OF_PACKAGE.c, _PLACE.c.priority)
    .select_from(_PACKAGE)
    .join(_OF_PACKAGE, true())
    .join(_PLACE, true())
)
