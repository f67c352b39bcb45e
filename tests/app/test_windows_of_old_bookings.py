"""A booking of the legacy system keeps no windows: all say of it what the rules say."""

from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.settings import Settings
from models.catalog import CourseSession
from models.round import Decider
from tests.app.rows import course_seat, seat
from tests.app.students import Student, decide
from tests.app.visitors import Visitor

HOUR = timedelta(hours=1)


@pytest.fixture
def old(student: Student) -> int:
    """The student's seat, in a program with windows of its own."""
    course = student.course
    course.school.change(
        "course_program", course.program, change_window_hours=48, cancel_window_hours=3
    )
    return course_seat(course, course.sessions[0], student.id, student.package)


def start_of(student: Student, session: int | None = None) -> datetime:
    """When the session begins, in whole milliseconds as answers are."""
    with student.course.school.engine.connect() as db:
        asked = CourseSession.id == (session or student.course.sessions[0])
        query = select(CourseSession.start_at).where(asked)
        start_at = db.scalars(query).one()
    return start_at.replace(microsecond=start_at.microsecond // 1000 * 1000)


def windows(booking: dict[str, str], start_at: datetime) -> tuple[timedelta, timedelta]:
    """How long before the start it can be changed and cancelled."""
    change, cancel = booking["changeUntil"], booking["cancelUntil"]
    return start_at - datetime.fromisoformat(change), start_at - datetime.fromisoformat(cancel)


@pytest.mark.usefixtures("old")
def test_the_student_is_answered_the_programs_windows(student: Student, decider: Decider) -> None:
    (package,) = student.get("/api/students/me/course-packages").json
    (step,) = package["steps"]
    assert windows(step["booking"], start_of(student)) == (48 * HOUR, 3 * HOUR)

    job = student.call("cancel").json
    decide(decider)
    cancelled = student.get(f"/api/jobs/{job['id']}").json["result"]["booking"]
    assert windows(cancelled, start_of(student)) == (48 * HOUR, 3 * HOUR)


def test_staff_are_answered_the_programs_windows_or_the_schools(
    client: FlaskClient, settings: Settings, student: Student, old: int
) -> None:
    course = student.course
    staff = Visitor(client, settings, course.school.person("STAFF"))
    other = course.school.session(course.group_class, timedelta(days=5))
    without_step = seat(course.school, other, course.school.person())
    found = {booking["id"]: booking for booking in staff.items("/api/admin/bookings")}
    assert windows(found[old], start_of(student)) == (48 * HOUR, 3 * HOUR)
    assert windows(found[without_step], start_of(student, other)) == (24 * HOUR, 24 * HOUR)
