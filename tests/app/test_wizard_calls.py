"""Many steps booked by one call: what it comes to, to the letter."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from app.settings import Settings
from models.round import Decider
from tests.app.caller import Caller, refusal
from tests.app.job_shapes import (
    BOOKING,
    FAILURE,
    PROBLEM,
    PROGRESS,
)
from tests.app.students import Student
from tests.school import Course, School


@dataclass
class Wizard:
    """A student with two steps, who calls the bulk booking."""

    caller: Caller
    first: int
    second: int
    options: list[int]
    sessions: list[int]

    def __call__(self, *steps: int, **body: Any) -> dict[str, Any]:
        return self.caller("bulk", {"selections": [self.choice(step) for step in steps]} | body)

    def choice(self, step: int) -> dict[str, Any]:
        return {"courseStepId": step, "courseStepOptionId": self.options[step == self.second]}


@pytest.fixture
def wizard(course: Course, client: FlaskClient, settings: Settings, decider: Decider) -> Wizard:
    school = course.school
    second, group_class = school.step(course.program, 2), school.group_class(1)
    return Wizard(
        Caller(Student(client, settings, course), decider),
        first=course.step,
        second=second,
        options=[course.option, school.option(second, group_class)],
        sessions=[course.sessions[0], school.session(group_class, timedelta(days=6))],
    )


def fill(school: School, session: int) -> None:
    with school.engine.begin() as db:
        db.execute(
            text("UPDATE session SET capacity_max = 0 WHERE id = :session"), {"session": session}
        )


def test_a_bulk_booking_results_in_chosen_and_automatic_bookings(wizard: Wizard) -> None:
    result = wizard(wizard.second)["result"]
    assert set(result) == {"bookings", "autoBooked", "manualSelections", "failures"}
    assert (result["autoBooked"], result["manualSelections"]) == ([wizard.first], [wizard.second])
    assert result["failures"] == []
    for made in result["bookings"]:
        assert (set(made["booking"]), set(made["progress"])) == (BOOKING, PROGRESS)
    assert {made["booking"]["sessionId"] for made in result["bookings"]} == {*wizard.sessions}


def test_a_bulk_booking_with_nothing_to_do_is_empty(wizard: Wizard) -> None:
    wizard()
    empty: dict[str, Any] = {
        "bookings": [],
        "autoBooked": [],
        "manualSelections": [],
        "failures": [],
    }
    assert wizard()["result"] == empty


def test_an_automatic_step_that_cant_be_booked_is_a_failure_of_a_success(wizard: Wizard) -> None:
    fill(wizard.caller.student.course.school, wizard.sessions[0])
    result = wizard(wizard.second)["result"]
    (failure,) = result["failures"]
    assert set(failure) == FAILURE
    assert (failure["courseStepId"], failure["code"]) == (wizard.first, "session_full")
    assert failure["waitlistOpen"] is True
    assert failure["message"]
    assert (result["autoBooked"], result["manualSelections"]) == ([], [wizard.second])


def test_a_choice_that_cant_be_booked_refuses_all_with_the_first_failure_by_step_order(
    wizard: Wizard, engine: Engine
) -> None:
    for session in wizard.sessions:
        fill(wizard.caller.student.course.school, session)
    other = wizard.caller.student.course.school.session(
        wizard.caller.student.course.school.group_class(), timedelta(days=4)
    )
    chosen = [wizard.choice(wizard.second) | {"sessionId": other}, wizard.choice(wizard.first)]
    job = wizard.caller("bulk", {"selections": chosen})
    assert refusal(job) == ("REFUSED", "session_full")
    assert set(job["error"]) == {*PROBLEM, "failures"}
    assert [(f["courseStepId"], f["code"]) for f in job["error"]["failures"]] == [
        (wizard.first, "session_full"),
        (wizard.second, "session_invalid"),
    ]
    assert all(set(failure) == FAILURE for failure in job["error"]["failures"])
    with engine.connect() as db:
        assert db.scalar(text("SELECT count(*) FROM booking")) == 0


def test_the_best_effort_books_what_it_can(wizard: Wizard) -> None:
    fill(wizard.caller.student.course.school, wizard.sessions[0])
    result = wizard(wizard.first, wizard.second, mode="BEST_EFFORT")["result"]
    assert result["manualSelections"] == [wizard.second]
    assert [failure["courseStepId"] for failure in result["failures"]] == [wizard.first]


def test_a_step_of_another_course_is_refused_by_the_worker(wizard: Wizard) -> None:
    job = wizard.caller(
        "bulk", {"selections": [{"courseStepId": 2**63 - 1, "courseStepOptionId": 1}]}
    )
    assert refusal(job) == ("REFUSED", "option_invalid")
    assert [f["courseStepId"] for f in job["error"]["failures"]] == [2**63 - 1]
