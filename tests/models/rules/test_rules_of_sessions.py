"""Adding and cancelling a session, and what holds of all deeds; judged without a database."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from models.booking import BookingStatus
from models.booking_job import JobKind
from models.catalog import SessionStatus
from models.desk import Changes, Class, Promotion, Seats
from models.refusal import RefusalCode
from models.verdict import Verdict
from models.waitlist import EndReason
from tests.models.rules.situation import (
    ASKED,
    BY_STAFF,
    CLASS,
    DAY,
    HOUR,
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
    utc,
)

ADD = JobKind.ADD_SESSION
CANCEL = JobKind.CANCEL_SESSION
MOVE = JobKind.MOVE_SESSION
CAPACITY = JobKind.SET_CAPACITY


def add(situation: Situation, **asked: Any) -> Verdict:
    situation.desk.classes[CLASS] = Class(CLASS, "Yoga", 12)
    times = {
        "start_at": (NOW + DAY).isoformat(),
        "end_at": (NOW + DAY + HOUR).isoformat(),
    }
    return situation.ask(ADD, **({"group_class_id": CLASS} | times | asked))


def test_an_added_session_stands_at_its_place_among_its_classs() -> None:
    situation = Situation()
    late, early = situation.session(3 * DAY), situation.session(HOUR)
    same_time = situation.session(DAY)
    add(situation)

    coming = [session.id for session in situation.desk.sessions_of_class[CLASS]]
    assert coming == [early.id, same_time.id, 301, late.id]


def test_a_session_is_added_with_the_classs_capacity() -> None:
    situation = Situation()
    verdict = add(situation)

    session = Seats(
        id=301,
        group_class_id=CLASS,
        group_class_name="Yoga",
        start_at=NOW + DAY,
        end_at=NOW + DAY + HOUR,
        capacity_max=12,
        seats_taken=0,
        status=SessionStatus.SCHEDULED,
    )
    assert situation.desk.sessions == {301: session}
    assert situation.desk.changes == Changes(added_sessions=[session])
    assert result(verdict) == {
        "session": {
            "id": 301,
            "group_class_id": CLASS,
            "group_class_name": "Yoga",
            "start_at": (NOW + DAY).isoformat(),
            "end_at": (NOW + DAY + HOUR).isoformat(),
            "capacity_max": 12,
            "seats_taken": 0,
            "status": "SCHEDULED",
        }
    }


def test_a_session_is_added_with_the_capacity_that_is_given() -> None:
    assert result(add(Situation(), capacity_max=3))["session"]["capacity_max"] == 3


def test_a_session_that_starts_this_moment_is_not_added() -> None:
    situation = Situation()
    verdict = add(situation, start_at=NOW.isoformat())

    assert refusal(verdict) == reads(
        RefusalCode.SESSION_STARTED, f"session 301 started at {NOW.isoformat()}"
    )
    assert situation.desk.sessions == {}
    assert situation.desk.changes == Changes()


def test_a_session_of_an_unknown_class_is_not_added() -> None:
    assert refusal(add(Situation(), group_class_id=59)) == reads(
        RefusalCode.SESSION_INVALID,
        "there is no group class 59 any more",
        "There is no such class.",
    )


def test_the_seats_of_a_session_that_is_added_go_to_who_waits_for_the_class() -> None:
    situation = Situation()
    situation.desk.waited_for.add((CLASS, None))
    add(situation)

    added = situation.desk.sessions[301]
    assert situation.desk.changes.promotions == {301: Promotion(added, None)}
    assert situation.desk.promised == {301}


def test_a_session_without_a_seat_is_promised_to_nobody() -> None:
    situation = Situation()
    situation.desk.waited_for.add((CLASS, None))
    add(situation, capacity_max=0)
    assert situation.desk.promised == set()


@pytest.mark.parametrize("kind", [CANCEL, MOVE, CAPACITY])
@pytest.mark.parametrize("about", [299, None])
def test_staff_can_do_nothing_with_a_session_that_is_not_there(
    kind: JobKind, about: int | None
) -> None:
    situation = Situation()
    situation.session(id=1)
    verdict = situation.ask(kind, fields={"about_session_id": about})

    assert refusal(verdict) == reads(
        RefusalCode.SESSION_INVALID,
        f"session {about} is not there any more",
        "There is no such session.",
    )


@pytest.mark.parametrize("kind", [CANCEL, MOVE, CAPACITY])
def test_staff_can_do_nothing_with_a_session_that_is_over(kind: JobKind) -> None:
    situation = Situation()
    started = situation.session(timedelta(0))
    cancelled = situation.session(DAY, status=SessionStatus.CANCELLED)

    assert code(situation.ask(kind, about=started)) == "session_started"
    assert code(situation.ask(kind, about=cancelled)) == "session_cancelled"
    assert situation.desk.changes == Changes()


def cancelled_session() -> tuple[Situation, Seats, Verdict]:
    """A session with a step's seat and a drop-in's, cancelled by staff."""
    situation = Situation()
    session = situation.session(starts_in=3 * DAY)
    situation.holds(situation.step(), session)
    situation.seat(OTHER, session)
    job = situation.job(CANCEL, about=session, reason="The teacher is ill", fields=BY_STAFF)
    return situation, session, situation.decide(job)


def test_cancelling_a_session_frees_its_seats_and_says_whom_it_concerns() -> None:
    situation, session, verdict = cancelled_session()
    step_seat, drop_in = situation.desk.bookings.values()

    assert session.status == SessionStatus.CANCELLED
    assert session.seats_taken == 0
    for held in (step_seat, drop_in):
        assert (held.status, held.cancel_reason) == (
            BookingStatus.CANCELLED,
            "The teacher is ill",
        )
        assert held.cancelled_by == STAFF
    assert situation.desk.changes.sessions == {session.id: session}
    assert situation.desk.changes.seats == {session.id: -2}
    assert [entry["cause"] for entry in situation.desk.changes.ledger] == ["CANCEL_SESSION"] * 2
    told = result(verdict)
    assert told == {
        "session": told["session"],
        "affected": [
            {
                "student_id": STUDENT,
                "booking_id": step_seat.booking_id,
                "outcome": "CANCELLED",
                "alternatives": [],
            },
            {
                "student_id": OTHER,
                "booking_id": drop_in.booking_id,
                "outcome": "CANCELLED",
                "alternatives": [],
            },
        ],
    }
    assert (told["session"]["status"], told["session"]["seats_taken"]) == ("CANCELLED", 0)
    assert situation.desk.promised == set()


def test_who_loses_the_seat_of_a_step_is_offered_others() -> None:
    situation, _, verdict = cancelled_session()

    (offered,) = verdict.offering
    assert offered.wish is not None
    assert offered.wish.step is situation.desk.steps[PACKAGE, 41]
    assert (offered.wish.option_id, offered.wish.session_id) == (0, None)
    assert (offered.wish.asked_at, offered.wish.leaving) == (ASKED, None)
    offered.alternatives.append({"session_id": 9})
    assert result(verdict)["affected"][0]["alternatives"] == [{"session_id": 9}]
    # the mail waits for what is found, too
    assert situation.told[0]["payload"]["alternatives"] == [{"session_id": 9}]


def test_everybody_is_told_that_the_session_was_cancelled() -> None:
    situation, session, _ = cancelled_session()
    step_seat, drop_in = situation.desk.bookings.values()

    assert [(m["user_id"], m["kind"], m["topic"]) for m in situation.told] == [
        (STUDENT, "MAIL", "session_cancelled"),
        (STUDENT, "EVENT", "course.step.cancelled"),
        (OTHER, "MAIL", "session_cancelled"),
        (None, "EVENT", "course.session.cancelled"),
    ]
    assert situation.told[2]["payload"] == {
        "booking_id": drop_in.booking_id,
        "alternatives": [],
    }
    announced = situation.told[-1]
    assert announced["payload"] == {
        "sessionId": session.id,
        "startAt": utc(session.start_at),
        "endAt": utc(session.end_at),
        "reason": "The teacher is ill",
        "bookingIds": [step_seat.booking_id, drop_in.booking_id],
    }
    assert (announced["student_package_id"], announced["course_step_id"]) == (None, None)
    assert announced["booking_job_id"] is not None


def test_who_waits_for_a_session_that_is_cancelled_waits_no_longer() -> None:
    situation = Situation()
    session = situation.full_session()
    step = situation.step()
    option = situation.option(step)
    entry = situation.waits(step, option, session)
    for_any = situation.waits(step, option)
    left = situation.waits(step, option, session, ended_at=NOW - DAY, status="LEFT")
    before = replace(left)
    job = situation.job(CANCEL, about=session, reason="ill", fields=BY_STAFF)
    situation.decide(job)

    assert (entry.status, entry.end_reason) == ("ENDED", EndReason.SESSION_CANCELLED)
    assert (entry.ended_at, entry.booking_id) == (NOW, None)
    assert (for_any.status, left) == ("WAITING", before)
    assert situation.desk.changes.entries == {entry.id: entry}
    assert situation.told[0] == {
        "kind": "MAIL",
        "topic": "waitlist_ended",
        "payload": {"waitlist_entry_id": entry.id},
        "user_id": STUDENT,
        "student_package_id": PACKAGE,
        "course_step_id": 41,
        "booking_job_id": job.id,
        "created_at": NOW,
    }
    assert len(situation.told) == 2


def test_a_seat_that_was_freed_before_is_not_freed_again() -> None:
    situation = Situation()
    session = situation.session(taken=1)
    gone = situation.seat(STUDENT, situation.session(DAY), status=BookingStatus.CANCELLED)
    gone.session_id = session.id
    elsewhere = situation.seat(OTHER, situation.session(DAY, group_class=OTHER_CLASS))
    told = result(situation.ask(CANCEL, about=session, reason="ill"))

    assert told["affected"] == []
    assert elsewhere.holds_seat
    assert session.seats_taken == 1


def test_seats_are_gone_through_in_the_order_of_booking() -> None:
    situation = Situation()
    session = situation.session()
    situation.seat(OTHER, session, booking_id=480)
    situation.seat(STUDENT, session, booking_id=470)
    told = result(situation.ask(CANCEL, about=session, reason="ill"))

    assert [concerned["booking_id"] for concerned in told["affected"]] == [470, 480]


def test_a_dry_run_of_cancelling_says_whom_it_would_concern_and_nothing_else() -> None:
    situation = Situation()
    session = situation.session()
    held = situation.seat(OTHER, session)
    told = result(situation.ask(CANCEL, about=session, reason="ill", dry_run=True))

    assert told == {
        "dry_run": True,
        "affected": [
            {
                "student_id": OTHER,
                "booking_id": held.booking_id,
                "outcome": "CANCELLED",
                "alternatives": [],
            }
        ],
    }
