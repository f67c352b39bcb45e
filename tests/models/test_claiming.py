"""What changes between the peek and the locks: seen behind them, never overlooked."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, text

from app.clock import utc_now
from models.deciding import decide_lane
from models.finishing import finish_jobs
from models.round import Decider
from models.withdrawing import withdraw
from tests.models.test_locked_rows import lane_of
from tests.school import HOUR, School

BEFORE_THE_LOCKS, BEHIND_THE_LOCKS = 1, 2


def at_look(number: int, decider: Decider, act: Callable[[], object]) -> Decider:
    """A decider that lets something happen when it looks at its clock for that time."""
    looks = []

    def clock() -> datetime:
        looks.append(None)
        if len(looks) == number:
            act()
        return decider.clock()

    return replace(decider, clock=clock)


def test_a_job_withdrawn_after_the_peek_is_not_booked(
    school: School, decider: Decider, engine: Engine
) -> None:
    course = school.course()
    student, package = course.enrol_one()
    job = course.submit(student, package)

    def take_back() -> None:
        with engine.begin() as db:
            withdraw(db, job, student, utc_now())

    decide_lane(at_look(BEFORE_THE_LOCKS, decider, take_back), lane_of(school, job))
    assert school.job(job).status == "WITHDRAWN"
    assert school.seats_taken(course.sessions[0]) == 0


def test_an_option_moved_to_a_class_that_is_not_locked_waits_for_the_next_round(
    school: School, decider: Decider, engine: Engine
) -> None:
    course = school.course()
    elsewhere = school.group_class()
    there = school.session(elsewhere)
    job = course.submit(*course.enrol_one())

    def move_the_option() -> None:
        with engine.begin() as db:
            db.execute(
                text("UPDATE course_step_option SET group_class_id = :there WHERE id = :id"),
                {"there": elsewhere, "id": course.option},
            )

    lane = lane_of(school, job)
    visit = decide_lane(at_look(BEHIND_THE_LOCKS, decider, move_the_option), lane)
    assert (visit.decided, visit.left) == (1, set())
    assert school.job(job).result["booking"]["session_id"] == there


def test_whether_a_session_has_started_is_judged_when_the_locks_are_had(
    school: School, decider: Decider
) -> None:
    course = school.course(sessions=0)
    soon = school.session(course.group_class, HOUR)
    job = course.submit(*course.enrol_one(), soon)
    times = iter([school.now, school.now + 2 * HOUR])
    waited = replace(decider, clock=lambda: next(times, school.now + 2 * HOUR))

    decide_lane(waited, lane_of(school, job))
    assert school.job(job).error["code"] == "session_started"


def test_an_outcome_is_given_once(school: School, decider: Decider, db: Connection) -> None:
    course = school.course()
    job = course.submit(*course.enrol_one())
    decide_lane(decider, lane_of(school, job))
    again = {"job_id": job, "status": "REFUSED", "result": None, "error": {"code": "x"}}
    finish_jobs(db, [again], utc_now() + timedelta(days=1), None)
    db.commit()
    assert school.job(job).status == "SUCCEEDED"
