"""The main path in a browser that runs no scripts: plain pages, links and forms."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewWindow
from tests.browser.stack import Stack, add_step
from tests.browser.window import Window
from tests.school import Course


@pytest.fixture
def course(stack: Stack) -> Course:
    return stack.school.course(capacity=1, sessions=3)


@pytest.fixture
def plain(open_window: NewWindow, course: Course) -> Window:
    """The window of a student of this course, whose only package it is."""
    student, _ = course.enrol_one()
    return open_window(student, java_script_enabled=False)


def choose(window: Window, number: int) -> None:
    window.page.get_by_role("radio").nth(number).check()


def back_to_courses(window: Window) -> None:
    window.press("To your courses")
    expect(window.page).to_have_title(re.compile("^Your courses"))


def test_a_step_is_booked_changed_and_cancelled(plain: Window) -> None:
    plain.go("/")
    expect(plain.main).to_contain_text("Not booked yet")
    plain.press("Choose a session")
    choose(plain, 0)
    plain.press("Book this session")
    expect(plain.main).to_contain_text("Done: this seat is yours")

    back_to_courses(plain)
    expect(plain.main).to_contain_text("Can be changed or cancelled until")
    plain.press("Change")
    choose(plain, 1)
    plain.press("Change to this session")
    expect(plain.main).to_contain_text("Done: this seat is yours")

    back_to_courses(plain)
    plain.press("Cancel")
    plain.page.get_by_label("Why?").fill("I am travelling")
    plain.press("Yes, cancel my booking")
    expect(plain.main).to_contain_text("Your booking is cancelled")
    back_to_courses(plain)
    expect(plain.main).to_contain_text("Not booked yet")


def test_a_package_is_booked_as_a_whole(
    stack: Stack, open_window: NewWindow, course: Course
) -> None:
    add_step(course)
    student, _ = course.enrol_one()
    window = open_window(student, java_script_enabled=False)
    window.go("/")
    window.press("Choose all sessions at once")
    window.page.get_by_role("combobox").first.select_option(index=2)
    window.press("Book these sessions")

    expect(window.main.locator(".tag", has_text="Booked")).to_have_count(2)
    back_to_courses(window)
    expect(window.main).to_contain_text("Sessions for 2 of 2 steps")


def test_who_finds_a_session_full_waits_for_it_and_leaves_again(
    stack: Stack, plain: Window, course: Course
) -> None:
    stack.fill(course, course.sessions[0])

    plain.go("/")
    plain.press("Choose a session")
    plain.press("Join the waitlist")
    expect(plain.main).to_contain_text("You are number 1 on the waitlist")
    back_to_courses(plain)
    plain.press("See sessions and waitlist")
    plain.press("Leave the waitlist")
    expect(plain.main).to_contain_text("You are not on a waitlist for this step any more")


def test_a_request_that_waits_follows_itself_until_it_is_decided(
    stack: Stack, plain: Window
) -> None:
    with stack.undecided():
        plain.go("/")
        plain.press("Choose a session")
        choose(plain, 0)
        plain.press("Book this session")
        expect(plain.main).to_contain_text("Being decided")
        expect(plain.main).to_contain_text("You are next")

    expect(plain.main).to_contain_text("Done: this seat is yours")


def test_a_request_that_waits_is_taken_back(stack: Stack, plain: Window) -> None:
    with stack.undecided():
        plain.go("/")
        plain.press("Choose a session")
        choose(plain, 0)
        plain.press("Book this session")
        plain.press("Take it back")
        expect(plain.main).to_contain_text("You took this request back")
