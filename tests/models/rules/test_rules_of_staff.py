"""Seats that staff give, marks of attendance and cancelled packages, judged without a database."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from models.booking import BookingStatus, BookingType, PaymentStatus
from models.booking_job import JobKind
from models.catalog import SessionStatus
from models.desk import Changes, Held, Promotion, Seats
from models.enrolment import PackageStatus
from models.refusal import RefusalCode
from models.verdict import Verdict
from models.waitlist import EndReason
from tests.models.rules.situation import (
    CLASS,
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

SEAT = JobKind.BOOK_SEAT
MARK = JobKind.MARK_ATTENDANCE
CANCEL = JobKind.CANCEL_PACKAGE


def book_seat(situation: Situation, session: Seats | None, **asked: Any) -> Verdict:
    return situation.ask(
        SEAT,
        session=session,
        **({"booking_type": "WORKSHOP", "fields": {"submitted_by": STAFF}} | asked),
    )


@pytest.mark.parametrize("booking_type", ["WORKSHOP", "DROP_IN"])
def test_staff_seat_somebody_without_package_and_step(booking_type: str) -> None:
    situation = Situation()
    session = situation.session(taken=1)
    verdict = book_seat(situation, session, booking_type=booking_type)

    held = Held(
        booking_id=501,
        user_id=STUDENT,
        session_id=session.id,
        group_class_id=CLASS,
        group_class_name=f"Class {CLASS}",
        start_at=session.start_at,
        end_at=session.end_at,
        status=BookingStatus.CONFIRMED,
        booking_type=BookingType(booking_type),
        payment_status=PaymentStatus.UNPAID,
        created_at=NOW,
        student_package_id=None,
        course_step_id=None,
        step_order=None,
        metadata=None,
        change_until=session.start_at - 24 * HOUR,
        cancel_until=session.start_at - 12 * HOUR,
        created_by=STAFF,
        booking_job_id=verdict.job.id,
    )
    assert situation.desk.bookings == {501: held}
    assert session.seats_taken == 2
    assert replace(situation.desk.changes, messages=[], ledger=[]) == Changes(
        booked={501: held}, seats={session.id: 1}
    )
    assert situation.desk.changes.ledger[0]["cause"] == "BOOK_SEAT"
    told = result(verdict)
    assert told["progress"] is None
    assert (told["booking"]["id"], told["booking"]["booking_type"]) == (501, booking_type)
    # the events are about course steps
    assert [(m["topic"], m["payload"]) for m in situation.told] == [
        ("booking_confirmed", {"booking_id": 501})
    ]


def test_a_seat_is_given_to_somebody_who_exists() -> None:
    situation = Situation()
    verdict = book_seat(situation, situation.session(), fields={"user_id": 19})

    assert refusal(verdict) == reads(RefusalCode.STUDENT_INVALID, "there is no user 19")


@pytest.mark.parametrize("session_id", [299, None])
def test_a_seat_is_given_in_a_session_that_exists(session_id: int | None) -> None:
    situation = Situation()
    situation.session(id=1)
    verdict = book_seat(situation, None, session_id=session_id)

    assert refusal(verdict) == reads(
        RefusalCode.SESSION_INVALID, f"there is no session {session_id}"
    )


def test_a_seat_is_given_in_a_session_that_is_to_come() -> None:
    situation = Situation()
    assert code(book_seat(situation, situation.session(timedelta(0)))) == "session_started"
    cancelled = situation.session(status=SessionStatus.CANCELLED)
    assert code(book_seat(situation, cancelled)) == "session_cancelled"


def test_a_seat_is_given_once_a_person_and_a_session() -> None:
    situation = Situation()
    session = situation.session()
    situation.seat(STUDENT, session)
    assert code(book_seat(situation, session)) == "already_in_session"


def test_a_seat_is_given_to_somebody_who_has_the_time() -> None:
    situation = Situation()
    situation.seat(STUDENT, situation.session(group_class=OTHER_CLASS))
    assert code(book_seat(situation, situation.session())) == "time_conflict"


def test_a_seat_is_given_where_one_is_free() -> None:
    situation = Situation()
    session = situation.full_session()
    verdict = book_seat(situation, session)
    assert refusal(verdict) == reads(
        RefusalCode.SESSION_FULL,
        f"all 2 seats of session {session.id} are taken",
        "This session is full. Please choose another one, or join the waitlist.",
        waitlist_until=session.start_at - 2 * HOUR,
    )
    assert situation.desk.changes == Changes()
    assert verdict.offering == []


def test_who_cannot_be_seated_is_told_the_first_reason() -> None:
    situation = Situation()
    session = situation.full_session(timedelta(0))
    situation.seat(STUDENT, session)
    assert code(book_seat(situation, session)) == "session_started"
    session.start_at += 2 * DAY
    assert code(book_seat(situation, session)) == "already_in_session"
    assert code(book_seat(situation, session, fields={"user_id": 19})) == "student_invalid"
    overlapping = situation.full_session(2 * DAY - INSTANT, group_class=OTHER_CLASS)
    situation.desk.held_by(STUDENT)[0].start_at = session.start_at
    situation.desk.held_by(STUDENT)[0].end_at = session.start_at + HOUR
    assert code(book_seat(situation, overlapping)) == "time_conflict"


def mark(situation: Situation, session: Seats, **marks: str) -> Verdict:
    """Marks by booking id, which is written `b401`."""
    listed = [{"booking_id": int(name[1:]), "status": status} for name, status in marks.items()]
    return situation.ask(MARK, about=session, marks=listed)


def test_who_came_has_completed_the_step() -> None:
    situation = Situation()
    session = situation.session(-DAY)
    step = situation.step()
    held = situation.holds(step, session, booking_id=401)
    verdict = mark(situation, session, b401="ATTENDED")

    assert (held.status, step.progress_status) == ("ATTENDED", "COMPLETED")
    assert (step.booking_id, step.booked_at) == (401, held.created_at)
    assert situation.desk.changes == Changes(rebooked={401: held}, steps={step.progress_id: step})
    told = result(verdict)["bookings"]
    assert [(m["booking"]["id"], m["booking"]["status"]) for m in told] == [(401, "ATTENDED")]
    assert told[0]["progress"]["status"] == "COMPLETED"
    assert session.seats_taken == 1


@pytest.mark.parametrize("status", ["NO_SHOW", "CONFIRMED"])
def test_who_did_not_come_or_whose_mark_is_taken_back_has_not(status: str) -> None:
    situation = Situation()
    session = situation.session(-DAY)
    step = situation.step()
    held = situation.holds(step, session, booking_id=401)
    mark(situation, session, b401="ATTENDED")
    mark(situation, session, b401=status)

    assert (held.status, step.progress_status) == (BookingStatus(status), "BOOKED")


def test_a_seat_without_a_step_has_no_progress_to_complete() -> None:
    situation = Situation()
    session = situation.session(-DAY)
    held = situation.seat(OTHER, session, booking_id=401)
    (told,) = result(mark(situation, session, b401="NO_SHOW"))["bookings"]

    assert (told["booking"]["status"], told["progress"]) == ("NO_SHOW", None)
    assert situation.desk.changes == Changes(rebooked={401: held})


def test_all_marks_of_a_call_are_made_or_none() -> None:
    situation = Situation()
    session = situation.session(-DAY)
    held = situation.seat(STUDENT, session, booking_id=401)
    situation.seat(OTHER, session, booking_id=402)
    verdict = mark(situation, session, b401="ATTENDED", b403="ATTENDED", b402="NO_SHOW")

    assert refusal(verdict) == reads(
        RefusalCode.BOOKING_INVALID, f"booking 403 holds no seat in session {session.id}"
    )
    assert held.status == "CONFIRMED"
    assert situation.desk.changes == Changes()
    told = result(mark(situation, session, b401="ATTENDED", b402="NO_SHOW"))
    assert [m["booking"]["status"] for m in told["bookings"]] == ["ATTENDED", "NO_SHOW"]


def test_a_booking_that_was_cancelled_cannot_be_marked() -> None:
    situation = Situation()
    session = situation.session(-DAY)
    situation.seat(STUDENT, session, booking_id=401, status=BookingStatus.CANCELLED)
    assert code(mark(situation, session, b401="ATTENDED")) == "booking_invalid"


def test_a_booking_of_another_session_cannot_be_marked() -> None:
    situation = Situation()
    session = situation.session(-DAY)
    situation.seat(STUDENT, situation.session(-2 * DAY), booking_id=401)
    assert code(mark(situation, session, b401="ATTENDED")) == "booking_invalid"


def cancel_package(situation: Situation, **asked: Any) -> Verdict:
    return situation.ask(
        CANCEL,
        **(
            {
                "reason": "Paid back",
                "fields": {"student_package_id": PACKAGE, "submitted_by": STAFF},
            }
            | asked
        ),
    )


def test_cancelling_a_package_frees_its_coming_seats() -> None:
    situation = Situation()
    session = situation.session(INSTANT)
    step, unbooked = situation.step(), situation.step(2)
    held = situation.holds(step, session)
    told = result(cancel_package(situation))

    assert {step.package_status, unbooked.package_status} == {PackageStatus.CANCELLED}
    assert (held.status, held.cancel_reason) == (BookingStatus.CANCELLED, "Paid back")
    assert (step.progress_status, session.seats_taken) == ("UNBOOKED", 0)
    assert situation.desk.changes.cancelled_packages == {PACKAGE}
    assert told == {
        "affected": [
            {
                "student_id": STUDENT,
                "booking_id": held.booking_id,
                "outcome": "CANCELLED",
                "alternatives": [],
            }
        ]
    }
    assert situation.topics == ["booking_cancelled", "course.step.cancelled"]
    assert situation.told[0]["payload"] == {"booking_id": held.booking_id}


@pytest.mark.parametrize("status", ["ATTENDED", "NO_SHOW"])
def test_what_was_attended_or_missed_stays(status: str) -> None:
    situation = Situation()
    held = situation.holds(situation.step(), situation.session(DAY), status=BookingStatus(status))
    told = result(cancel_package(situation))

    assert (held.status, told["affected"]) == (status, [])


def test_a_seat_of_a_session_that_has_started_stays() -> None:
    situation = Situation()
    held = situation.holds(situation.step(), situation.session(timedelta(0)))
    result(cancel_package(situation))
    assert held.holds_seat


def test_another_package_is_left_alone() -> None:
    situation = Situation()
    situation.step()
    theirs = situation.step(package=32, user=OTHER)
    held = situation.holds(theirs, situation.session())
    result(cancel_package(situation))

    assert (theirs.package_status, held.status) == ("ACTIVE", "CONFIRMED")


def test_who_waits_with_the_package_waits_no_longer() -> None:
    situation = Situation()
    step = situation.step()
    option = situation.option(step)
    entry = situation.waits(step, option, situation.full_session())
    other = situation.waits(situation.step(package=32, user=OTHER), option)
    result(cancel_package(situation))

    assert (entry.status, entry.end_reason) == ("ENDED", EndReason.PACKAGE_CANCELLED)
    assert (entry.ended_at, entry.booking_id) == (NOW, None)
    assert other.status == "WAITING"


def test_the_seats_that_a_cancelled_package_frees_go_to_who_waits() -> None:
    situation = Situation()
    session = situation.session()
    situation.holds(situation.step(), session)
    situation.desk.waited_for.add((CLASS, session.id))
    result(cancel_package(situation))

    assert situation.desk.changes.promotions == {session.id: Promotion(session, None)}


def test_a_package_is_cancelled_once() -> None:
    situation = Situation()
    situation.step(1)
    situation.step(2, package_status=PackageStatus.CANCELLED)
    verdict = cancel_package(situation)

    assert refusal(verdict) == reads(
        RefusalCode.PACKAGE_INACTIVE, f"package {PACKAGE} is cancelled already"
    )
    assert situation.desk.changes == Changes()


def test_a_dry_run_of_cancelling_a_package_says_whom_it_would_concern() -> None:
    situation = Situation()
    held = situation.holds(situation.step(), situation.session())
    told = result(cancel_package(situation, dry_run=True))

    assert told["dry_run"] is True
    assert [concerned["booking_id"] for concerned in told["affected"]] == [held.booking_id]


def test_a_package_without_steps_is_cancelled() -> None:
    situation = Situation()
    assert result(cancel_package(situation)) == {"affected": []}
    assert situation.desk.changes.cancelled_packages == {PACKAGE}


def test_a_job_without_a_package_cancels_none() -> None:
    situation = Situation()
    result(cancel_package(situation, fields={"student_package_id": None}))
    assert situation.desk.changes.cancelled_packages == set()
