"""Which session an option means, judged without a database."""

from datetime import timedelta

import pytest

from models.booking_job import JobKind
from models.catalog import SessionStatus
from models.desk import Held
from models.refusal import RefusalCode
from tests.models.rules.situation import (
    CLASS,
    COHORT,
    DAY,
    HOUR,
    INSTANT,
    NOW,
    OTHER,
    OTHER_CLASS,
    Situation,
    code,
    reads,
    refusal,
    result,
)

BOOK = JobKind.BOOK_STEP


def booked(situation: Situation, **asked: object) -> int:
    """The session in which the first step is booked when an option of it is asked for."""
    step = situation.desk.steps[31, 41]
    option = next(iter(situation.desk.options.values()))
    verdict = situation.ask(BOOK, step, option, **asked)
    return int(result(verdict)["booking"]["session_id"])


def furnished() -> Situation:
    situation = Situation()
    situation.option(situation.step())
    return situation


def test_the_earliest_coming_session_with_a_free_seat_is_taken() -> None:
    situation = furnished()
    situation.session(9 * DAY)
    situation.full_session(3 * DAY)
    second = situation.session(5 * DAY)

    assert booked(situation) == second.id


def test_a_session_that_the_student_cannot_attend_is_passed_over() -> None:
    situation = furnished()
    situation.session(3 * DAY)
    later = situation.session(5 * DAY)
    situation.seat(11, situation.session(3 * DAY, group_class=OTHER_CLASS))

    assert booked(situation) == later.id


def test_the_session_that_is_named_is_taken_although_an_earlier_one_is_free() -> None:
    situation = furnished()
    situation.session(3 * DAY)
    later = situation.session(5 * DAY)

    assert booked(situation, session=later) == later.id


def test_the_session_that_is_named_goes_before_the_pinned_one() -> None:
    situation = furnished()
    pinned, named = situation.session(3 * DAY), situation.session(5 * DAY)
    situation.pin(next(iter(situation.desk.options.values())), pinned)

    assert booked(situation, session=named) == named.id


def test_the_pinned_session_is_taken_although_an_earlier_one_is_free() -> None:
    situation = furnished()
    situation.session(3 * DAY)
    pinned = situation.session(5 * DAY)
    situation.pin(next(iter(situation.desk.options.values())), pinned)

    assert booked(situation) == pinned.id


def test_a_full_pinned_session_is_the_only_candidate() -> None:
    situation = furnished()
    situation.session(3 * DAY)
    step, option = situation.desk.steps[31, 41], next(iter(situation.desk.options.values()))
    situation.pin(option, situation.full_session(5 * DAY))

    assert code(situation.ask(BOOK, step, option)) == "session_full"


def test_another_cohorts_pin_is_not_looked_at() -> None:
    situation = furnished()
    first = situation.session(3 * DAY)
    situation.pin(
        next(iter(situation.desk.options.values())), situation.session(5 * DAY), COHORT + 1
    )

    assert booked(situation) == first.id


def test_a_session_that_starts_this_moment_is_no_candidate_and_one_just_after_is() -> None:
    situation = furnished()
    situation.session(timedelta(0))
    situation.session(INSTANT, status=SessionStatus.CANCELLED)
    just_after = situation.session(INSTANT)

    assert booked(situation) == just_after.id


def test_without_any_coming_session_there_is_none_to_take() -> None:
    situation = Situation()
    step = situation.step()
    option = situation.option(step)
    situation.session(timedelta(0))
    situation.session(DAY, status=SessionStatus.CANCELLED)
    situation.session(DAY, group_class=OTHER_CLASS)

    assert refusal(situation.ask(BOOK, step, option)) == reads(
        RefusalCode.NO_UPCOMING_SESSION,
        f"group class {CLASS} has no scheduled session in the future",
    )


def test_a_class_without_any_session_has_none_to_take() -> None:
    situation = Situation()
    step = situation.step()

    verdict = situation.ask(BOOK, step, situation.option(step))
    assert code(verdict) == "no_upcoming_session"


def test_an_inactive_option_cannot_be_taken() -> None:
    situation = Situation()
    step = situation.step()
    option = situation.option(step, is_active=False)
    situation.session()

    assert refusal(situation.ask(BOOK, step, option)) == reads(
        RefusalCode.OPTION_INVALID, f"option {option.id} is not an active one of step 41"
    )


def test_an_unknown_option_cannot_be_taken() -> None:
    situation = Situation()
    step = situation.step()
    situation.session()

    verdict = situation.ask(BOOK, step, course_step_option_id=69)
    assert refusal(verdict)["detail"] == "option 69 is not an active one of step 41"


def test_another_steps_option_cannot_be_taken() -> None:
    situation = Situation()
    step = situation.step()
    situation.session()

    verdict = situation.ask(BOOK, step, situation.option(situation.step(2)))
    assert code(verdict) == "option_invalid"


def test_a_session_of_another_class_is_no_session_of_the_option() -> None:
    situation = Situation()
    step = situation.step()
    option = situation.option(step)
    elsewhere = situation.session(group_class=OTHER_CLASS)

    assert refusal(situation.ask(BOOK, step, option, elsewhere)) == reads(
        RefusalCode.SESSION_INVALID,
        f"session {elsewhere.id} is not one of option {option.id}'s group class",
    )


def test_an_unknown_session_is_no_session_of_the_option() -> None:
    situation = Situation()
    step = situation.step()
    situation.session()

    verdict = situation.ask(BOOK, step, situation.option(step), session_id=299)
    assert code(verdict) == "session_invalid"


def test_a_named_session_that_was_cancelled_says_so() -> None:
    situation = Situation()
    step = situation.step()
    named = situation.session(status=SessionStatus.CANCELLED)

    assert refusal(situation.ask(BOOK, step, situation.option(step), named)) == reads(
        RefusalCode.SESSION_CANCELLED, f"session {named.id} was cancelled"
    )


def test_a_named_session_that_starts_this_moment_has_started() -> None:
    situation = Situation()
    step = situation.step()
    named = situation.session(timedelta(0))

    assert refusal(situation.ask(BOOK, step, situation.option(step), named)) == reads(
        RefusalCode.SESSION_STARTED, f"session {named.id} started at {NOW.isoformat()}"
    )


def test_a_named_session_that_starts_in_the_next_instant_can_be_booked() -> None:
    situation = furnished()
    named = situation.session(INSTANT)

    assert booked(situation, session=named) == named.id


@pytest.mark.parametrize("capacity", [1, 2])
def test_the_last_seat_can_be_taken_and_then_there_is_none(capacity: int) -> None:
    situation = Situation()
    session = situation.session(capacity=capacity, taken=capacity - 1)
    first, second = situation.step(), situation.step(package=32, user=OTHER)
    option = situation.option(first)

    result(situation.ask(BOOK, first, option, session))
    assert session.seats_taken == capacity
    assert code(situation.ask(BOOK, second, option, session)) == "session_full"
    assert session.seats_taken == capacity


def conflict(situation: Situation, held: Held) -> dict[str, object]:
    step = situation.step()
    session = situation.session(7 * DAY)
    verdict = situation.ask(BOOK, step, situation.option(step), session)
    told = refusal(verdict)
    assert told["detail"] == f"session {session.id} overlaps session {held.session_id}"
    return told


@pytest.mark.parametrize("starts_in", [HOUR - INSTANT, INSTANT - HOUR])
def test_two_sessions_that_share_an_instant_collide(starts_in: timedelta) -> None:
    situation = Situation()
    elsewhere = situation.session(7 * DAY + starts_in, group_class=OTHER_CLASS)
    held = situation.seat(11, elsewhere)

    assert conflict(situation, held)["message"] == (
        "This session overlaps “Class 52”, which you have booked for that time."
        " Please choose another session."
    )


@pytest.mark.parametrize("starts_in", [HOUR, -HOUR])
def test_two_sessions_that_touch_do_not_collide(starts_in: timedelta) -> None:
    situation = furnished()
    situation.seat(11, situation.session(7 * DAY + starts_in, group_class=OTHER_CLASS))
    session = situation.session(7 * DAY)

    assert booked(situation, session=session) == session.id


def test_another_students_seat_at_that_time_does_not_matter() -> None:
    situation = furnished()
    situation.seat(OTHER, situation.session(7 * DAY, group_class=OTHER_CLASS))
    session = situation.session(7 * DAY)

    assert booked(situation, session=session) == session.id
