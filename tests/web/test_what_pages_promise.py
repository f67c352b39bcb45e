"""A page offers what the rules would allow now, and tells nothing that isn't so any more."""

from datetime import timedelta

import pytest

from models.round import Decider
from tests.app.students import decide
from tests.school import Course, Pupil, School
from tests.web.browsing import Browser

HOUR = timedelta(hours=1)


@pytest.fixture
def course(school: School) -> Course:
    return school.course(sessions=3)


@pytest.fixture
def pupil(course: Course, browser: Browser) -> Pupil:
    pupil = course.pupil()
    browser.sign_in(pupil.id)
    return pupil


@pytest.fixture
def booked(pupil: Pupil, course: Course, decider: Decider) -> Pupil:
    pupil.book(course.sessions[0])
    decide(decider)
    return pupil


def step_path(pupil: Pupil, course: Course) -> str:
    return f"/packages/{pupil.package}/steps/{course.step}"


def test_a_seat_can_be_given_back_after_the_package_has_expired(
    browser: Browser, booked: Pupil, course: Course
) -> None:
    course.school.change("student_package", booked.package, expires_at=course.school.now - HOUR)
    path = step_path(booked, course)

    courses = browser.get("/").text
    assert f'href="{path}/cancel"' in courses
    assert "data-modifying" not in courses
    assert "Can be changed until" not in browser.read("/")
    assert "Yes, cancel my booking" in browser.read(f"{path}/cancel")


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("student_package", {"status": "CANCELLED"}),
        ("student_package", {"expires_at": -HOUR}),
        ("course_program", {"booking_opens_at": HOUR}),
    ],
)
def test_no_form_books_what_cant_be_booked(
    browser: Browser, pupil: Pupil, course: Course, table: str, columns: dict[str, object]
) -> None:
    row = pupil.package if table == "student_package" else course.program
    at = {
        name: course.school.now + value if isinstance(value, timedelta) else value
        for name, value in columns.items()
    }
    path = step_path(pupil, course)
    assert "Book this session" in browser.read(path)

    course.school.change(table, row, **at)

    assert "at the moment" in browser.read(path)
    assert "Book this session" not in browser.read(path)


def test_no_form_changes_or_cancels_what_is_too_late_for(
    browser: Browser, booked: Pupil, course: Course
) -> None:
    past = course.school.now - HOUR
    course.school.change("booking", booked.booking().id, change_until=past, cancel_until=past)
    path = step_path(booked, course)

    assert "Change to this session" not in browser.read(path)
    assert "It is too late" in browser.read(f"{path}/cancel")
    assert "Yes, cancel my booking" not in browser.read(f"{path}/cancel")


@pytest.mark.usefixtures("deciding")
def test_an_old_form_that_is_sent_again_promises_no_seat(
    browser: Browser, pupil: Pupil, course: Course
) -> None:
    """The browser's "back" shows the form as it was: its request is the one that it made then."""
    path = step_path(pupil, course)
    form = browser.form(path) | {"choice": f"{course.option}-{course.sessions[0]}"}
    first = browser.post(f"{path}/book", form).headers["Location"]
    assert "this seat is yours" in browser.read(first)
    cancelled = browser.post(f"{path}/cancel", browser.form(f"{path}/cancel")).headers["Location"]
    assert "Your booking is cancelled" in browser.read(cancelled)

    again = browser.post(f"{path}/book", form).headers["Location"]

    assert again == first
    assert "this seat is yours" not in browser.read(again)
    assert "has changed since" in browser.read(again)


def test_a_steps_name_is_written_once(browser: Browser, booked: Pupil, course: Course) -> None:
    course.school.change("course_step", course.step, title="Salt & <b>pepper</b>")

    page = browser.get(f"{step_path(booked, course)}/cancel").text

    assert "<title>Cancel Step 1: Salt &amp; &lt;b&gt;pepper&lt;/b&gt; " in page
