"""A row that somebody else keeps locked holds up no more than has to wait for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Engine, text

from app.settings import Settings
from models.connection import make_engine
from models.deciding import decide_lane
from models.round import Decider
from models.sweeping import sweep
from tests.school import Course, School


@contextmanager
def locked_class(engine: Engine, course: Course) -> Iterator[None]:
    with engine.connect() as db:
        db.execute(
            text("SELECT id FROM group_class WHERE id = :id FOR UPDATE"),
            {"id": course.group_class},
        )
        yield


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
    with locked_class(engine, courses[first]):
        assert sweep(decider) == 2
    assert school.job(jobs[first]).status == "QUEUED"
    assert school.job(jobs[first]).attempts == 0
    assert sweep(decider) == 1


def test_the_sweep_publishes_events_that_nobody_was_woken_for(
    school: School, decider: Decider, engine: Engine
) -> None:
    course = school.course()
    course.submit(*course.enrol_one(), at=school.now - timedelta(minutes=1))
    sweep(decider)
    with engine.connect() as db:
        assert db.execute(text("SELECT position, type FROM event_log")).all() == [
            (1, "course.step.booked")
        ]


def test_jobs_of_one_package_are_decided_in_their_order_across_lanes(
    school: School, decider: Decider, engine: Engine
) -> None:
    course = school.course()
    other_class = school.group_class()
    school.session(other_class)
    other_option = school.option(course.step, other_class)
    student, package = course.enrol_one()
    older = course.submit(student, package)
    younger = school.submit(student, package, course.step, other_option)
    assert lane_of(school, older) != lane_of(school, younger)
    with locked_class(engine, course):
        visit = decide_lane(decider, lane_of(school, younger))
    assert (visit.decided, visit.left) == (0, {younger})

    assert decide_lane(decider, lane_of(school, younger)).decided == 2
    assert school.job(older).status == "SUCCEEDED"
    assert school.job(younger).error["code"] == "step_already_booked"


def test_deciding_leaves_nothing_on_the_connection_for_a_pooler_to_lose(
    school: School, decider: Decider, settings: Settings
) -> None:
    one_connection = make_engine(settings.database_url, pool_size=1)
    course = school.course(capacity=20)
    for enrolled in course.enrol(12):
        job = course.submit(*enrolled)
        decide_lane(replace(decider, engine=one_connection), lane_of(school, job))
    with one_connection.connect() as db:
        assert db.scalar(text("SELECT count(*) FROM pg_prepared_statements")) == 0
        assert db.scalar(text("SHOW lock_timeout")) == "3s"
    one_connection.dispose()
