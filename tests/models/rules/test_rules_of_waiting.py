"""Joining and leaving a waitlist, judged without a database."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from models.booking_job import JobKind, JobStatus
from models.desk import Changes, Entry, Option, Seats, Step
from models.enrolment import PackageStatus, ProgressStatus
from models.refusal import RefusalCode
from models.waitlist import WaitlistStatus
from tests.models.rules.situation import (
    ASKED,
    CLASS,
    COHORT,
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

JOIN = JobKind.JOIN_WAITLIST
LEAVE = JobKind.LEAVE_WAITLIST


def full(starts_in: Any = 7 * DAY, **fields: Any) -> tuple[Situation, Step, Option, Seats]:
    """A step, its option and the class's only session, which is full."""
    situation = Situation()
    step = situation.step(**fields)
    return situation, step, situation.option(step), situation.full_session(starts_in)


def test_joining_for_a_session_gives_a_place_in_its_line() -> None:
    situation, step, option, session = full()
    job = situation.job(JOIN, step, option, session)
    verdict = situation.decide(job)

    entry = Entry(
        id=701,
        user_id=STUDENT,
        student_package_id=PACKAGE,
        course_step_id=step.course_step_id,
        course_step_option_id=option.id,
        group_class_id=CLASS,
        session_id=session.id,
        status=WaitlistStatus.WAITING,
        joined_at=NOW,
        booking_job_id=job.id,
    )
    assert situation.desk.entries == {701: entry}
    assert situation.desk.waiting_for(step) == [entry]
    assert replace(situation.desk.changes, messages=[]) == Changes(joined=[entry])
    assert situation.desk.is_waited_for(session)
    situation.desk.changes.positions[701] = 4
    assert verdict.job == job
    assert result(verdict) == {
        "waitlist_entry": {
            "id": 701,
            "course_step_option_id": option.id,
            "session_id": session.id,
            "position": 4,
            "joined_at": NOW.isoformat(),
        }
    }


def test_joining_is_told_by_mail_and_event() -> None:
    situation, step, option, session = full()
    job = situation.job(JOIN, step, option, session)
    situation.decide(job)

    about = {
        "user_id": STUDENT,
        "student_package_id": PACKAGE,
        "course_step_id": step.course_step_id,
        "booking_job_id": job.id,
        "created_at": NOW,
    }
    assert situation.told == [
        about | {"kind": "MAIL", "topic": "waitlist_joined", "payload": {"waitlist_entry_id": 701}},
        about
        | {
            "kind": "EVENT",
            "topic": "course.step.waitlisted",
            "payload": {
                "studentId": STUDENT,
                "packageId": PACKAGE,
                "stepId": step.course_step_id,
                "bookingId": None,
                "sessionId": session.id,
            },
        },
    ]


def test_who_left_again_in_the_same_batch_is_told_the_first_place() -> None:
    situation, step, option, session = full()
    verdict = situation.ask(JOIN, step, option, session)
    assert result(verdict)["waitlist_entry"]["position"] == 1


def test_joining_for_any_session_of_the_option_waits_for_none_in_particular() -> None:
    situation, step, option, session = full()
    later = situation.full_session(8 * DAY)
    told = result(situation.ask(JOIN, step, option))

    assert told["waitlist_entry"]["session_id"] is None
    assert situation.desk.is_waited_for(session)
    assert situation.desk.is_waited_for(later)
    assert not situation.desk.is_waited_for(situation.session(group_class=OTHER_CLASS))


def test_where_the_cohort_pins_the_option_the_pinned_session_is_waited_for() -> None:
    situation, step, option, session = full()
    situation.session(8 * DAY)
    situation.pin(option, session, COHORT)

    told = result(situation.ask(JOIN, step, option))
    assert told["waitlist_entry"]["session_id"] == session.id


def test_nobody_waits_for_a_seat_that_is_free() -> None:
    situation, step, option, session = full()
    session.seats_taken -= 1
    verdict = situation.ask(JOIN, step, option, session)

    assert refusal(verdict) == reads(
        RefusalCode.SESSION_NOT_FULL, f"session {session.id} has a free seat"
    )
    assert situation.desk.changes == Changes()
    assert [r.wish is not None and r.wish.step is step for r in verdict.offering] == [True]


def test_nobody_waits_for_any_session_while_one_that_fits_has_a_free_seat() -> None:
    situation, step, option, _ = full()
    free = situation.session(8 * DAY)
    situation.full_session(9 * DAY)

    assert refusal(situation.ask(JOIN, step, option))["detail"] == (
        f"session {free.id} has a free seat"
    )


def test_a_free_seat_that_the_student_cannot_take_keeps_nobody_from_waiting() -> None:
    situation, step, option, _ = full()
    situation.session(8 * DAY)
    situation.seat(STUDENT, situation.session(8 * DAY, group_class=OTHER_CLASS))

    assert result(situation.ask(JOIN, step, option))


def test_who_could_attend_no_session_is_told_why_of_the_first() -> None:
    situation, step, option, _ = full(expires_at=NOW + 7 * DAY)
    situation.full_session(8 * DAY)
    situation.seat(STUDENT, situation.session(7 * DAY, group_class=OTHER_CLASS))

    assert code(situation.ask(JOIN, step, option)) == "time_conflict"


def test_nobody_waits_twice_for_the_same() -> None:
    situation, step, option, session = full()
    result(situation.ask(JOIN, step, option, session))

    verdict = situation.ask(JOIN, step, option, session)
    assert refusal(verdict) == reads(
        RefusalCode.ALREADY_WAITLISTED, "the student waits for this already"
    )
    assert len(situation.desk.entries) == 1


def test_waiting_for_one_session_and_for_any_are_two_lines() -> None:
    situation, step, option, session = full()
    result(situation.ask(JOIN, step, option, session))
    result(situation.ask(JOIN, step, option))
    assert code(situation.ask(JOIN, step, option)) == "already_waitlisted"
    assert code(situation.ask(JOIN, step, option, session)) == "already_waitlisted"


def test_two_options_of_one_class_are_two_lines() -> None:
    situation, step, option, _ = full()
    result(situation.ask(JOIN, step, option))

    assert result(situation.ask(JOIN, step, situation.option(step)))


def test_who_left_may_wait_again() -> None:
    situation, step, option, session = full()
    situation.waits(step, option, session, status=WaitlistStatus.LEFT, ended_at=NOW - DAY)

    assert result(situation.ask(JOIN, step, option, session))


def test_somebody_elses_place_is_not_the_students() -> None:
    situation, step, option, session = full()
    situation.waits(situation.step(package=32, user=OTHER), option, session)

    assert result(situation.ask(JOIN, step, option, session))


@pytest.mark.parametrize("starts_in", [INSTANT, 2 * HOUR])
def test_within_the_cutoff_the_waitlist_is_closed(starts_in: Any) -> None:
    situation, step, option, session = full(starts_in)

    assert refusal(situation.ask(JOIN, step, option, session)) == reads(
        RefusalCode.WAITLIST_CLOSED, f"session {session.id} starts too soon"
    )


def test_an_instant_before_the_cutoff_the_waitlist_is_open() -> None:
    situation, step, option, session = full(2 * HOUR + INSTANT)
    assert result(situation.ask(JOIN, step, option, session))


def test_one_session_before_the_cutoff_is_enough_to_wait_for_any() -> None:
    situation, step, option, _ = full(HOUR)
    situation.full_session(DAY)
    assert result(situation.ask(JOIN, step, option))


def test_the_last_session_that_starts_too_soon_is_named() -> None:
    situation, step, option, _ = full(HOUR / 2)
    last = situation.full_session(HOUR)
    assert refusal(situation.ask(JOIN, step, option))["detail"] == (
        f"session {last.id} starts too soon"
    )


def test_waiting_for_the_same_is_told_before_the_cutoff() -> None:
    situation, step, option, session = full(HOUR)
    situation.waits(step, option, session)
    assert code(situation.ask(JOIN, step, option, session)) == "already_waitlisted"


def test_a_package_that_cannot_be_used_waits_for_nothing() -> None:
    situation, step, option, session = full(package_status=PackageStatus.CANCELLED)
    assert code(situation.ask(JOIN, step, option, session)) == "package_inactive"


def test_before_the_opening_nobody_waits() -> None:
    situation, step, option, session = full(booking_opens_at=ASKED + INSTANT)
    assert code(situation.ask(JOIN, step, option, session)) == "not_open_yet"


def test_a_completed_step_waits_for_nothing() -> None:
    situation, step, option, session = full(progress_status=ProgressStatus.COMPLETED)
    assert refusal(situation.ask(JOIN, step, option, session)) == reads(
        RefusalCode.STEP_ALREADY_BOOKED, "step 41 is completed"
    )


def test_an_option_that_cannot_be_taken_is_waited_for_by_nobody() -> None:
    situation, step, _, session = full()
    option = situation.option(step, is_active=False)
    assert code(situation.ask(JOIN, step, option, session)) == "option_invalid"


def booked(**fields: Any) -> tuple[Situation, Step, Option, Seats]:
    """A step that is booked in another session of the class whose next session is full."""
    situation, step, option, session = full()
    situation.holds(step, situation.session(9 * DAY), **fields)
    return situation, step, option, session


def test_who_holds_another_seat_for_the_step_keeps_it_while_they_wait() -> None:
    situation, step, option, session = booked()
    held = situation.desk.seat_of(step)
    assert result(situation.ask(JOIN, step, option, session))

    assert held is not None
    assert (held.status, step.progress_status) == ("CONFIRMED", "BOOKED")
    assert step.booking_id == held.booking_id


def test_who_holds_a_seat_of_the_class_waits_for_a_session_by_name_only() -> None:
    situation, step, option, session = booked()
    held = situation.desk.seat_of(step)
    assert held is not None

    assert refusal(situation.ask(JOIN, step, option)) == reads(
        RefusalCode.SAME_SESSION,
        f"the step is booked in session {held.session_id} of this class",
        "You already have a seat in this class. Please choose one of its sessions.",
    )
    situation.pin(option, session)
    assert result(situation.ask(JOIN, step, option))


def test_who_holds_a_seat_of_another_class_waits_for_any_session() -> None:
    situation, step, option, _ = full()
    situation.holds(step, situation.session(9 * DAY, group_class=OTHER_CLASS))
    assert result(situation.ask(JOIN, step, option))


def test_nobody_waits_for_the_seat_that_they_hold() -> None:
    situation, step, option, session = full()
    situation.holds(step, session)
    verdict = situation.ask(JOIN, step, option, session)

    assert refusal(verdict)["detail"] == f"the step is booked in session {session.id}"
    assert [r.wish is not None and r.wish.leaving is not None for r in verdict.offering] == [True]


def test_who_may_not_leave_their_seat_any_more_waits_for_no_other() -> None:
    situation, step, option, session = booked(change_until=ASKED - INSTANT)
    assert code(situation.ask(JOIN, step, option, session)) == "too_late_to_change"


def test_who_may_leave_their_seat_to_this_very_instant_waits() -> None:
    situation, step, option, session = booked(change_until=ASKED)
    assert result(situation.ask(JOIN, step, option, session))


@pytest.mark.parametrize(("starts_in", "may"), [(24 * HOUR, True), (24 * HOUR - INSTANT, False)])
def test_a_seat_from_before_windows_were_kept_has_the_schools(
    starts_in: timedelta,
    may: bool,  # noqa: FBT001 - a table's column
) -> None:
    situation, step, option, session = full()
    situation.holds(step, situation.session(starts_in), change_until=None)
    verdict = situation.ask(JOIN, step, option, session, fields={"submitted_at": NOW})
    assert (verdict.status == JobStatus.SUCCEEDED) is may


def test_leaving_ends_every_place_of_the_step() -> None:
    situation, step, option, session = full()
    first, second = situation.waits(step, option, session), situation.waits(step, option)
    ended = situation.waits(step, option, ended_at=NOW - DAY, status=WaitlistStatus.ENDED)
    other = situation.waits(situation.step(2), option)

    told = result(situation.ask(LEAVE, step))

    assert told == {"success": True, "left": [first.id, second.id]}
    for entry in (first, second):
        assert (entry.status, entry.ended_at) == (WaitlistStatus.LEFT, NOW)
        assert (entry.end_reason, entry.booking_id) == (None, None)
    assert (ended.status, other.status) == ("ENDED", "WAITING")
    assert situation.desk.changes == Changes(entries={first.id: first, second.id: second})


def test_whether_the_package_still_runs_does_not_matter_for_leaving() -> None:
    situation, step, option, session = full(
        package_status=PackageStatus.CANCELLED, expires_at=NOW - DAY
    )
    situation.waits(step, option, session)
    assert situation.ask(LEAVE, step).status == JobStatus.SUCCEEDED


def test_who_does_not_wait_cannot_leave() -> None:
    situation, step, _, _ = full()
    verdict = situation.ask(LEAVE, step)

    assert refusal(verdict) == reads(RefusalCode.NOT_WAITLISTED, "step 41 is on no waitlist")
    assert verdict.offering == []


def test_an_entry_is_laid_on_the_desk_once() -> None:
    situation, step, option, session = full()
    entry = situation.waits(step, option, session)
    situation.desk.lay_entry(replace(entry, status="LEFT"))

    assert situation.desk.waiting_for(step) == [entry]
    assert situation.desk.entries[entry.id] is entry
