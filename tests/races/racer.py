"""A process that decides whatever it finds, in every lane, until the test hangs up.

Lanes protect jobs of one class from each other only because they wait in one lane; several
racers with the jobs spread over all lanes have nothing but the row locks between them. What a
racer is told to go `WITHOUT` is a control: the test's own condition has to break then.
"""

import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from models import deciding, judging_batch, laying_desk, marker, recording
from models import round as rounds
from models.booking_job import JobQueue
from models.bulk_plan import Plan
from models.connection import make_engine
from models.deciding import decide_lane
from models.desk import Class, Desk, Job
from models.judging_batch import Judged
from models.laying_desk import LaidDesk
from models.policy import Policy
from models.turns import Turns

RACERS = 3
SMALL_BATCH = 10
"""Small, so that one batch doesn't decide a whole class before the others have begun."""
PATIENCE = "20s"
"""Waits longer than the database takes to find a deadlock, which would look like a wait else."""
TURN_SECONDS = 0.005
IDLE_SECONDS = 0.02
READ_SECONDS = 0.03
"""Longer than the racers need to begin, so that without row locks they do get in a tangle."""
ROUNDS_OF_ONE_LANE = "rounds of one lane"
"""No protection: without them a round takes other lanes, too, as it does outside of the races."""


def run(line: Connection, database_url: str, name: str, without: tuple[str, ...]) -> None:
    """Race until the other end of the line is closed, then tell what was logged, and how often."""
    logged: Counter[str] = Counter()
    structlog.configure(processors=[lambda *event: _count(logged, *event)])
    rounds.BATCH = SMALL_BATCH
    rounds.LOCK_TIMEOUT = rounds.SHORT_LOCK_TIMEOUT = PATIENCE
    deciding.TURN_SECONDS = TURN_SECONDS
    # whoever holds many lanes keeps the others out of them, and the races are for one seat
    take_others, rounds.take_others = rounds.take_others, lambda *_: []
    if ROUNDS_OF_ONE_LANE in without:
        rounds.take_others = take_others
    for protection in set(without) - {ROUNDS_OF_ONE_LANE}:
        WITHOUT[protection]()
    engine = make_engine(database_url, application=name)
    decider = rounds.Decider(
        engine=engine,
        clock=lambda: datetime.now(UTC),
        policy=Policy(timedelta(hours=24), timedelta(hours=24)),
        task_id=name,
    )
    line.send("ready")
    line.recv()  # so that all begin at once
    race(decider, line.poll)
    engine.dispose()
    line.send(logged)


def race(decider: rounds.Decider, has_ended: Callable[[], bool]) -> None:
    while not has_ended():
        with decider.engine.connect() as db:
            lanes = list(db.scalars(select(JobQueue.lane).distinct()))
        if sum(_decide(decider, lane, has_ended) for lane in in_some_order(lanes)) == 0:
            time.sleep(IDLE_SECONDS)


def in_some_order(lanes: list[int]) -> list[int]:
    """Each racer goes its own way, so that they meet in all combinations."""
    return random.sample(lanes, len(lanes))


def _decide(decider: rounds.Decider, lane: int, has_ended: Callable[[], bool]) -> int:
    try:
        return decide_lane(decider, lane, until=has_ended).decided
    except DBAPIError:
        structlog.get_logger().exception("a lane was left")
        return 0


def _count(logged: Counter[str], _logger: Any, _method: str, event: dict[str, Any]) -> Any:
    logged[event["event"]] += 1
    raise structlog.DropEvent


def _row_locks() -> None:
    """Nobody locks what they read, and others have the time to read the same."""
    judge = rounds.judge_batch

    def judge_later(laid: LaidDesk, batch: list[Job], *, patient: bool) -> Judged:
        time.sleep(READ_SECONDS)
        return judge(laid, batch, patient=patient)

    rounds.judge_batch = judge_later
    for name in ("_CLASSES", "_SESSIONS", "_JOBS", "_STUDENTS"):
        statements = getattr(laying_desk, name)
        for query in statements.values():
            query._for_update_arg = None  # noqa: SLF001 - taken out, for the control


def _lock_order() -> None:
    """Classes are locked one by one, in any order, and others have the time to lock the next."""
    lock_in_order = laying_desk._Locks.classes  # noqa: SLF001 - taken out, for the control

    def lock(locks: Any, desk: Desk, ids: set[int]) -> set[int]:
        locked: dict[int, Class] = {}
        for id_ in random.sample(sorted(ids), len(ids)):
            lock_in_order(locks, desk, {id_})
            locked |= desk.classes
            time.sleep(READ_SECONDS)
        desk.classes = locked
        return set(locked)

    laying_desk._Locks.classes = lock  # noqa: SLF001 - taken out, for the control


def _lanes() -> None:
    """Everybody decides the same jobs at the same time, and nobody takes the others for dead."""
    global in_some_order  # noqa: PLW0603 - this process does nothing but race
    in_some_order = sorted
    rounds.take_lane = lambda *_: True
    marker.suspects = lambda *_: []


def _turns() -> None:
    rounds.take_turns = lambda _db, jobs, *_: Turns(now=jobs)


def _precedence_of_the_waitlist() -> None:
    judging_batch._must_wait = lambda *_: False  # noqa: SLF001 - taken out, for the control


def _promotions() -> None:
    recording.queue_promotions = lambda *_: []


def _all_or_nothing() -> None:
    Plan.breaks_a_choice = False


def _requests_to_leave() -> None:
    Desk.may_be_promoted = lambda _, entry: entry.ended_at is None


WITHOUT = {
    "requests to leave": _requests_to_leave,
    "all or nothing": _all_or_nothing,
    "row locks": _row_locks,
    "lock order": _lock_order,
    "lanes": _lanes,
    "turns": _turns,
    "the waitlist's precedence": _precedence_of_the_waitlist,
    "promotions": _promotions,
}
