"""Everybody's bookings."""

import pytest

from tests.app.rows import course_seat, job, seat
from tests.app.visitors import Visitor, refused_cursors
from tests.school import Course, School

PATH = "/api/admin/bookings"


@pytest.fixture
def course(school: School) -> Course:
    return school.course(capacity=10, sessions=3)


def test_a_booking_is_shown_with_whose_it_is_and_how_it_ended(
    staff: Visitor, school: School, course: Course
) -> None:
    student, package = course.enrol_one()
    made_by = job(school)
    booking = course_seat(
        course,
        course.sessions[0],
        student,
        package,
        status="CANCELLED",
        booking_metadata={"stepLabel": "Step 1"},
        cancelled_at=school.now,
        cancel_reason="Ill",
        created_by=student,
        booking_job_id=made_by,
        replaces_booking_id=77,
    )
    (shown,) = staff.items(PATH)
    assert shown["createdAt"].endswith("Z")
    assert shown["cancelledAt"].endswith("Z")
    assert shown.pop("createdAt")
    assert shown.pop("cancelledAt")
    assert shown == {
        "id": booking,
        "sessionId": course.sessions[0],
        "status": "CANCELLED",
        "bookingType": "COURSE_STEP",
        "courseStepId": course.step,
        "studentPackageId": package,
        "metadata": {"stepLabel": "Step 1"},
        "paymentStatus": "PAID",
        "changeUntil": shown["cancelUntil"],
        "cancelUntil": shown["changeUntil"],
        "userId": student,
        "studentName": shown["studentName"],
        "cancelReason": "Ill",
        "createdBy": student,
        "bookingJobId": made_by,
        "replacesBookingId": 77,
    }


def test_bookings_are_listed_page_by_page_the_newest_first(staff: Visitor, course: Course) -> None:
    student = course.school.person()
    made = [seat(course.school, session, student) for session in course.sessions]
    pages = list(staff.pages(PATH))
    assert [page["items"][0]["id"] for page in pages] == made[::-1]
    assert [page["items"][0]["id"] for page in staff.pages(PATH, studentId=student)] == made[::-1]


def test_bookings_are_listed_by_student_package_session_status_and_type(
    staff: Visitor, course: Course
) -> None:
    school, (first, second, _) = course.school, course.sessions
    ann, package = course.enrol_one()
    bea = school.person()
    again = school.package(ann, course.cohort)
    step = course_seat(course, first, ann, package)
    dropped = course_seat(course, second, ann, again, status="CANCELLED")
    workshop = seat(school, second, bea, booking_type="WORKSHOP")
    assert staff.ids(PATH, studentId=ann) == [dropped, step]
    assert staff.ids(PATH, packageId=package) == [step]
    assert staff.ids(PATH, packageId=again) == [dropped]
    assert staff.ids(PATH, packageId=999) == []
    assert staff.ids(PATH, packageId=package, studentId=bea) == []
    assert staff.ids(PATH, sessionId=second) == [workshop, dropped]
    assert staff.ids(PATH, status="CANCELLED") == [dropped]
    assert staff.ids(PATH, bookingType="WORKSHOP") == [workshop]
    assert staff.ids(PATH, bookingType="COURSE_STEP", status="CONFIRMED", sessionId=first) == [step]


def test_what_isnt_a_place_among_bookings_is_refused(staff: Visitor, course: Course) -> None:
    for session in course.sessions[:2]:
        seat(course.school, session, course.school.person())
    refused_cursors(staff, PATH, staff.get("/api/admin/sessions", {"limit": 1}).json["next"])
