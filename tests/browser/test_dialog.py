"""Where scripts run: a step is booked, changed and cancelled over the list, which follows."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import NewWindow
from tests.browser.stack import Stack
from tests.browser.window import Window
from tests.school import Course, Pupil

LISTEN = """() => {
  window.heard = [];
  addEventListener("thrive-course:stepBooked", ({ detail }) => window.heard.push(detail));
}"""
ASK = """([packageId, stepId]) => dispatchEvent(new CustomEvent("thrive-course:bookStep", {
  detail: { packageId, stepId, stepLabel: "", stepTitle: "", isModifying: false },
}))"""


@pytest.fixture
def course(stack: Stack) -> Course:
    return stack.school.course(capacity=1, sessions=3)


@pytest.fixture
def pupil(course: Course) -> Pupil:
    return course.pupil()


@pytest.fixture
def window(open_window: NewWindow, pupil: Pupil) -> Window:
    """The student's courses; what is heard of bookings there proves that nothing was reloaded."""
    window = open_window(pupil.id)
    window.go("/")
    window.page.evaluate(LISTEN)
    return window


def dialog(window: Window) -> Locator:
    return window.page.get_by_role("dialog")


def heard(window: Window) -> list[dict[str, Any]]:
    return window.page.evaluate("window.heard")


def choose(window: Window, number: int) -> None:
    dialog(window).get_by_role("radio").nth(number).check()


def is_closed(window: Window) -> None:
    expect(dialog(window)).to_have_count(0)


def test_a_step_is_booked_changed_and_cancelled_without_leaving_the_list(
    window: Window, pupil: Pupil
) -> None:
    window.press("Choose a session")
    choose(window, 0)
    window.press("Book this session")
    is_closed(window)
    expect(window.main).to_contain_text("Can be changed or cancelled until")
    expect(window.page.locator("#news")).to_contain_text("Booked: this seat is yours.")

    window.press("Change")
    choose(window, 1)
    window.press("Change to this session")
    is_closed(window)
    expect(window.page.locator("#news")).to_contain_text("Changed: the new seat is yours.")

    window.press("Cancel")
    dialog(window).get_by_label("Why?").fill("I am travelling")
    window.press("Yes, cancel my booking")
    is_closed(window)
    expect(window.main).to_contain_text("Not booked yet")

    about = {"packageId": pupil.package, "stepId": pupil.step, "success": True}
    booked, changed, cancelled = heard(window)
    assert isinstance(booked.pop("bookingId"), int)
    assert isinstance(changed.pop("bookingId"), int)
    cancelled.pop("bookingId", None)
    assert booked == changed == cancelled == about


def test_a_refusal_says_why_and_offers_what_is_free(
    stack: Stack, window: Window, course: Course
) -> None:
    window.press("Choose a session")
    choose(window, 0)
    stack.fill(course, course.sessions[0])
    window.press("Book this session")
    expect(dialog(window)).to_contain_text("This session is full")
    assert [one["success"] for one in heard(window)] == [False]

    window.press("Book this session")
    is_closed(window)
    expect(window.main).to_contain_text("Booked")
    assert [one["success"] for one in heard(window)] == [False, True]


def test_who_finds_a_session_full_waits_for_it_and_leaves_again(
    stack: Stack, window: Window, course: Course
) -> None:
    stack.fill(course, course.sessions[0])

    window.press("Choose a session")
    window.press("Join the waitlist")
    is_closed(window)
    expect(window.main).to_contain_text("You are number 1 on the waitlist")
    window.press("See sessions and waitlist")
    window.press("Leave the waitlist")
    is_closed(window)
    expect(window.main).to_contain_text("Not booked yet")


def test_a_script_of_the_site_opens_it_by_the_event(window: Window, pupil: Pupil) -> None:
    window.page.evaluate(ASK, [pupil.package, pupil.step])

    expect(dialog(window)).to_contain_text("Choose a session")


@pytest.mark.parametrize("way", ["Escape", "Close", "back"])
def test_it_closes_and_leaves_the_reader_where_they_were(window: Window, way: str) -> None:
    window.press("Choose a session")
    expect(dialog(window)).to_be_visible()
    if way == "Escape":
        window.page.keyboard.press("Escape")
    elif way == "Close":
        dialog(window).get_by_role("button", name="Close").click()
    else:
        window.page.go_back()

    is_closed(window)
    expect(window.page.get_by_role("link", name="Choose a session")).to_be_focused()
    expect(window.page).to_have_title(re.compile("^Your courses"))
    assert heard(window) == []
