"""What staff do to students' bookings."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.settings import Settings
from models.round import Decider
from tests.app.deeds import REASON, WAIVED, Deeds
from tests.app.job_shapes import BOOKING, PROGRESS
from tests.app.rows import course_seat, seat
from tests.app.students import Student
from tests.app.visitors import Visitor
from tests.school import DAY, HOUR, School

NONE = 2**63 - 1


@pytest.fixture
def step(student: Student) -> dict[str, Any]:
    """What names the student's step."""
    return {
        "packageId": student.package,
        "courseStepId": student.course.step,
        "courseStepOptionId": student.course.option,
    }


@pytest.fixture
def option(student: Student) -> dict[str, int]:
    return {"courseStepOptionId": student.course.option}


def at(session: int) -> dict[str, int]:
    return {"sessionId": session}


def test_a_step_is_booked_for_its_student(
    deeds: Deeds, student: Student, step: dict[str, Any]
) -> None:
    job = deeds("/bookings", step)
    assert (job["kind"], job["status"]) == ("BOOK_STEP", "SUCCEEDED")
    result = job["result"]
    assert set(result) == {"booking", "progress"}
    assert (set(result["booking"]), set(result["progress"])) == (BOOKING, PROGRESS)
    (package,) = student.get("/api/students/me/course-packages").json
    assert package["steps"][0]["booking"] == result["booking"]
    assert deeds.refusal("/bookings", step) == "step_already_booked"


def test_a_kind_of_booking_may_be_spelled_out(deeds: Deeds, step: dict[str, Any]) -> None:
    assert deeds("/bookings", step | {"bookingType": "COURSE_STEP"})["status"] == "SUCCEEDED"


@pytest.mark.parametrize("kind", ["DROP_IN", "WORKSHOP"])
def test_anybody_is_seated_without_a_package(deeds: Deeds, school: School, kind: str) -> None:
    session, person = school.session(school.group_class(1)), school.person()
    body = {"bookingType": kind, "userId": person, "sessionId": session}
    job = deeds("/bookings", body)
    assert (job["kind"], set(job["result"])) == ("BOOK_SEAT", {"booking", "progress"})
    booking = job["result"]["booking"]
    assert (set(booking), booking["bookingType"]) == (BOOKING, kind)
    assert (booking["courseStepId"], booking["studentPackageId"]) == (None, None)
    assert job["result"]["progress"] is None
    assert deeds.refusal("/bookings", body) == "already_in_session"
    other = body | {"userId": school.person()}
    assert deeds.refusal("/bookings", other) == "session_full"
    cancelled = deeds.result(f"/bookings/{booking['id']}/cancel", REASON)
    assert set(cancelled) == {"success", "booking", "progress"}
    assert (cancelled["booking"]["status"], cancelled["progress"]) == ("CANCELLED", None)


def test_waiting_for_a_booking_answers_201(
    staff: Visitor, step: dict[str, Any], deciding: None
) -> None:
    answer = staff.post("/api/admin/bookings", step, Prefer="wait=10")
    assert (answer.status_code, answer.headers["Preference-Applied"]) == (201, "wait=10")
    refused = staff.post("/api/admin/bookings", step, Prefer="wait=10")
    assert (refused.status_code, refused.json["status"]) == (200, "REFUSED")


def test_what_the_body_names_is_judged_by_the_worker(
    deeds: Deeds, student: Student, step: dict[str, Any], school: School
) -> None:
    for wrong, code in (
        ({"packageId": NONE}, "option_invalid"),
        ({"courseStepId": NONE}, "option_invalid"),
        ({"courseStepOptionId": NONE}, "option_invalid"),
        (at(NONE), "session_invalid"),
        (at(school.session(school.group_class())), "session_invalid"),
    ):
        assert deeds.refusal("/bookings", step | wrong) == code, wrong
    seat_there = {
        "bookingType": "DROP_IN",
        "userId": student.id,
        "sessionId": student.course.sessions[0],
    }
    assert deeds.refusal("/bookings", seat_there | {"userId": NONE}) == "student_invalid"
    assert deeds.refusal("/bookings", seat_there | at(NONE)) == "session_invalid"


def test_a_booking_is_changed_for_its_student(
    deeds: Deeds, student: Student, option: dict[str, int]
) -> None:
    course = student.course
    later = course.school.session(course.group_class, 9 * DAY)
    booking = course_seat(course, course.sessions[0], student.id, student.package)
    path = f"/bookings/{booking}/change"
    for wrong, code in (
        ({"courseStepOptionId": NONE}, "option_invalid"),
        (option | at(NONE), "session_invalid"),
        (option | at(course.sessions[0]), "same_session"),
    ):
        assert deeds.refusal(path, wrong) == code, wrong
    result = deeds.result(path, option | at(later))
    assert (set(result), set(result["booking"])) == ({"booking", "progress"}, BOOKING)
    assert result["booking"]["sessionId"] == later
    # the booking that the path names is there, but holds no seat any more
    assert deeds.refusal(path, option | at(course.sessions[0])) == "not_booked"
    assert deeds.refusal(f"/bookings/{booking}/cancel", REASON) == "not_booked"


def test_a_seat_without_a_step_has_no_options_to_change_to(
    deeds: Deeds, school: School, option: dict[str, int]
) -> None:
    booking = seat(school, school.session(school.group_class()), school.person())
    assert deeds.refusal(f"/bookings/{booking}/change", option) == "option_invalid"


def test_an_override_waives_windows_and_is_audited(
    deeds: Deeds, student: Student, option: dict[str, int]
) -> None:
    course = student.course
    soon, later = (course.school.session(course.group_class, s) for s in (5 * HOUR, 9 * DAY))
    booking = course_seat(course, soon, student.id, student.package)
    change, cancel = f"/bookings/{booking}/change", f"/bookings/{booking}/cancel"
    assert deeds.refusal(change, option | at(later)) == "too_late_to_change"
    assert deeds.refusal(cancel, REASON) == "too_late_to_cancel"
    result = deeds.result(change, option | at(later) | WAIVED)
    assert result["booking"]["sessionId"] == later
    (entry,) = deeds.visitor.items("/api/admin/audit")
    assert entry["reason"] == WAIVED["override"]["reason"]


def test_an_override_cancels_after_the_window_too(deeds: Deeds, student: Student) -> None:
    course = student.course
    soon = course.school.session(course.group_class, 5 * HOUR)
    booking = course_seat(course, soon, student.id, student.package)
    result = deeds.result(f"/bookings/{booking}/cancel", REASON | WAIVED)
    assert set(result) == {"success", "booking", "progress"}
    assert result["progress"]["status"] == "UNBOOKED"


def test_an_override_waives_the_order_of_steps(
    deeds: Deeds, school: School, client: FlaskClient, settings: Settings
) -> None:
    course = school.course(ordered=True)
    second, group_class = school.step(course.program, 2), school.group_class()
    early = school.session(group_class, DAY)
    student = Student(client, settings, course)
    course_seat(course, course.sessions[0], student.id, student.package)
    body = {
        "packageId": student.package,
        "courseStepId": second,
        "courseStepOptionId": school.option(second, group_class),
        "sessionId": early,
    }
    assert deeds.refusal("/bookings", body) == "out_of_order"
    assert deeds.result("/bookings", body | WAIVED)["booking"]["sessionId"] == early


def test_an_override_waives_nothing_else(
    deeds: Deeds, student: Student, step: dict[str, Any], school: School
) -> None:
    session = student.course.sessions[0]
    seat(school, session, school.person())
    assert deeds.refusal("/bookings", step | WAIVED) == "session_full"
    with school.engine.begin() as db:
        db.execute(text("UPDATE course_program SET booking_opens_at = now() + interval '1 day'"))
    assert deeds.refusal("/bookings", step | WAIVED) == "not_open_yet"
    with school.engine.begin() as db:
        db.execute(text("UPDATE student_package SET expires_at = now() - interval '1 day'"))
    assert deeds.refusal("/bookings", step | WAIVED) == "package_expired"


def test_staffs_jobs_go_ahead_of_students(  # noqa: PLR0917 - fixtures
    staff: Visitor,
    student: Student,
    step: dict[str, Any],
    client: FlaskClient,
    settings: Settings,
    decider: Decider,
) -> None:
    other = Student(client, settings, student.course)
    waiting = other.book().headers["Location"]
    job = Deeds(staff, decider)("/bookings", step)
    assert job["status"] == "SUCCEEDED"
    assert other.get(waiting).json["error"]["code"] == "session_full"
