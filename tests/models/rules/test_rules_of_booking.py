"""Booking a step, judged without a database: what it comes to, and every boundary of its rules."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pytest

from models.booking import BookingStatus, BookingType, PaymentStatus
from models.booking_job import JobKind, JobStatus
from models.desk import SYSTEM, Changes, Entry, Held, Promotion
from models.enrolment import PackageStatus, ProgressStatus
from models.refusal import RefusalCode
from models.waitlist import EndReason, WaitlistStatus
from tests.models.rules.situation import (
    ASKED,
    DAY,
    HOUR,
    NOW,
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

BOOK = JobKind.BOOK_STEP


def test_a_booking_takes_a_seat_books_the_step_and_is_noted() -> None:
    situation = Situation()
    step = situation.step(step_label="First step", package_name="Beginners")
    session = situation.session(taken=1)
    job = situation.job(BOOK, step, situation.option(step), session)

    verdict = situation.decide(job)

    held = Held(
        booking_id=501,
        user_id=STUDENT,
        session_id=session.id,
        group_class_id=session.group_class_id,
        group_class_name=session.group_class_name,
        start_at=session.start_at,
        end_at=session.end_at,
        status=BookingStatus.CONFIRMED,
        booking_type=BookingType.COURSE_STEP,
        payment_status=PaymentStatus.PAID,
        created_at=NOW,
        student_package_id=PACKAGE,
        course_step_id=step.course_step_id,
        step_order=1,
        metadata={"stepOrder": 1, "stepLabel": "First step", "packageName": "Beginners"},
        change_until=session.start_at - 24 * HOUR,
        cancel_until=session.start_at - 12 * HOUR,
        created_by=STUDENT,
        booking_job_id=job.id,
    )
    entry_in_ledger = {
        "session_id": session.id,
        "booking_id": 501,
        "change": 1,
        "cause": "BOOK_STEP",
        "actor_id": STUDENT,
        "booking_job_id": job.id,
        "at": NOW,
    }
    assert situation.desk.bookings == {501: held}
    assert situation.desk.held == {STUDENT: [held]}
    assert session.seats_taken == 2
    assert (step.progress_status, step.booking_id, step.booked_at) == ("BOOKED", 501, NOW)
    assert replace(situation.desk.changes, messages=[]) == Changes(
        booked={501: held},
        steps={step.progress_id: step},
        seats={session.id: 1},
        ledger=[entry_in_ledger],
    )
    assert verdict.job == job
    assert verdict.offering == []
    assert result(verdict) == {
        "booking": {
            "id": 501,
            "session_id": session.id,
            "status": "CONFIRMED",
            "booking_type": "COURSE_STEP",
            "created_at": NOW.isoformat(),
            "course_step_id": step.course_step_id,
            "student_package_id": PACKAGE,
            "metadata": held.metadata,
            "payment_status": "PAID",
            "change_until": (session.start_at - 24 * HOUR).isoformat(),
            "cancel_until": (session.start_at - 12 * HOUR).isoformat(),
        },
        "progress": {
            "id": step.progress_id,
            "course_step_id": step.course_step_id,
            "status": "BOOKED",
            "booking_id": 501,
            "booked_at": NOW.isoformat(),
        },
    }


def test_a_booking_is_told_by_mail_and_event() -> None:
    situation = Situation()
    step = situation.step()
    session = situation.session()
    job = situation.job(BOOK, step, situation.option(step), session)

    situation.decide(job)

    about = {
        "user_id": STUDENT,
        "student_package_id": PACKAGE,
        "course_step_id": step.course_step_id,
        "booking_job_id": job.id,
        "created_at": NOW,
    }
    assert situation.told == [
        about | {"kind": "MAIL", "topic": "booking_confirmed", "payload": {"booking_id": 501}},
        about
        | {
            "kind": "EVENT",
            "topic": "course.step.booked",
            "payload": {
                "studentId": STUDENT,
                "packageId": PACKAGE,
                "stepId": step.course_step_id,
                "bookingId": 501,
                "sessionId": session.id,
            },
        },
    ]
    ids = [message["id"] for message in situation.desk.changes.messages]
    # an ordinary UUID, as psycopg writes it: of version 7, which sorts by time
    assert [(type(id_), id_.version) for id_ in ids] == [(UUID, 7), (UUID, 7)]
    assert ids == sorted(set(ids))


def test_several_bookings_in_one_session_add_up() -> None:
    situation = Situation()
    session = situation.session(capacity=5, taken=1)
    option = situation.option(situation.step())
    for package in (31, 32, 33):
        step = situation.step(package=package, user=package)
        result(situation.ask(BOOK, step, option, session))

    assert session.seats_taken == 4
    assert situation.desk.changes.seats == {session.id: 3}


def test_staffs_booking_names_staff_as_its_maker() -> None:
    situation = Situation()
    result(situation.book(situation.step(), fields={"submitted_by": STAFF}))

    assert situation.desk.bookings[501].created_by == STAFF
    assert situation.desk.changes.ledger[0]["actor_id"] == STAFF


def test_what_the_product_does_by_itself_has_no_actor_and_names_the_student_as_maker() -> None:
    situation = Situation()
    result(situation.book(situation.step(), fields={"submitted_by": SYSTEM}))

    assert situation.desk.bookings[501].created_by == STUDENT
    assert situation.desk.changes.ledger[0]["actor_id"] is None


def test_the_programs_own_windows_go_before_the_schools() -> None:
    situation = Situation()
    step = situation.step(change_window_hours=48, cancel_window_hours=0)
    result(situation.book(step))

    held = situation.desk.bookings[501]
    assert held.change_until == held.start_at - 48 * HOUR
    assert held.cancel_until == held.start_at


def test_who_books_late_has_no_window_left() -> None:
    situation = Situation()
    step = situation.step()
    session = situation.session(5 * HOUR)
    result(situation.ask(BOOK, step, situation.option(step), session))

    held = situation.desk.bookings[501]
    assert held.change_until == session.start_at - 24 * HOUR
    assert held.cancel_until == session.start_at - 12 * HOUR


def test_booking_a_session_ends_the_waits_of_the_step_for_it_and_for_any_of_its_class() -> None:
    situation = Situation()
    step = situation.step()
    option, other = situation.option(step), situation.option(step, OTHER_CLASS)
    session, later = situation.session(), situation.full_session(8 * DAY)
    for_it = situation.waits(step, option, session)
    for_any = situation.waits(step, option)
    for_another = situation.waits(step, option, later)
    elsewhere = situation.waits(step, other)
    ended = situation.waits(step, option, session, ended_at=NOW - DAY, status="LEFT")
    before = replace(ended)
    of_another_step = situation.waits(situation.step(2), option, session)

    result(situation.ask(BOOK, step, option, session))

    for entry in (for_it, for_any):
        assert (entry.status, entry.ended_at) == (WaitlistStatus.ENDED, NOW)
        assert (entry.end_reason, entry.booking_id) == (EndReason.SEATED_ELSEWHERE, None)
    for entry in (for_another, elsewhere, of_another_step):
        assert (entry.status, entry.ended_at) == (WaitlistStatus.WAITING, None)
    assert ended == before
    assert situation.desk.changes.entries == {for_it.id: for_it, for_any.id: for_any}


def test_an_entry_for_a_session_id_of_another_class_does_not_wait_for_it() -> None:
    situation = Situation()
    step = situation.step()
    entry = situation.waits(step, situation.option(step), situation.session())
    session = situation.session(group_class=OTHER_CLASS)

    assert isinstance(entry, Entry)
    assert not entry.waits_for(session)
    assert not replace(entry, session_id=session.id).waits_for(session)


def test_a_step_that_is_booked_is_not_booked_again() -> None:
    situation = Situation()
    step = situation.step()
    situation.holds(step, situation.session(9 * DAY))

    verdict = situation.book(step)
    assert refusal(verdict) == reads(RefusalCode.STEP_ALREADY_BOOKED, "step 41 is booked")
    assert situation.desk.changes == Changes()


def test_a_step_that_is_completed_is_not_booked_again() -> None:
    situation = Situation()
    step = situation.step(progress_status=ProgressStatus.COMPLETED)
    assert refusal(situation.book(step))["detail"] == "step 41 is completed"


def test_a_student_sits_in_a_session_once() -> None:
    situation = Situation()
    session = situation.session()
    situation.holds(situation.step(2), session)
    step = situation.step()

    verdict = situation.ask(BOOK, step, situation.option(step), session)
    assert refusal(verdict) == reads(
        RefusalCode.ALREADY_IN_SESSION,
        f"the student already holds a seat in session {session.id}",
    )


def test_one_seat_in_the_session_among_others_is_enough_to_be_there() -> None:
    situation = Situation()
    session = situation.session()
    situation.holds(situation.step(2), situation.session(9 * DAY))
    situation.holds(situation.step(3), session)
    step = situation.step()

    verdict = situation.ask(BOOK, step, situation.option(step), session)
    assert code(verdict) == "already_in_session"


def test_a_refusal_asks_for_alternatives_to_what_was_wished() -> None:
    situation = Situation()
    step = situation.step()
    option = situation.option(step)
    session = situation.full_session()
    verdict = situation.ask(BOOK, step, option, session)

    (offered,) = verdict.offering
    assert offered.wish is not None
    assert offered.wish.step is step
    assert (offered.wish.option_id, offered.wish.session_id) == (option.id, session.id)
    assert (offered.wish.asked_at, offered.wish.leaving) == (ASKED, None)
    assert offered.wish.waived is False
    assert verdict.status == JobStatus.REFUSED


def test_a_refusal_that_no_other_session_helps_against_asks_for_none() -> None:
    situation = Situation()
    verdict = situation.book(situation.step(package_status=PackageStatus.CANCELLED))
    assert verdict.offering == []


def test_alternatives_that_are_found_later_are_told() -> None:
    situation = Situation()
    step = situation.step()
    verdict = situation.ask(BOOK, step, situation.option(step), situation.full_session())
    verdict.offering[0].alternatives.append({"session_id": 9})

    assert refusal(verdict)["alternatives"] == [{"session_id": 9}]


def test_a_refusal_changes_nothing() -> None:
    situation = Situation()
    step = situation.step()
    session = situation.full_session()
    situation.ask(BOOK, step, situation.option(step), session)

    assert session.seats_taken == 2
    assert situation.desk.changes == Changes()
    assert situation.desk.bookings == {}


def test_a_job_without_package_and_step_has_no_step_to_ask_for() -> None:
    situation = Situation()
    step = situation.step()
    for fields in ({"student_package_id": None}, {"course_step_id": None}):
        job = situation.job(BOOK, step, situation.option(step), fields=fields)
        with pytest.raises(ValueError, match=r"^this job is about no package and step$"):
            situation.decide(job)


def test_nobody_is_promised_a_seat_by_a_booking() -> None:
    situation = Situation()
    step = situation.step()
    option = situation.option(step)
    session = situation.session()
    situation.waits(situation.step(package=32, user=12), option, session)
    result(situation.ask(BOOK, step, option, session))

    promotions: dict[int, Promotion] = {}
    assert situation.desk.changes.promotions == promotions
    assert situation.desk.promised == set()


def test_the_asking_is_the_submit_and_not_the_decision() -> None:
    situation = Situation()
    moment: datetime = NOW + HOUR
    verdict = situation.book(
        situation.step(booking_opens_at=NOW + HOUR),
        fields={"submitted_at": moment},
    )
    assert result(verdict)
