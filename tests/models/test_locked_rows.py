"""A row that somebody else keeps locked holds up no more than has to wait for it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Engine, text

from models.deciding import decide_lane
from models.lanes import LANES
from models.round import Decider
from models.sweeping import sweep
from tests.school import School

SECONDS = 8


@contextmanager
def locked(engine: Engine, table: str, row_id: int) -> Iterator[None]:
    with engine.connect() as db:
        db.execute(text(f"SELECT id FROM {table} WHERE id = {row_id} FOR UPDATE"))
        yield


def after(seconds: float) -> Callable[[], bool]:
    """So that a look that never ends fails at once, not when the test's time is over."""
    ends = time.monotonic() + seconds

    def is_over() -> bool:
        assert time.monotonic() < ends, "the look at the lane didn't end"
        return False

    return is_over


def lane_of(school: School, job: UUID) -> int:
    (lane,) = school.job(job).lanes
    return lane


def test_the_sweep_leaves_a_locked_lane_and_decides_the_others(
    school: School, decider: Decider, engine: Engine
) -> None:
    courses = [school.course() for _ in range(3)]
    long_ago = school.now - timedelta(minutes=1)
    jobs = [course.submit(*course.enrol_one(), at=long_ago) for course in courses]
    lanes = [lane_of(school, job) for job in jobs]
    first = lanes.index(min(lanes))
    with locked(engine, "group_class", courses[first].group_class):
        assert sweep(decider) == 2
    assert school.job(jobs[first]).status == "QUEUED"
    assert school.job(jobs[first]).attempts == 0
    assert sweep(decider) == 1


def test_a_locked_class_holds_up_no_other_class_of_its_lane(
    school: School, decider: Decider, engine: Engine
) -> None:
    courses = [school.course(class_id=16 * LANES), school.course(class_id=17 * LANES)]
    jobs = [[c.submit(*one) for one in c.enrol(2)] for c in courses]
    with locked(engine, "group_class", courses[0].group_class):
        visit = decide_lane(decider, 0)

    assert (visit.decided, visit.left) == (2, set(jobs[0]))
    assert {school.job(job).status for job in jobs[1]} == {"SUCCEEDED"}
    assert decide_lane(decider, 0).decided == 2


def test_a_locked_session_holds_up_its_class_and_no_other(
    school: School, decider: Decider, engine: Engine
) -> None:
    courses = [school.course(class_id=16 * LANES), school.course(class_id=17 * LANES)]
    jobs = [c.submit(*c.enrol_one()) for c in courses]
    with locked(engine, "session", courses[0].sessions[0]):
        visit = decide_lane(decider, 0)

    assert (visit.decided, visit.left) == (1, {jobs[0]})
    assert school.job(jobs[0]).attempts == 0


def test_a_locked_student_holds_up_no_other_student(
    school: School, decider: Decider, engine: Engine
) -> None:
    course = school.course()
    enrolled = course.enrol(3)
    jobs = [course.submit(*one) for one in enrolled]
    lane = lane_of(school, jobs[0])
    with locked(engine, "user_account", enrolled[0][0]):
        visit = decide_lane(decider, lane)

    assert (visit.decided, visit.left) == (2, {jobs[0]})
    assert decide_lane(decider, lane).decided == 1


def test_a_look_at_a_lane_ends_when_a_locked_student_has_two_jobs_there(
    school: School, decider: Decider, engine: Engine
) -> None:
    """The second waits for the first, which can't be decided: there is nothing more to do."""
    course = school.course()
    student, package = course.enrol_one()
    jobs = [course.submit(student, package) for _ in range(3)]
    neighbour = course.submit(*course.enrol_one())
    lane = lane_of(school, jobs[0])
    with locked(engine, "user_account", student):
        visit = decide_lane(decider, lane, until=after(SECONDS))

    assert (visit.decided, visit.left) == (1, set(jobs))
    assert school.job(neighbour).status == "SUCCEEDED"
    assert decide_lane(decider, lane).decided == 3


def test_a_look_at_a_lane_ends_when_a_job_itself_is_locked(
    school: School, decider: Decider, engine: Engine
) -> None:
    course = school.course()
    job, neighbour = (course.submit(*one) for one in course.enrol(2))
    lane = lane_of(school, job)
    with engine.connect() as db:
        db.execute(text("SELECT FROM booking_job WHERE id = :id FOR UPDATE"), {"id": job})
        visit = decide_lane(decider, lane, until=after(SECONDS))

    assert (visit.decided, visit.left) == (1, {job})
    assert school.job(neighbour).status == "SUCCEEDED"
    assert decide_lane(decider, lane).decided == 1


def test_references_to_locked_rows_are_written_meanwhile(
    school: School, engine: Engine, decider: Decider
) -> None:
    """Why the locks are `FOR NO KEY UPDATE`: the stronger kind would stop new packages."""
    course = school.course()
    student, package = course.enrol_one()
    job = course.submit(student, package)
    lane = lane_of(school, job)
    looks: list[None] = []
    written: list[None] = []

    def clock_that_buys_and_adds() -> object:
        looks.append(None)
        if len(looks) == 2:  # all locks are held now
            with engine.begin() as db:
                db.execute(text("SET LOCAL lock_timeout = '200ms'"))
                db.execute(
                    text(
                        "INSERT INTO student_package (user_id, course_cohort_id, package_name)"
                        " VALUES (:student, :cohort, 'Another')"
                    ),
                    {"student": student, "cohort": course.cohort},
                )
                db.execute(
                    text(
                        "INSERT INTO session (group_class_id, start_at, end_at, capacity_max)"
                        " VALUES (:id, now(), now() + interval '1 h', 1)"
                    ),
                    {"id": course.group_class},
                )
            written.append(None)
        return decider.clock()

    visit = decide_lane(replace(decider, clock=clock_that_buys_and_adds), lane)
    assert (visit.decided, len(written)) == (1, 1)
