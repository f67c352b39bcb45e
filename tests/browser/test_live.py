"""What the reader sees while others act, or nobody does: waitlists, rushes, outages."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewWindow
from tests.browser.looks import Looks
from tests.browser.stack import Stack
from tests.browser.window import Window
from tests.school import Course

RUSH = 300


@pytest.fixture
def course(stack: Stack) -> Course:
    return stack.school.course(capacity=1, sessions=2)


def book_first(window: Window) -> None:
    window.press("Choose a session")
    window.page.get_by_role("radio").first.check()
    window.press("Book this session")


def test_who_waits_sees_the_seat_that_another_window_gives_back(
    stack: Stack, open_window: NewWindow, course: Course
) -> None:
    holder, waiting = stack.fill(course, course.sessions[0]), course.pupil()
    stack.settle(waiting.join(course.sessions[0]))
    theirs, ours = open_window(holder.id), open_window(waiting.id)
    theirs.go("/")
    ours.go("/")
    expect(ours.main).to_contain_text("You are number 1 on the waitlist")

    theirs.press("Cancel")
    theirs.press("Yes, cancel my booking")

    expect(ours.main).to_contain_text("Can be changed or cancelled until")
    expect(theirs.main).to_contain_text("Not booked yet")


def test_in_a_rush_the_place_in_the_queue_is_told(
    stack: Stack, open_window: NewWindow, looks: Looks
) -> None:
    course = stack.school.course(capacity=RUSH + 1, sessions=1)
    student, _ = course.enrol_one()
    rush = course.enrol(RUSH)
    window = open_window(student)
    window.go("/")
    with stack.undecided():
        for one in rush:
            course.submit(*one, course.sessions[0])
        book_first(window)
        dialog = window.page.get_by_role("dialog")
        expect(dialog).to_contain_text(f"{RUSH} requests are ahead of yours.")
        looks.check(window, "rush-dialog")

    expect(window.main).to_contain_text("Can be changed or cancelled until")


def test_with_every_worker_down_a_request_waits_and_is_decided_later(
    stack: Stack, open_window: NewWindow, course: Course
) -> None:
    window = open_window(course.pupil().id)
    window.go("/")
    with stack.without_worker():
        book_first(window)
        dialog = window.page.get_by_role("dialog")
        expect(dialog).to_contain_text("You are next.")
        # the page's clock is put forward: as if the first look had been a minute ago
        window.page.clock.set_fixed_time(datetime.now(UTC) + timedelta(minutes=1))
        expect(dialog).to_contain_text("Still waiting. Your request is safe with us")

    expect(window.main).to_contain_text("Can be changed or cancelled until")


def test_a_reload_loses_no_request(stack: Stack, open_window: NewWindow, course: Course) -> None:
    window = open_window(course.pupil().id)
    window.go("/")
    with stack.undecided():
        book_first(window)
        expect(window.page.get_by_role("dialog")).to_contain_text("You are next.")
        window.page.reload()
        expect(window.main).to_contain_text("You are next.")

    expect(window.main).to_contain_text("Can be changed or cancelled until")


def test_what_is_asked_for_offline_is_sent_when_the_connection_is_back(
    open_window: NewWindow, course: Course
) -> None:
    window = open_window(course.pupil().id)
    window.expects_fault("ERR_INTERNET_DISCONNECTED")
    window.go("/")
    window.press("Choose a session")
    window.page.get_by_role("radio").first.check()
    window.context.set_offline(offline=True)
    expect(window.page.locator("#news")).to_contain_text("You are offline.")
    window.press("Book this session")
    dialog = window.page.get_by_role("dialog")
    expect(dialog).to_contain_text("You are offline. Your request is kept")

    window.context.set_offline(offline=False)
    expect(window.main).to_contain_text("Can be changed or cancelled until")
