"""What is done from time to time: the invariants are proved and told, waits in vain end."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from app import create_app
from app.settings import Settings
from models.deciding import decide_lane
from models.lanes import lane_of
from models.round import Decider
from tasks.upkeep import check_invariants, end_passed_waits
from tests.school import Course, School

pytestmark = pytest.mark.usefixtures("maildir")


@pytest.fixture
def client(engine: Engine, settings: Settings) -> FlaskClient:
    return create_app(settings).test_client()


def booked(school: School, decider: Decider) -> Course:
    course = school.course(capacity=1)
    course.submit(*course.enrol_one())
    decide_lane(decider, lane_of(course.group_class))
    return course


def wait_for(school: School, course: Course, session: int | None) -> None:
    student, package = course.enrol_one()
    with school.engine.begin() as db:
        db.execute(
            text(
                "INSERT INTO waitlist_entry (user_id, student_package_id, course_step_id,"
                " course_step_option_id, group_class_id, session_id, joined_at, booking_job_id)"
                " VALUES (:student, :package, :step, :option, :class, :session, now(),"
                " gen_random_uuid())"
            ),
            {
                "student": student,
                "package": package,
                "step": course.step,
                "option": course.option,
                "class": course.group_class,
                "session": session,
            },
        )


def test_the_metrics_say_how_many_rows_break_each_rule(
    school: School, decider: Decider, engine: Engine, client: FlaskClient
) -> None:
    booked(school, decider)
    assert "thrive_invariants_checked_timestamp_seconds" not in client.get("/metrics").text

    assert check_invariants() == 0
    assert 'thrive_invariant_violations{rule="seats_counted"} 0.0' in client.get("/metrics").text

    with engine.begin() as db:
        db.execute(text("UPDATE session SET seats_taken = 0"))
    assert check_invariants() == 2
    told = client.get("/metrics").text
    assert 'thrive_invariant_violations{rule="seats_counted"} 1.0' in told
    assert 'thrive_invariant_violations{rule="no_overlap"} 0.0' in told
    assert "thrive_invariants_checked_timestamp_seconds" in told


def test_who_waited_for_a_session_that_has_started_waits_no_more(
    school: School, decider: Decider, engine: Engine
) -> None:
    course = booked(school, decider)
    gone = school.session(course.group_class, timedelta(minutes=-5), capacity=0)
    for session in (gone, course.sessions[0], None):
        wait_for(school, course, session)

    assert end_passed_waits() == 1
    with engine.connect() as db:
        entries = db.execute(text("SELECT status, end_reason FROM waitlist_entry ORDER BY id"))
        assert entries.all() == [
            ("ENDED", "SESSION_PASSED"),
            ("WAITING", None),
            ("WAITING", None),
        ]
    assert end_passed_waits() == 0
