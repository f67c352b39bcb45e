"""Changing a step: the new seat is taken and the old one freed together, or nothing moves."""

from datetime import timedelta
from typing import Any

import pytest

from models.lanes import lane_of
from models.round import Decider
from tests.deciding import booked, decide_all
from tests.school import DAY, HOUR, Course, Pupil, School

pytestmark = pytest.mark.usefixtures("sound")


@pytest.fixture
def course(school: School) -> Course:
    """A step whose class has three sessions, on three days."""
    return school.course(sessions=3)


@pytest.fixture
def pupil(course: Course, decider: Decider) -> Pupil:
    """A student who has a seat in the first session."""
    return booked(course, decider, course.sessions[0])


def everything(school: School) -> list[Any]:
    """Who sits where, as far as it is stored."""
    return [
        school.rows(f"SELECT * FROM {table} ORDER BY id")
        for table in (
            "booking",
            "student_course_step_progress",
            "session",
            "seat_ledger",
            "outbox_message",
        )
    ]


def refused(pupil: Pupil, decider: Decider, *wanted: Any, **others: Any) -> str:
    """The code with which a change is refused; nothing moves then."""
    before = everything(pupil.school)
    job = pupil.change(*wanted, **others)
    decide_all(decider)
    assert everything(pupil.school) == before
    return pupil.school.refusal(job)


def test_the_old_booking_says_why_it_ended_and_the_new_one_what_it_replaced(
    school: School, decider: Decider, course: Course, pupil: Pupil
) -> None:
    old = pupil.booking()
    job = pupil.change(course.sessions[1])
    decide_all(decider)

    new = pupil.booking()
    assert (new.session_id, new.replaces_booking_id) == (course.sessions[1], old.id)
    assert new.booking_job_id == job
    assert (new.status, new.booking_type, new.payment_status) == (
        "CONFIRMED",
        "COURSE_STEP",
        "PAID",
    )
    assert new.metadata == old.metadata
    assert new.during.lower - new.change_until == DAY
    ended = "SELECT status, cancel_reason, cancelled_by FROM booking WHERE id = :id"
    assert school.rows(ended, id=old.id) == [
        ("CANCELLED", "Student changed to different session", pupil.id)
    ]
    result = school.result(job)
    assert result["booking"]["id"] == result["progress"]["booking_id"] == new.id
    assert result["progress"]["status"] == "BOOKED"


def test_one_seat_is_freed_and_one_taken(
    school: School, decider: Decider, course: Course, pupil: Pupil
) -> None:
    job = pupil.change(course.sessions[1])
    decide_all(decider)

    assert [school.seats_taken(session) for session in course.sessions] == [0, 1, 0]
    changes = "SELECT session_id, change, actor_id FROM seat_ledger WHERE booking_job_id = :job"
    assert school.rows(f"{changes} ORDER BY id", job=job) == [
        (course.sessions[0], -1, pupil.id),
        (course.sessions[1], 1, pupil.id),
    ]


def test_an_option_without_a_session_means_another_session_of_the_class(
    decider: Decider, course: Course, pupil: Pupil
) -> None:
    pupil.change()
    decide_all(decider)
    assert pupil.sits_in() == course.sessions[1]
    pupil.change()
    decide_all(decider)
    assert pupil.sits_in() == course.sessions[0]


def test_a_step_can_be_moved_to_another_option_in_another_lane(
    school: School, decider: Decider, course: Course, pupil: Pupil
) -> None:
    elsewhere = school.group_class()
    assert lane_of(elsewhere) != lane_of(course.group_class)
    session = school.session(elsewhere)
    pupil.change(option=school.option(course.step, elsewhere))
    decide_all(decider)

    assert pupil.sits_in() == session
    assert school.rows("SELECT group_class_id FROM student_course_step_progress") == [(elsewhere,)]


def test_the_cohorts_pin_is_what_an_option_means_for_a_change_too(
    school: School, decider: Decider, course: Course, pupil: Pupil
) -> None:
    school.pin(course.cohort, course.option, course.sessions[2])
    pupil.change()
    decide_all(decider)
    assert pupil.sits_in() == course.sessions[2]
    assert refused(pupil, decider) == "same_session"


def test_the_seat_that_is_left_conflicts_with_nothing(
    school: School, decider: Decider, course: Course, pupil: Pupil
) -> None:
    elsewhere = school.group_class()
    overlapping = school.session(elsewhere, 3 * DAY + HOUR / 2)
    pupil.change(option=school.option(course.step, elsewhere))
    decide_all(decider)
    assert pupil.sits_in() == overlapping


def test_two_students_cannot_swap_full_sessions(school: School, decider: Decider) -> None:
    course = school.course(capacity=1, sessions=2)
    pupils = [booked(course, decider, session) for session in course.sessions]
    jobs = [
        pupil.change(session)
        for pupil, session in zip(pupils, reversed(course.sessions), strict=True)
    ]
    decide_all(decider)
    assert [school.refusal(job) for job in jobs] == ["session_full"] * 2
    assert [pupil.sits_in() for pupil in pupils] == course.sessions


def test_who_comes_later_gets_the_seat_that_a_change_frees(
    school: School, decider: Decider
) -> None:
    course = school.course(capacity=1, sessions=2)
    pupil, other = booked(course, decider, course.sessions[0]), course.pupil()
    too_early = other.book(course.sessions[0])
    pupil.change(course.sessions[1])
    job = other.book(course.sessions[0])
    decide_all(decider)

    assert school.refusal(too_early) == "session_full"
    assert school.result(job)["booking"]["session_id"] == course.sessions[0]


def test_package_inactive_when_the_package_was_cancelled(
    school: School, decider: Decider, pupil: Pupil
) -> None:
    school.change("student_package", pupil.package, status="CANCELLED")
    assert refused(pupil, decider) == "package_inactive"


@pytest.mark.parametrize("ends", [-HOUR, DAY])
def test_package_expired_at_the_submit_or_at_the_new_session(
    school: School, decider: Decider, pupil: Pupil, ends: Any
) -> None:
    school.change("student_package", pupil.package, expires_at=school.now + ends)
    assert refused(pupil, decider) == "package_expired"


def test_not_open_yet_before_the_program_opens(
    school: School, decider: Decider, course: Course, pupil: Pupil
) -> None:
    school.change("course_program", course.program, booking_opens_at=school.now + HOUR)
    assert refused(pupil, decider) == "not_open_yet"


def test_not_booked_when_there_is_no_booking(decider: Decider, course: Course) -> None:
    assert refused(course.pupil(), decider) == "not_booked"


@pytest.mark.parametrize("fault", ["inactive", "unknown", "of another step"])
def test_option_invalid(
    school: School, decider: Decider, course: Course, pupil: Pupil, fault: str
) -> None:
    options = {
        "inactive": school.option(course.step, school.group_class(), is_active=False),
        "unknown": 999_999,
        "of another step": school.course().option,
    }
    assert refused(pupil, decider, option=options[fault]) == "option_invalid"


@pytest.mark.parametrize("fault", ["unknown", "of another class"])
def test_session_invalid(school: School, decider: Decider, pupil: Pupil, fault: str) -> None:
    session = {"unknown": 999_999, "of another class": school.course().sessions[0]}[fault]
    assert refused(pupil, decider, session) == "session_invalid"


def test_no_upcoming_session_when_the_other_class_has_none(
    school: School, decider: Decider, course: Course, pupil: Pupil
) -> None:
    elsewhere = school.group_class()
    school.session(elsewhere, -DAY)
    school.session(elsewhere, DAY, status="CANCELLED")
    option = school.option(course.step, elsewhere)
    assert refused(pupil, decider, option=option) == "no_upcoming_session"


def test_session_cancelled_when_the_named_one_is(
    school: School, decider: Decider, course: Course, pupil: Pupil
) -> None:
    cancelled = school.session(course.group_class, DAY, status="CANCELLED")
    assert refused(pupil, decider, cancelled) == "session_cancelled"


def test_session_started_when_the_named_one_began(
    school: School, decider: Decider, course: Course, pupil: Pupil
) -> None:
    # in less than a minute: what is refused later than that is told by mail
    begun = school.session(course.group_class, -timedelta(seconds=5))
    asked_at = school.now - timedelta(seconds=10)
    assert refused(pupil, decider, begun, at=asked_at) == "session_started"


def test_same_session_when_it_is_the_one_already_held(
    decider: Decider, course: Course, pupil: Pupil
) -> None:
    assert refused(pupil, decider, course.sessions[0]) == "same_session"


def test_same_session_when_the_class_has_no_other(school: School, decider: Decider) -> None:
    course = school.course()
    assert refused(booked(course, decider), decider) == "same_session"


def test_too_late_to_change_within_a_day_of_the_held_session(
    school: School, decider: Decider, course: Course
) -> None:
    soon = school.session(course.group_class, HOUR)
    pupil = booked(course, decider, soon)
    assert refused(pupil, decider) == "too_late_to_change"


def test_already_in_session_through_another_package(
    decider: Decider, course: Course, pupil: Pupil
) -> None:
    pupil.of(course).book(course.sessions[1])
    decide_all(decider)
    assert refused(pupil, decider, course.sessions[1]) == "already_in_session"


def test_time_conflict_with_another_seat(
    school: School, decider: Decider, course: Course, pupil: Pupil
) -> None:
    other = school.course(sessions=0)
    overlapping = school.session(other.group_class, 4 * DAY + HOUR / 2)
    pupil.of(other).book(overlapping)
    decide_all(decider)
    assert refused(pupil, decider, course.sessions[1]) == "time_conflict"


def test_session_full_when_no_seat_is_free(
    school: School, decider: Decider, course: Course, pupil: Pupil
) -> None:
    for session in course.sessions[1:]:
        school.change("session", session, capacity_max=0)
    assert refused(pupil, decider) == "session_full"
    assert refused(pupil, decider, course.sessions[1]) == "session_full"


def test_a_refused_change_offers_other_sessions_but_not_the_one_that_is_held(
    school: School, decider: Decider, course: Course, pupil: Pupil
) -> None:
    school.change("session", course.sessions[1], capacity_max=0)
    job = pupil.change(course.sessions[1])
    decide_all(decider)
    offered = school.job(job).error["alternatives"]
    assert [one["session_id"] for one in offered] == [course.sessions[2]]


@pytest.mark.parametrize(("days", "code"), [(3, None), (5, None), (7, "out_of_order")])
def test_out_of_order_by_the_seats_that_are_kept(
    school: School, decider: Decider, days: int, code: str | None
) -> None:
    """The first of two steps, at present on the 4th day, may move up to the second, on the 6th."""
    course = school.course(sessions=0, ordered=True)
    later = school.step(course.program, 2)
    elsewhere = school.group_class()
    option = school.option(later, elsewhere)
    pupil = booked(course, decider, school.session(course.group_class, 4 * DAY))
    pupil.book(school.session(elsewhere, 6 * DAY), step=later, option=option)
    decide_all(decider)
    wanted = school.session(course.group_class, days * DAY)
    if code is not None:
        assert refused(pupil, decider, wanted) == code
        return
    pupil.change(wanted)
    decide_all(decider)
    assert pupil.sits_in() == wanted


def test_staff_may_waive_the_order(school: School, decider: Decider) -> None:
    course = school.course(sessions=0, ordered=True)
    later = school.step(course.program, 2)
    elsewhere = school.group_class()
    option = school.option(later, elsewhere)
    pupil = booked(course, decider, school.session(course.group_class, 4 * DAY))
    pupil.book(school.session(elsewhere, 6 * DAY), step=later, option=option)
    wanted = school.session(course.group_class, 8 * DAY)
    decide_all(decider)
    staff, booking = school.staff(), pupil.booking().id
    plain = staff.change(booking, course.option, wanted)
    decide_all(decider)
    waived = staff.change(booking, course.option, wanted, override="Was ill")
    decide_all(decider)

    assert school.refusal(plain) == "out_of_order"
    assert school.result(waived)["booking"]["session_id"] == wanted
