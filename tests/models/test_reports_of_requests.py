"""What was asked for and what became of it, counted by hand: activity, waits, decision times."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, insert

from models.analytics.activity import Activity, read_activity
from models.analytics.decision_time import DecisionTimes, read_decision_times
from models.analytics.report import By
from models.analytics.span import Span
from models.analytics.waitlist import Waits, read_waitlist
from models.booking_job import BookingJob
from models.new_id import new_id
from models.round import Decider
from tests.app.rows import course_seat, seat, waits
from tests.deciding import booked, decide_all, waiting
from tests.school import DAY, HOUR, Course, School

MONDAY = datetime(2026, 3, 23, tzinfo=UTC)
WEEK = 7 * DAY
THIS_WEEK = Span(start=MONDAY, end=MONDAY + WEEK)
NO_REFUSAL = Activity().refusals_by_code
SECOND = timedelta(seconds=1)


def today(now: datetime) -> Span:
    """A stretch around the moment at which a test decides what it asked for."""
    return Span(start=now - HOUR, end=now + HOUR)


def decided_job(school: School, kind: str = "BOOK_STEP", **columns: Any) -> None:
    """A job of Monday that was refused a second later unless it says otherwise."""
    row = {
        "id": new_id(),
        "kind": kind,
        "status": "REFUSED",
        "submitted_by": 1,
        "user_id": 1,
        "request": {},
        "lanes": [1],
        "submitted_at": MONDAY,
        "decided_at": MONDAY + SECOND,
        "error": {"code": "session_full"},
    }
    with school.engine.begin() as db:
        db.execute(insert(BookingJob).values(**row | columns))


def succeeded(school: School, seconds: float, kind: str = "BOOK_STEP", **columns: Any) -> None:
    row = {"status": "SUCCEEDED", "error": None, "result": {}, "submitted_at": MONDAY}
    decided_at = MONDAY + seconds * SECOND
    decided_job(school, kind, **row | {"decided_at": decided_at} | columns)


def test_what_students_and_staff_do_is_counted_once_each(
    db: Connection, school: School, decider: Decider, now: datetime
) -> None:
    course = school.course(capacity=3, sessions=2)
    first, second = course.sessions
    changing, cancelling, _ = (booked(course, decider, first) for _ in range(3))
    full = course.pupil()
    refused = full.book(first)
    changing.change(second)
    cancelling.cancel()
    decide_all(decider)
    cancelling.cancel()
    school.staff().book_seat(school.person(), second)
    decide_all(decider)

    report = read_activity(db, today(now))
    assert school.refusal(refused) == "session_full"
    assert report.total == Activity(
        bookings=4,
        changes=1,
        cancellations=1,
        refusals_by_code={"session_full": 1, "not_booked": 1},
    )
    assert report.total.refusals == 2


def test_a_promotion_is_a_booking_and_a_promoted_swap_a_change(
    db: Connection, school: School, decider: Decider, now: datetime
) -> None:
    course = school.course(capacity=1, sessions=2)
    first, second = course.sessions
    holder = booked(course, decider, first)
    swapping = booked(course, decider, second)
    swapping.join(first)
    decide_all(decider)
    waiting(course, decider, second)
    holder.cancel()
    decide_all(decider)

    assert swapping.sits_in() == first
    assert read_activity(db, today(now)).total == Activity(
        bookings=3, changes=1, cancellations=1, refusals_by_code=NO_REFUSAL
    )


def test_a_cancelled_session_cancels_the_seats_of_all_and_a_dry_run_nothing(
    db: Connection, school: School, decider: Decider, now: datetime
) -> None:
    course = school.course(capacity=3)
    for _ in range(2):
        booked(course, decider)
    staff = school.staff()
    staff.cancel_session(course.sessions[0], dry_run=True)
    staff.set_capacity(course.sessions[0], 1, dry_run=True)
    decide_all(decider)
    assert read_activity(db, today(now)).total == Activity(bookings=2)
    db.rollback()
    staff.set_capacity(course.sessions[0], 1)
    staff.cancel_session(course.sessions[0])
    decide_all(decider)

    assert read_activity(db, today(now)).total == Activity(
        bookings=2, cancellations=2, refusals_by_code={"capacity_too_low": 1}
    )


def test_activity_is_told_day_by_day_by_the_clocks_of_the_zone(
    db: Connection, school: School
) -> None:
    session = school.session(school.group_class(), start_at=MONDAY + 3 * WEEK)
    spring = datetime(2026, 3, 29, tzinfo=UTC)
    for made_at in (
        spring - 2 * HOUR,  # Saturday in Berlin
        spring - HOUR,  # its Sunday, of 23 hours
        spring + 22 * HOUR - SECOND,
        spring + 22 * HOUR,  # its Monday
    ):
        seat(school, session, school.person(), created_at=made_at)
    span = Span(start=spring - 25 * HOUR, end=spring + 46 * HOUR, zone=ZoneInfo("Europe/Berlin"))

    lines = read_activity(db, span).lines
    assert [(line.of.day.day, line.figures.bookings) for line in lines] == [
        (28, 1),
        (29, 2),
        (30, 1),
    ]


def test_a_day_on_which_nothing_happened_is_there(db: Connection, school: School) -> None:
    seat(
        school,
        school.session(school.group_class()),
        school.person(),
        status="CANCELLED",
        created_at=MONDAY,
        cancelled_at=MONDAY + 2 * DAY,
    )
    decided_job(school, decided_at=MONDAY + 4 * DAY)
    decided_job(school, decided_at=MONDAY + 4 * DAY, error={"code": "time_conflict"})
    report = read_activity(db, THIS_WEEK)

    nothing = Activity()
    assert [line.figures for line in report.lines] == [
        Activity(bookings=1),
        nothing,
        Activity(cancellations=1),
        nothing,
        Activity(refusals_by_code={"session_full": 1, "time_conflict": 1}),
        nothing,
        nothing,
    ]
    assert report.total == Activity(
        bookings=1, cancellations=1, refusals_by_code={"session_full": 1, "time_conflict": 1}
    )


def test_old_bookings_count_by_what_is_known_of_them(db: Connection, school: School) -> None:
    """Of a change the old code kept the reason alone, of a cancellation perhaps not even when."""
    course = school.course(capacity=10)
    session = school.session(course.group_class, start_at=MONDAY + WEEK)
    student, package = course.enrol_one()
    gone = {"status": "CANCELLED", "created_at": MONDAY - DAY}
    course_seat(
        course,
        session,
        student,
        package,
        **gone,
        cancelled_at=MONDAY,
        cancel_reason="Student changed to different session",
    )
    course_seat(course, session, student, package, created_at=MONDAY, during=None)
    seat(school, session, school.person(), **gone, cancelled_at=None)
    seat(school, session, school.person(), booking_type="WORKSHOP", created_at=MONDAY)

    assert read_activity(db, THIS_WEEK).total == Activity(bookings=2)


@pytest.fixture
def course(school: School) -> Course:
    return school.course(capacity=1, sessions=2)


def entry(course: Course, *, joined_at: datetime = MONDAY, **columns: Any) -> None:
    waits(course, *course.enrol_one(), joined_at=joined_at, **columns)


def promoted(course: Course, after: timedelta, **columns: Any) -> None:
    student, package = course.enrol_one()
    booking = course_seat(course, course.sessions[0], student, package, status="CANCELLED")
    joined_at = columns.pop("joined_at", MONDAY)
    waits(
        course,
        student,
        package,
        joined_at=joined_at,
        status="PROMOTED",
        ended_at=joined_at + after,
        booking_id=booking,
        **columns,
    )


def test_waits_are_counted_by_what_became_of_them(db: Connection, course: Course) -> None:
    promoted(course, HOUR)
    promoted(course, 2 * HOUR)
    promoted(course, 10 * DAY, joined_at=MONDAY + 6 * DAY)
    entry(course)
    entry(course, status="LEFT", ended_at=MONDAY)
    for reason in (
        "SESSION_PASSED",
        "SEATED_ELSEWHERE",
        "SESSION_CANCELLED",
        "PACKAGE_CANCELLED",
    ):
        entry(course, status="ENDED", ended_at=MONDAY, end_reason=reason)
    entry(course, joined_at=MONDAY - SECOND)
    entry(course, joined_at=MONDAY + WEEK)
    total = read_waitlist(db, THIS_WEEK).total

    assert total == Waits(
        joined=9,
        promoted=3,
        left=1,
        expired=1,
        seated_elsewhere=1,
        session_cancelled=1,
        package_cancelled=1,
        waiting=1,
        median_wait=2 * HOUR,
    )
    assert total.conversion_rate == 1 / 3


def test_waits_by_week_of_joining_and_by_class(
    db: Connection, school: School, course: Course
) -> None:
    other = school.course(capacity=1)
    promoted(course, HOUR)
    entry(other)
    promoted(other, DAY, joined_at=MONDAY + WEEK)
    span = Span(start=MONDAY, end=MONDAY + 3 * WEEK)
    by_week, by_class = (read_waitlist(db, span, by) for by in (By.WEEK, By.CLASS))

    assert [line.figures for line in by_week.lines] == [
        Waits(joined=2, promoted=1, waiting=1, median_wait=HOUR),
        Waits(joined=1, promoted=1, median_wait=DAY),
        Waits(),
    ]
    assert {line.of.group_class_id: line.figures for line in by_class.lines} == {
        course.group_class: Waits(joined=1, promoted=1, median_wait=HOUR),
        other.group_class: Waits(joined=2, promoted=1, waiting=1, median_wait=DAY),
    }
    whole = Waits(joined=3, promoted=2, waiting=1, median_wait=12.5 * HOUR)
    assert by_week.total == by_class.total == whole


def test_the_products_own_waits_convert(
    db: Connection, course: Course, decider: Decider, now: datetime
) -> None:
    first, _ = course.sessions
    holder = booked(course, decider, first)
    waiting(course, decider, first)
    leaving = waiting(course, decider, first)
    leaving.leave()
    holder.cancel()
    decide_all(decider)

    total = read_waitlist(db, today(now)).total
    assert (total.joined, total.promoted, total.left, total.waiting) == (2, 1, 1, 0)
    assert total.median_wait is not None
    assert total.median_wait < HOUR


def test_nobody_who_joined_converts_nobody(db: Connection, course: Course) -> None:
    total = read_waitlist(db, THIS_WEEK).total

    assert (total, total.conversion_rate) == (Waits(), None)


def test_decision_times_by_day(db: Connection, school: School) -> None:
    for seconds in range(1, 101):
        succeeded(school, seconds)
    decided_job(school, submitted_at=MONDAY + DAY, decided_at=MONDAY + DAY + 7 * SECOND)
    report = read_decision_times(db, Span(start=MONDAY, end=MONDAY + 3 * DAY))

    seven = 7 * SECOND
    assert [line.figures for line in report.lines] == [
        DecisionTimes(
            decided=100, p50=50 * SECOND, p95=95 * SECOND, p99=99 * SECOND, longest=100 * SECOND
        ),
        DecisionTimes(decided=1, p50=seven, p95=seven, p99=seven, longest=seven),
        DecisionTimes(),
    ]
    assert report.total == DecisionTimes(
        decided=101, p50=50 * SECOND, p95=95 * SECOND, p99=99 * SECOND, longest=100 * SECOND
    )


def test_decision_times_by_kind(db: Connection, school: School) -> None:
    succeeded(school, 3, "CHANGE_STEP")
    succeeded(school, 1)
    decided_job(school, status="FAILED")
    report = read_decision_times(db, THIS_WEEK, By.KIND)

    assert [
        (line.of.kind, line.figures.decided, line.figures.longest) for line in report.lines
    ] == [("BOOK_STEP", 2, SECOND), ("CHANGE_STEP", 1, 3 * SECOND)]


def test_what_nobody_asked_for_or_nobody_decided_is_no_decision(
    db: Connection, school: School
) -> None:
    succeeded(school, 1, "PROMOTE", session_id=1)
    decided_job(school, status="WITHDRAWN", error=None)
    decided_job(school, status="QUEUED", error=None, decided_at=None)

    for by in (By.DAY, By.KIND):
        assert read_decision_times(db, THIS_WEEK, by).total == DecisionTimes()


def test_a_decision_before_its_submit_took_no_time(db: Connection, school: School) -> None:
    """As the clocks of two machines may have it."""
    succeeded(school, 0, submitted_at=MONDAY + SECOND)

    assert read_decision_times(db, THIS_WEEK).total.longest == timedelta(0)


def test_a_job_belongs_to_the_day_of_its_decision(db: Connection, school: School) -> None:
    succeeded(school, 0, submitted_at=MONDAY - SECOND)
    succeeded(school, WEEK / SECOND)

    assert read_decision_times(db, THIS_WEEK).total.decided == 1
