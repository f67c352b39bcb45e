"""Booking many steps at once: chosen ones, and those that have nothing to choose."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from models.round import Decider
from tests.deciding import decide_all
from tests.school import DAY, HOUR, Pupil, School

pytestmark = pytest.mark.usefixtures("sound")


@dataclass
class Wizard:
    """A program of some steps, each with options of one session, and who bought it."""

    school: School
    decider: Decider
    steps: list[int]
    options: list[list[int]]
    sessions: list[list[int]]
    pupil: Pupil

    def pick(self, step: int, option: int = 0) -> tuple[int, int]:
        return self.steps[step], self.options[step][option]

    def ask(self, *selections: Any, mode: str = "ALL_OR_NOTHING", **others: Any) -> UUID:
        job = self.pupil.bulk(*selections, mode=mode, **others)
        decide_all(self.decider)
        return job

    def sits_in(self) -> list[int | None]:
        return [self.pupil.sits_in(step) for step in self.steps]

    def fill(self, step: int, option: int = 0) -> None:
        """Take away the seats of an option."""
        self.school.change("session", self.sessions[step][option], capacity_max=0)


def wizard(school: School, decider: Decider, *options_of_steps: int, **program: Any) -> Wizard:
    """The steps take place one day after another, the options of each at the same time."""
    program_id = school.program(**program)
    steps, options, sessions = [], [], []
    for order, count in enumerate(options_of_steps, 1):
        classes = [school.group_class() for _ in range(count)]
        steps.append(school.step(program_id, order))
        options.append([school.option(steps[-1], one) for one in classes])
        sessions.append([school.session(one, (2 + order) * DAY) for one in classes])
    student = school.person()
    package = school.package(student, school.cohort(program_id))
    first = options[0][0] if options and options[0] else 0
    pupil = Pupil(school, student, package, steps[0], first)
    return Wizard(school, decider, steps, options, sessions, pupil)


def failed(answer: dict[str, Any]) -> list[tuple[int, str]]:
    return [(one["course_step_id"], one["code"]) for one in answer["failures"]]


def test_chosen_steps_are_booked_and_those_without_a_choice_too(
    school: School, decider: Decider
) -> None:
    made = wizard(school, decider, 2, 1, 2, 1)
    result = school.result(made.ask(made.pick(2, 1), made.pick(0)))

    assert made.sits_in() == [
        made.sessions[0][0],
        made.sessions[1][0],
        made.sessions[2][1],
        made.sessions[3][0],
    ]
    assert result["manual_selections"] == [made.steps[0], made.steps[2]]
    assert result["auto_booked"] == [made.steps[1], made.steps[3]]
    assert result["failures"] == []
    assert [one["progress"]["status"] for one in result["bookings"]] == ["BOOKED"] * 4


def test_a_step_with_several_options_waits_for_a_choice(school: School, decider: Decider) -> None:
    made = wizard(school, decider, 1, 2)
    result = school.result(made.ask())
    assert made.sits_in() == [made.sessions[0][0], None]
    assert result["auto_booked"] == [made.steps[0]]


def test_an_inactive_option_is_no_choice(school: School, decider: Decider) -> None:
    made = wizard(school, decider, 2, 0)
    school.change("course_step_option", made.options[0][0], is_active=False)
    result = school.result(made.ask())
    assert made.sits_in() == [made.sessions[0][1], None]
    assert result["auto_booked"] == [made.steps[0]]


def test_a_session_can_be_chosen_by_name(school: School, decider: Decider) -> None:
    made = wizard(school, decider, 1)
    [(group_class,)] = school.rows("SELECT group_class_id FROM session")
    later = school.session(group_class, 9 * DAY)
    school.result(made.ask((*made.pick(0), later)))
    assert made.sits_in() == [later]


def test_steps_that_are_booked_already_are_left_alone(school: School, decider: Decider) -> None:
    made = wizard(school, decider, 1, 1)
    made.pupil.book()
    decide_all(decider)
    result = school.result(made.ask())
    assert result["auto_booked"] == [made.steps[1]]
    assert result["failures"] == []


@pytest.mark.parametrize("mode", ["ALL_OR_NOTHING", "BEST_EFFORT"])
def test_nothing_to_do_is_a_success(school: School, decider: Decider, mode: str) -> None:
    made = wizard(school, decider, 2)
    nothing = {"bookings": [], "auto_booked": [], "manual_selections": [], "failures": []}
    assert school.result(made.ask(mode=mode)) == nothing


def test_one_choice_that_fails_refuses_all(school: School, decider: Decider) -> None:
    made = wizard(school, decider, 1, 2, 2)
    made.fill(1)
    job = made.ask(made.pick(1), made.pick(2))

    assert school.refusal(job) == "session_full"
    assert failed(school.job(job).error) == [(made.steps[1], "session_full")]
    assert made.sits_in() == [None, None, None]
    assert school.rows("SELECT id FROM booking UNION ALL SELECT id FROM seat_ledger") == []


def test_the_first_failure_by_step_order_is_the_error(school: School, decider: Decider) -> None:
    made = wizard(school, decider, 2, 2, 2)
    made.fill(1)
    school.change("course_step_option", made.options[0][0], is_active=False)
    job = made.ask(made.pick(2), made.pick(1), made.pick(0))

    assert school.refusal(job) == "option_invalid"
    assert failed(school.job(job).error) == [
        (made.steps[0], "option_invalid"),
        (made.steps[1], "session_full"),
    ]


def test_an_automatic_step_that_fails_stops_nothing(school: School, decider: Decider) -> None:
    made = wizard(school, decider, 1, 2)
    made.fill(0)
    result = school.result(made.ask(made.pick(1)))
    assert made.sits_in() == [None, made.sessions[1][0]]
    assert failed(result) == [(made.steps[0], "session_full")]


def test_best_effort_books_what_it_can(school: School, decider: Decider) -> None:
    made = wizard(school, decider, 1, 2, 2)
    made.fill(1)
    result = school.result(made.ask(made.pick(1), made.pick(2), mode="BEST_EFFORT"))

    assert made.sits_in() == [made.sessions[0][0], None, made.sessions[2][0]]
    assert result["manual_selections"] == [made.steps[2]]
    assert result["auto_booked"] == [made.steps[0]]
    assert failed(result) == [(made.steps[1], "session_full")]


@pytest.mark.parametrize("mode", ["ALL_OR_NOTHING", "BEST_EFFORT"])
def test_nothing_booked_and_a_failure_is_a_refusal(
    school: School, decider: Decider, mode: str
) -> None:
    made = wizard(school, decider, 1, 1)
    made.fill(0)
    made.fill(1)
    job = made.ask(mode=mode)
    assert school.refusal(job) == "session_full"
    assert failed(school.job(job).error) == [(step, "session_full") for step in made.steps]


def test_a_failure_says_what_else_could_be_taken(school: School, decider: Decider) -> None:
    made = wizard(school, decider, 2)
    made.fill(0)
    job = made.ask(made.pick(0))
    [failure] = school.job(job).error["failures"]
    assert [one["session_id"] for one in failure["alternatives"]] == [made.sessions[0][1]]
    assert failure["waitlist_open"] is True
    assert failure["message"]


def test_an_unknown_step_is_no_option_of_the_package(school: School, decider: Decider) -> None:
    made = wizard(school, decider, 1, 2)
    unknown = (999_999, made.options[1][0])
    job = made.ask(unknown, made.pick(1))
    assert school.refusal(job) == "option_invalid"
    assert failed(school.job(job).error) == [(999_999, "option_invalid")]

    result = school.result(made.ask(unknown, made.pick(1), mode="BEST_EFFORT"))
    assert failed(result) == [(999_999, "option_invalid")]
    assert made.sits_in() == [made.sessions[0][0], made.sessions[1][0]]


@pytest.mark.parametrize(
    ("package", "program", "code"),
    [
        ({"status": "CANCELLED"}, {}, "package_inactive"),
        ({"expires_at": timedelta(hours=-1)}, {}, "package_expired"),
        ({}, {"booking_opens_at": timedelta(hours=1)}, "not_open_yet"),
    ],
)
def test_a_package_that_cannot_be_used_refuses_all(
    school: School,
    decider: Decider,
    package: dict[str, Any],
    program: dict[str, Any],
    code: str,
) -> None:
    def placed(columns: dict[str, Any]) -> dict[str, Any]:
        return {
            name: school.now + value if isinstance(value, timedelta) else value
            for name, value in columns.items()
        }

    made = wizard(school, decider, 2, 1, **placed(program))
    if package:
        school.change("student_package", made.pupil.package, **placed(package))
    job = made.ask(made.pick(0), mode="BEST_EFFORT")
    assert school.refusal(job) == code
    assert (made.steps[0], code) in failed(school.job(job).error)
    assert made.sits_in() == [None, None]


def test_a_package_that_ends_between_two_steps_books_the_first(
    school: School, decider: Decider
) -> None:
    made = wizard(school, decider, 1, 1)
    school.change("student_package", made.pupil.package, expires_at=school.now + 3 * DAY + HOUR)
    result = school.result(made.ask())
    assert made.sits_in() == [made.sessions[0][0], None]
    assert failed(result) == [(made.steps[1], "package_expired")]


def test_two_choices_that_overlap_each_other(school: School, decider: Decider) -> None:
    made = wizard(school, decider, 2, 2)
    for session in made.sessions[1]:
        start = school.now + 3 * DAY + HOUR / 2
        school.change("session", session, start_at=start, end_at=start + HOUR)
    job = made.ask(made.pick(0), made.pick(1))
    assert school.refusal(job) == "time_conflict"
    assert failed(school.job(job).error) == [(made.steps[1], "time_conflict")]

    result = school.result(made.ask(made.pick(0), made.pick(1), mode="BEST_EFFORT"))
    assert made.sits_in() == [made.sessions[0][0], None]
    assert failed(result) == [(made.steps[1], "time_conflict")]


def test_two_steps_cannot_take_the_same_last_seat(school: School, decider: Decider) -> None:
    made = wizard(school, decider, 2, 0)
    [(group_class,)] = school.rows(
        "SELECT group_class_id FROM session WHERE id = :id", id=made.sessions[0][0]
    )
    also = school.option(made.steps[1], group_class)
    result = school.result(made.ask(made.pick(0), (made.steps[1], also), mode="BEST_EFFORT"))
    assert failed(result) == [(made.steps[1], "already_in_session")]


def test_choices_go_before_automatic_steps(school: School, decider: Decider) -> None:
    """The first step, without a choice, would take the time that the chosen one needs."""
    made = wizard(school, decider, 1, 2)
    start = school.now + 4 * DAY + HOUR / 2
    school.change("session", made.sessions[0][0], start_at=start, end_at=start + HOUR)
    result = school.result(made.ask(made.pick(1)))
    assert made.sits_in() == [None, made.sessions[1][0]]
    assert failed(result) == [(made.steps[0], "time_conflict")]


def test_an_ordered_program_is_booked_in_order(school: School, decider: Decider) -> None:
    made = wizard(school, decider, 1, 1, 1, ordered=True)
    school.result(made.ask())
    assert None not in made.sits_in()


def test_out_of_order_among_the_choices_themselves(school: School, decider: Decider) -> None:
    made = wizard(school, decider, 2, 2, ordered=True)
    start = school.now + 9 * DAY
    school.change("session", made.sessions[0][0], start_at=start, end_at=start + HOUR)
    job = made.ask(made.pick(1), made.pick(0))
    assert school.refusal(job) == "out_of_order"
    assert made.sits_in() == [None, None]


def test_fifty_choices_at_once(school: School, decider: Decider) -> None:
    """As many as one request may name, of classes in every lane."""
    made = wizard(school, decider, *[1] * 50)
    job = made.ask(*(made.pick(step) for step in range(50)))
    result = school.result(job)
    assert len(school.job(job).lanes) == 16
    assert result["manual_selections"] == made.steps
    assert len(result["bookings"]) == 50
    assert made.sits_in() == [session for (session,) in made.sessions]


def test_a_choice_for_a_step_that_is_booked_is_a_failure(school: School, decider: Decider) -> None:
    made = wizard(school, decider, 2, 1)
    made.pupil.book()
    decide_all(decider)
    job = made.ask(made.pick(0, 1))
    assert school.refusal(job) == "step_already_booked"
    assert made.sits_in() == [made.sessions[0][0], None]


def test_the_cohorts_pin_is_what_a_chosen_option_means(school: School, decider: Decider) -> None:
    made = wizard(school, decider, 1)
    [(group_class, cohort)] = school.rows(
        "SELECT group_class_id, course_cohort_id FROM session, student_package"
    )
    pinned = school.session(group_class, 9 * DAY)
    school.pin(cohort, made.options[0][0], pinned)
    made.ask()
    assert made.sits_in() == [pinned]
