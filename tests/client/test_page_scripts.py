"""What the pages' own scripts do where two things happen at once, or nobody is signed in."""

import json
import subprocess
from typing import Any

import pytest

from tests.client.node import HOME, node
from tests.client.pages import MODULE


def run(path: str, script: str) -> Any:
    """Run a script on the page at this path; what it returned."""
    command = [node(), str(HOME / "scripted.mjs"), MODULE.parent.as_uri(), path, script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    return json.loads(done.stdout)


LEAVE = """
    const { isLeaving } = await load("pages/client.js");
    const { SignInError } = await load("thrive.js");
    isLeaving(new SignInError("not_signed_in", "Please sign in."));
    return led;
"""


def test_who_isnt_signed_in_is_led_to_the_sign_in_but_not_from_there() -> None:
    assert run("/jobs", LEAVE) == ["/sign-in?why=invalid_token&next=%2Fjobs"]
    assert run("/sign-in", LEAVE) == []


def test_a_look_that_a_later_one_overtook_isnt_shown() -> None:
    looks = """
        const { refresh } = await load("pages/refreshing.js");
        const earlier = refresh(), later = refresh();
        while (pages.length < 2) await new Promise((resolve) => setTimeout(resolve));
        pages[1]("after");
        await later;
        pages[0]("before");
        await earlier;
        return live.innerHTML;
    """

    assert run("/", looks) == "after"


@pytest.mark.parametrize(
    ("path", "led"),
    [("/profile", []), ("/packages/7/steps/8", ["/#step-7-8"]), ("/packages/9/choose", [])],
)
def test_what_was_taken_up_leads_nobody_away_from_another_page(path: str, led: list[str]) -> None:
    taken_up = """
        const { takeUp } = await load("pages/deeds.js");
        const about = { call: "bookCourseStepSession", packageId: 7, stepId: 8, jobId: null };
        takeUp({ ...about, outcome: Promise.resolve({ booking: { id: 1 } }) });
        await new Promise((resolve) => setTimeout(resolve, 20));
        return [news.textContent, led];
    """

    assert run(path, taken_up) == ["booked", led]


def test_a_package_that_was_booked_in_part_isnt_told_as_booked() -> None:
    taken_up = """
        const { takeUp } = await load("pages/deeds.js");
        const about = { call: "bulkBookCourseStepSessions", packageId: 7, jobId: "a" };
        takeUp({ ...about, outcome: Promise.resolve({ failures: [{}] }) });
        await new Promise((resolve) => setTimeout(resolve, 20));
        return [news.textContent, led];
    """

    assert run("/packages/7/choose", taken_up) == ["not all", ["/jobs/a"]]
