"""In which order a program's steps may be taken, judged without a database."""

from typing import Any

import pytest

from models.booking_job import JobKind
from models.refusal import RefusalCode
from models.verdict import Verdict
from tests.models.rules.situation import (
    DAY,
    HOUR,
    INSTANT,
    OTHER_CLASS,
    STUDENT,
    Situation,
    code,
    reads,
    refusal,
    result,
)

BOOK = JobKind.BOOK_STEP
WEEK = 7 * DAY


def ordered(situation: Situation, order: int, held_order: int, held_in: Any, **of: Any) -> Verdict:
    """Book a step for a week from now, while another one is booked."""
    held = situation.step(held_order, ordered=True, **of)
    situation.holds(held, situation.session(held_in, group_class=OTHER_CLASS, lasts=INSTANT))
    step = situation.step(order, ordered=True)
    return situation.ask(BOOK, step, situation.option(step), situation.session(WEEK, capacity=9))


def test_in_an_ordered_program_a_step_does_not_fall_before_an_earlier_one() -> None:
    assert refusal(ordered(Situation(), 2, 1, WEEK + HOUR)) == reads(
        RefusalCode.OUT_OF_ORDER, "step 2 would fall before step 1"
    )


def test_in_an_ordered_program_a_step_does_not_fall_after_a_later_one() -> None:
    assert refusal(ordered(Situation(), 2, 3, WEEK - HOUR)) == reads(
        RefusalCode.OUT_OF_ORDER, "step 2 would fall after step 3"
    )


@pytest.mark.parametrize(("held_order", "held_in"), [(1, WEEK - HOUR), (3, WEEK + HOUR)])
def test_in_an_ordered_program_the_right_order_is_accepted(held_order: int, held_in: Any) -> None:
    assert result(ordered(Situation(), 2, held_order, held_in))


@pytest.mark.parametrize("held_in", [WEEK - HOUR, WEEK + HOUR])
def test_another_packages_steps_have_their_own_order(held_in: Any) -> None:
    assert result(ordered(Situation(), 2, 1, held_in, package=32))
    assert result(ordered(Situation(), 2, 3, held_in, package=32))


def test_seats_without_a_place_in_the_order_are_passed_over_and_the_next_is_judged() -> None:
    situation = Situation()
    step = situation.step(2, ordered=True)
    situation.seat(STUDENT, situation.session(DAY, group_class=OTHER_CLASS))
    situation.holds(situation.step(1, package=32), situation.session(2 * DAY, group_class=53))
    situation.holds(
        situation.step(3), situation.session(3 * DAY, group_class=OTHER_CLASS), step_order=None
    )
    situation.holds(situation.step(1), situation.session(9 * DAY, group_class=OTHER_CLASS))

    verdict = situation.ask(BOOK, step, situation.option(step), situation.session())
    assert code(verdict) == "out_of_order"


@pytest.mark.parametrize(("order", "held_order"), [(2, 1), (1, 2)])
def test_steps_that_start_in_the_same_instant_are_in_order(order: int, held_order: int) -> None:
    """A session without any length is no overlap, so that only the order speaks."""
    situation = Situation()
    held = situation.step(held_order, ordered=True)
    situation.holds(held, situation.session(WEEK, group_class=OTHER_CLASS, lasts=HOUR - HOUR))
    step = situation.step(order, ordered=True)
    assert result(situation.ask(BOOK, step, situation.option(step), situation.session(WEEK)))


@pytest.mark.parametrize("held_in", [WEEK - HOUR, WEEK + HOUR])
def test_two_steps_of_the_same_place_may_come_in_either_order(held_in: Any) -> None:
    situation = Situation()
    twin = situation.step(9, ordered=True, step_order=2)
    situation.holds(twin, situation.session(held_in, group_class=OTHER_CLASS, lasts=INSTANT))
    step = situation.step(2, ordered=True)

    assert result(situation.ask(BOOK, step, situation.option(step), situation.session(WEEK)))


def test_in_a_program_without_an_order_any_order_is_accepted() -> None:
    situation = Situation()
    situation.holds(situation.step(1), situation.session(9 * DAY, group_class=OTHER_CLASS))

    assert result(situation.book(situation.step(2)))


def test_staff_may_waive_the_order() -> None:
    situation = Situation()
    situation.holds(situation.step(1), situation.session(9 * DAY, group_class=OTHER_CLASS))
    step = situation.step(2, ordered=True)

    assert result(situation.book(step, override={"reason": "as agreed"}))
