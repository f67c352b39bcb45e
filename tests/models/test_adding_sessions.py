"""A session that staff add is there for whoever comes next."""

from sqlalchemy import Engine

from models.booking_job import JobKind, Priority
from models.deciding import decide_lane
from models.round import Decider
from models.staff_targets import class_target
from models.submitting import Request, submit
from tests.models.test_locked_rows import lane_of
from tests.school import DAY, HOUR, School


def test_a_session_added_a_moment_before_a_booking_can_be_booked(
    school: School, decider: Decider, engine: Engine
) -> None:
    """Both are decided in one batch; the class's only other session is full, and later."""
    course = school.course(capacity=0)
    student, package = course.enrol_one()
    start = school.now + 2 * DAY
    with engine.begin() as db:
        target = class_target(db, course.group_class)
        assert target is not None
        times = {"start_at": start.isoformat(), "end_at": (start + HOUR).isoformat()}
        request = Request(
            kind=JobKind.ADD_SESSION,
            submitted_by=school.person("STAFF"),
            target=target,
            body=times | {"capacity_max": 1},
            priority=Priority.STAFF,
            submitted_from="192.0.2.1",
        )
        added = submit(db, request, school.now).job
    booked = course.submit(student, package)

    decide_lane(decider, lane_of(school, booked))

    assert added is not None
    session = school.job(added.id).result["session"]["id"]
    assert school.job(booked).status == "SUCCEEDED"
    assert school.job(booked).result["booking"]["session_id"] == session
    assert school.seats_taken(session) == 1
