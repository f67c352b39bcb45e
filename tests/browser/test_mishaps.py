"""What happens to everybody: going back, pressing twice, being away for too long."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewWindow
from tests.browser.stack import Stack
from tests.browser.window import Window
from tests.school import Pupil

GRACE, GLAZING = 17, "/packages/8/steps/7"
JO, CLAY = 20, "/packages/11/steps/5"

with_and_without_scripts = pytest.mark.parametrize(
    "scripts", [True, False], ids=["scripts", "plain"]
)


@pytest.fixture
def pupil(stack: Stack) -> Pupil:
    return stack.school.course(capacity=5, sessions=2).pupil()


@pytest.fixture
def window(open_window: NewWindow, pupil: Pupil, *, scripts: bool) -> Window:
    """The page of the step that the student is about to book."""
    window = open_window(pupil.id, java_script_enabled=scripts)
    window.go(f"/packages/{pupil.package}/steps/{pupil.step}")
    return window


def book_first(window: Window) -> None:
    window.page.get_by_role("radio").first.check()
    window.press("Book this session")


def requests(pupil: Pupil) -> list[str]:
    """Every request of this student, and what came of it."""
    query = "SELECT kind || ' ' || status FROM booking_job WHERE submitted_by = :id"
    return [said for (said,) in pupil.school.rows(query, id=pupil.id)]


@with_and_without_scripts
def test_back_after_a_booking_and_the_same_again_books_nothing_twice(
    window: Window, pupil: Pupil
) -> None:
    book_first(window)
    expect(window.main).to_contain_text(re.compile("this seat is yours|Can be changed"))
    window.page.go_back()
    window.page.wait_for_url("**/steps/*")
    window.page.reload()

    expect(window.main).to_contain_text("Your seat")
    expect(window.page.get_by_role("button", name="Change to this session")).to_be_visible()
    assert requests(pupil) == ["BOOK_STEP SUCCEEDED"]


@with_and_without_scripts
def test_pressing_twice_asks_once(window: Window, pupil: Pupil) -> None:
    window.page.get_by_role("radio").first.check()
    window.page.get_by_role("button", name="Book this session").dblclick()

    expect(window.main).to_contain_text(re.compile("this seat is yours|Can be changed"))
    assert requests(pupil) == ["BOOK_STEP SUCCEEDED"]


def let_sign_in_end(stack: Stack, window: Window, user_id: int) -> None:
    token = stack.token(user_id, timedelta(seconds=-1))
    window.context.add_cookies([{"name": "thrive_token", "value": token, "url": stack.address}])


def test_who_is_signed_out_signs_in_and_is_back_at_the_same_step(
    stack: Stack, open_window: NewWindow
) -> None:
    window = open_window(GRACE, java_script_enabled=False)
    window.go(GLAZING)
    let_sign_in_end(stack, window, GRACE)
    book_first(window)
    expect(window.main).to_contain_text("Your sign-in has ended")
    window.press("Sign in as Grace Mbeki")

    expect(window.page).to_have_url(stack.address + GLAZING)
    book_first(window)
    expect(window.main).to_contain_text("Done: this seat is yours")


def test_who_is_signed_out_signs_in_and_the_request_is_still_there(
    stack: Stack, open_window: NewWindow
) -> None:
    window = open_window(JO)
    window.expects_fault("401")
    window.go(CLAY)
    let_sign_in_end(stack, window, JO)
    book_first(window)
    expect(window.main).to_contain_text("Your sign-in has ended")
    window.press("Sign in as Jo Fairweather")

    expect(window.main).to_contain_text("Can be changed or cancelled until")


def test_a_demo_student_signs_in_and_out(stack: Stack, open_window: NewWindow) -> None:
    window = open_window()
    window.go("/jobs")
    window.press("Sign in as Ada Lindqvist")
    expect(window.page).to_have_url(f"{stack.address}/jobs")
    window.press("Sign out")

    expect(window.page).to_have_title(re.compile("^Sign in"))
    window.go("/jobs")
    expect(window.page).to_have_title(re.compile("^Sign in"))
