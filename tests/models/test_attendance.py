"""Attendance: who came has completed the step; who did not keeps it until staff release it."""

from typing import Any

import pytest

from models.round import Decider
from tests.deciding import booked, decide_all
from tests.school import Course, Pupil, School, Staff

pytestmark = pytest.mark.usefixtures("sound")


@pytest.fixture
def course(school: School) -> Course:
    return school.course(sessions=2)


@pytest.fixture
def staff(school: School) -> Staff:
    return school.staff()


@pytest.fixture
def pupil(course: Course, decider: Decider) -> Pupil:
    return booked(course, decider, course.sessions[0])


def marks(staff: Staff, decider: Decider, pupil: Pupil, status: str) -> Any:
    session = pupil.sits_in()
    assert session is not None
    job = staff.mark(session, {pupil.booking().id: status})
    decide_all(decider)
    return staff.school.result(job)


def progress(pupil: Pupil) -> Any:
    [(status,)] = pupil.school.rows(
        "SELECT status FROM student_course_step_progress WHERE student_package_id = :id",
        id=pupil.package,
    )
    return status


@pytest.mark.parametrize(
    ("status", "step"),
    [("ATTENDED", "COMPLETED"), ("NO_SHOW", "BOOKED"), ("CONFIRMED", "BOOKED")],
)
def test_what_a_mark_means_for_the_step(
    staff: Staff, decider: Decider, pupil: Pupil, status: str, step: str
) -> None:
    result = marks(staff, decider, pupil, status)

    assert pupil.booking().status == status
    assert progress(pupil) == step
    assert pupil.school.seats_taken(pupil.booking().session_id) == 1
    [marked] = result["bookings"]
    assert (marked["booking"]["status"], marked["progress"]["status"]) == (status, step)


def test_a_mark_can_be_taken_back(staff: Staff, decider: Decider, pupil: Pupil) -> None:
    seen = []
    for status in ("ATTENDED", "NO_SHOW", "ATTENDED", "CONFIRMED"):
        marks(staff, decider, pupil, status)
        seen.append(progress(pupil))
    assert seen == ["COMPLETED", "BOOKED", "COMPLETED", "BOOKED"]


def test_a_guest_is_marked_without_a_step(
    school: School, staff: Staff, decider: Decider, course: Course
) -> None:
    made = staff.book_seat(school.person(), course.sessions[0])
    decide_all(decider)
    booking = school.result(made)["booking"]["id"]
    job = staff.mark(course.sessions[0], {booking: "ATTENDED"})
    decide_all(decider)
    assert school.result(job)["bookings"][0]["progress"] is None
    assert school.rows("SELECT status FROM booking") == [("ATTENDED",)]


@pytest.mark.parametrize("fault", ["unknown", "cancelled", "of another session"])
def test_booking_invalid_marks_nobody(
    staff: Staff, decider: Decider, course: Course, pupil: Pupil, fault: str
) -> None:
    gone = booked(course, decider, course.sessions[0])
    wrong = {
        "unknown": 999_999,
        "cancelled": gone.booking().id,
        "of another session": booked(course, decider, course.sessions[1]).booking().id,
    }[fault]
    gone.cancel()
    decide_all(decider)
    job = staff.mark(course.sessions[0], {pupil.booking().id: "ATTENDED", wrong: "ATTENDED"})
    decide_all(decider)

    assert staff.school.refusal(job) == "booking_invalid"
    assert pupil.booking().status == "CONFIRMED"
    assert progress(pupil) == "BOOKED"


def test_a_no_show_keeps_the_step_until_staff_release_it(
    school: School, staff: Staff, decider: Decider, course: Course, pupil: Pupil
) -> None:
    marks(staff, decider, pupil, "NO_SHOW")
    again = pupil.book(course.sessions[1])
    decide_all(decider)
    assert school.refusal(again) == "step_already_booked"

    staff.cancel(pupil.booking().id, "Second chance", override="Was in hospital")
    decide_all(decider)
    assert progress(pupil) == "UNBOOKED"
    again = pupil.book(course.sessions[1])
    decide_all(decider)
    school.result(again)
