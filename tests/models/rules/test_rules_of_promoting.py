"""Promoting from a waitlist, judged without a database."""

from dataclasses import replace
from datetime import timedelta

import pytest

from models.booking_job import JobKind
from models.catalog import SessionStatus
from models.desk import SYSTEM, Changes, Promotion
from models.enrolment import PackageStatus, ProgressStatus
from models.promoting import judge_promotion
from models.refusal import Refusal, RefusalCode
from models.waitlist import EndReason, WaitlistStatus
from models.wish import Wish
from tests.models.rules.situation import (
    DAY,
    HOUR,
    INSTANT,
    NOW,
    OTHER_CLASS,
    result,
)
from tests.models.rules.waiting_line import Line


def test_who_has_asked_to_leave_is_not_promoted() -> None:
    line = Line(free=2)
    leaving, staying = line.join(1), line.join(2)
    line.desk.leaving.add((leaving.student_package_id, leaving.course_step_id))

    promoted = [one["waitlist_entry_id"] for one in line.promote()["promoted"]]
    assert promoted == [staying.id]


def test_the_first_in_line_is_seated_and_their_wait_ends() -> None:
    line = Line()
    entry = line.join()
    second = line.join(2)
    line.desk.promised.add(line.session_.id)
    told = line.promote()

    held = line.desk.bookings[501]
    step = line.desk.steps[301, 41]
    assert told == {
        "promoted": [{"waitlist_entry_id": entry.id, "booking_id": 501}],
        "skipped": [],
    }
    assert (held.user_id, held.session_id, held.created_by) == (101, line.session_.id, 101)
    assert held.replaces_booking_id is None
    assert (step.progress_status, step.booking_id) == ("BOOKED", 501)
    assert (entry.status, entry.ended_at) == (WaitlistStatus.PROMOTED, NOW)
    assert (entry.end_reason, entry.booking_id) == (None, 501)
    assert (second.status, second.ended_at) == ("WAITING", None)
    assert line.session_.seats_taken == 5
    assert line.desk.promised == set()
    assert line.desk.changes.promotions == {}
    assert line.desk.changes.entries == {entry.id: entry}
    assert line.desk.changes.ledger[0]["actor_id"] is None


def test_a_promotion_is_told_by_mail_and_event() -> None:
    line = Line()
    line.join()
    job = line.job(JobKind.PROMOTE, about=line.session_, fields={"submitted_by": SYSTEM})
    line.decide(job)

    about = {
        "user_id": 101,
        "student_package_id": 301,
        "course_step_id": 41,
        "booking_job_id": job.id,
        "created_at": NOW,
    }
    assert line.told == [
        about | {"kind": "MAIL", "topic": "waitlist_promoted", "payload": {"booking_id": 501}},
        about
        | {
            "kind": "EVENT",
            "topic": "course.step.promoted",
            "payload": {
                "studentId": 101,
                "packageId": 301,
                "stepId": 41,
                "bookingId": 501,
                "sessionId": line.session_.id,
            },
        },
    ]


def test_first_come_first_served_while_there_are_seats() -> None:
    line = Line(free=2)
    entries = [line.join(number) for number in (1, 2, 3)]
    told = line.promote()

    assert [seated["waitlist_entry_id"] for seated in told["promoted"]] == [
        entry.id for entry in entries[:2]
    ]
    assert told["skipped"] == []
    assert line.session_.seats_taken == 5


def test_with_no_free_seat_nobody_is_seated_or_passed_over() -> None:
    line = Line(free=0)
    line.join()
    assert line.promote() == {"promoted": [], "skipped": []}


def test_a_session_that_is_not_there_any_more_promotes_nobody() -> None:
    line = Line()
    line.session(id=1)
    line.join()
    assert line.promote(about_session_id=299) == {"promoted": [], "skipped": []}
    assert line.promote(about_session_id=None) == {"promoted": [], "skipped": []}


@pytest.mark.parametrize("starts_in", [timedelta(0), HOUR, 2 * HOUR])
def test_within_the_cutoff_nobody_is_promoted(starts_in: timedelta) -> None:
    line = Line(starts_in=starts_in)
    line.join()
    line.desk.promised.add(line.session_.id)

    assert line.promote() == {"promoted": [], "skipped": []}
    assert line.desk.promised == set()


def test_an_instant_before_the_cutoff_somebody_is() -> None:
    line = Line(starts_in=2 * HOUR + INSTANT)
    line.join()
    assert len(line.promote()["promoted"]) == 1


def test_into_a_session_that_was_cancelled_nobody_is_promoted() -> None:
    line = Line()
    line.join()
    line.session_.status = SessionStatus.CANCELLED
    assert line.promote() == {"promoted": [], "skipped": []}


def test_a_promoted_student_may_leave_for_an_hour_whatever_the_windows_say() -> None:
    line = Line(starts_in=5 * HOUR)
    line.join()
    line.promote()

    held = line.desk.bookings[501]
    assert (held.change_until, held.cancel_until) == (NOW + HOUR, NOW + HOUR)


def test_a_promoted_students_windows_never_pass_the_start() -> None:
    line = Line(starts_in=HOUR / 2)
    line.desk.policy = replace(line.desk.policy, waitlist_cutoff=timedelta(0))
    line.join()
    line.promote()

    held = line.desk.bookings[501]
    assert held.change_until == held.cancel_until == line.session_.start_at


def test_a_promoted_students_windows_are_the_ordinary_ones_where_those_are_longer() -> None:
    line = Line()
    line.join(change_window_hours=30, cancel_window_hours=40)
    line.promote()

    held = line.desk.bookings[501]
    assert held.change_until == line.session_.start_at - 30 * HOUR
    assert held.cancel_until == line.session_.start_at - 40 * HOUR


def test_who_cannot_have_the_seat_is_passed_over_with_the_reason_and_keeps_their_place() -> None:
    line = Line()
    first, second = line.join(package_status=PackageStatus.CANCELLED), line.join(2)
    job = line.job(JobKind.PROMOTE, about=line.session_)
    told = result(line.decide(job))

    assert told["promoted"] == [{"waitlist_entry_id": second.id, "booking_id": 501}]
    assert told["skipped"] == [{"waitlist_entry_id": first.id, "code": "package_inactive"}]
    assert (first.status, first.ended_at) == ("WAITING", None)
    assert line.desk.changes.skips == [
        {
            "waitlist_entry_id": first.id,
            "session_id": line.session_.id,
            "code": "package_inactive",
            "message": RefusalCode.PACKAGE_INACTIVE.sentence,
            "booking_job_id": job.id,
            "at": NOW,
        }
    ]


def test_who_left_the_line_meanwhile_is_neither_seated_nor_passed_over() -> None:
    line = Line()
    line.join().ended_at = NOW - HOUR
    second = line.join(2)
    told = line.promote()

    assert told["promoted"] == [{"waitlist_entry_id": second.id, "booking_id": 501}]
    assert told["skipped"] == []


def test_a_package_that_ends_before_the_session_is_passed_over() -> None:
    line = Line()
    entry = line.join(expires_at=NOW + DAY)
    assert line.skipped() == [(entry.id, "package_expired")]


def test_the_time_of_the_promotion_is_what_a_package_is_judged_at() -> None:
    line = Line(free=2)
    expired = line.join(1, expires_at=NOW - INSTANT)
    closed = line.join(2, booking_opens_at=NOW + INSTANT)
    line.join(3, booking_opens_at=NOW)

    told = line.promote()
    assert [(s["waitlist_entry_id"], s["code"]) for s in told["skipped"]] == [
        (expired.id, "package_expired"),
        (closed.id, "not_open_yet"),
    ]
    assert len(told["promoted"]) == 1


def test_an_option_that_became_inactive_is_passed_over_unless_the_package_is_worse() -> None:
    line = Line()
    entry = line.join()
    other = line.join(2, package_status=PackageStatus.CANCELLED)
    third = line.join(3, booking_opens_at=NOW + DAY)
    line.desk.options[line.option_.id] = replace(line.option_, is_active=False)

    assert line.skipped() == [
        (entry.id, "option_invalid"),
        (other.id, "package_inactive"),
        (third.id, "not_open_yet"),
    ]


def test_an_inactive_option_goes_before_what_the_step_is() -> None:
    line = Line()
    completed = line.join(progress_status=ProgressStatus.COMPLETED)
    seated = line.join(2)
    line.holds(line.desk.steps[302, 41], line.session_)
    line.session_.seats_taken -= 1
    line.desk.options[line.option_.id] = replace(line.option_, is_active=False)

    assert line.skipped() == [(completed.id, "option_invalid"), (seated.id, "option_invalid")]


def test_a_completed_step_without_a_booking_is_passed_over() -> None:
    line = Line()
    entry = line.join(progress_status=ProgressStatus.COMPLETED)
    assert line.skipped() == [(entry.id, "step_already_booked")]


def test_who_has_this_seat_already_is_passed_over() -> None:
    line = Line(free=2)
    entry = line.join()
    held = line.holds(line.desk.steps[301, 41], line.session_)
    told = line.promote()

    assert told["skipped"] == [{"waitlist_entry_id": entry.id, "code": "same_session"}]
    assert line.desk.changes.skips[0]["message"] == RefusalCode.SAME_SESSION.sentence
    assert held.holds_seat
    wish = Wish(
        step=line.desk.steps[301, 41],
        option_id=line.option_.id,
        session_id=line.session_.id,
        asked_at=NOW,
        leaving=held,
    )
    assert judge_promotion(line.desk, wish, line.session_) == Refusal(
        RefusalCode.SAME_SESSION, "the student has this seat already"
    )


def test_another_seat_at_that_time_is_a_reason_to_be_passed_over() -> None:
    line = Line()
    entry = line.join()
    line.seat(101, line.session(3 * DAY, group_class=OTHER_CLASS))
    assert line.skipped() == [(entry.id, "time_conflict")]


def test_a_promotion_ends_the_other_waits_of_the_step() -> None:
    line = Line()
    entry = line.join()
    step = line.desk.steps[301, 41]
    elsewhere = line.waits(step, line.option(step, OTHER_CLASS))
    of_another = line.waits(line.step(2, package=301, user=101), line.option_)
    line.promote()

    assert (elsewhere.status, elsewhere.end_reason) == ("ENDED", EndReason.SEATED_ELSEWHERE)
    assert (elsewhere.ended_at, elsewhere.booking_id) == (NOW, None)
    assert entry.status == "PROMOTED"
    assert of_another.status == "WAITING"


def test_where_seats_are_left_and_the_line_goes_on_another_look_goes_on_behind() -> None:
    line = Line(free=3)
    entries = [line.join(1), line.join(2, package_status=PackageStatus.CANCELLED), line.join(3)]
    line.line(line.session_, *entries, goes_on=True)
    line.promote()

    expected = Promotion(line.session_, entries[2].id)
    assert line.desk.changes.promotions == {line.session_.id: expected}
    assert line.desk.promised == {line.session_.id}


def test_where_no_seat_is_left_the_rest_of_the_line_waits_on() -> None:
    line = Line(free=1)
    line.line(line.session_, line.join(), goes_on=True)
    line.promote()
    assert line.desk.changes.promotions == {}


def test_where_seats_are_left_and_nobody_waits_behind_the_look_is_over() -> None:
    line = Line(free=3)
    line.join()
    line.promote()
    assert line.desk.changes.promotions == {}


def test_a_promotion_that_seats_nobody_changes_nothing_but_the_history() -> None:
    line = Line()
    line.join(package_status=PackageStatus.CANCELLED)
    line.promote()
    assert replace(line.desk.changes, skips=[]) == Changes()
