"""Moving a session, judged without a database."""

import time
from dataclasses import replace
from datetime import timedelta, timezone
from typing import Any

import pytest

from models.booking import BookingStatus
from models.booking_job import JobKind
from models.desk import Changes, Promotion, Seats
from models.instants import print_instant
from models.refusal import RefusalCode
from models.verdict import Verdict
from tests.models.rules.situation import (
    BY_STAFF,
    DAY,
    HOUR,
    INSTANT,
    NOW,
    OTHER,
    OTHER_CLASS,
    PACKAGE,
    STUDENT,
    Situation,
    reads,
    refusal,
    result,
    utc,
)

MOVE = JobKind.MOVE_SESSION


def move(
    situation: Situation, session: Seats, starts_in: timedelta = 5 * DAY, **asked: Any
) -> Verdict:
    return situation.ask(
        MOVE,
        about=session,
        start_at=(NOW + starts_in).isoformat(),
        end_at=(NOW + starts_in + HOUR).isoformat(),
        **({"reason": "The room is taken", "fields": BY_STAFF} | asked),
    )


def test_moving_a_session_takes_its_bookings_along() -> None:
    situation = Situation()
    session = situation.session(3 * DAY)
    held = situation.holds(situation.step(), session)
    verdict = move(situation, session)

    times = (NOW + 5 * DAY, NOW + 5 * DAY + HOUR)
    assert (session.start_at, session.end_at) == times
    assert (held.start_at, held.end_at) == times
    assert held.change_until == held.cancel_until == session.start_at
    assert held.holds_seat
    assert replace(situation.desk.changes, messages=[]) == Changes(
        rebooked={held.booking_id: held}, moved=[held], sessions={session.id: session}
    )
    told = result(verdict)
    assert told["affected"] == [
        {
            "student_id": STUDENT,
            "booking_id": held.booking_id,
            "outcome": "MOVED",
            "alternatives": [],
        }
    ]
    assert told["session"]["start_at"] == times[0].isoformat()
    assert verdict.offering == []


def test_everybody_is_told_where_the_session_was_before() -> None:
    situation = Situation()
    session = situation.session(3 * DAY)
    held = situation.holds(situation.step(), session)
    job = situation.job(
        MOVE,
        about=session,
        reason="The room is taken",
        # whatever offset staff's own calendar has
        start_at=(NOW + 5 * DAY).astimezone(timezone(HOUR)).isoformat(),
        end_at=(NOW + 5 * DAY + HOUR).astimezone(timezone(HOUR)).isoformat(),
    )
    situation.decide(job)

    mail, event = situation.told
    assert mail == {
        "kind": "MAIL",
        "topic": "session_moved",
        "payload": {
            "booking_id": held.booking_id,
            "previous_start_at": (NOW + 3 * DAY).isoformat(),
            "previous_end_at": (NOW + 3 * DAY + HOUR).isoformat(),
        },
        "user_id": STUDENT,
        "student_package_id": PACKAGE,
        "course_step_id": 41,
        "booking_job_id": job.id,
        "created_at": NOW,
    }
    assert event == {
        "kind": "EVENT",
        "topic": "course.session.moved",
        "payload": {
            "sessionId": session.id,
            "startAt": utc(NOW + 5 * DAY),
            "endAt": utc(NOW + 5 * DAY + HOUR),
            "reason": "The room is taken",
            "bookingIds": [held.booking_id],
            "previousStartAt": utc(NOW + 3 * DAY),
            "previousEndAt": utc(NOW + 3 * DAY + HOUR),
        },
        "user_id": None,
        "student_package_id": None,
        "course_step_id": None,
        "booking_job_id": job.id,
        "created_at": NOW,
    }


def test_an_instant_is_printed_in_utc_wherever_the_process_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        printed = print_instant(NOW.astimezone(timezone(HOUR)))
    time.tzset()
    assert printed == "2026-03-02T12:00:00Z"


def test_whom_the_move_makes_overlap_another_seat_is_released_and_offered_others() -> None:
    situation = Situation()
    session = situation.session(3 * DAY)
    step = situation.step()
    held = situation.holds(step, session)
    stays = situation.seat(OTHER, session)
    situation.seat(STUDENT, situation.session(5 * DAY + HOUR - INSTANT, group_class=OTHER_CLASS))
    verdict = move(situation, session)

    assert (held.status, held.cancel_reason) == (BookingStatus.CANCELLED, "The room is taken")
    # the booking tells when it was, not when it would have been
    assert held.start_at == NOW + 3 * DAY
    assert step.progress_status == "UNBOOKED"
    assert (stays.start_at, session.seats_taken) == (session.start_at, 1)
    assert [(c["student_id"], c["outcome"]) for c in result(verdict)["affected"]] == [
        (STUDENT, "CANCELLED"),
        (OTHER, "MOVED"),
    ]
    assert situation.topics == [
        "booking_released",
        "course.step.cancelled",
        "session_moved",
        "course.session.moved",
    ]
    assert situation.told[-1]["payload"]["bookingIds"] == [held.booking_id, stays.booking_id]
    (offered,) = verdict.offering
    assert offered.wish is not None
    assert offered.wish.step is step


def test_a_seat_that_the_moved_session_only_touches_releases_nobody() -> None:
    situation = Situation()
    session = situation.session(3 * DAY)
    held = situation.seat(STUDENT, session)
    situation.seat(STUDENT, situation.session(5 * DAY + HOUR, group_class=OTHER_CLASS))
    move(situation, session)

    assert held.holds_seat


def test_a_session_may_be_moved_by_less_than_its_length() -> None:
    """What it would overlap is itself."""
    situation = Situation()
    session = situation.session(3 * DAY)
    held = situation.seat(STUDENT, session)
    move(situation, session, 3 * DAY + HOUR / 2)

    assert held.holds_seat


def test_a_session_is_not_moved_into_the_past() -> None:
    situation = Situation()
    session = situation.session(3 * DAY)
    held = situation.seat(STUDENT, session)
    verdict = move(situation, session, timedelta(0))

    assert refusal(verdict) == reads(
        RefusalCode.SESSION_STARTED, f"session {session.id} started at {NOW.isoformat()}"
    )
    assert held.start_at == NOW + 3 * DAY
    assert situation.desk.changes == Changes()
    assert situation.told == []


def test_the_free_seats_of_a_moved_session_go_to_who_waits_for_it() -> None:
    situation = Situation()
    session = situation.session(3 * DAY)
    situation.somebody_waits(session)
    move(situation, session)

    assert situation.desk.changes.promotions == {session.id: Promotion(session, None)}
