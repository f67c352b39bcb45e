"""Cancelling a booking, judged without a database."""

from dataclasses import replace
from typing import Any

import pytest

from models.booking import BookingStatus
from models.booking_job import JobKind
from models.catalog import SessionStatus
from models.desk import Changes, Promotion
from models.enrolment import PackageStatus, ProgressStatus
from models.refusal import RefusalCode
from tests.models.rules.situation import (
    ASKED,
    DAY,
    HOUR,
    INSTANT,
    NOW,
    OTHER,
    OTHER_CLASS,
    PACKAGE,
    STUDENT,
    Situation,
    code,
    reads,
    refusal,
    result,
)

CANCEL = JobKind.CANCEL_STEP


def test_cancelling_frees_the_seat_and_the_step() -> None:
    situation = Situation()
    step = situation.step()
    session = situation.session(taken=1)
    held = situation.holds(step, session)
    job = situation.job(CANCEL, step, reason="I am ill")

    verdict = situation.decide(job)

    assert (held.status, held.cancelled_at) == (BookingStatus.CANCELLED, NOW)
    assert (held.cancelled_by, held.cancel_reason) == (STUDENT, "I am ill")
    assert session.seats_taken == 1
    assert situation.desk.held_by(STUDENT) == []
    assert (step.progress_status, step.booking_id, step.booked_at) == ("UNBOOKED", None, None)
    assert replace(situation.desk.changes, messages=[]) == Changes(
        rebooked={held.booking_id: held},
        steps={step.progress_id: step},
        seats={session.id: -1},
        ledger=[
            {
                "session_id": session.id,
                "booking_id": held.booking_id,
                "change": -1,
                "cause": "CANCEL_STEP",
                "actor_id": STUDENT,
                "booking_job_id": job.id,
                "at": NOW,
            }
        ],
    )
    told = result(verdict)
    assert (told["success"], told["booking"]["status"]) == (True, "CANCELLED")
    assert told["progress"] == {
        "id": step.progress_id,
        "course_step_id": step.course_step_id,
        "status": "UNBOOKED",
        "booking_id": None,
        "booked_at": None,
    }


def test_cancelling_is_told_by_mail_and_event() -> None:
    situation = Situation()
    step = situation.step()
    session = situation.session()
    held = situation.holds(step, session)
    job = situation.job(CANCEL, step)
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
            "topic": "booking_cancelled",
            "payload": {"booking_id": held.booking_id},
        },
        about
        | {
            "kind": "EVENT",
            "topic": "course.step.cancelled",
            "payload": {
                "studentId": STUDENT,
                "packageId": PACKAGE,
                "stepId": step.course_step_id,
                "bookingId": held.booking_id,
                "sessionId": session.id,
            },
        },
    ]
    assert held.cancel_reason is None


def test_without_a_booking_there_is_nothing_to_cancel() -> None:
    situation = Situation()
    step = situation.step()

    verdict = situation.ask(CANCEL, step)
    assert refusal(verdict) == reads(RefusalCode.NOT_BOOKED, "step 41 has no booking")
    assert verdict.offering == []


def test_a_cancelled_booking_that_the_step_still_names_is_none() -> None:
    situation = Situation()
    step = situation.step()
    situation.holds(step, situation.session(), status=BookingStatus.CANCELLED)

    assert code(situation.ask(CANCEL, step)) == "not_booked"


def test_whether_the_package_still_runs_does_not_matter() -> None:
    situation = Situation()
    step = situation.step(expires_at=NOW - DAY, package_status=PackageStatus.CANCELLED)
    situation.holds(step, situation.session())

    assert result(situation.ask(CANCEL, step))


def test_the_window_is_open_to_its_very_end() -> None:
    situation = Situation()
    step = situation.step()
    situation.holds(step, situation.session(), cancel_until=ASKED)

    assert result(situation.ask(CANCEL, step))


def test_the_window_is_closed_an_instant_after_its_end() -> None:
    situation = Situation()
    step = situation.step()
    until = ASKED - INSTANT
    held = situation.holds(step, situation.session(), cancel_until=until)

    assert refusal(situation.ask(CANCEL, step)) == reads(
        RefusalCode.TOO_LATE_TO_CANCEL, f"the window closed at {until.isoformat()}"
    )
    assert held.status == "CONFIRMED"


@pytest.mark.parametrize(
    ("window", "starts_in", "outcome"),
    [
        (None, 12 * HOUR, "SUCCEEDED"),
        (None, 12 * HOUR - INSTANT, "REFUSED"),
        (0, INSTANT, "SUCCEEDED"),
        (1, HOUR - INSTANT, "REFUSED"),
        (1, HOUR, "SUCCEEDED"),
    ],
)
def test_a_booking_from_before_windows_were_kept_has_the_programs_or_the_schools(
    window: int | None, starts_in: Any, outcome: str
) -> None:
    situation = Situation()
    step = situation.step(cancel_window_hours=window)
    session = situation.session(starts_in)
    situation.holds(step, session, change_until=None, cancel_until=None)

    assert situation.ask(CANCEL, step, fields={"submitted_at": NOW}).status == outcome


def test_staff_may_waive_the_window() -> None:
    situation = Situation()
    step = situation.step()
    situation.holds(step, situation.session(), cancel_until=ASKED - DAY)

    assert result(situation.ask(CANCEL, step, override={"reason": "as agreed"}))


def test_a_completed_step_stays() -> None:
    situation = Situation()
    step = situation.step()
    situation.holds(step, situation.session(), status=BookingStatus.ATTENDED)
    step.progress_status = ProgressStatus.COMPLETED

    told = refusal(situation.ask(CANCEL, step, override={"reason": "as agreed"}))
    assert told == reads(
        RefusalCode.TOO_LATE_TO_CANCEL,
        "step 41 is completed",
        "This step is completed, so its booking can't be changed any more.",
    )


def test_staffs_cancelling_of_a_booking_that_is_no_longer_the_steps_is_refused() -> None:
    situation = Situation()
    step = situation.step()
    held = situation.holds(step, situation.session())

    verdict = situation.ask(CANCEL, step, booking_id=499)
    assert refusal(verdict) == reads(
        RefusalCode.NOT_BOOKED,
        "booking 499 holds no seat any more",
        "This booking was cancelled or changed meanwhile. Please look again.",
    )
    assert held.status == "CONFIRMED"
    assert result(situation.ask(CANCEL, step, booking_id=held.booking_id))


def test_staff_cancel_a_seat_without_package_and_step() -> None:
    situation = Situation()
    session = situation.session()
    held = situation.seat(OTHER, session)

    told = result(situation.ask(CANCEL, booking_id=held.booking_id))

    assert told["progress"] is None
    assert (told["booking"]["id"], told["booking"]["status"]) == (held.booking_id, "CANCELLED")
    assert session.seats_taken == 0
    assert situation.desk.changes.steps == {}
    # the events are about course steps
    assert situation.topics == ["booking_cancelled"]


def test_a_seat_without_a_step_has_the_schools_window() -> None:
    situation = Situation()
    in_time = situation.seat(OTHER, situation.session(12 * HOUR))
    late = situation.seat(OTHER, situation.session(12 * HOUR - INSTANT))
    now = {"submitted_at": NOW}

    assert result(situation.ask(CANCEL, booking_id=in_time.booking_id, fields=now))
    verdict = situation.ask(CANCEL, booking_id=late.booking_id, fields=now)
    assert code(verdict) == "too_late_to_cancel"


@pytest.mark.parametrize("booking_id", [499, None])
def test_a_booking_that_is_unknown_or_not_named_holds_no_seat(booking_id: int | None) -> None:
    situation = Situation()
    situation.seat(OTHER, situation.session(), booking_id=1)

    verdict = situation.ask(CANCEL, booking_id=booking_id)
    assert refusal(verdict) == reads(RefusalCode.NOT_BOOKED, "step None has no booking")


def test_a_seat_that_was_freed_cannot_be_freed_again() -> None:
    situation = Situation()
    session = situation.session()
    held = situation.seat(OTHER, session)
    result(situation.ask(CANCEL, booking_id=held.booking_id))

    assert code(situation.ask(CANCEL, booking_id=held.booking_id)) == "not_booked"
    assert session.seats_taken == 0


def test_a_booking_that_is_not_the_steps_own_leaves_the_step_booked() -> None:
    """As old data may have it: two bookings of one step, of which the progress names one."""
    situation = Situation()
    step = situation.step()
    stray = situation.holds(step, situation.session())
    held = situation.holds(step, situation.session(8 * DAY))
    situation.desk.steps[PACKAGE, 41].booking_id = held.booking_id

    result(
        situation.ask(CANCEL, booking_id=stray.booking_id, fields={"student_package_id": PACKAGE})
    )
    assert (step.progress_status, step.booking_id) == ("BOOKED", held.booking_id)
    assert situation.desk.changes.steps == {}


def promised(situation: Situation) -> set[int]:
    """The sessions whose seats are promised after a booking of one was cancelled."""
    (step,) = (s for s in situation.desk.steps.values() if s.booking_id is not None)
    result(situation.ask(CANCEL, step, override={"reason": "as agreed"}))
    return situation.desk.promised


def waited_for(starts_in: Any = 3 * DAY, **fields: Any) -> Situation:
    """A booked session that somebody else waits for."""
    situation = Situation()
    session = situation.session(starts_in, **fields)
    situation.holds(situation.step(), session)
    other = situation.step(package=32, user=OTHER)
    situation.waits(other, situation.option(other), session)
    return situation


def test_a_freed_seat_is_promised_to_the_waitlist() -> None:
    situation = waited_for()
    (session,) = situation.desk.sessions.values()

    assert promised(situation) == {session.id}
    assert situation.desk.changes.promotions == {session.id: Promotion(session, None)}


def test_a_freed_seat_is_promised_to_who_waits_for_any_session_of_the_class() -> None:
    situation = waited_for()
    situation.desk.waited_for = {(51, None)}
    assert promised(situation) == {next(iter(situation.desk.sessions))}


@pytest.mark.parametrize("waited", [(52, None), (51, 299), (52, 201)])
def test_a_freed_seat_is_promised_to_nobody_who_waits_for_another(
    waited: tuple[int, int | None],
) -> None:
    situation = waited_for()
    situation.desk.waited_for = {waited}
    assert promised(situation) == set()


def test_a_freed_seat_of_a_session_with_too_many_is_no_free_seat() -> None:
    situation = waited_for(capacity=1, taken=1)
    assert promised(situation) == set()


def test_a_freed_seat_of_a_session_that_was_cancelled_is_promised_to_nobody() -> None:
    assert promised(waited_for(status=SessionStatus.CANCELLED)) == set()


@pytest.mark.parametrize(("starts_in", "sessions"), [(NOW - NOW, 0), (INSTANT, 1)])
def test_a_freed_seat_is_promised_until_the_session_starts(starts_in: Any, sessions: int) -> None:
    assert len(promised(waited_for(starts_in))) == sessions


def test_a_seat_elsewhere_is_left_alone() -> None:
    situation = Situation()
    step = situation.step()
    situation.holds(step, situation.session())
    kept = situation.seat(STUDENT, situation.session(group_class=OTHER_CLASS, starts_in=DAY))
    result(situation.ask(CANCEL, step))

    assert situation.desk.held_by(STUDENT) == [kept]
