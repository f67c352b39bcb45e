"""Nobody needs a mouse: each stop is seen, and the main path is walked by keys alone."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewWindow
from tests.browser.stack import Stack
from tests.browser.window import Window
from tests.school import Pupil

STOP = """() => {
  const element = document.activeElement;
  const marked = element.closest(".choice") ?? element;
  const { outlineStyle, outlineWidth } = getComputedStyle(marked);
  const { x, y, width, height } = element.getBoundingClientRect();
  const top = document.elementFromPoint(x + width / 2, y + height / 2);
  return {
    name: (element.ariaLabel ?? element.labels?.[0]?.textContent ?? element.textContent).trim(),
    isMarked: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2,
    isCovered: top !== element && !element.contains(top) && !top?.contains(element),
  };
}"""
"""Where the keyboard is: its name, whether that can be seen, and whether something lies over it."""
MOST_STOPS = 40


@pytest.fixture
def pupil(stack: Stack) -> Pupil:
    return stack.school.course(capacity=5, sessions=6).pupil()


def tab_to(window: Window, name: str) -> None:
    """Press Tab until something of this name has the focus; every stop on the way is seen."""
    for _ in range(MOST_STOPS):
        window.page.keyboard.press("Tab")
        stop = window.page.evaluate(STOP)
        assert stop["isMarked"], f"nobody sees that {stop['name']} has the focus"
        assert not stop["isCovered"], f"something lies over {stop['name']}"
        if name in stop["name"]:
            return
    raise AssertionError(f"{name} isn't reached")


def press(window: Window, key: str) -> None:
    window.page.keyboard.press(key)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_a_step_is_booked_by_keys_alone(
    open_window: NewWindow, pupil: Pupil, *, scripts: bool
) -> None:
    window = open_window(
        pupil.id, java_script_enabled=scripts, viewport={"width": 640, "height": 480}
    )
    window.go("/")
    tab_to(window, "Skip to the content")
    press(window, "Enter")
    tab_to(window, "Choose a session")
    press(window, "Enter")
    expect(window.page.get_by_role("radio").first).to_be_visible()
    tab_to(window, "Yoga")
    press(window, "Space")
    press(window, "ArrowDown")
    expect(window.page.get_by_role("radio").nth(1)).to_be_checked()
    tab_to(window, "Book this session")
    press(window, "Enter")
    if not scripts:
        expect(window.main).to_contain_text("this seat is yours")
        tab_to(window, "To your courses")
        press(window, "Enter")
    expect(window.main).to_contain_text("Can be changed or cancelled until")

    tab_to(window, "Cancel")
    press(window, "Enter")
    expect(window.page.get_by_label("Why?")).to_be_visible()
    tab_to(window, "Why?")
    window.page.keyboard.type("I am travelling")
    tab_to(window, "Yes, cancel my booking")
    press(window, "Enter")
    expect(window.page.get_by_text("Your booking is cancelled").first).to_be_visible()


def test_the_dialog_keeps_the_keyboard_and_gives_it_back(
    open_window: NewWindow, pupil: Pupil
) -> None:
    window = open_window(pupil.id)
    window.go("/")
    tab_to(window, "Choose a session")
    press(window, "Enter")
    expect(window.page.get_by_role("dialog").get_by_role("heading").first).to_be_focused()
    for _ in range(6):
        press(window, "Tab")
        assert window.page.evaluate(
            "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        )
    press(window, "Escape")

    expect(window.page.get_by_role("link", name="Choose a session")).to_be_focused()
