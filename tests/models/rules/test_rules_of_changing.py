"""Changing a step, judged without a database."""

from dataclasses import replace
from typing import Any

import pytest

from models.booking import BookingStatus
from models.booking_job import JobKind
from models.desk import SYSTEM, Changes, Held, Promotion, Seats, Step
from models.enrolment import PackageStatus, ProgressStatus
from models.judging import judge_booked
from models.refusal import RefusalCode
from models.verdict import Verdict
from tests.models.rules.situation import (
    ASKED,
    DAY,
    HOUR,
    INSTANT,
    NOW,
    OTHER,
    OTHER_CLASS,
    PACKAGE,
    STAFF,
    STUDENT,
    Situation,
    code,
    reads,
    refusal,
    result,
)

CHANGE = JobKind.CHANGE_STEP


def booked(situation: Situation, **fields: Any) -> tuple[Step, Seats, Held]:
    """A step that is booked in a session which starts in three days."""
    step = situation.step()
    old = situation.session(3 * DAY)
    return step, old, situation.holds(step, old, **fields)


def change(situation: Situation, step: Step, **asked: Any) -> Verdict:
    """Change to a session of the same class that starts in a week."""
    return situation.ask(CHANGE, step, situation.option(step), situation.session(), **asked)


def test_a_change_frees_the_old_seat_and_takes_the_new_one() -> None:
    situation = Situation()
    step, old, held = booked(situation)
    new = situation.session()
    job = situation.job(CHANGE, step, situation.option(step), new)

    verdict = situation.decide(job)

    taken = situation.desk.bookings[501]
    assert (held.status, held.cancelled_at) == (BookingStatus.CANCELLED, NOW)
    assert (held.cancelled_by, held.cancel_reason) == (
        STUDENT,
        "Student changed to different session",
    )
    assert (taken.session_id, taken.replaces_booking_id) == (new.id, held.booking_id)
    assert situation.desk.held_by(STUDENT) == [taken]
    assert (old.seats_taken, new.seats_taken) == (0, 1)
    assert (step.progress_status, step.booking_id, step.booked_at) == ("BOOKED", 501, NOW)
    note = {"cause": "CHANGE_STEP", "actor_id": STUDENT, "booking_job_id": job.id, "at": NOW}
    assert replace(situation.desk.changes, messages=[]) == Changes(
        booked={501: taken},
        rebooked={held.booking_id: held},
        steps={step.progress_id: step},
        seats={old.id: -1, new.id: 1},
        ledger=[
            {"session_id": old.id, "booking_id": held.booking_id, "change": -1} | note,
            {"session_id": new.id, "booking_id": 501, "change": 1} | note,
        ],
    )
    told = result(verdict)
    assert told["booking"]["id"] == 501
    assert told["progress"]["booking_id"] == 501


def test_a_change_is_told_by_mail_and_event_with_what_it_was_before() -> None:
    situation = Situation()
    step, old, held = booked(situation)
    new = situation.session()
    job = situation.job(CHANGE, step, situation.option(step), new)

    situation.decide(job)

    about = {
        "user_id": STUDENT,
        "student_package_id": PACKAGE,
        "course_step_id": step.course_step_id,
        "booking_job_id": job.id,
        "created_at": NOW,
    }
    assert situation.told == [
        about
        | {
            "kind": "MAIL",
            "topic": "booking_changed",
            "payload": {"booking_id": 501, "previous_booking_id": held.booking_id},
        },
        about
        | {
            "kind": "EVENT",
            "topic": "course.step.changed",
            "payload": {
                "studentId": STUDENT,
                "packageId": PACKAGE,
                "stepId": step.course_step_id,
                "bookingId": 501,
                "sessionId": new.id,
                "previousSessionId": old.id,
                "previousBookingId": held.booking_id,
            },
        },
    ]


def test_a_seat_that_the_same_batch_took_can_be_left_again() -> None:
    """It is written as it stands in the end, and what is changed is not written twice."""
    situation = Situation()
    step = situation.step()
    option = situation.option(step)
    first, second = situation.session(), situation.session(8 * DAY)
    result(situation.ask(JobKind.BOOK_STEP, step, option, first))
    result(situation.ask(CHANGE, step, option, second))

    changes = situation.desk.changes
    assert [held.status for held in changes.booked.values()] == ["CANCELLED", "CONFIRMED"]
    assert changes.rebooked == {}
    assert changes.seats == {first.id: 0, second.id: 1}


def test_who_changes_to_a_session_that_starts_soon_has_no_window_left() -> None:
    situation = Situation()
    step, _, _ = booked(situation)
    soon = situation.session(5 * HOUR)
    result(situation.ask(CHANGE, step, situation.option(step), soon))

    held = situation.desk.bookings[501]
    assert held.change_until == soon.start_at - 24 * HOUR
    assert held.cancel_until == soon.start_at - 12 * HOUR


def test_a_change_passes_over_the_session_that_is_held() -> None:
    situation = Situation()
    step, _, _ = booked(situation)
    later = situation.session()

    told = result(situation.ask(CHANGE, step, situation.option(step)))
    assert told["booking"]["session_id"] == later.id


def test_a_change_to_the_session_that_is_held_is_none() -> None:
    situation = Situation()
    step, old, _ = booked(situation)

    verdict = situation.ask(CHANGE, step, situation.option(step), old)
    assert refusal(verdict) == reads(
        RefusalCode.SAME_SESSION, f"the step is booked in session {old.id}"
    )


def test_a_session_that_overlaps_only_the_seat_that_is_left_can_be_taken() -> None:
    situation = Situation()
    step, old, _ = booked(situation)
    new = situation.session(3 * DAY + HOUR / 2, group_class=OTHER_CLASS)

    assert result(situation.ask(CHANGE, step, situation.option(step, OTHER_CLASS), new))
    assert old.seats_taken == 0


def test_a_session_that_overlaps_a_seat_that_is_kept_cannot() -> None:
    situation = Situation()
    step, _, _ = booked(situation)
    situation.seat(STUDENT, situation.session(group_class=OTHER_CLASS))

    assert code(change(situation, step)) == "time_conflict"


def test_the_seat_that_is_left_does_not_count_for_the_order() -> None:
    situation = Situation()
    first = situation.step(1, ordered=True)
    situation.holds(first, situation.session(DAY))
    step = situation.step(2, ordered=True)
    situation.holds(step, situation.session(3 * DAY))
    option = situation.option(step)

    assert code(situation.ask(CHANGE, step, option, situation.session(DAY / 2))) == "out_of_order"
    assert result(situation.ask(CHANGE, step, option, situation.session(2 * DAY)))


def test_without_a_booking_there_is_nothing_to_change() -> None:
    situation = Situation()
    step = situation.step()

    assert refusal(change(situation, step)) == reads(
        RefusalCode.NOT_BOOKED, "step 41 has no booking"
    )


def test_the_package_is_looked_at_before_a_change() -> None:
    situation = Situation()
    step, _, _ = booked(situation)
    step.package_status = PackageStatus.CANCELLED

    assert code(change(situation, step)) == "package_inactive"


def test_an_invalid_option_is_refused_before_the_window_is_looked_at() -> None:
    situation = Situation()
    step, _, _ = booked(situation, change_until=ASKED - INSTANT)
    option = situation.option(step, is_active=False)

    assert code(situation.ask(CHANGE, step, option)) == "option_invalid"
    assert code(change(situation, step)) == "too_late_to_change"


def test_the_window_is_open_to_its_very_end() -> None:
    situation = Situation()
    step, _, _ = booked(situation, change_until=ASKED)

    assert result(change(situation, step))


def test_the_window_is_closed_an_instant_after_its_end() -> None:
    situation = Situation()
    until = ASKED - INSTANT
    step, _, _ = booked(situation, change_until=until)

    assert refusal(change(situation, step)) == reads(
        RefusalCode.TOO_LATE_TO_CHANGE, f"the window closed at {until.isoformat()}"
    )


@pytest.mark.parametrize(
    ("window", "starts_in", "outcome"),
    [
        (None, 24 * HOUR, "SUCCEEDED"),
        (None, 24 * HOUR - INSTANT, "REFUSED"),
        (1, HOUR, "SUCCEEDED"),
        (1, HOUR - INSTANT, "REFUSED"),
    ],
)
def test_a_booking_from_before_windows_were_kept_has_the_programs_or_the_schools(
    window: int | None, starts_in: Any, outcome: str
) -> None:
    situation = Situation()
    step = situation.step(change_window_hours=window)
    old = situation.session(starts_in)
    situation.holds(step, old, change_until=None, cancel_until=None)

    verdict = change(situation, step, fields={"submitted_at": NOW})
    assert verdict.status == outcome


def test_staff_may_waive_the_window() -> None:
    situation = Situation()
    step, _, _ = booked(situation, change_until=ASKED - DAY)

    assert result(change(situation, step, override={"reason": "as agreed"}))


def test_a_completed_step_stays_even_when_staff_waive_the_window() -> None:
    situation = Situation()
    step, _, _ = booked(situation)
    step.progress_status = ProgressStatus.COMPLETED

    verdict = change(situation, step, override={"reason": "as agreed"})
    assert refusal(verdict) == reads(
        RefusalCode.TOO_LATE_TO_CHANGE,
        "step 41 is completed",
        "This step is completed, so its booking can't be changed any more.",
    )


def test_a_refused_change_moves_nothing_and_offers_others_than_the_seat_that_is_held() -> None:
    situation = Situation()
    step, old, held = booked(situation)
    full = situation.full_session()
    verdict = situation.ask(CHANGE, step, situation.option(step), full)

    assert code(verdict) == "session_full"
    assert (held.status, old.seats_taken, full.seats_taken) == ("CONFIRMED", 1, 2)
    assert situation.desk.changes == Changes()
    (offered,) = verdict.offering
    assert offered.wish is not None
    assert offered.wish.leaving is held


def test_a_seat_that_is_freed_is_promised_to_those_who_wait_for_it() -> None:
    situation = Situation()
    step, old, _ = booked(situation)
    other = situation.step(package=32, user=OTHER)
    situation.waits(other, situation.option(other), old)
    result(change(situation, step))

    assert situation.desk.promised == {old.id}
    assert situation.desk.changes.promotions == {old.id: Promotion(old, None)}


def test_staffs_change_names_the_booking_that_is_meant() -> None:
    situation = Situation()
    step, _, held = booked(situation)

    assert result(change(situation, step, booking_id=held.booking_id))


def test_staffs_change_of_a_booking_that_is_no_longer_the_steps_is_refused() -> None:
    situation = Situation()
    step, _, held = booked(situation)
    gone = held.booking_id + 90
    verdict = change(situation, step, booking_id=gone)

    assert refusal(verdict) == reads(
        RefusalCode.NOT_BOOKED,
        f"booking {gone} holds no seat any more",
        "This booking was cancelled or changed meanwhile. Please look again.",
    )
    assert held.status == "CONFIRMED"
    assert verdict.offering == []


def test_staffs_change_of_a_booking_without_a_step_has_no_options() -> None:
    situation = Situation()
    held = situation.seat(STUDENT, situation.session())
    verdict = situation.ask(
        CHANGE, booking_id=held.booking_id, fields={"student_package_id": PACKAGE}
    )

    assert refusal(verdict) == reads(
        RefusalCode.OPTION_INVALID,
        f"booking {held.booking_id} is for no step, so it has no options",
    )


@pytest.mark.parametrize(("by", "cancelled_by"), [(STAFF, STAFF), (SYSTEM, None)])
def test_who_cancelled_the_old_booking_is_kept(by: int, cancelled_by: int | None) -> None:
    situation = Situation()
    step, _, held = booked(situation)
    result(change(situation, step, fields={"submitted_by": by}))

    assert held.cancelled_by == cancelled_by


def test_a_step_without_a_seat_is_named() -> None:
    refused = judge_booked(Situation().step(), None)
    assert refused is not None
    assert (refused.code, refused.detail) == (RefusalCode.NOT_BOOKED, "step 41 has no booking")
