"""One round of deciding: a transaction that judges some jobs of a lane and writes the outcome.

Take the lane → peek at its oldest jobs → mark them → lock what they need → claim those still
queued → judge each → write everything → commit.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Connection,
    Engine,
    Integer,
    Text,
    bindparam,
    case,
    cast,
    false,
    func,
    select,
    true,
    update,
)

from models import marker
from models.booking_job import STILL_QUEUED, BookingJob, DecidingMarker, JobQueue
from models.desk import Job
from models.finishing import fail_job
from models.judging_batch import judge_batch
from models.laying_desk import lay_desk, peek
from models.policy import Policy
from models.promotion_jobs import Queued
from models.recording import record, record_dry_run
from models.scope import read_scopes
from models.turns import take_turns
from models.use_cases import first_batch

BATCH = 100
ATTEMPTS = 5
LOCK_TIMEOUT = "1s"
SHORT_LOCK_TIMEOUT = "200ms"
"""With jobs of other lanes beside: all of these lanes are held while one of them has to wait."""
LANE_LOCK = 0x4C414E45
"""The advisory lock's first key: "LANE" in ASCII."""


@dataclass(frozen=True, slots=True)
class Decider:
    """Who decides: the database, the time, the school's policy and the task's id, if a task."""

    engine: Engine
    clock: Callable[[], datetime]
    policy: Policy
    task_id: str | None = None


@dataclass(slots=True)
class Round:
    """What one round came to; `busy` when somebody else has the lane.

    Of the jobs peeked at, `held_back` wait for an older one, in one of `older_lanes`, and `behind`
    for one of this lane that waits itself; `left` for a row that somebody keeps locked; `waiting`
    for the next round: they need more than was locked, or the waitlist comes first. `promotions`
    were queued. Of jobs beside them, in other lanes, it is told how many were decided only.
    """

    decided: int = 0
    busy: bool = False
    left: set[UUID] = field(default_factory=set)
    held_back: set[UUID] = field(default_factory=set)
    behind: set[UUID] = field(default_factory=set)
    waiting: set[UUID] = field(default_factory=set)
    older_lanes: set[int] = field(default_factory=set)
    suspects: list[UUID] = field(default_factory=list)
    promotions: list[Queued] = field(default_factory=list)


def decide_batch(
    decider: Decider,
    lane: int,
    *,
    left: Collection[UUID] = (),
    kept: Collection[UUID] = (),
    patient: bool = True,
    beside: set[int] | None = None,
) -> Round:
    """Decide the oldest jobs of a lane together, but for those that were `left` before.

    Of those, nobody overtakes the ones that are `kept` in their place. Where the lane has fewer
    than a batch, those of other lanes are decided beside them: a round costs the most of it
    however few its jobs are. Not without a set `beside`, to which these lanes are added as they are
    taken: whatever becomes of the round, others may have found them taken and left.

    Decides nothing when the lane is taken, or when an earlier decider died over some of its
    jobs: those are returned as suspects, to be decided one by one. Who isn't `patient` leaves
    the jobs that need a locked row, instead of waiting for it.
    """
    with decider.engine.begin() as db:
        if not take_lane(db, lane):
            return Round(busy=True)
        suspects = marker.suspects(db, lane)
        if suspects:
            return Round(suspects=suspects)
        jobs = peek(db, lane, BATCH + len(left))
        if not jobs:
            return Round()
        others = []
        if beside is not None:
            others = take_others(db, lane, BATCH - len(jobs))
            beside.update(others)
        return _decide_peeked(
            db, decider, lane, jobs, others=others, left=left, kept=kept, patient=patient
        )


def decide_alone(decider: Decider, lane: int, job_id: UUID) -> Round:
    """Decide one job by itself, its attempt counted beforehand, or give it up after five."""
    with decider.engine.begin() as db:
        if not take_lane(db, lane):
            return Round(busy=True)
        jobs = peek(db, lane, 1, only=[job_id])
        if not jobs:
            marker.unmark(db, [lane])
            return Round()
        marker.mark(decider.engine, [lane], jobs)
        if not _count_attempt(decider.engine, job_id):
            fail_job(db, jobs[0], decider.clock(), decider.task_id)
            marker.unmark(db, [lane])
            return Round(decided=1)
        alone = _decide_peeked(db, decider, lane, jobs)
    if not alone.decided:
        uncount_attempt(decider.engine, job_id)
    return alone


def uncount_attempt(engine: Engine, job_id: UUID) -> None:
    """Take an attempt back that ended in nothing that the job could be blamed for."""
    with engine.begin() as db:
        # it may have ended even before it was counted
        counted = _QUEUED_JOB.where(BookingJob.attempts > 0)
        db.execute(counted.values(attempts=BookingJob.attempts - 1), {"job_id": job_id})


def take_lane(db: Connection, lane: int) -> bool:
    """Take the lane until this transaction ends; False when somebody else has it.

    In this transaction a lock is waited for shortly only: behind a long one its jobs are left,
    so that others don't wait with them. And no table is read whole where an index will do,
    however short the planner believes the queue to be.
    """
    return bool(db.execute(_TAKE_LANE, {"lane": lane, "patience": LOCK_TIMEOUT}).one()[-1])


def take_others(db: Connection, lane: int, room: int) -> list[int]:
    """Take other lanes that hold about as many jobs, the longest waiting first.

    Lanes that somebody else has, or died over, are left alone. With others a lock is waited for
    even more shortly.
    """
    if room <= 0:
        return []
    given = {"lane": lane, "room": room, "patience": SHORT_LOCK_TIMEOUT}
    return list(db.scalars(_TAKE_OTHERS, given).all())


def _decide_peeked(
    db: Connection,
    decider: Decider,
    lane: int,
    jobs: list[Job],
    *,
    others: Sequence[int] = (),
    left: Collection[UUID] = (),
    kept: Collection[UUID] = (),
    patient: bool = True,
) -> Round:
    """Decide those of the peeked jobs, and of those beside them, whose turn it is."""
    own, lanes = {job.id for job in jobs}, [lane, *others]
    if others:
        jobs = _with_jobs_beside(db, jobs, others)
    scopes = read_scopes(db, jobs)
    turns = take_turns(db, jobs, scopes, left, kept)
    came_to = Round(
        left=turns.left & own,
        held_back=turns.held_back & own,
        behind=turns.behind & own,
        older_lanes=turns.older_lanes,
    )
    batch = first_batch(turns.now)
    if not batch:
        marker.unmark(db, lanes)
        return came_to
    marker.mark(decider.engine, lanes, batch)
    laid = lay_desk(db, batch, scopes.all_of(batch), decider.clock, decider.policy, patient=patient)
    judged = judge_batch(laid, batch, patient=patient)
    if batch[0].is_dry_run:
        record_dry_run(db, laid.desk, judged.verdicts, decider.task_id)
    else:
        came_to.promotions = record(db, laid.desk, judged.verdicts, decider.task_id)
    marker.unmark(db, lanes)
    came_to.left |= judged.left & own
    came_to.waiting = judged.waiting & own
    came_to.decided = len(judged.verdicts)
    return came_to


def _with_jobs_beside(db: Connection, jobs: list[Job], others: Sequence[int]) -> list[Job]:
    """The jobs and the oldest of other lanes, a batch in all, in their order."""
    known = {job.id for job in jobs}
    beside = [job for job in peek(db, others, BATCH - len(jobs)) if job.id not in known]
    return sorted([*jobs, *beside], key=lambda job: job.place)


def _count_attempt(engine: Engine, job_id: UUID) -> bool:
    """Count an attempt that is about to begin; False when the job has had its last one."""
    with engine.begin() as db:
        counted = db.execute(
            _QUEUED_JOB.where(BookingJob.attempts < ATTEMPTS).values(
                attempts=BookingJob.attempts + 1
            ),
            {"job_id": job_id},
        )
        return counted.rowcount > 0


_TAKE_LANE = select(
    func.set_config("lock_timeout", bindparam("patience", type_=Text), true()),
    func.set_config("enable_seqscan", "off", true()),
    func.pg_try_advisory_xact_lock(LANE_LOCK, bindparam("lane", type_=Integer)),
)
_WAITING = (
    select(
        JobQueue.lane,
        func.count().label("jobs"),
        func.min(JobQueue.arrival).label("oldest"),
    )
    .where(JobQueue.lane != bindparam("lane"), JobQueue.lane.not_in(select(DecidingMarker.lane)))
    .group_by(JobQueue.lane)
    .cte("waiting")
)
_AHEAD = select(
    _WAITING.c.lane,
    (func.sum(_WAITING.c.jobs).over(order_by=_WAITING.c.oldest) - _WAITING.c.jobs).label("before"),
).cte("ahead")
# only the lanes that are wanted may be locked, in whatever order the conditions are looked at
_TAKE_OTHERS = select(
    _AHEAD.c.lane,
    func.set_config("lock_timeout", bindparam("patience", type_=Text), true()),
).where(
    case(
        (
            _AHEAD.c.before < bindparam("room", type_=Integer),
            func.pg_try_advisory_xact_lock(LANE_LOCK, cast(_AHEAD.c.lane, Integer)),
        ),
        else_=false(),
    )
)
_QUEUED_JOB = update(BookingJob).where(BookingJob.id == bindparam("job_id"), STILL_QUEUED)
