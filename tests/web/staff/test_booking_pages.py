"""Everybody's bookings: found, changed, cancelled and made for their students."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import insert

from models.booking import Booking, BookingStatus
from tests.school import DAY, Course, Pupil, School
from tests.web.browsing import Browser, text_of
from tests.web.staff.deeds import done, hidden, really, send

pytestmark = pytest.mark.usefixtures("decided", "deciding")


def test_bookings_are_found_by_student_session_and_status(
    staff: Browser, school: School, course: Course, pupil: Pupil
) -> None:
    school.change("user_account", pupil.id, name="Ada Lovelace")
    school.person(name="Ada Byron")

    assert "Ada Lovelace" in staff.read("/staff/bookings")
    assert "Ada Lovelace" in staff.read("/staff/bookings?q=lovelace&status=CONFIRMED")
    assert "There is no such booking" in staff.read("/staff/bookings?q=lovelace&status=NO_SHOW")
    several = staff.read("/staff/bookings?q=ada")
    assert "Who is meant?" in several
    assert "Ada Byron" in several
    assert "Nobody is called like that" in staff.read("/staff/bookings?q=nobody")
    other = course.sessions[1]
    assert "There is no such booking" in staff.read(f"/staff/bookings?sessionId={other}")
    assert "Ada Lovelace" in staff.read(f"/staff/bookings?studentId={pupil.id}")
    for query in ("sessionId=x", "status=GONE", "cursor=x", "studentId=x"):
        assert staff.get(f"/staff/bookings?{query}").status_code == 422, query


def test_many_bookings_are_listed_in_pages(
    staff: Browser, school: School, course: Course, pupil: Pupil
) -> None:
    row = {
        "user_id": pupil.id,
        "session_id": course.sessions[0],
        "group_class_id": course.group_class,
        "status": BookingStatus.CANCELLED,
        "cancelled_at": school.now,
    }
    with school.engine.begin() as db:
        db.execute(insert(Booking), [row | {"booking_type": "DROP_IN"}] * 60)

    first = staff.get("/staff/bookings")
    assert len(first.data) < 100_000
    assert first.text.count('<th scope="row"') == 50
    later = re.search(r'href="([^"]*cursor=[^"]*)"', first.text)
    assert later
    assert staff.get(later[1].replace("&amp;", "&")).text.count('<th scope="row"') == 11


def test_a_booking_is_changed_and_cancelled_for_its_student(
    staff: Browser, course: Course, pupil: Pupil
) -> None:
    page = f"/staff/bookings/{pupil.booking().id}"

    assert "The student can cancel it until" in staff.read(page)
    fields = hidden(staff, f"{page}/change") | {"choice": f"{course.option}-{course.sessions[1]}"}
    assert "Done" in done(staff, f"{page}/change", fields)
    assert pupil.sits_in() == course.sessions[1]
    assert "Cancelled" in staff.read(page)
    page = f"/staff/bookings/{pupil.booking().id}"
    assert "an earlier booking" in staff.read(page)
    without_reason = staff.post(f"{page}/cancel", hidden(staff, f"{page}/cancel"))
    assert without_reason.status_code == 422
    assert "Please fill this in" in text_of(without_reason)
    fields = hidden(staff, f"{page}/cancel") | {"reason": "By phone"}
    assert "Done" in done(staff, f"{page}/cancel", fields)
    assert pupil.sits_in() is None
    assert "By phone" in staff.read(page)


def test_what_is_too_late_is_done_with_an_exception_only(
    staff: Browser, school: School, course: Course, pupil: Pupil
) -> None:
    booking = pupil.booking().id
    school.change("booking", booking, cancel_until=school.now - timedelta(hours=1))
    school.change("booking", booking, change_until=school.now - timedelta(hours=1))
    page = f"/staff/bookings/{booking}"
    choice = {"choice": f"{course.option}-{course.sessions[1]}"}

    fields = hidden(staff, f"{page}/change") | choice
    refused = done(staff, f"{page}/change", fields)
    assert "Not possible" in refused
    assert "Not possible" in done(
        staff, f"{page}/cancel", hidden(staff, f"{page}/cancel") | {"reason": "Ill"}
    )
    told = done(staff, f"{page}/change", fields | {"exception": "Train was late"})
    assert "Train was late" in told
    page = f"/staff/bookings/{pupil.booking().id}"
    school.change("booking", pupil.booking().id, cancel_until=school.now - timedelta(hours=1))
    fields = hidden(staff, f"{page}/cancel") | {"reason": "Ill", "exception": "1"}
    assert "Done" in done(staff, f"{page}/cancel", fields)
    assert "Train was late" in staff.read("/staff/audit")


def test_a_step_is_booked_for_a_student(staff: Browser, school: School, course: Course) -> None:
    pupil = course.pupil()
    school.change("user_account", pupil.id, name="Noor New")
    found = re.search(r'href="(/staff/students/\d+)"', staff.get("/staff/students?q=noor").text)
    assert found
    student = staff.get(found[1]).text
    book = re.search(r'href="([^"]*/book)"', student)
    assert book

    assert "2 free seats" in staff.read(book[1])
    nothing = staff.post(book[1], hidden(staff, book[1]))
    assert nothing.status_code == 422
    assert "Which session?" in nothing.text
    fields = hidden(staff, book[1]) | {"choice": f"{course.option}-{course.sessions[2]}"}
    answers = [send(staff, book[1], fields) for _ in range(2)]
    assert answers[0] == answers[1]
    assert "Booked" in staff.read(answers[0])
    assert pupil.sits_in() == course.sessions[2]
    assert "This step is booked already" in staff.read(book[1])
    # under another student's address there is no such package
    stranger = f"/staff/students/{school.person()}/packages/{pupil.package}"
    assert staff.get(f"{stranger}/cancel").status_code == 404
    assert staff.post(f"{stranger}/cancel", {"formKey": "a", "reason": "x"}).status_code == 404
    assert staff.post(f"{stranger}/steps/{course.step}/book", fields).status_code == 404


def test_more_sessions_than_a_page_shows_are_on_the_next_one(
    staff: Browser, school: School, course: Course, pupil: Pupil
) -> None:
    for day in range(45):
        school.session(course.group_class, (10 + day) * DAY)
    page = f"/staff/bookings/{pupil.booking().id}/change"

    first = staff.get(page)
    assert len(first.data) < 100_000
    later = re.search(r'href="([^"]*from=[^"]*)"', first.text)
    assert later
    assert "Later sessions" not in staff.read(later[1].replace("&amp;", "&"))
    assert staff.get(f"{page}?from=soon").status_code == 200


def test_what_a_cancelled_package_costs_is_listed_before_it_is_done(
    staff: Browser, pupil: Pupil
) -> None:
    page = f"/staff/students/{pupil.id}/packages/{pupil.package}/cancel"

    assert staff.post(page, hidden(staff, page)).status_code == 422
    tried = send(staff, page, hidden(staff, page) | {"reason": "Refunded"})
    assert "Loses the seat" in staff.read(tried)
    assert pupil.sits_in() is not None
    assert "Done" in really(staff, tried)
    assert pupil.sits_in() is None
    assert "This package was cancelled" in staff.read(f"/staff/students/{pupil.id}")
