"""What the sweep does by itself, without any broker."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Engine, text

from models.round import Decider
from models.sweeping import LANE_SECONDS, sweep
from tests.school import School


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


def test_a_lane_that_never_gets_empty_keeps_the_sweep_from_no_other(
    school: School, decider: Decider
) -> None:
    hot, quiet = school.course(capacity=10_000), school.course()
    long_ago = school.now - timedelta(minutes=1)
    first = hot.submit(*hot.enrol_one(), at=long_ago)
    waiting = quiet.submit(*quiet.enrol_one(), at=long_ago)
    assert school.job(first).lanes < school.job(waiting).lanes
    feeding_ends = time.monotonic() + 20 * LANE_SECONDS

    def clock_that_feeds() -> datetime:
        if time.monotonic() < feeding_ends:
            hot.submit(*hot.enrol_one(), at=long_ago)
        return decider.clock()

    sweep(replace(decider, clock=clock_that_feeds))
    assert time.monotonic() < feeding_ends
    assert school.job(waiting).status == "SUCCEEDED"


def test_a_lane_that_fails_keeps_the_sweep_from_no_other(
    school: School, decider: Decider, engine: Engine
) -> None:
    long_ago = school.now - timedelta(minutes=1)
    courses = [school.course() for _ in range(2)]
    broken, fine = sorted(
        (course.submit(*course.enrol_one(), at=long_ago) for course in courses),
        key=lambda job: school.job(job).lanes,
    )
    with unmarkable(engine, school.job(broken).lanes[0]):
        assert sweep(decider) == 1
    assert (school.job(broken).status, school.job(fine).status) == ("QUEUED", "SUCCEEDED")
    assert sweep(decider) == 1


@contextmanager
def unmarkable(engine: Engine, lane: int) -> Iterator[None]:
    """Nothing can be decided in this lane, for a reason that no rule foresees."""
    with engine.begin() as db:
        db.execute(
            text(f"ALTER TABLE deciding_marker ADD CONSTRAINT broken CHECK (lane <> {lane})")
        )
    try:
        yield
    finally:
        with engine.begin() as db:
            db.execute(text("ALTER TABLE deciding_marker DROP CONSTRAINT broken"))


def test_a_log_that_cant_be_written_keeps_no_booking_from_being_decided(
    school: School, decider: Decider, engine: Engine
) -> None:
    course = school.course()
    job = course.submit(*course.enrol_one(), at=school.now - timedelta(minutes=1))
    with engine.begin() as db:
        db.execute(text("LOCK TABLE event_log"))
        assert sweep(decider) == 1
    assert school.job(job).status == "SUCCEEDED"
    sweep(decider)
    assert school.rows("SELECT count(*) FROM event_log") == [(1,)]
