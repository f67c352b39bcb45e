"""Joining a waitlist: for one session, for any of an option, and with a seat or without one."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from models.round import Decider
from tests.deciding import booked, decide_all, waiting
from tests.school import DAY, HOUR, Course, Pupil, School

pytestmark = pytest.mark.usefixtures("sound")


@pytest.fixture
def course(school: School, decider: Decider) -> Course:
    """A step whose class has two sessions of one seat each, both taken."""
    made = school.course(capacity=1, sessions=2)
    for session in made.sessions:
        booked(made, decider, session)
    return made


def refused(pupil: Pupil, decider: Decider, *wanted: Any, **others: Any) -> str:
    job = pupil.join(*wanted, **others)
    decide_all(decider)
    assert pupil.waiting().count("WAITING") <= 1
    return pupil.school.refusal(job)


def lines(school: School) -> list[tuple[Any, ...]]:
    return school.rows(
        "SELECT course_step_option_id, group_class_id, session_id, status"
        " FROM waitlist_entry ORDER BY id"
    )


def test_one_waits_for_a_session(school: School, decider: Decider, course: Course) -> None:
    pupil = course.pupil()
    job = pupil.join(course.sessions[1])
    decide_all(decider)

    assert lines(school) == [(course.option, course.group_class, course.sessions[1], "WAITING")]
    entry = school.result(job)["waitlist_entry"]
    assert (entry["session_id"], entry["position"]) == (course.sessions[1], 1)
    assert pupil.sits_in() is None
    assert [school.seats_taken(session) for session in course.sessions] == [1, 1]


def test_one_waits_for_any_session_of_an_option(
    school: School, decider: Decider, course: Course
) -> None:
    pupil = course.pupil()
    job = pupil.join()
    decide_all(decider)
    assert lines(school) == [(course.option, course.group_class, None, "WAITING")]
    assert school.result(job)["waitlist_entry"]["session_id"] is None


def test_with_a_pin_one_waits_for_the_pinned_session(
    school: School, decider: Decider, course: Course
) -> None:
    school.pin(course.cohort, course.option, course.sessions[1])
    waiting(course, decider)
    assert lines(school) == [(course.option, course.group_class, course.sessions[1], "WAITING")]


def test_places_are_counted_in_the_order_of_joining(
    school: School, decider: Decider, course: Course
) -> None:
    first, second = course.sessions
    jobs = [course.pupil().join(session) for session in (first, None, second, first)]
    decide_all(decider)
    places = [school.result(job)["waitlist_entry"]["position"] for job in jobs]
    assert places == [1, 2, 2, 3]


def test_who_holds_another_seat_keeps_it_while_waiting(
    school: School, decider: Decider, course: Course
) -> None:
    free = school.session(course.group_class, 9 * DAY, capacity=5)
    pupil = booked(course, decider, free)
    job = pupil.join(course.sessions[0])
    decide_all(decider)
    school.result(job)
    assert pupil.sits_in() == free


def test_one_may_wait_for_several_things_at_once(
    school: School, decider: Decider, course: Course
) -> None:
    pupil = course.pupil()
    jobs = [pupil.join(course.sessions[0]), pupil.join(course.sessions[1]), pupil.join()]
    decide_all(decider)
    assert [school.job(job).status for job in jobs] == ["SUCCEEDED"] * 3


def test_a_booking_of_what_was_waited_for_ends_the_waiting(
    school: School, decider: Decider, course: Course
) -> None:
    pupil = waiting(course, decider)
    job = pupil.book(school.session(course.group_class, 20 * DAY))
    decide_all(decider)
    school.result(job)
    assert school.rows("SELECT status, end_reason, booking_id FROM waitlist_entry") == [
        ("ENDED", "SEATED_ELSEWHERE", None)
    ]


def test_package_inactive_when_the_package_was_cancelled(decider: Decider, course: Course) -> None:
    assert refused(course.pupil(status="CANCELLED"), decider) == "package_inactive"


@pytest.mark.parametrize("ends", [-HOUR, DAY])
@pytest.mark.parametrize("named", [False, True])
def test_package_expired_at_the_submit_or_at_the_session(
    school: School, decider: Decider, course: Course, ends: timedelta, *, named: bool
) -> None:
    pupil = course.pupil(expires_at=school.now + ends)
    wanted = course.sessions[:1] if named else []
    assert refused(pupil, decider, *wanted) == "package_expired"


def test_not_open_yet_before_the_program_opens(
    school: School, decider: Decider, course: Course
) -> None:
    school.change("course_program", course.program, booking_opens_at=school.now + HOUR)
    assert refused(course.pupil(), decider) == "not_open_yet"


def test_step_already_booked_when_it_is_completed(
    school: School, decider: Decider, course: Course
) -> None:
    free = school.session(course.group_class, 9 * DAY, capacity=5)
    pupil = booked(course, decider, free)
    school.staff().mark(free, {pupil.booking().id: "ATTENDED"})
    decide_all(decider)
    assert refused(pupil, decider, course.sessions[0]) == "step_already_booked"


@pytest.mark.parametrize("fault", ["inactive", "unknown", "of another step"])
def test_option_invalid(school: School, decider: Decider, course: Course, fault: str) -> None:
    options = {
        "inactive": school.option(course.step, school.group_class(), is_active=False),
        "unknown": 999_999,
        "of another step": school.course().option,
    }
    assert refused(course.pupil(), decider, option=options[fault]) == "option_invalid"


@pytest.mark.parametrize("fault", ["unknown", "of another class"])
def test_session_invalid(school: School, decider: Decider, course: Course, fault: str) -> None:
    session = {"unknown": 999_999, "of another class": school.course().sessions[0]}[fault]
    assert refused(course.pupil(), decider, session) == "session_invalid"


def test_no_upcoming_session_when_nothing_is_scheduled(school: School, decider: Decider) -> None:
    course = school.course(sessions=0)
    assert refused(course.pupil(), decider) == "no_upcoming_session"


def test_session_cancelled_when_the_named_one_is(
    school: School, decider: Decider, course: Course
) -> None:
    cancelled = school.session(course.group_class, DAY, status="CANCELLED")
    assert refused(course.pupil(), decider, cancelled) == "session_cancelled"


def test_session_started_when_the_named_one_began(
    school: School, decider: Decider, course: Course
) -> None:
    begun = school.session(course.group_class, -HOUR / 2)
    assert refused(course.pupil(), decider, begun) == "session_started"


@pytest.mark.parametrize("named", [True, False])
def test_same_session_for_the_seat_that_is_held(
    decider: Decider, school: School, *, named: bool
) -> None:
    course = school.course(capacity=1)
    pupil = booked(course, decider)
    wanted = course.sessions[:1] if named else []
    assert refused(pupil, decider, *wanted) == "same_session"


def test_same_session_for_any_session_of_the_class_that_is_held(
    school: School, decider: Decider, course: Course
) -> None:
    free = school.session(course.group_class, 9 * DAY, capacity=5)
    assert refused(booked(course, decider, free), decider) == "same_session"


def test_too_late_to_change_when_the_held_seat_cannot_be_left(
    school: School, decider: Decider, course: Course
) -> None:
    soon = school.session(course.group_class, HOUR)
    pupil = booked(course, decider, soon)
    assert refused(pupil, decider, course.sessions[0]) == "too_late_to_change"


def test_already_in_session_through_another_package(school: School, decider: Decider) -> None:
    course = school.course(capacity=1)
    pupil = booked(course, decider).of(course)
    assert refused(pupil, decider, course.sessions[0]) == "already_in_session"


def test_time_conflict_with_another_seat(school: School, decider: Decider, course: Course) -> None:
    other = school.course(sessions=0)
    overlapping = school.session(other.group_class, 3 * DAY + HOUR / 2)
    pupil = booked(other, decider, overlapping).of(course)
    assert refused(pupil, decider, course.sessions[0]) == "time_conflict"


def test_out_of_order_when_a_later_step_comes_before(school: School, decider: Decider) -> None:
    course = school.course(capacity=0, ordered=True)
    later = school.step(course.program, 2)
    elsewhere = school.group_class()
    option = school.option(later, elsewhere)
    pupil = course.pupil()
    pupil.book(school.session(elsewhere, DAY), step=later, option=option)
    decide_all(decider)
    assert refused(pupil, decider, course.sessions[0]) == "out_of_order"


@pytest.mark.parametrize("named", [True, False])
def test_session_not_full_when_a_seat_is_free(
    school: School, decider: Decider, *, named: bool
) -> None:
    course = school.course(capacity=1, sessions=2)
    booked(course, decider)
    wanted = course.sessions[1:] if named else []
    assert refused(course.pupil(), decider, *wanted) == "session_not_full"


def test_a_free_session_that_does_not_fit_keeps_nobody_from_waiting_for_the_others(
    school: School, decider: Decider
) -> None:
    course, other = school.course(capacity=1, sessions=2), school.course(sessions=0)
    booked(course, decider, course.sessions[0])
    overlapping = school.session(other.group_class, 4 * DAY)
    pupil = booked(other, decider, overlapping).of(course)
    job = pupil.join()
    decide_all(decider)
    school.result(job)


@pytest.mark.parametrize("named", [True, False])
def test_already_waitlisted_for_the_same(decider: Decider, course: Course, *, named: bool) -> None:
    session = course.sessions[0] if named else None
    pupil = waiting(course, decider, session)
    assert refused(pupil, decider, session) == "already_waitlisted"


@pytest.mark.parametrize(
    ("before", "code"),
    [(timedelta(hours=2, seconds=1), None), (timedelta(hours=2), "waitlist_closed")],
)
def test_waitlist_closed_within_the_cutoff(
    school: School, decider: Decider, course: Course, before: timedelta, code: str | None
) -> None:
    at = school.now + 3 * DAY - before
    decider = replace(decider, clock=lambda: at)
    job = course.pupil().join(course.sessions[0])
    decide_all(decider)
    if code is None:
        school.result(job)
    else:
        assert school.refusal(job) == code


def test_a_refusal_to_wait_offers_what_is_free(school: School, decider: Decider) -> None:
    course = school.course(capacity=1, sessions=2)
    booked(course, decider)
    job = course.pupil().join(course.sessions[1])
    decide_all(decider)
    offered = school.job(job).error["alternatives"]
    assert [one["session_id"] for one in offered] == [course.sessions[1]]


@pytest.mark.parametrize(
    ("before", "is_open"), [(timedelta(hours=2, seconds=1), True), (timedelta(hours=2), False)]
)
@pytest.mark.parametrize("named", [True, False])
def test_a_full_sessions_refusal_says_whether_one_can_wait(
    school: School, decider: Decider, *, before: timedelta, is_open: bool, named: bool
) -> None:
    course = school.course(capacity=0)
    job = course.pupil().book(course.sessions[0] if named else None)
    decide_all(decider, school.now + 3 * DAY - before)
    error = school.job(job).error
    assert (error["code"], error["waitlist_open"]) == ("session_full", is_open)
