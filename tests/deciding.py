"""Decides whatever is queued, as workers would, in the test's own thread."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import text

from models.deciding import decide_lane
from models.round import Decider


def decide_all(decider: Decider, at: datetime | None = None) -> int:
    """Decide every queued job, promotions included; at this time where one is given.

    Returns how many were decided. Fails when a job can't be decided.
    """
    if at is not None:
        decider = replace(decider, clock=_always(at))
    decided = 0
    while lanes := _lanes(decider):
        now_decided = sum(decide_lane(decider, lane).decided for lane in lanes)
        assert now_decided, f"jobs in lanes {lanes} stay queued"
        decided += now_decided
    return decided


def _lanes(decider: Decider) -> list[int]:
    with decider.engine.connect() as db:
        return list(db.scalars(text("SELECT DISTINCT lane FROM job_queue ORDER BY lane")))


def _always(at: datetime) -> Callable[[], datetime]:
    return lambda: at
