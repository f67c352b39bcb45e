"""A freed or added seat goes to whoever waits for it, first come first served."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from models.lanes import lane_of
from models.policy import Policy
from models.round import Decider, decide_batch
from tests.app.rows import waits
from tests.catalogs import bring_in
from tests.deciding import booked, decide_all, waiting
from tests.school import DAY, HOUR, Course, Pupil, School

pytestmark = pytest.mark.usefixtures("sound")


@dataclass
class Full:
    """A session of one seat, who holds it, and who waits for it; a second session is free."""

    course: Course
    decider: Decider
    holder: Pupil
    waiting: list[Pupil]

    @property
    def school(self) -> School:
        return self.course.school

    @property
    def session(self) -> int:
        return self.course.sessions[0]

    def wait(self, count: int = 1) -> None:
        """Let some more students wait for the session."""
        pupils = [self.course.pupil() for _ in range(count)]
        jobs = [pupil.join(self.session) for pupil in pupils]
        decide_all(self.decider)
        assert {self.school.job(job).status for job in jobs} == {"SUCCEEDED"}
        self.waiting += pupils

    def sitting(self) -> list[bool]:
        """Who of those who wait has the seat now."""
        return [pupil.sits_in() == self.session for pupil in self.waiting]

    def skips(self) -> list[Any]:
        query = "SELECT code FROM waitlist_skip ORDER BY id"
        return [code for (code,) in self.school.rows(query)]


@pytest.fixture
def full(school: School, decider: Decider) -> Full:
    course = school.course(capacity=1, sessions=2)
    made = Full(course, decider, booked(course, decider, course.sessions[0]), [])
    made.wait()
    return made


def cancels(full: Full) -> UUID:
    return full.holder.cancel()


def changes(full: Full) -> UUID:
    return full.holder.change(full.course.sessions[1])


def is_cancelled_by_staff(full: Full) -> UUID:
    return full.school.staff().cancel(full.holder.booking().id)


def is_changed_by_staff(full: Full) -> UUID:
    return full.school.staff().change(
        full.holder.booking().id, full.course.option, full.course.sessions[1]
    )


def is_released_by_a_move(full: Full) -> UUID:
    start = full.school.now + 8 * DAY
    elsewhere = full.school.session(full.school.group_class(), start_at=start)
    staff = full.school.staff()
    staff.book_seat(full.holder.id, elsewhere)
    decide_all(full.decider)
    return staff.move_session(full.session, start)


def loses_the_package(full: Full) -> UUID:
    return full.school.staff().cancel_package(full.holder.package)


def gets_company(full: Full) -> UUID:
    return full.school.staff().set_capacity(full.session, 2)


@pytest.mark.parametrize(
    "happens",
    [
        cancels,
        changes,
        is_cancelled_by_staff,
        is_changed_by_staff,
        is_released_by_a_move,
        loses_the_package,
        gets_company,
    ],
)
def test_every_way_of_freeing_or_adding_a_seat_promotes(
    full: Full, happens: Callable[[Full], UUID]
) -> None:
    full.wait()
    job = happens(full)
    decide_all(full.decider)

    full.school.result(job)
    assert full.sitting() == [True, False]
    assert full.waiting[0].waiting() == ["PROMOTED"]
    assert full.waiting[1].waiting() == ["WAITING"]


def test_the_promotion_is_queued_in_the_transaction_that_frees_the_seat(full: Full) -> None:
    job = full.holder.cancel()
    assert decide_batch(full.decider, lane_of(full.course.group_class)).decided == 1

    full.school.result(job)
    promotions = "SELECT status, session_id FROM booking_job WHERE kind = 'PROMOTE'"
    assert full.school.rows(promotions) == [("QUEUED", full.session)]
    decide_all(full.decider)


def test_a_session_that_staff_add_is_for_those_who_wait_for_the_class(
    school: School, decider: Decider
) -> None:
    course = school.course(capacity=1)
    booked(course, decider)
    pupils = [waiting(course, decider) for _ in range(2)]
    job = school.staff().add_session(course.group_class, school.now + 5 * DAY)
    decide_all(decider)

    added = school.result(job)["session"]["id"]
    assert [pupil.sits_in() for pupil in pupils] == [added, None]


def catalog_session(session: int, start: Any, capacity: int) -> dict[str, Any]:
    end = start + HOUR
    times = {"startAt": start.isoformat(), "endAt": end.isoformat()}
    return {"id": session, "capacityMax": capacity, **times}


def imported(course: Course, *sessions: dict[str, Any]) -> None:
    school = course.school
    [(teacher,)] = school.rows(
        "SELECT teacher_id FROM group_class WHERE id = :id", id=course.group_class
    )
    group_class = {
        "id": course.group_class,
        "name": "Yoga",
        "teacherId": teacher,
        "capacityMax": 1,
        "timeZone": "Europe/Berlin",
        "sessions": list(sessions),
    }
    bring_in(school.engine, {"groupClasses": [group_class]})


def test_seats_that_an_import_adds_are_for_those_who_wait(full: Full) -> None:
    full.wait()
    [(start,)] = full.school.rows("SELECT start_at FROM session WHERE id = :id", id=full.session)
    imported(full.course, catalog_session(full.session, start, 2))
    newcomer = full.course.pupil().book(full.session)
    decide_all(full.decider)

    assert full.sitting() == [True, False]
    assert full.school.refusal(newcomer) == "session_full"


def test_a_session_that_an_import_adds_is_for_those_who_wait(
    school: School, decider: Decider
) -> None:
    course = school.course(capacity=1)
    booked(course, decider)
    pupil = waiting(course, decider)
    imported(course, catalog_session(777, school.now + 9 * DAY, 1))
    decide_all(decider)
    assert pupil.sits_in() == 777


def test_a_session_that_an_import_moves_is_for_those_whom_it_suits_now(
    school: School, decider: Decider
) -> None:
    course, other = school.course(capacity=1, sessions=2), school.course(sessions=0)
    booked(course, decider, course.sessions[1])
    holder = booked(course, decider, course.sessions[0])
    pupil = waiting(course, decider)
    also = pupil.of(other)
    [(start,)] = school.rows("SELECT start_at FROM session WHERE id = :id", id=course.sessions[0])
    also.book(school.session(other.group_class, start_at=start))
    decide_all(decider)
    holder.cancel()
    decide_all(decider)
    assert pupil.sits_in() is None

    imported(course, catalog_session(course.sessions[0], start + 2 * HOUR, 1))
    decide_all(decider)
    assert pupil.sits_in() == course.sessions[0]


def test_an_import_that_changes_nothing_promotes_nobody(full: Full) -> None:
    [(start,)] = full.school.rows("SELECT start_at FROM session WHERE id = :id", id=full.session)
    jobs = full.school.rows("SELECT id FROM booking_job")
    imported(full.course, catalog_session(full.session, start, 1))
    assert full.school.rows("SELECT id FROM booking_job") == jobs


def test_those_who_wait_for_a_session_and_for_any_stand_in_one_line(
    school: School, decider: Decider
) -> None:
    course = school.course(capacity=1)
    holder = booked(course, decider)
    pupils = [
        waiting(course, decider),
        waiting(course, decider, course.sessions[0]),
        waiting(course, decider),
    ]
    for sits in range(3):
        holder.cancel()
        decide_all(decider)
        assert [pupil.sits_in() is not None for pupil in pupils] == [n == sits for n in range(3)]
        holder = pupils[sits]


def test_a_swap_promotes_into_the_seat_that_it_frees(school: School, decider: Decider) -> None:
    course = school.course(capacity=1, sessions=3)
    first, second, third = course.sessions
    holders = [booked(course, decider, session) for session in course.sessions]
    jobs = [holders[1].join(first), holders[2].join(second)]
    decide_all(decider)
    assert [school.job(job).status for job in jobs] == ["SUCCEEDED"] * 2
    last = waiting(course, decider, third)
    before = [pupil.booking().id for pupil in holders[1:]]
    holders[0].cancel()
    decide_all(decider)

    assert [pupil.sits_in() for pupil in [*holders, last]] == [None, first, second, third]
    assert [pupil.booking().replaces_booking_id for pupil in holders[1:]] == before
    assert (
        school.rows("SELECT cancel_reason FROM booking WHERE id = ANY(:ids)", ids=before)
        == [("Student changed to different session",)] * 2
    )


def test_whoever_waits_elsewhere_for_the_step_waits_no_more(
    full: Full, school: School, decider: Decider
) -> None:
    elsewhere = school.group_class(capacity=1)
    option = school.option(full.course.step, elsewhere)
    other = school.session(elsewhere)
    other_holder = full.course.pupil()
    other_holder.book(other, option=option)
    decide_all(decider)
    sibling = full.waiting[0].join(other, option=option)
    decide_all(decider)
    school.result(sibling)
    full.holder.cancel()
    decide_all(decider)

    ended = school.rows("SELECT status, end_reason FROM waitlist_entry ORDER BY id")
    assert ended == [("PROMOTED", None), ("ENDED", "SEATED_ELSEWHERE")]
    other_holder.cancel()
    decide_all(decider)
    assert full.waiting[0].sits_in() == full.session


def lost_the_package(full: Full, pupil: Pupil) -> None:
    full.school.change("student_package", pupil.package, status="CANCELLED")


def package_ended(full: Full, pupil: Pupil) -> None:
    full.school.change("student_package", pupil.package, expires_at=full.school.now - HOUR)


def package_ends_before(full: Full, pupil: Pupil) -> None:
    full.school.change("student_package", pupil.package, expires_at=full.school.now + HOUR)


def opens_later(full: Full, pupil: Pupil) -> None:
    later = full.school.program(booking_opens_at=full.school.now + HOUR)
    cohort = full.school.cohort(later)
    full.school.change("student_package", pupil.package, course_cohort_id=cohort)


def completed_otherwise(full: Full, pupil: Pupil) -> None:
    """As the old code did it: without a booking."""
    [(progress,)] = full.school.rows(
        "SELECT id FROM student_course_step_progress WHERE student_package_id = :id",
        id=pupil.package,
    )
    full.school.change("student_course_step_progress", progress, status="COMPLETED")


def is_there_already(full: Full, pupil: Pupil) -> None:
    full.school.change("session", full.session, capacity_max=2)
    full.school.staff().book_seat(pupil.id, full.session)
    decide_all(full.decider)


def is_busy_then(full: Full, pupil: Pupil) -> None:
    [(start,)] = full.school.rows("SELECT start_at FROM session WHERE id = :id", id=full.session)
    elsewhere = full.school.session(full.school.group_class(), start_at=start)
    full.school.staff().book_seat(pupil.id, elsewhere)
    decide_all(full.decider)


def cant_leave_any_more(full: Full, pupil: Pupil) -> None:
    """The seat that is kept until the swap starts in less than a day."""
    soon = full.school.session(full.course.group_class, 26 * HOUR)
    pupil.book(soon)
    decide_all(full.decider)
    assert pupil.sits_in() == soon
    full.decider = replace(full.decider, clock=lambda: full.school.now + 3 * HOUR)


@pytest.mark.parametrize(
    ("code", "happens"),
    [
        ("package_inactive", lost_the_package),
        ("package_expired", package_ended),
        ("package_expired", package_ends_before),
        ("not_open_yet", opens_later),
        ("step_already_booked", completed_otherwise),
        ("already_in_session", is_there_already),
        ("time_conflict", is_busy_then),
        ("too_late_to_change", cant_leave_any_more),
    ],
)
def test_who_may_not_take_the_seat_any_more_is_passed_over(
    full: Full, code: str, happens: Callable[[Full, Pupil], None]
) -> None:
    full.wait()
    happens(full, full.waiting[0])
    job = full.holder.cancel()
    decide_all(full.decider)

    full.school.result(job)
    assert full.skips() == [code]
    assert full.sitting()[1]
    assert full.waiting[0].waiting() == ["WAITING"]


def test_option_invalid_when_the_option_is_not_offered_any_more(full: Full) -> None:
    full.school.change("course_step_option", full.course.option, is_active=False)
    full.holder.cancel()
    decide_all(full.decider)
    assert full.skips() == ["option_invalid"]
    assert full.sitting() == [False]


def test_same_session_when_the_old_code_seated_them_meanwhile(
    school: School, decider: Decider
) -> None:
    course = school.course(capacity=2)
    pupil = booked(course, decider)
    holder = booked(course, decider)
    waits(course, pupil.id, pupil.package, course.sessions[0])
    behind = waiting(course, decider)
    holder.cancel()
    decide_all(decider)

    assert school.rows("SELECT code FROM waitlist_skip") == [("same_session",)]
    assert behind.sits_in() == course.sessions[0]


def test_out_of_order_when_a_later_step_was_booked_before_it(
    school: School, decider: Decider
) -> None:
    course = school.course(capacity=1, ordered=True)
    later = school.step(course.program, 2)
    elsewhere = school.group_class()
    option = school.option(later, elsewhere)
    before = school.session(elsewhere, DAY)
    holder = booked(course, decider)
    pupil = waiting(course, decider)
    pupil.book(before, step=later, option=option)
    decide_all(decider)
    holder.cancel()
    decide_all(decider)

    assert school.rows("SELECT code FROM waitlist_skip") == [("out_of_order",)]
    assert pupil.sits_in() is None
    assert school.seats_taken(course.sessions[0]) == 0


def test_a_promotion_looks_at_twenty_and_the_next_goes_on_behind_them(full: Full) -> None:
    full.wait(21)
    for pupil in full.waiting[:21]:
        lost_the_package(full, pupil)
    full.holder.cancel()
    decide_all(full.decider)

    rounds = full.school.rows(
        "SELECT jsonb_array_length(result->'skipped'), jsonb_array_length(result->'promoted')"
        " FROM booking_job WHERE kind = 'PROMOTE' ORDER BY arrival"
    )
    assert rounds == [(20, 0), (1, 1)]
    assert full.sitting() == [False] * 21 + [True]


def test_nobody_new_is_seated_before_an_open_promotion(full: Full, school: School) -> None:
    """Not by booking, changing or a wizard, decided together with what frees the seat."""
    course = full.course
    changing = booked(course, full.decider, course.sessions[1])
    pupils = [course.pupil() for _ in range(2)]
    full.holder.cancel()
    jobs = [
        pupils[0].book(full.session),
        changing.change(full.session),
        pupils[1].bulk((course.step, course.option, full.session)),
    ]
    decide_all(full.decider)

    assert full.sitting() == [True]
    assert [school.refusal(job) for job in jobs] == ["session_full"] * 3
    assert changing.sits_in() == course.sessions[1]


def test_nor_do_staff_seat_anybody_before_it(full: Full, school: School) -> None:
    """Staff go ahead of the queue, but the freed seat is the waitlist's."""
    staff = school.staff()
    pupil = full.course.pupil()
    freed = staff.cancel(full.holder.booking().id)
    jobs = [staff.book_seat(school.person(), full.session), staff.book(pupil, full.session)]
    decide_all(full.decider)

    school.result(freed)
    assert full.sitting() == [True]
    assert [school.refusal(job) for job in jobs] == ["session_full"] * 2


def test_who_joins_before_an_open_promotion_stands_behind_those_who_wait(full: Full) -> None:
    full.holder.cancel()
    late = full.course.pupil()
    job = late.join(full.session)
    decide_all(full.decider)

    assert full.sitting() == [True]
    assert full.school.result(job)["waitlist_entry"]["position"] == 1
    full.waiting[0].cancel()
    decide_all(full.decider)
    assert late.sits_in() == full.session


def test_who_leaves_before_the_promotion_is_not_promoted(full: Full) -> None:
    full.wait()
    full.holder.cancel()
    job = full.waiting[0].leave()
    decide_all(full.decider)

    assert full.school.result(job)["success"] is True
    assert full.sitting() == [False, True]
    assert full.waiting[0].waiting() == ["LEFT"]


def test_two_freed_seats_promote_two(school: School, decider: Decider) -> None:
    course = school.course(capacity=2)
    holders = [booked(course, decider) for _ in range(2)]
    pupils = [waiting(course, decider) for _ in range(3)]
    for holder in holders:
        holder.cancel()
    decide_all(decider)
    assert [pupil.sits_in() is not None for pupil in pupils] == [True, True, False]


@pytest.mark.parametrize(
    ("before", "promoted"), [(timedelta(hours=2, seconds=1), 1), (timedelta(hours=2), 0)]
)
def test_nobody_is_promoted_within_the_cutoff(full: Full, before: timedelta, promoted: int) -> None:
    at = full.school.now + 3 * DAY - before
    full.school.staff().cancel(full.holder.booking().id, override="Asked", at=at)
    decide_all(full.decider, at)
    assert full.sitting() == [bool(promoted)]
    assert full.school.seats_taken(full.session) == promoted


@pytest.mark.parametrize(
    ("before", "may_leave"),
    [
        (timedelta(hours=30), timedelta(hours=24)),
        (timedelta(hours=24, minutes=30), timedelta(hours=23, minutes=30)),
        (timedelta(hours=3), timedelta(hours=2)),
        (timedelta(minutes=45), timedelta(0)),
    ],
)
def test_a_promoted_student_may_leave_for_an_hour_but_not_after_the_start(
    full: Full, before: timedelta, may_leave: timedelta
) -> None:
    at = full.school.now + 3 * DAY - before
    full.decider = replace(
        full.decider, policy=Policy(waitlist_cutoff=timedelta(minutes=30)), clock=lambda: at
    )
    full.school.staff().cancel(full.holder.booking().id, override="Asked", at=at)
    decide_all(full.decider)

    booking = full.waiting[0].booking()
    starts = booking.during.lower
    assert starts - booking.change_until == may_leave
    assert starts - booking.cancel_until == may_leave
    refused = full.waiting[0].cancel(at=starts - may_leave + timedelta(seconds=1))
    allowed = full.waiting[0].cancel(at=starts - may_leave)
    decide_all(full.decider)
    assert full.school.refusal(refused) == "too_late_to_cancel"
    full.school.result(allowed)


def test_a_swap_across_classes_and_lanes_frees_a_seat_for_the_next(
    school: School, decider: Decider
) -> None:
    """The seat that is left may well be at the time of the one that is taken."""
    wanted, left = school.course(capacity=1), school.course(capacity=1)
    assert lane_of(wanted.group_class) != lane_of(left.group_class)
    also = school.option(wanted.step, left.group_class)
    holder = booked(wanted, decider)
    swapping = wanted.pupil()
    swapping.book(option=also)
    decide_all(decider)
    job = swapping.join(wanted.sessions[0])
    decide_all(decider)
    school.result(job)
    behind = waiting(left, decider)
    holder.cancel()
    decide_all(decider)

    assert swapping.sits_in() == wanted.sessions[0]
    assert behind.sits_in() == left.sessions[0]


def test_who_gives_up_the_seat_that_was_kept_still_waits(full: Full) -> None:
    pupil = booked(full.course, full.decider, full.course.sessions[1])
    pupil.join(full.session)
    decide_all(full.decider)
    pupil.cancel()
    full.waiting[0].leave()
    decide_all(full.decider)
    assert pupil.sits_in() is None
    full.holder.cancel()
    decide_all(full.decider)
    assert pupil.sits_in() == full.session
    assert pupil.booking().replaces_booking_id is None


def test_a_session_that_an_import_opens_again_is_for_those_who_wait(
    school: School, decider: Decider
) -> None:
    course = school.course(capacity=1)
    booked(course, decider)
    closed = school.session(course.group_class, 9 * DAY, status="CANCELLED")
    pupil = waiting(course, decider)
    again = catalog_session(closed, school.now + 9 * DAY, 1)
    imported(course, again | {"status": "SCHEDULED"})
    decide_all(decider)
    assert pupil.sits_in() == closed


def test_a_session_that_staff_move_is_for_those_whom_it_suits_now(
    school: School, decider: Decider
) -> None:
    """A seat was free, but those who wait were busy at the old time."""
    course, other = school.course(capacity=1), school.course()
    holder = booked(course, decider)
    pupil = waiting(course, decider)
    pupil.of(other).book()
    decide_all(decider)
    holder.cancel()
    decide_all(decider)
    assert pupil.sits_in() is None

    school.staff().move_session(course.sessions[0], school.now + 8 * DAY)
    decide_all(decider)
    assert pupil.sits_in() == course.sessions[0]
