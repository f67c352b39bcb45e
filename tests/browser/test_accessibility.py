"""Every page in each of its states: no barrier, little to load, nothing to scroll sideways."""

import re
from uuid import UUID

import pytest
from playwright.sync_api import expect

from app.web.routes import FOR_STAFF, FOR_TEACHERS
from models.auditing import Actor
from models.webhook_endpoints import create_endpoint
from tests.browser.conftest import NewWindow
from tests.browser.looks import Looks
from tests.browser.stack import Stack, add_step
from tests.school import Course, Pupil

TEACHER, STAFF = 1, 5
ADA, BEN, CHLOE, DMITRI, ELIF, FARID, HIRO, INES = 11, 12, 13, 14, 15, 16, 18, 19
BENS_EXAM = "/packages/2/steps/4"
BENS_WELCOME = "/packages/2/steps/1"

OF_THE_DEMO = {
    "courses": (FARID, "/"),
    "courses-new": (ADA, "/"),
    "courses-all-booked": (CHLOE, "/"),
    "courses-expired": (DMITRI, "/"),
    "courses-cancelled": (ELIF, "/"),
    "courses-not-open": (HIRO, "/"),
    "step": (BEN, BENS_EXAM),
    "step-booked": (BEN, BENS_WELCOME),
    "step-of-one-session": (INES, "/packages/10/steps/9"),
    "cancel": (BEN, f"{BENS_WELCOME}/cancel"),
    "choose": (ADA, "/packages/1/choose"),
    "choose-nothing": (CHLOE, "/packages/3/choose"),
    "requests": (BEN, "/jobs"),
    "requests-none": (ADA, "/jobs"),
    "calendar": (BEN, "/calendar"),
    "profile": (BEN, "/profile"),
    "profile-saved": (BEN, "/profile?saved"),
    "sign-in": (None, "/sign-in"),
    "sign-in-ended": (None, "/sign-in?why=invalid_token"),
    "teacher": (TEACHER, "/staff/sessions"),
}


@pytest.mark.parametrize("name", OF_THE_DEMO)
def test_pages_of_the_demo(open_window: NewWindow, looks: Looks, name: str) -> None:
    user_id, path = OF_THE_DEMO[name]
    window = open_window(user_id)
    window.go(path)
    looks.check(window, name)


@pytest.fixture
def course(stack: Stack) -> Course:
    return stack.school.course(capacity=1, sessions=3)


@pytest.fixture
def german(course: Course) -> Pupil:
    """A student who reads German, and by other clocks than the school's."""
    pupil = course.pupil()
    course.school.change("user_account", pupil.id, locale="de", time_zone="America/New_York")
    return pupil


def test_pages_in_german(
    stack: Stack, open_window: NewWindow, looks: Looks, course: Course, german: Pupil
) -> None:
    stack.fill(course, course.sessions[0])
    window = open_window(german.id)
    step = f"/packages/{german.package}/steps/{german.step}"
    for name, path in {"courses": "/", "step": step, "profile": "/profile"}.items():
        window.go(path)
        expect(window.page.locator("html")).to_have_attribute("lang", "de")
        looks.check(window, f"{name}-german")


def test_what_came_of_requests(
    stack: Stack, open_window: NewWindow, looks: Looks, course: Course
) -> None:
    holder = stack.fill(course, course.sessions[0])
    refused, waiting, withdrawn = course.pupil(), course.pupil(), course.pupil()
    found = {
        "booked": (holder.id, job_of(holder)),
        "refused": (refused.id, refused.book(course.sessions[0])),
        "waiting": (waiting.id, waiting.join(course.sessions[0])),
    }
    stack.settle(*(job for _, job in found.values()))
    for name, (user_id, job) in found.items():
        window = open_window(user_id)
        window.go(f"/jobs/{job}")
        looks.check(window, f"job-{name}")
    window = open_window(waiting.id)
    window.go("/")
    looks.check(window, "courses-waiting")
    window.go(f"/packages/{waiting.package}/steps/{waiting.step}")
    looks.check(window, "step-waiting")

    window = open_window(withdrawn.id)
    with stack.undecided():
        queued = withdrawn.book(course.sessions[1])
        window.go("/")
        looks.check(window, "courses-queued")
        window.go(f"/jobs/{queued}")
        looks.check(window, "job-queued")
        window.press("Take it back")
        expect(window.main).to_contain_text("You took this request back")
    looks.check(window, "job-withdrawn")


def job_of(pupil: Pupil) -> UUID:
    return pupil.booking().booking_job_id


def test_what_came_of_bookings_of_many(
    stack: Stack, open_window: NewWindow, looks: Looks, course: Course
) -> None:
    full, free = course.sessions[:2]
    add_step(course)
    stack.fill(course, full)
    lucky, unlucky, partly = course.pupil(), course.pupil(), course.pupil()
    jobs = {
        "bulk-booked": (lucky, lucky.bulk((course.step, course.option, free))),
        "bulk-refused": (unlucky, unlucky.bulk((course.step, course.option, full))),
        "bulk-partly": (
            partly,
            partly.bulk((course.step, course.option, full), mode="BEST_EFFORT"),
        ),
    }
    stack.settle(*(job for _, job in jobs.values()))
    for name, (pupil, job) in jobs.items():
        window = open_window(pupil.id)
        window.go(f"/jobs/{job}")
        looks.check(window, name)


def test_dialogs(stack: Stack, open_window: NewWindow, looks: Looks, course: Course) -> None:
    window = open_window(course.pupil().id)
    window.go("/")
    window.press("Choose a session")
    dialog = window.page.get_by_role("dialog")
    expect(dialog).to_contain_text("Choose a session")
    looks.check(window, "dialog")
    dialog.get_by_role("radio").first.check()
    stack.fill(course, course.sessions[0])
    window.press("Book this session")
    expect(dialog).to_contain_text("This session is full")
    looks.check(window, "dialog-refused")


def test_problems(open_window: NewWindow, looks: Looks) -> None:
    window = open_window(BEN)
    window.expects_fault("404")
    window.go("/packages/1/steps/1")
    expect(window.main).to_contain_text("To the beginning")
    looks.check(window, "not-found")

    window = open_window(ADA)
    window.expects_fault("403")
    window.go("/staff/jobs")
    looks.check(window, "not-allowed")


def test_fields_that_are_wrong(open_window: NewWindow, looks: Looks) -> None:
    window = open_window(BEN)
    window.expects_fault("422")
    window.go("/profile")
    window.page.get_by_label("Name").evaluate("(field) => { field.required = false; }")
    window.page.get_by_label("Name").fill(" ")
    window.press("Save")
    expect(window.main).to_contain_text("Please check the fields")
    looks.check(window, "profile-wrong")


def ids_of(stack: Stack, course: Course) -> dict[str, object]:
    """What the addresses of staff's pages name."""
    pupil, school = stack.fill(course, course.sessions[0]), course.school
    with school.engine.begin() as db:
        actor = Actor(None, "10.0.0.7", school.now)
        webhook = create_endpoint(db, "https://hooks.example/in", None, actor).id
    return {
        "session_id": course.sessions[0],
        "class_id": course.group_class,
        "booking_id": pupil.booking().id,
        "student_id": pupil.id,
        "package_id": pupil.package,
        "step_id": pupil.step,
        "job_id": job_of(pupil),
        "webhook_id": webhook,
    }


def name_of(path: str) -> str:
    """A page's name for its picture: the words of its address."""
    return "-".join(re.findall(r"[a-z]+", re.sub(r"<[^>]*>", "one", path)))


STAFF_PAGES = [path for method, path, _ in (*FOR_TEACHERS, *FOR_STAFF) if method == "GET"]
STAFF_PARTS = 4


@pytest.mark.parametrize("part", range(STAFF_PARTS))
def test_pages_of_staff(
    stack: Stack, open_window: NewWindow, looks: Looks, course: Course, part: int
) -> None:
    ids, window = ids_of(stack, course), open_window(STAFF)
    for path in STAFF_PAGES[part::STAFF_PARTS]:
        window.go(re.sub(r"<\w+:(\w+)>", lambda named: str(ids[named[1]]), path))
        looks.check(window, name_of(path))
