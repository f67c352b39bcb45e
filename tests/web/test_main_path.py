"""The main path without scripts: choose, book, change, wait and cancel by plain forms."""

import re

import pytest

from tests.processes import until
from tests.school import Course, School
from tests.web.browsing import Browser, text_of


@pytest.fixture
def course(school: School) -> Course:
    return school.course(capacity=1, sessions=3)


@pytest.fixture
def package(course: Course, browser: Browser) -> int:
    student, package = course.enrol_one()
    browser.sign_in(student)
    return package


def step_path(course: Course, package: int) -> str:
    return f"/packages/{package}/steps/{course.step}"


def choose(browser: Browser, path: str, deed: str, choice: str) -> str:
    """Send a form of the step's page, and read the page of the job that it makes."""
    fields = browser.form(path) | {"choice": choice}
    answer = browser.post(f"{path}/{deed}", fields)
    assert answer.status_code == 303, answer.text
    assert re.fullmatch(r"/jobs/[0-9a-f-]{36}", answer.headers["Location"])
    return browser.read(answer.headers["Location"])


@pytest.mark.usefixtures("deciding")
def test_a_step_is_booked_changed_and_cancelled(
    browser: Browser, course: Course, package: int
) -> None:
    path, (first, second, _) = step_path(course, package), course.sessions

    assert "Not booked yet" in browser.read("/")
    assert "1 free seat" in browser.read(path)
    assert "this seat is yours" in choose(browser, path, "book", f"{course.option}-{first}")
    assert "Booked" in browser.read("/")
    assert "this seat is yours" in choose(browser, path, "change", f"{course.option}-{second}")
    answer = browser.post(f"{path}/cancel", browser.form(f"{path}/cancel") | {"reason": "Ill"})
    assert "Your booking is cancelled" in browser.read(answer.headers["Location"])
    assert "Not booked yet" in browser.read("/")


def test_a_request_that_waits_says_so_and_can_be_taken_back(
    browser: Browser, course: Course, package: int
) -> None:
    path = step_path(course, package)

    told = choose(browser, path, "book", f"{course.option}-{course.sessions[0]}")
    assert "Being decided" in told
    assert "You are next" in told
    assert "Being decided" in browser.read("/")
    job = re.search(r"/jobs/([0-9a-f-]{36})", browser.get("/").text)
    assert job
    browser.post(f"{job[0]}/withdraw", {})
    assert "You took this request back" in browser.read(job[0])


@pytest.mark.usefixtures("deciding")
def test_who_finds_a_session_full_can_wait_and_leave_again(
    browser: Browser, course: Course, package: int
) -> None:
    path, full = step_path(course, package), course.sessions[0]
    course.submit(*course.enrol_one(), full)

    until(lambda: "Full" in browser.read(path), 10, "the last seat's booking")
    refused = choose(browser, path, "book", f"{course.option}-{full}")
    assert "This session is full" in refused
    assert "What you could take instead" in refused
    assert "number 1 on the waitlist" in choose(browser, path, "join", f"{course.option}-{full}")
    assert "On the waitlist" in browser.read("/")
    answer = browser.post(f"{path}/leave", browser.form(path))
    assert "not on a waitlist" in browser.read(answer.headers["Location"])


@pytest.mark.usefixtures("deciding")
def test_the_same_form_sent_twice_makes_one_job(
    browser: Browser, course: Course, package: int
) -> None:
    path = step_path(course, package)
    fields = browser.form(path) | {"choice": f"{course.option}-{course.sessions[0]}"}

    answers = [browser.post(f"{path}/book", fields) for _ in range(2)]

    assert len({answer.headers["Location"] for answer in answers}) == 1


@pytest.mark.usefixtures("deciding")
def test_a_step_of_one_class_is_booked_without_being_chosen(
    browser: Browser, course: Course, package: int
) -> None:
    path = f"/packages/{package}/choose"

    answer = browser.post(path, browser.form(path) | {f"step-{course.step}": ""})

    assert "There was only one class to choose" in browser.read(answer.headers["Location"])


def test_a_step_of_two_classes_is_left_open_unless_one_is_chosen(
    browser: Browser, course: Course, package: int
) -> None:
    """Also where only one of them has a session: the other may get one."""
    course.school.option(course.step, course.school.group_class(name="Breathing"))

    told = browser.read(f"/packages/{package}/choose")

    assert "Decide later" in told
    assert "Booked with the rest" not in told


@pytest.mark.usefixtures("deciding")
def test_a_package_is_booked_as_a_whole(browser: Browser, course: Course, package: int) -> None:
    path = f"/packages/{package}/choose"
    chosen = {f"step-{course.step}": f"{course.option}-{course.sessions[1]}"}

    assert "Booked with the rest" in browser.read(path)
    answer = browser.post(path, browser.form(path) | chosen)
    assert "Booked" in browser.read(answer.headers["Location"])
    assert "Every step has its session" in browser.read(path)


def test_the_other_pages_of_a_student(browser: Browser, package: int) -> None:
    assert "You haven't asked for anything yet" in browser.read("/jobs")
    assert "Your private address" in browser.read("/calendar")
    feed = re.search(r'value="([^"]*\.ics)"', browser.get("/calendar").text)
    browser.post("/calendar/rotate", {})
    assert feed
    assert feed[1] not in browser.get("/calendar").text

    sent = {"name": "Ada", "timeZone": "Asia/Tokyo", "locale": "de", "reminders": "on"}
    assert browser.post("/profile", sent).headers["Location"] == "/profile?saved"
    assert 'value="Ada"' in browser.get("/profile").text
    assert browser.get("/profile").headers["Content-Language"] == "de"
    wrong = browser.post("/profile", sent | {"name": "Eve", "timeZone": "Moon/Base"})
    assert wrong.status_code == 422
    assert 'value="Eve"' in wrong.text
    assert "zone" in text_of(wrong).lower()


def test_a_profile_with_a_zone_that_nobody_knows_can_be_saved(
    browser: Browser, school: School
) -> None:
    browser.sign_in(school.person(time_zone="Old/Place"))
    zone = re.search(r"<option selected>([^<]*)", browser.get("/profile").text)
    assert zone
    sent = {"name": "Ada", "timeZone": zone[1], "locale": "en"}

    assert browser.post("/profile", sent).status_code == 303
