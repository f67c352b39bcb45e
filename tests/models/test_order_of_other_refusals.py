"""Where staff change a booking, and in the waitlist, the first reason counts too."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, select, text

from models.booking_job import JobKind, Priority
from models.deciding import decide_lane
from models.policy import Policy
from models.round import Decider
from models.staff_targets import booking_target, session_target
from models.submitting import Request, Target, submit
from models.waitlist import WaitlistSkip
from tests.models.test_locked_rows import lane_of
from tests.school import DAY, School


def deed(school: School, kind: JobKind, target: Target | None, **body: Any) -> Any:
    """A job of staff, accepted as the API does."""
    assert target is not None
    request = Request(
        kind=kind,
        submitted_by=school.person("STAFF"),
        target=target,
        body=body,
        priority=Priority.STAFF,
        submitted_from="192.0.2.1",
    )
    with school.engine.begin() as db:
        return submit(db, request, school.now).job.id


def test_a_change_of_a_booking_that_is_gone_tells_first_that_the_package_was_cancelled(
    school: School, decider: Decider, engine: Engine
) -> None:
    course = school.course(sessions=2)
    student, package = course.enrol_one()
    booked = course.submit(student, package, course.sessions[0])
    decide_lane(decider, lane_of(school, booked))
    booking = school.job(booked).result["booking"]["id"]
    with engine.connect() as db:
        target = booking_target(db, booking, course.option)
    cancelled = course.submit(student, package, kind=JobKind.CANCEL_STEP)
    decide_lane(decider, lane_of(school, cancelled))
    change = deed(school, JobKind.CHANGE_STEP, target, course_step_option_id=course.option)
    with engine.begin() as db:
        db.execute(text("UPDATE student_package SET status = 'CANCELLED'"))

    decide_lane(decider, lane_of(school, change))

    assert school.job(change).error["code"] == "package_inactive"


def test_a_change_of_a_booking_that_is_gone_says_so(
    school: School, decider: Decider, engine: Engine
) -> None:
    course = school.course(sessions=2)
    student, package = course.enrol_one()
    booked = course.submit(student, package, course.sessions[0])
    decide_lane(decider, lane_of(school, booked))
    booking = school.job(booked).result["booking"]["id"]
    with engine.connect() as db:
        target = booking_target(db, booking, course.option)
    moved = course.submit(student, package, course.sessions[1], kind=JobKind.CHANGE_STEP)
    decide_lane(decider, lane_of(school, moved))

    change = deed(school, JobKind.CHANGE_STEP, target, course_step_option_id=course.option)
    decide_lane(decider, lane_of(school, change))

    error = school.job(change).error
    assert error["code"] == "not_booked"
    assert "cancelled or changed meanwhile" in error["message"]


def test_who_is_passed_over_hears_of_the_package_before_the_window(
    school: School, engine: Engine
) -> None:
    """They wait to swap; then the window closes, and the session moves past the package's end."""
    course = school.course(sessions=0)
    held, full = (
        school.session(course.group_class, days * DAY, capacity=capacity)
        for days, capacity in ((2, 1), (3, 0))
    )
    student, package = course.enrol_one(expires_at=school.now + 4 * DAY)
    clock = [school.now]
    decider = Decider(engine, lambda: clock[0], Policy())
    jobs = [
        course.submit(student, package, held),
        course.submit(student, package, full, kind=JobKind.JOIN_WAITLIST),
    ]
    lane = lane_of(school, jobs[0])
    decide_lane(decider, lane)
    assert [school.job(job).status for job in jobs] == ["SUCCEEDED", "SUCCEEDED"]

    clock[0] = school.now + 2 * DAY - timedelta(hours=1)
    with engine.connect() as db:
        target = session_target(db, full)
    start = school.now + 5 * DAY
    times = {"start_at": start.isoformat(), "end_at": (start + timedelta(hours=1)).isoformat()}
    deed(school, JobKind.MOVE_SESSION, target, reason="room", **times)
    deed(school, JobKind.SET_CAPACITY, target, reason="room", capacity_max=1)
    decide_lane(decider, lane)

    with engine.connect() as db:
        assert list(db.scalars(select(WaitlistSkip.code))) == ["package_expired"]
