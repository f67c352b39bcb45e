"""Does what nobody was woken for: bookings go on while the broker is away."""

from datetime import timedelta

import structlog
from sqlalchemy.exc import DBAPIError

from models.deciding import decide_lane, is_locked_out
from models.event_publishing import publish_events
from models.job_lanes import overdue_lanes
from models.round import Decider

PATIENCE = timedelta(seconds=2)
"""How long a job may wait for a worker before the sweep decides it."""
EVENTS = 500

log = structlog.get_logger()


def sweep(decider: Decider) -> int:
    """Decide each lane whose oldest job has waited too long, and publish events that wait.

    Returns the jobs decided. Several sweeps at once are harmless: a lane is decided by one at a
    time. A lane behind a row that somebody else keeps locked is left for the next sweep.
    """
    with decider.engine.connect() as db:
        lanes = overdue_lanes(db, decider.clock() - PATIENCE)
    decided = sum(_sweep_lane(decider, lane) for lane in lanes)
    with decider.engine.begin() as db:
        publish_events(db, EVENTS)
    return decided


def _sweep_lane(decider: Decider, lane: int) -> int:
    try:
        return decide_lane(decider, lane)
    except DBAPIError as error:
        if not is_locked_out(error):
            raise
        log.warning("lane waits for a locked row", lane=lane)
        return 0
