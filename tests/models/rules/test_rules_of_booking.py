"""Booking a step, judged without a database: what it comes to, and every boundary of its rules."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from models.booking import BookingStatus, BookingType, PaymentStatus
from models.booking_job import JobKind, JobStatus
from models.desk import SYSTEM, Changes, Entry, Held, Promotion, Step
from models.enrolment import PackageStatus, ProgressStatus
from models.refusal import RefusalCode
from models.verdict import Verdict
from models.waitlist import EndReason, WaitlistStatus
from tests.models.rules.situation import (
    ASKED,
    COHORT,
    DAY,
    HOUR,
    INSTANT,
    NOW,
    OTHER_CLASS,
    PACKAGE,
    STAFF,
    STUDENT,
    Situation,
    code,
    code_if_refused,
    reads,
    refusal,
    result,
)

BOOK = JobKind.BOOK_STEP


def ask(situation: Situation, step: Step, **asked: Any) -> Verdict:
    """Book a session that starts in a week."""
    return situation.ask(BOOK, step, situation.option(step), situation.session(), **asked)


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
    result(ask(situation, situation.step(), fields={"submitted_by": STAFF}))

    assert situation.desk.bookings[501].created_by == STAFF
    assert situation.desk.changes.ledger[0]["actor_id"] == STAFF


def test_what_the_product_does_by_itself_has_no_actor_and_names_the_student_as_maker() -> None:
    situation = Situation()
    result(ask(situation, situation.step(), fields={"submitted_by": SYSTEM}))

    assert situation.desk.bookings[501].created_by == STUDENT
    assert situation.desk.changes.ledger[0]["actor_id"] is None


def test_the_programs_own_windows_go_before_the_schools() -> None:
    situation = Situation()
    step = situation.step(change_window_hours=48, cancel_window_hours=0)
    result(ask(situation, step))

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


def test_a_cancelled_package_cannot_be_used() -> None:
    situation = Situation()
    verdict = ask(situation, situation.step(package_status=PackageStatus.CANCELLED))

    assert refusal(verdict) == reads(
        RefusalCode.PACKAGE_INACTIVE, f"package {PACKAGE} is not active"
    )


def test_a_package_can_be_used_up_to_the_instant_of_its_end() -> None:
    situation = Situation()
    step = situation.step(expires_at=ASKED)
    session = situation.session()

    # the session's own time is what stands against it then, not the asking
    verdict = situation.ask(BOOK, step, situation.option(step), session)
    assert refusal(verdict) == reads(
        RefusalCode.PACKAGE_EXPIRED,
        f"session {session.id} starts after the package expires at {ASKED.isoformat()}",
    )


def test_a_package_cannot_be_used_an_instant_after_its_end() -> None:
    situation = Situation()
    end = ASKED - INSTANT

    assert refusal(ask(situation, situation.step(expires_at=end))) == reads(
        RefusalCode.PACKAGE_EXPIRED,
        f"package {PACKAGE} expired at {end.isoformat()}",
        "This course package has expired. Please ask the school whether it can be extended.",
    )


@pytest.mark.parametrize(
    ("ends_in", "told"), [(7 * DAY, None), (7 * DAY - INSTANT, "package_expired")]
)
def test_a_session_may_start_the_instant_the_package_ends_and_no_later(
    ends_in: timedelta, told: str | None
) -> None:
    situation = Situation()
    verdict = ask(situation, situation.step(expires_at=NOW + ends_in))
    assert code_if_refused(verdict) == told


def test_where_there_is_a_choice_the_end_of_the_package_is_judged_of_each_session() -> None:
    situation = Situation()
    step = situation.step(expires_at=NOW + 4 * DAY)
    option = situation.option(step)
    situation.session(7 * DAY)
    situation.session(8 * DAY)
    assert code(situation.ask(BOOK, step, option)) == "package_expired"

    within = situation.session(4 * DAY)
    booked = result(situation.ask(BOOK, step, option))
    assert booked["booking"]["session_id"] == within.id


def test_where_one_session_is_meant_the_packages_end_goes_before_the_opening() -> None:
    situation = Situation()
    step = situation.step(expires_at=NOW + DAY, booking_opens_at=NOW + DAY)
    option = situation.option(step)
    session = situation.session()
    assert code(situation.ask(BOOK, step, option, session)) == "package_expired"
    assert code(situation.ask(BOOK, step, option)) == "not_open_yet"

    situation.pin(option, session, COHORT)
    assert code(situation.ask(BOOK, step, option)) == "package_expired"


def test_the_end_of_the_package_is_no_reason_against_a_session_that_cannot_be_meant() -> None:
    situation = Situation()
    step = situation.step(expires_at=NOW + DAY)
    elsewhere = situation.session(group_class=OTHER_CLASS)

    verdict = situation.ask(BOOK, step, situation.option(step), elsewhere)
    assert code(verdict) == "session_invalid"


def test_a_program_can_be_booked_from_the_instant_of_its_opening() -> None:
    situation = Situation()
    assert result(ask(situation, situation.step(booking_opens_at=ASKED)))


def test_a_program_cannot_be_booked_an_instant_before_its_opening() -> None:
    situation = Situation()
    opens = ASKED + INSTANT

    assert refusal(ask(situation, situation.step(booking_opens_at=opens))) == reads(
        RefusalCode.NOT_OPEN_YET, f"booking opens at {opens.isoformat()}"
    )


def test_a_step_that_is_booked_is_not_booked_again() -> None:
    situation = Situation()
    step = situation.step()
    situation.holds(step, situation.session(9 * DAY))

    verdict = ask(situation, step)
    assert refusal(verdict) == reads(RefusalCode.STEP_ALREADY_BOOKED, "step 41 is booked")
    assert situation.desk.changes == Changes()


def test_a_step_that_is_completed_is_not_booked_again() -> None:
    situation = Situation()
    step = situation.step(progress_status=ProgressStatus.COMPLETED)
    assert refusal(ask(situation, step))["detail"] == "step 41 is completed"


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

    assert result(ask(situation, situation.step(2)))


def test_staff_may_waive_the_order() -> None:
    situation = Situation()
    situation.holds(situation.step(1), situation.session(9 * DAY, group_class=OTHER_CLASS))
    step = situation.step(2, ordered=True)

    assert result(ask(situation, step, override={"reason": "as agreed"}))


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
    verdict = ask(situation, situation.step(package_status=PackageStatus.CANCELLED))
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
    verdict = ask(
        situation,
        situation.step(booking_opens_at=NOW + HOUR),
        fields={"submitted_at": moment},
    )
    assert result(verdict)
