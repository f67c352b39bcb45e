"""The school's windows: absolute hours between instants."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from models.booking_job import JobKind
from models.desk import Desk, Seats
from models.policy import Policy, at_least_an_hour
from models.refusal import SENTENCES, Refusal, RefusalCode
from models.verdict import refused
from models.wish import wish_for_another, wish_of
from tests.models.rules.situation import ASKED, DAY, HOUR, INSTANT, NOW, STUDENT, Situation

START = datetime(2026, 3, 10, 9, tzinfo=UTC)


def test_the_windows_are_a_day_and_the_cutoff_two_hours_unless_the_school_says_otherwise() -> None:
    assert Policy() == Policy(
        change_window=timedelta(hours=24),
        cancel_window=timedelta(hours=24),
        waitlist_cutoff=timedelta(hours=2),
        reminder_lead=timedelta(hours=24),
    )


def test_changing_and_cancelling_have_windows_of_their_own() -> None:
    policy = Policy(change_window=3 * HOUR, cancel_window=5 * HOUR)
    assert policy.change_until(START, None) == START - 3 * HOUR
    assert policy.cancel_until(START, None) == START - 5 * HOUR


@pytest.mark.parametrize("hours", [0, 1, 48])
def test_a_programs_window_goes_before_the_schools_even_when_it_is_none(hours: int) -> None:
    assert Policy().change_until(START, hours) == START - timedelta(hours=hours)
    assert Policy().cancel_until(START, hours) == START - timedelta(hours=hours)


def test_a_clock_change_moves_no_window() -> None:
    """On 29 March 2026 Berlin's clocks go an hour ahead at 01:00 UTC."""
    start = datetime(2026, 3, 29, 10, tzinfo=ZoneInfo("Europe/Berlin"))
    until = Policy().change_until(start.astimezone(UTC), None)
    assert until == datetime(2026, 3, 28, 8, tzinfo=UTC)
    assert until.astimezone(ZoneInfo("Europe/Berlin")).hour == 9


def test_the_waitlist_closes_the_very_instant_of_the_cutoff() -> None:
    policy = Policy()
    assert policy.waitlist_open(START, START - 2 * HOUR - INSTANT)
    assert not policy.waitlist_open(START, START - 2 * HOUR)
    assert not policy.waitlist_open(START, START - 2 * HOUR + INSTANT)


@pytest.mark.parametrize(
    ("until", "starts_in", "expected"),
    [
        (3 * HOUR, 9 * HOUR, 3 * HOUR),
        (HOUR, 9 * HOUR, HOUR),
        (HOUR - INSTANT, 9 * HOUR, HOUR),
        (-DAY, 9 * HOUR, HOUR),
        (-DAY, HOUR, HOUR),
        (-DAY, HOUR - INSTANT, HOUR - INSTANT),
        (3 * HOUR, 2 * HOUR, 2 * HOUR),
    ],
)
def test_who_is_promoted_may_leave_for_an_hour_but_never_past_the_start(
    until: timedelta, starts_in: timedelta, expected: timedelta
) -> None:
    assert at_least_an_hour(NOW + until, NOW + starts_in, NOW) == NOW + expected


def test_every_code_has_a_sentence_of_its_own() -> None:
    assert [*SENTENCES] == [*RefusalCode] == [code.name.lower() for code in RefusalCode]
    assert len(set(SENTENCES.values())) == len(RefusalCode)
    for code in RefusalCode:
        assert code.sentence == SENTENCES[code]
        assert code.sentence[0].isupper(), code
        assert code.sentence.endswith("."), code


def test_a_refusal_says_its_codes_sentence_unless_it_has_its_own() -> None:
    plain = Refusal(RefusalCode.SESSION_FULL, "why")
    assert plain.message == "This session is full. Please choose another one."
    assert Refusal(RefusalCode.SESSION_FULL, "why", "Full.").message == "Full."


def test_other_sessions_are_looked_for_against_just_the_refusals_that_they_could_help() -> None:
    for code in RefusalCode:
        situation = Situation()
        step = situation.step()
        job = situation.job(JobKind.BOOK_STEP, step, situation.option(step))
        verdict = refused(job, Refusal(code, "why"), wish_of(situation.desk, job))
        assert bool(verdict.offering) is code.another_session_helps, code


def test_who_lost_the_seat_of_a_step_may_want_any_other_of_it() -> None:
    situation = Situation()
    step = situation.step()
    held = situation.holds(step, situation.session())
    wish = wish_for_another(situation.desk, held, ASKED)

    assert wish is not None
    assert (wish.step, wish.option_id, wish.session_id) == (step, 0, None)
    assert (wish.asked_at, wish.leaving, wish.waived) == (ASKED, None, False)
    assert wish.keeps(held)


def test_who_lost_a_seat_without_a_step_may_want_nothing() -> None:
    situation = Situation()
    situation.step()
    held = situation.seat(STUDENT, situation.session())
    assert wish_for_another(situation.desk, held, ASKED) is None


def test_a_session_has_a_free_seat_while_fewer_are_taken_than_there_are() -> None:
    situation = Situation()

    def free(capacity: int, taken: int) -> bool:
        return situation.session(capacity=capacity, taken=taken).has_free_seat

    assert free(2, 1)
    assert not free(2, 2)
    assert not free(2, 3)
    assert not free(0, 0)


@pytest.mark.parametrize(
    ("starts_in", "ends_in", "overlaps"),
    [
        (-HOUR, 0 * HOUR, False),
        (-HOUR, INSTANT, True),
        (HOUR - INSTANT, 2 * HOUR, True),
        (HOUR, 2 * HOUR, False),
        (HOUR / 4, HOUR / 2, True),
        (-HOUR, 3 * HOUR, True),
    ],
)
def test_sessions_overlap_when_they_share_an_instant(
    starts_in: timedelta,
    ends_in: timedelta,
    overlaps: bool,  # noqa: FBT001 - a table's column
) -> None:
    session: Seats = Situation().session(DAY)
    start = session.start_at
    assert session.overlaps(start + starts_in, start + ends_in) is overlaps


def test_a_booking_is_laid_on_the_desk_once() -> None:
    situation = Situation()
    held = situation.seat(STUDENT, situation.session())
    situation.desk.lay(held)
    assert situation.desk.held_by(STUDENT) == [held]


def test_a_desk_that_nobody_laid_anything_on_gives_no_numbers() -> None:
    desk = Desk(now=NOW)
    assert [*desk.booking_ids, *desk.entry_ids, *desk.session_ids] == []
