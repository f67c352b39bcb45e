"""Booking where seats are taken, judged without a database."""

from models.booking_job import JobKind
from models.refusal import RefusalCode
from tests.models.rules.situation import (
    DAY,
    HOUR,
    INSTANT,
    NOW,
    OTHER_CLASS,
    STUDENT,
    Situation,
    code,
    reads,
    refusal,
)

BOOK = JobKind.BOOK_STEP


def test_a_full_session_says_that_its_waitlist_is_open() -> None:
    situation = Situation()
    step = situation.step()
    session = situation.full_session(2 * HOUR + INSTANT)

    verdict = situation.ask(BOOK, step, situation.option(step), session)
    assert refusal(verdict) == reads(
        RefusalCode.SESSION_FULL,
        f"all 2 seats of session {session.id} are taken",
        "This session is full. Please choose another one, or join the waitlist.",
        waitlist_until=NOW + INSTANT,
    )


def test_a_full_session_that_starts_within_the_cutoff_has_no_open_waitlist() -> None:
    situation = Situation()
    step = situation.step()
    session = situation.full_session(2 * HOUR)

    verdict = situation.ask(BOOK, step, situation.option(step), session)
    assert refusal(verdict) == reads(
        RefusalCode.SESSION_FULL, f"all 2 seats of session {session.id} are taken"
    )


def test_when_all_sessions_are_full_one_open_waitlist_is_enough_to_say_so() -> None:
    situation = Situation()
    step = situation.step()
    situation.full_session(HOUR)
    situation.full_session(DAY)

    assert refusal(situation.ask(BOOK, step, situation.option(step))) == reads(
        RefusalCode.SESSION_FULL,
        "no coming session of group class 51 has a free seat",
        "All coming sessions of this class are full. Please choose another class, or join the"
        " waitlist.",
        waitlist_until=NOW + DAY - 2 * HOUR,
    )


def test_when_all_sessions_are_full_and_start_soon_no_waitlist_is_open() -> None:
    situation = Situation()
    step = situation.step()
    situation.full_session(HOUR)
    situation.full_session(2 * HOUR)

    assert refusal(situation.ask(BOOK, step, situation.option(step))) == reads(
        RefusalCode.SESSION_FULL,
        "no coming session of group class 51 has a free seat",
        "All coming sessions of this class are full. Please choose another class.",
    )


def test_of_several_sessions_the_reason_against_the_first_with_a_free_seat_is_told() -> None:
    situation = Situation()
    step = situation.step(expires_at=NOW + 8 * DAY)
    situation.full_session(3 * DAY)
    situation.session(5 * DAY)
    situation.seat(STUDENT, situation.session(5 * DAY, group_class=OTHER_CLASS))
    situation.session(9 * DAY)

    verdict = situation.ask(BOOK, step, situation.option(step))
    assert code(verdict) == "time_conflict"


def test_a_single_session_is_refused_for_what_stands_before_its_fullness() -> None:
    situation = Situation()
    step = situation.step()
    situation.seat(STUDENT, situation.session(group_class=OTHER_CLASS))

    verdict = situation.ask(BOOK, step, situation.option(step), situation.full_session())
    assert code(verdict) == "time_conflict"
