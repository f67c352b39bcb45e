"""Pages leave nothing in English: each word of theirs can be told in any language."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from models.round import Decider
from tests.app.students import decide
from tests.school import DAY, HOUR, Course, Pupil, School
from tests.web.browsing import Browser
from tests.web.untranslated import (
    LANGUAGE,
    language_without_latin_letters,
    latin_words,
    name_all,
)

ACCEPTED = {"Accept": "text/html", "Accept-Language": LANGUAGE}


@pytest.fixture
def course(school: School) -> Course:
    course = school.course(capacity=1, sessions=3)
    group_class = school.group_class()
    school.option(school.step(course.program, 2), group_class)
    school.session(group_class, 9 * DAY)
    return course


@pytest.fixture
def pupil(course: Course, browser: Browser) -> Pupil:
    pupil = course.pupil()
    browser.sign_in(pupil.id)
    return pupil


@pytest.fixture
def foreign(school: School, pupil: Pupil, course: Course, tmp_path: Path) -> Iterator[Pupil]:
    """Another student has the first session's only seat, and nobody's words are Latin."""
    course.submit(*course.enrol_one(), course.sessions[0])
    name_all(school.engine)
    with language_without_latin_letters(tmp_path):
        yield pupil


def look(browser: Browser, *paths: str, status: int = 200) -> None:
    """None of these pages has a Latin word."""
    for path in paths:
        answer = browser.get(path, **ACCEPTED)
        assert answer.status_code == status, path
        assert answer.headers["Content-Language"] == LANGUAGE
        assert latin_words(answer.text) == set(), path


def test_what_isnt_translated_is_found() -> None:
    page = '<p>Größe<b title="free">あ</b>, Europe/Berlin</p><body data-words=\'{"a": "b c"}\'>'
    assert latin_words(page) == {"Gr", "e", "free", "b", "c"}


def test_a_number_is_told_as_its_language_counts(browser: Browser, pupil: Pupil) -> None:
    pupil.school.change("user_account", pupil.id, locale="de")
    read = browser.read(f"/packages/{pupil.package}/choose")

    assert "1 freier Platz" in read
    assert "10 freie Plätze" in read


def test_a_students_pages(browser: Browser, foreign: Pupil) -> None:
    package = f"/packages/{foreign.package}"
    look(browser, "/", f"{package}/choose", f"{package}/steps/{foreign.step}", "/jobs")
    look(browser, f"{package}/steps/{foreign.step}/cancel", "/calendar", "/profile?saved")
    look(browser, "/sign-in", "/sign-in?why=invalid_token")
    look(browser, "/nowhere", f"{package}/steps/1000", status=404)


def test_wrong_fields_and_forms(browser: Browser, foreign: Pupil) -> None:
    wrong = {"name": "", "timeZone": "Moon", "locale": "?"}
    step = f"/packages/{foreign.package}/steps/{foreign.step}"
    for path, fields, site, status in (
        ("/profile", wrong, "same-origin", 422),
        (f"{step}/book", browser.form(step) | {"choice": "x"}, "same-origin", 422),
        (f"{step}/book", {"formKey": "a b", "choice": "1"}, "same-origin", 400),
        ("/profile", wrong, "cross-site", 403),
    ):
        answer = browser.post(path, fields, **ACCEPTED, **{"Sec-Fetch-Site": site})
        assert answer.status_code == status
        assert latin_words(answer.text) == set()


def test_what_becomes_of_a_students_requests(
    browser: Browser, foreign: Pupil, course: Course, decider: Decider
) -> None:
    step = f"/packages/{foreign.package}/steps/{foreign.step}"
    full, free, other = course.sessions
    for ask in (
        lambda: foreign.book(full),
        lambda: foreign.join(full),
        foreign.leave,
        lambda: foreign.book(free),
        lambda: foreign.change(other),
        foreign.cancel,
        lambda: foreign.bulk((foreign.step, foreign.option, full)),
        lambda: foreign.bulk((foreign.step, foreign.option, free), mode="BEST_EFFORT"),
    ):
        job = f"/jobs/{ask()}"
        look(browser, job, "/", step)
        decide(decider)
        look(browser, job, "/", step, f"{step}/cancel")
    withdrawn = f"/jobs/{foreign.cancel()}"
    browser.post(f"{withdrawn}/withdraw", {})
    look(browser, withdrawn, "/jobs")


def test_where_a_course_and_its_steps_stand(
    browser: Browser, foreign: Pupil, course: Course, decider: Decider
) -> None:
    school, booked = foreign.school, foreign.book(course.sessions[1])
    decide(decider)
    assert school.job(booked).status == "SUCCEEDED"
    booking = foreign.booking().id
    for status in "ATTENDED", "NO_SHOW", "CONFIRMED":
        school.change("booking", booking, status=status)
        look(browser, "/")
    for table, row, column, value in (
        ("session", course.sessions[1], "start_at", school.now + HOUR),
        ("session", course.sessions[1], "start_at", school.now - DAY),
        ("course_program", course.program, "booking_opens_at", school.now + DAY),
        ("student_package", foreign.package, "expires_at", school.now - DAY),
        ("student_package", foreign.package, "status", "CANCELLED"),
    ):
        school.change(table, row, **{column: value})
        look(browser, "/")
