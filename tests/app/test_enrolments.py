"""What students see of what they bought."""

from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from app.settings import Settings
from models.enrolments import OFFERS_A_STEP
from models.round import Decider
from tests.app.students import Student, decide


def test_enrolments_show_each_step_with_its_booking_and_session(
    student: Student, decider: Decider
) -> None:
    before = student.get("/api/students/me/course-packages").json
    student.book()
    decide(decider)
    (package,) = student.get("/api/students/me/course-packages").json
    (step,) = package["steps"]

    assert before[0]["steps"][0]["booking"] is None
    assert before[0]["steps"][0]["progress"]["status"] == "UNBOOKED"
    assert set(package) == {
        *("packageId", "packageName", "status", "expiresAt", "program", "steps"),
    }
    assert set(step) == {
        *("stepId", "stepLabel", "stepTitle", "stepOrder", "isRequired"),
        *("progress", "booking", "session", "waitlist"),
    }
    assert set(step["session"]) == {
        *("id", "groupClassId", "groupClassName", "teacherName"),
        *("startAt", "endAt", "timeZone", "status"),
    }
    assert step["progress"]["bookingId"] == step["booking"]["id"]
    assert step["booking"]["metadata"]["stepLabel"] == "Step 1"
    assert step["session"]["id"] == step["booking"]["sessionId"]


def test_unbooked_steps_offer_what_can_be_booked(
    student: Student, client: FlaskClient, settings: Settings, decider: Decider
) -> None:
    school, course = student.course.school, student.course
    second = school.session(course.group_class, timedelta(days=9))
    school.session(course.group_class, -timedelta(days=1))
    school.session(course.group_class, timedelta(days=2), status="CANCELLED")
    Student(client, settings, course).book()
    decide(decider)
    (step,) = student.get(f"{student.path}/unbooked-steps").json

    offers = [(o["sessionId"], o["spotsAvailable"], o["isDefault"]) for o in step["options"]]
    assert offers == [(course.sessions[0], 0, False), (second, 1, True)]
    student.book()
    decide(decider)
    assert student.get(f"{student.path}/unbooked-steps").json == []


def test_a_pinned_session_alone_is_the_default(student: Student) -> None:
    school, course = student.course.school, student.course
    pinned = school.session(course.group_class, timedelta(days=9))
    school.pin(course.cohort, course.option, pinned)
    (step,) = student.get(f"{student.path}/unbooked-steps").json
    assert [(o["sessionId"], o["isDefault"]) for o in step["options"]] == [
        (course.sessions[0], False),
        (pinned, True),
    ]


def test_where_the_pinned_session_is_full_no_other_is_the_default(
    student: Student, decider: Decider
) -> None:
    school, course = student.course.school, student.course
    full = school.session(course.group_class, timedelta(days=9), capacity=0)
    school.pin(course.cohort, course.option, full)
    (step,) = student.get(f"{student.path}/unbooked-steps").json
    assert [o["isDefault"] for o in step["options"]] == [False, False]

    refused = student.book().headers["Location"]
    decide(decider)
    error = student.get(refused).json["error"]
    assert error["code"] == "session_full"
    assert [(a["sessionId"], a["isDefault"]) for a in error["alternatives"]] == [
        (course.sessions[0], False)
    ]


def test_a_pin_beyond_what_is_listed_still_passes_over_the_others(student: Student) -> None:
    school, course = student.course.school, student.course
    sessions = [
        school.session(course.group_class, timedelta(days=10 + day)) for day in range(OFFERS_A_STEP)
    ]
    school.pin(course.cohort, course.option, sessions[-1])
    (step,) = student.get(f"{student.path}/unbooked-steps").json
    assert len(step["options"]) == OFFERS_A_STEP
    assert not any(option["isDefault"] for option in step["options"])


def test_a_package_of_a_program_without_steps_is_listed_too(student: Student) -> None:
    school = student.course.school
    package = school.package(student.id, school.cohort(school.program(title="To come")))
    listed = student.get("/api/students/me/course-packages").json
    assert [(one["packageId"], len(one["steps"])) for one in listed] == [
        (student.package, 1),
        (package, 0),
    ]
    assert student.get(f"/api/students/me/course-packages/{package}/unbooked-steps").json == []


def test_while_the_database_is_not_migrated_the_answer_is_503(
    student: Student, engine: Engine
) -> None:
    with engine.begin() as db:
        db.execute(text("ALTER TABLE booking RENAME TO booking_of_before"))
        db.execute(text("ALTER TABLE alembic_version RENAME TO version_of_before"))
    try:
        answer = student.get("/api/students/me/course-packages")
    finally:
        with engine.begin() as db:
            db.execute(text("ALTER TABLE booking_of_before RENAME TO booking"))
            db.execute(text("ALTER TABLE version_of_before RENAME TO alembic_version"))
    assert (answer.status_code, answer.json["code"]) == (503, "database_unavailable")
    assert "Retry-After" in answer.headers
