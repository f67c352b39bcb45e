"""Does what nobody was woken for: bookings go on while the broker is away."""

import time
from collections.abc import Callable
from datetime import timedelta

import structlog

from models.deciding import Visit, decide_lanes
from models.event_publishing import publish_events
from models.job_lanes import overdue_lanes
from models.round import Decider

PATIENCE = timedelta(seconds=2)
"""How long a job may wait for a worker before the sweep decides it."""
LANE_SECONDS = 0.3
"""How long the sweep stays in a lane that never gets empty, before it looks after the next."""
EVENTS = 500

log = structlog.get_logger()


def sweep(decider: Decider, must_end: Callable[[], bool] = lambda: False) -> int:
    """Decide each lane whose oldest job has waited too long, and publish events that wait.

    Returns the jobs decided. Several sweeps at once are harmless: a lane is decided by one at a
    time. Jobs behind a row that somebody else keeps locked are left for the next sweep, and so
    is a lane that fails. Looks between two rounds whether it `must_end`. Raises what SQLAlchemy
    raises when the database is away.
    """
    with decider.engine.connect() as db:
        lanes = overdue_lanes(db, decider.clock() - PATIENCE)
    decided = 0
    for lane in lanes:
        if must_end():
            break
        decided += _sweep_lane(decider, lane, must_end)
        _publish(decider)
    _publish(decider)
    return decided


def _sweep_lane(decider: Decider, lane: int, must_end: Callable[[], bool]) -> int:
    ends = time.monotonic() + LANE_SECONDS
    visit = Visit()

    def is_over() -> bool:
        return must_end() or time.monotonic() > ends

    try:
        decide_lanes(decider, [lane], until=is_over, visit=visit)
    except Exception:  # whatever it is, the other lanes' jobs have no part in it
        log.exception("lane is left for the next sweep", lane=lane)
    return visit.decided


def _publish(decider: Decider) -> None:
    try:
        with decider.engine.begin() as db:
            publish_events(db, EVENTS)
    except Exception:  # whatever it is, bookings have no part in it
        log.exception("events are left for the next sweep")
