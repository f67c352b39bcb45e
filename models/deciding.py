"""Decides the queued jobs of a lane, whatever happens on the way.

Delivering the same wake-up twice is harmless, because a job already decided is no longer in
the queue.

- A deadlock, a timeout or a lost connection: the round is tried again, no attempt is counted.
- Any other exception: the batch is rolled back and its jobs are decided one by one, so that one
  poisonous job ends `FAILED` after five attempts and its neighbours don't notice.
- A job that kills its process leaves the lane's marker behind; whoever comes next decides the
  marked jobs one by one in the same way.
"""

import random
import time
from collections.abc import Callable
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from models import marker
from models.laying_desk import peek
from models.round import Decider, Round, decide_alone, decide_batch, uncount_attempt

TRANSIENT_TRIES = 4
TIMED_OUT_STATES = {"25P03", "25P04"}
"""idle_in_transaction_session_timeout and transaction_timeout, which count as internal errors."""

LOCKED_OUT = "55P03"
"""lock_not_available: lock_timeout ran out."""

TURN_SECONDS = 0.05
TURNS = 10
"""How often, and for how long, to wait for an older job that somebody else is deciding."""

log = structlog.get_logger()


def decide_lane(decider: Decider, lane: int, *, until: Callable[[], bool] = lambda: False) -> int:
    """Decide the lane's jobs until none is left, and look once more after the last commit.

    Leaves at once when somebody else has the lane: they will look again. Stops between two
    rounds once `until` says so. Returns how many jobs were decided. Raises OperationalError
    when the database stays away.
    """
    total, patience = 0, TURNS
    while not until():
        batch = _decide_batch(decider, lane)
        # what is first in turn is decided first, in whatever lane it waits
        batch.decided += sum(_decide_batch(decider, other).decided for other in batch.older_lanes)
        total += batch.decided
        if batch.older_lanes and not batch.decided and patience > 0:
            patience -= 1
            time.sleep(TURN_SECONDS)
            continue
        if batch.busy or (batch.peeked and not batch.decided):
            break
        if not batch.peeked and not batch.suspects and not _somebody_waits(decider, lane):
            break
    return total


def _somebody_waits(decider: Decider, lane: int) -> bool:
    """Whether a job came in while the lane was held for a last, empty look.

    Its own task found the lane taken and left, so this is the look that it counts on.
    """
    with decider.engine.connect() as db:
        return bool(peek(db, lane, 1))


def is_passing(error: Exception) -> bool:
    """Whether trying again can help: a deadlock, a timeout or a lost connection."""
    if isinstance(error, OperationalError | PoolTimeout):
        return True
    return isinstance(error, DBAPIError) and (
        error.connection_invalidated or getattr(error.orig, "sqlstate", None) in TIMED_OUT_STATES
    )


def is_locked_out(error: Exception) -> bool:
    """Whether somebody else kept a row locked for too long; trying at once again is no help."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) == LOCKED_OUT


def _decide_batch(decider: Decider, lane: int) -> Round:
    try:
        batch = _patiently(lambda: decide_batch(decider, lane))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is raised or laid to its jobs
        batch = Round(suspects=_suspects_of(error, decider, lane))
    for job_id in batch.suspects:
        alone = _decide_suspect(decider, lane, job_id)
        if alone.busy:
            return Round(decided=batch.decided, busy=True)
        batch.decided += alone.decided
    return batch


def _suspects_of(error: Exception, decider: Decider, lane: int) -> list[UUID]:
    """The jobs that a failed batch consisted of; raises the error when it can't be theirs."""
    if is_passing(error):
        raise error
    with decider.engine.connect() as db:
        suspects = marker.suspects(db, lane)
    if not suspects:
        raise error
    log.error("batch failed, its jobs are decided one by one", lane=lane, exc_info=error)
    return suspects


def _decide_suspect(decider: Decider, lane: int, job_id: UUID) -> Round:
    """Try one job until it is decided, given up, or somebody else has the lane."""
    while True:
        try:
            return decide_alone(decider, lane, job_id)
        except Exception as error:
            if is_passing(error):
                uncount_attempt(decider.engine, job_id)
                raise
            log.exception("job failed", job_id=str(job_id))


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
