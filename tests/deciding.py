"""Decides whatever is queued, as workers would, in the test's own thread."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import text

from models.deciding import decide_lane
from models.round import Decider
from tests.school import Course, Pupil


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


def booked(
    course: Course, decider: Decider, session: int | None = None, **package: object
) -> Pupil:
    """A new student of the course who holds a seat for its step."""
    pupil = course.pupil(**package)
    job = pupil.book(session)
    decide_all(decider)
    course.school.result(job)
    return pupil


def waiting(
    course: Course, decider: Decider, session: int | None = None, **package: object
) -> Pupil:
    """A new student of the course who waits for a seat, of any session unless one is given."""
    pupil = course.pupil(**package)
    job = pupil.join(session)
    decide_all(decider)
    course.school.result(job)
    return pupil


def _lanes(decider: Decider) -> list[int]:
    with decider.engine.connect() as db:
        return list(db.scalars(text("SELECT DISTINCT lane FROM job_queue ORDER BY lane")))


def _always(at: datetime) -> Callable[[], datetime]:
    return lambda: at
