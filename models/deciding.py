"""Decides the queued jobs of a lane, whatever happens on the way.

Delivering the same wake-up twice is harmless, because a job already decided is no longer in
the queue.

- A deadlock, a timeout or a lost connection: the round is tried again, no attempt is counted.
- A row that somebody else keeps locked: the jobs that need it are left for later.
- Any other exception: the batch is rolled back and its jobs are decided one by one, so that one
  poisonous job ends `FAILED` after five attempts and its neighbours don't notice.
- A job that kills its process leaves the lane's marker behind; whoever comes next decides the
  marked jobs one by one in the same way.
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from models import marker
from models.booking_job import STILL_QUEUED, BookingJob
from models.database_faults import is_doubtful, is_locked_out, is_passing
from models.in_set import in_set
from models.laying_desk import peek
from models.promotion_jobs import Queued
from models.round import BATCH, Decider, Round, decide_alone, decide_batch, uncount_attempt

TRANSIENT_TRIES = 4

TURN_SECONDS = 0.05
TURNS = 10
"""How often, and for how long, to wait while somebody else decides an older job."""

REST_SECONDS = (0.0, 0.05, 0.1, 0.2, 0.2, 0.0)
"""Before each of a breaking job's five attempts, and before it is given up; its lane waits."""

log = structlog.get_logger()


@dataclass(slots=True)
class Visit:
    """What looking after some lanes came to.

    `left` are jobs that couldn't be decided now; of them, those `kept` wait for an older one that
    somebody is about to decide, so that nobody may overtake them; in the next lane they are those
    that `waited`, and no longer left. `promotions` are those that were queued on the way, `passed`
    the lanes in which only what came before was decided, `beside` those that were held for a round
    of another lane; once such a round broke, each is decided `alone`.
    """

    decided: int = 0
    left: set[UUID] = field(default_factory=set)
    kept: set[UUID] = field(default_factory=set)
    waited: set[UUID] = field(default_factory=set)
    promotions: list[Queued] = field(default_factory=list)
    passed: set[int] = field(default_factory=set)
    beside: set[int] = field(default_factory=set)
    alone: bool = False

    def add(self, batch: Round) -> None:
        """Take in what a round came to."""
        self.decided += batch.decided
        self.promotions += batch.promotions


def decide_lanes(
    decider: Decider, lanes: Iterable[int], *, until: Callable[[], bool], visit: Visit
) -> list[Queued]:
    """Decide these lanes, and look again into those that were decided in passing.

    Who found such a lane taken meanwhile counts on it. Returns jobs for which a worker has to be
    woken: promotions in a lane which isn't looked at any more and, when `until` has said so, one
    for each lane that should have been; but for these lanes themselves.
    """
    own = list(lanes)
    to_visit, again, waiting = list(own), set[int](), list[Queued]()
    looks = Counter[int]()
    while to_visit or (to_visit := _beside(decider, visit, looks)):
        lane = to_visit.pop(0)
        known, decided = len(visit.promotions), visit.decided
        visit.passed.clear()
        decide_lane(decider, lane, until=until, visit=visit)
        if visit.decided > decided:
            looks.clear()
        passed = visit.passed.difference(again, to_visit, [lane])
        again |= passed
        to_visit += sorted(passed)
        # those of this lane are decided already, or wait with the rest of it
        waiting += [one for one in visit.promotions[known:] if one.lane not in [lane, *to_visit]]
        if until():
            unfinished = visit.beside.union([lane], to_visit).difference(own)
            waiting += _oldest_of(decider, unfinished, visit)
            break
    if visit.waited:
        visit.left |= _still_queued(decider, visit.waited)
    return waiting


def _still_queued(decider: Decider, jobs: set[UUID]) -> set[UUID]:
    queued = select(BookingJob.id).where(in_set(BookingJob.id, jobs), STILL_QUEUED)
    with decider.engine.connect() as db:
        return set(db.scalars(queued))


def _oldest_of(decider: Decider, lanes: set[int], visit: Visit) -> list[Queued]:
    """A job of each of these lanes that has one which could be decided."""
    with decider.engine.connect() as db:
        return [
            Queued(job.id, lane)
            for lane in sorted(lanes)
            for job in peek(db, lane, 1, without=visit.left)
        ]


def _beside(decider: Decider, visit: Visit, looks: Counter[int]) -> list[int]:
    """The lanes that were held beside others and have jobs now, which nobody else looks after.

    Each so often at the most while nothing is decided: jobs that wait for somebody else would be
    looked at without end.
    """
    lanes = [lane for lane in sorted(visit.beside) if looks[lane] < TURNS]
    visit.beside.clear()
    if not lanes:
        return []
    looks.update(lanes)
    with decider.engine.connect() as db:
        waiting = peek(db, lanes, BATCH, without=visit.left)
    places = [lane for job in waiting for lane in job.lanes if lane in lanes]
    # behind a full batch there may be more, in any of them
    return sorted(set(places)) if len(places) < BATCH else lanes


def decide_lane(
    decider: Decider,
    lane: int,
    *,
    until: Callable[[], bool] = lambda: False,
    visit: Visit | None = None,
) -> Visit:
    """Decide the lane's jobs until none is left, and look once more after the last commit.

    Leaves at once when somebody else has the lane: they will look again. Stops between two
    rounds once `until` says so. What is decided is added to `visit` as it is committed. Raises
    what SQLAlchemy raises when the database stays away.
    """
    visit = visit or Visit()
    # in another lane their turn may have come
    visit.left -= visit.kept
    visit.waited |= visit.kept
    visit.kept.clear()
    patience = TURNS
    while not until():
        batch = _decide_batch(decider, lane, visit, visit.left, visit.kept)
        visit.add(batch)
        if batch.busy:
            break
        fresh = batch.left - visit.left
        visit.left |= batch.left
        if batch.decided or batch.suspects or fresh:
            continue
        older = _decide_older(decider, batch.older_lanes, visit)
        if patience and _is_worth_another_look(batch, older):
            patience -= 1
            continue
        # who comes before is being decided: nobody may overtake those who wait for it
        kept = bool(older.decided) or older.busy
        if not _give_up(batch, visit, kept=kept) and not _somebody_waits(decider, lane, visit):
            break
    return visit


def _is_worth_another_look(batch: Round, older: Round) -> bool:
    """Whether somebody's turn may have come, or all may be locked now that was needed."""
    if older.decided or not batch.held_back:
        return bool(older.decided or batch.waiting)
    if older.left:
        return False
    time.sleep(TURN_SECONDS)
    return True


def _give_up(batch: Round, visit: Visit, *, kept: bool) -> set[UUID]:
    """Leave those who have waited in vain, so that the others can be looked at; returns them.

    Those who wait for an older job are `kept` in their place, or may be overtaken.
    """
    stuck = batch.held_back | batch.waiting
    if kept:
        visit.kept |= batch.held_back
    if not stuck:
        # those before them have kept their place
        stuck = batch.behind
        visit.kept |= stuck
    stuck = stuck - visit.left
    visit.left |= stuck
    return stuck


def _decide_older(decider: Decider, lanes: set[int], visit: Visit) -> Round:
    """Decide what comes before some jobs, wherever it waits, and what comes before that in turn.

    `busy` when somebody else has one of these lanes.
    """
    older, is_busy = Round(), False
    looked_at: set[int] = set()
    while lanes - looked_at and not older.decided:
        lane = min(lanes - looked_at)
        looked_at.add(lane)
        batch = _decide_batch(decider, lane, visit)
        _add(older, batch)
        is_busy = is_busy or batch.busy
        lanes = lanes | batch.older_lanes
    older.busy = is_busy
    visit.passed |= looked_at
    visit.add(older)
    return older


def _somebody_waits(decider: Decider, lane: int, visit: Visit) -> bool:
    """Whether a job came in while the lane was held for a last, empty look.

    Its own task found the lane taken and left, so this is the look that it counts on.
    """
    with decider.engine.connect() as db:
        return bool(peek(db, lane, 1, without=visit.left))


def _decide_batch(
    decider: Decider,
    lane: int,
    visit: Visit,
    left: Collection[UUID] = (),
    kept: Collection[UUID] = (),
) -> Round:
    try:
        batch = _decide_together(decider, lane, visit, left, kept)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is raised or laid to its jobs
        batch = Round(suspects=_suspects_of(error, decider, lane))
    if batch.suspects:
        _decide_suspects(decider, lane, batch)
    return batch


def _decide_together(
    decider: Decider, lane: int, visit: Visit, left: Collection[UUID], kept: Collection[UUID]
) -> Round:
    if not visit.alone:
        try:
            return _patiently(lambda: _decide_with_others(decider, lane, visit, left, kept))
        except Exception as error:  # noqa: BLE001 - whatever it is, it may be the other lanes'
            visit.alone = True
            log.warning("a lane is decided without others", lane=lane, reason=type(error).__name__)
    try:
        return _patiently(lambda: decide_batch(decider, lane, left=left, kept=kept))
    except DBAPIError as error:
        if not is_locked_out(error):
            raise
        log.warning("some jobs of a lane wait for a locked row", lane=lane)
    return _patiently(lambda: decide_batch(decider, lane, left=left, kept=kept, patient=False))


def _decide_with_others(
    decider: Decider, lane: int, visit: Visit, left: Collection[UUID], kept: Collection[UUID]
) -> Round:
    held = set[int]()
    try:
        return decide_batch(decider, lane, left=left, kept=kept, beside=held)
    except Exception:
        # they would be taken for those of a process that died, the next attempt's too
        if held:
            marker.unmark_others(decider.engine, lane)
        raise
    finally:
        visit.beside |= held


def _patiently(attempt: Callable[[], Round]) -> Round:
    """Try again after what passes by itself.

    A COMMIT that was cut off may have come through: the next attempt reads the queue anew and
    finds its jobs decided.
    """
    for tried in range(1, TRANSIENT_TRIES):
        try:
            return attempt()
        except (DBAPIError, PoolTimeout) as error:
            if not is_passing(error) or is_locked_out(error):
                raise
            log.warning("round is tried again", reason=type(error).__name__, tried=tried)
            time.sleep(random.uniform(0.02, 0.1) * tried)  # noqa: S311 - spreads rivals, no secret
    return attempt()


def _suspects_of(error: Exception, decider: Decider, lane: int) -> list[UUID]:
    """The jobs that a failed batch consisted of; raises the error when it can't be theirs."""
    if is_passing(error):
        raise error
    with decider.engine.connect() as db:
        suspects = marker.marked(db, lane)
    if not suspects:
        raise error
    log.error("batch failed, its jobs are decided one by one", lane=lane, exc_info=error)
    return suspects


def _decide_suspects(decider: Decider, lane: int, batch: Round) -> None:
    """Decide each suspect by itself, in their order; who breaks is tried five times at once.

    Ends early when somebody else has the lane. Raises the error when each of several jobs meets
    one that may as well be the database's, or when a job can't even be given up.
    """
    doubted: dict[UUID, Exception] = {}
    for job_id in batch.suspects:
        try:
            _add(batch, _decide_until_final(decider, lane, job_id))
        except DBAPIError as error:
            if not is_doubtful(error):
                raise
            doubted[job_id] = error
        if batch.busy:
            return
    if len(doubted) == len(batch.suspects) > 1:
        raise doubted[batch.suspects[0]]
    for job_id in doubted:
        if not batch.busy:
            _add(batch, _decide_until_final(decider, lane, job_id, doubt=False))


def _decide_until_final(decider: Decider, lane: int, job_id: UUID, *, doubt: bool = True) -> Round:
    """Try one job until it is decided or given up.

    With `doubt`, an error that others may meet too counts for nothing and is raised at once.
    """
    for rest in REST_SECONDS:
        time.sleep(rest)
        try:
            return _decide_suspect(decider, lane, job_id)
        except Exception as error:
            if is_passing(error):
                raise
            if doubt and is_doubtful(error):
                uncount_attempt(decider.engine, job_id)
                raise
            log.exception("job failed", job_id=str(job_id))
            last = error
    raise last


def _decide_suspect(decider: Decider, lane: int, job_id: UUID) -> Round:
    def attempt() -> Round:
        try:
            return decide_alone(decider, lane, job_id)
        except Exception as error:
            if is_passing(error):
                uncount_attempt(decider.engine, job_id)
            raise

    try:
        return _patiently(attempt)
    except DBAPIError as error:
        if not is_locked_out(error):
            raise
        return Round(left={job_id})


def _add(batch: Round, alone: Round) -> None:
    batch.busy = alone.busy
    batch.decided += alone.decided
    batch.left |= alone.left
    batch.held_back |= alone.held_back
    batch.older_lanes |= alone.older_lanes
    batch.promotions += alone.promotions
