"""A school with a course, and windows of those who look at it."""

import pytest
from flask import Flask

from app.settings import Settings
from models.auditing import Actor
from models.round import Decider
from models.webhook_endpoints import create_endpoint
from tests.app.students import decide
from tests.school import Course, Pupil, School, Staff
from tests.web.browsing import Browser
from tests.web.staff.addresses import Ids


@pytest.fixture
def course(school: School) -> Course:
    return school.course(capacity=2, sessions=3)


@pytest.fixture
def pupil(course: Course) -> Pupil:
    """A student with a package of the course."""
    return course.pupil()


@pytest.fixture
def sam(school: School) -> Staff:
    """A member of staff, who asks for things outside of any browser, too."""
    return Staff(school, school.person("STAFF", name="Sam Staff"))


@pytest.fixture
def staff(browser: Browser, sam: Staff) -> Browser:
    """Their window."""
    browser.sign_in(sam.id)
    return browser


@pytest.fixture
def teacher(
    web_application: Flask, browser: Browser, settings: Settings, school: School, course: Course
) -> Browser:
    """The window of the course's teacher; the application is the one that `browser` prepared."""
    window = Browser(web_application.test_client(), settings)
    (teacher_id,) = school.rows(
        "SELECT teacher_id FROM group_class WHERE id = :id", id=course.group_class
    )[0]
    window.sign_in(teacher_id)
    return window


@pytest.fixture
def decided(pupil: Pupil, course: Course, decider: Decider) -> None:
    """The pupil has a seat in the first session."""
    pupil.book(course.sessions[0])
    decide(decider)


@pytest.fixture
def ids(pupil: Pupil, course: Course, school: School, decided: None) -> Ids:
    with school.engine.begin() as db:
        actor = Actor(None, "10.0.0.7", school.now)
        webhook = create_endpoint(db, "https://hooks.example/in", None, actor).id
    return {
        "session_id": course.sessions[0],
        "class_id": course.group_class,
        "booking_id": pupil.booking().id,
        "student_id": pupil.id,
        "package_id": pupil.package,
        "step_id": course.step,
        "job_id": pupil.booking().booking_job_id,
        "message_id": pupil.booking().booking_job_id,
        "webhook_id": webhook,
    }
