"""What a student's calendar says: one UID a package step, and a SEQUENCE that only rises."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Connection, Engine, text

from models.booking_facts import read_booking
from models.calendar_entries import CalendarEntry, booking_entry, feed_entries
from models.policy import Policy
from models.round import Decider
from models.until import Until
from tests.app.rows import course_seat, ledger, seat
from tests.deciding import booked, decide_all, waiting
from tests.school import DAY, Pupil, School

pytestmark = pytest.mark.usefixtures("sound")

Entry = Callable[[int], CalendarEntry | None]


@pytest.fixture
def entry(school: School) -> Entry:
    """The entry of a booking."""

    def reading(booking: int) -> CalendarEntry | None:
        with school.engine.connect() as db:
            return read_entry(db, booking)

    return reading


def feed(school: School, user: int, now: datetime | None = None) -> list[CalendarEntry]:
    with school.engine.connect() as db:
        return feed_entries(db, user, now or school.now, Policy())


def read_entry(db: Connection, booking: int) -> CalendarEntry | None:
    facts = read_booking(db, booking)
    return booking_entry(facts, Policy()) if facts else None


def last_booking(pupil: Pupil) -> int:
    [(booking,)] = pupil.school.rows(
        "SELECT max(id) FROM booking WHERE student_package_id = :id", id=pupil.package
    )
    return booking


def sequences(pupil: Pupil) -> list[int]:
    """Of the package's bookings, in their order, as they were left."""
    query = "SELECT calendar_sequence FROM booking WHERE student_package_id = :id ORDER BY id"
    return [sequence for (sequence,) in pupil.school.rows(query, id=pupil.package)]


def test_an_entry_keeps_its_uid_and_counts_up_through_all_its_seats(
    school: School, decider: Decider, entry: Entry
) -> None:
    course = school.course(sessions=4)
    pupil = course.pupil()
    told = []
    for deed in (
        lambda: pupil.book(course.sessions[0]),
        lambda: pupil.change(course.sessions[1]),
        lambda: pupil.change(course.sessions[2]),
        pupil.cancel,
        lambda: pupil.book(course.sessions[0]),
        lambda: pupil.change(course.sessions[3]),
        pupil.cancel,
    ):
        job = deed()
        decide_all(decider)
        school.result(job)
        told.append(entry(last_booking(pupil)))

    assert [one.sequence for one in told if one] == [0, 1, 2, 3, 4, 5, 6]
    assert [one.is_cancelled for one in told if one] == [False] * 3 + [True, False, False, True]
    assert len({one.uid for one in told if one}) == 1


def test_a_session_that_is_moved_counts(school: School, decider: Decider, entry: Entry) -> None:
    course = school.course()
    pupil = booked(course, decider)
    start = (school.now + 9 * DAY).replace(microsecond=0)
    for sequence in (1, 2):
        school.staff().move_session(course.sessions[0], start + sequence * DAY)
        decide_all(decider)
        moved = entry(last_booking(pupil))
        assert moved is not None
        assert (moved.sequence, moved.start_at) == (sequence, start + sequence * DAY)
    pupil.cancel()
    decide_all(decider)

    assert sequences(pupil) == [3]


def test_whom_a_moved_session_releases_is_told_that_the_entry_ends(
    school: School, decider: Decider, entry: Entry
) -> None:
    course, elsewhere = school.course(), school.course(sessions=0)
    pupil = booked(course, decider)
    start = school.now + 9 * DAY
    other = pupil.of(elsewhere)
    other.book(school.session(elsewhere.group_class, start_at=start))
    decide_all(decider)
    school.staff().move_session(course.sessions[0], start)
    decide_all(decider)
    released, kept = entry(last_booking(pupil)), entry(last_booking(other))

    assert released is not None
    assert (released.sequence, released.is_cancelled) == (1, True)
    assert kept is not None
    assert (kept.sequence, kept.is_cancelled) == (0, False)
    assert kept.uid != released.uid


def test_a_session_that_is_cancelled_ends_the_entry_and_a_new_seat_goes_on_counting(
    school: School, decider: Decider, entry: Entry
) -> None:
    course = school.course(sessions=2)
    pupil = booked(course, decider, course.sessions[0])
    school.staff().cancel_session(course.sessions[0])
    decide_all(decider)
    ended = entry(last_booking(pupil))
    assert ended is not None
    assert (ended.sequence, ended.is_cancelled) == (1, True)
    pupil.book(course.sessions[1])
    decide_all(decider)

    assert sequences(pupil) == [1, 2]


def test_who_is_promoted_begins_an_entry_or_goes_on_with_it(
    school: School, decider: Decider
) -> None:
    course = school.course(capacity=1, sessions=2)
    full, other = course.sessions
    holder = booked(course, decider, full)
    swapping = booked(course, decider, other)
    swapping.join(full)
    decide_all(decider)
    seatless = waiting(course, decider, other)
    holder.cancel()
    decide_all(decider)

    assert swapping.sits_in() == full
    assert sequences(swapping) == [1, 1]
    assert seatless.sits_in() == other
    assert sequences(seatless) == [0]
    assert sequences(holder) == [1]


def test_bulk_booking_begins_an_entry_for_each_step_and_staff_go_on_with_it(
    school: School, decider: Decider
) -> None:
    course = school.course(sessions=2)
    second = school.step(course.program, order=2)
    option = school.option(second, school.group_class())
    [(other_class,)] = school.rows(
        "SELECT group_class_id FROM course_step_option WHERE id = :id", id=option
    )
    school.session(other_class, 20 * DAY)
    pupil = course.pupil()
    pupil.bulk((course.step, course.option, course.sessions[0]), (second, option))
    decide_all(decider)
    assert sequences(pupil) == [0, 0]
    assert len({one.uid for one in feed(school, pupil.id)}) == 2
    staff = school.staff()
    booking = pupil.booking()
    staff.change(booking.id, course.option, course.sessions[1])
    decide_all(decider)
    staff.cancel(pupil.booking().id)
    decide_all(decider)

    assert sequences(pupil) == [1, 0, 2]


def test_seats_taken_and_given_back_in_one_batch_count_alike(
    school: School, decider: Decider
) -> None:
    course = school.course(sessions=2)
    pupil = course.pupil()
    pupil.book(course.sessions[0])
    decide_all(decider)
    pupil.cancel()
    pupil.book(course.sessions[1])
    decide_all(decider)
    pupil.change(course.sessions[0])
    decide_all(decider)

    assert sequences(pupil) == [1, 3, 3]


def test_a_package_that_is_cancelled_ends_its_entries(school: School, decider: Decider) -> None:
    course = school.course()
    pupil = booked(course, decider)
    school.staff().cancel_package(pupil.package)
    decide_all(decider)

    assert sequences(pupil) == [1]
    assert feed(school, pupil.id) == []


def test_a_seat_of_before_calendars_begins_at_nought(
    school: School, decider: Decider, entry: Entry
) -> None:
    course = school.course(sessions=2)
    pupil = course.pupil()
    booking = course_seat(course, course.sessions[0], pupil.id, pupil.package)
    ledger(school, course.sessions[0], booking)
    first = entry(booking)
    assert first is not None
    assert (first.sequence, first.is_cancelled) == (0, False)
    pupil.change(course.sessions[1])
    decide_all(decider)
    pupil.cancel()
    decide_all(decider)

    assert sequences(pupil) == [1, 2]


def test_a_seat_without_a_step_has_an_entry_of_its_own(
    school: School, decider: Decider, entry: Entry
) -> None:
    course, user, staff = school.course(sessions=2), school.person(), school.staff()
    for session in course.sessions:
        staff.book_seat(user, session)
    decide_all(decider)
    told = feed(school, user)
    assert [(one.program_title, one.step_label, one.sequence) for one in told] == [
        (None, None, 0),
        (None, None, 0),
    ]
    assert len({one.uid for one in told}) == 2
    [(booking,)] = school.rows("SELECT min(id) FROM booking")
    staff.cancel(booking)
    decide_all(decider)
    ended = entry(booking)
    assert ended is not None
    assert (ended.sequence, ended.is_cancelled, ended.uid) == (1, True, told[-1].uid)


def test_an_entry_tells_what_when_with_whom_and_until_when(
    school: School, decider: Decider, entry: Entry
) -> None:
    course = school.course()
    pupil = booked(course, decider)
    told = entry(last_booking(pupil))
    [(start, end)] = school.rows("SELECT start_at, end_at FROM session")
    [(teacher,)] = school.rows("SELECT name FROM user_account WHERE role = 'TEACHER'")
    [(name, email)] = school.rows(
        "SELECT name, email FROM user_account WHERE id = :id", id=pupil.id
    )
    booking = pupil.booking()

    assert told is not None
    assert (told.start_at, told.end_at, told.venue_time_zone) == (start, end, "Europe/Berlin")
    assert (told.program_title, told.step_label) == ("Course", "Step 1")
    assert (told.step_title, told.group_class_name) == ("The step number 1", "Yoga")
    assert (told.teacher_name, told.name, told.email) == (teacher, name, email)
    assert told.until == Until(start - DAY, start - DAY)
    assert told.changed_at == booking.created_at
    assert feed(school, pupil.id) == [told]


def test_nothing_is_told_of_a_booking_that_isnt_there(entry: Entry) -> None:
    assert entry(1) is None


def test_a_seat_that_was_swapped_or_taken_again_has_no_entry_of_its_own_any_more(
    school: School, decider: Decider, entry: Entry
) -> None:
    course = school.course(sessions=2)
    pupil = booked(course, decider, course.sessions[0])
    first = last_booking(pupil)
    pupil.change(course.sessions[1])
    decide_all(decider)
    second = last_booking(pupil)
    assert entry(first) is None
    pupil.cancel()
    decide_all(decider)
    assert entry(second) is not None
    pupil.book(course.sessions[0])
    decide_all(decider)

    assert entry(second) is None
    assert entry(last_booking(pupil)) is not None


def test_another_installation_has_other_uids(
    school: School, decider: Decider, entry: Entry, engine: Engine
) -> None:
    pupil = booked(school.course(), decider)
    before = entry(last_booking(pupil))
    with engine.connect() as db:
        db.execute(text("UPDATE installation SET id = :id"), {"id": uuid4()})
        after = read_entry(db, last_booking(pupil))

    assert before is not None
    assert after is not None
    assert before.uid != after.uid
    assert entry(last_booking(pupil)) == before


def test_the_feed_holds_ones_own_seats_from_ninety_days_ago_on(school: School) -> None:
    group_class = school.group_class()
    user, other = school.person(), school.person()
    past = timedelta(hours=1) - 90 * DAY
    # each an hour long: the first ended an hour before the feed begins, the second just then
    ends = {"gone": past - 3 * timedelta(hours=1), "just": past - timedelta(hours=1)}
    seats = {}
    for name, starts_in in {**ends, "now": timedelta(0), "next year": 365 * DAY}.items():
        session = school.session(group_class, starts_in)
        seats[name] = seat(school, session, user, status="ATTENDED")
        ledger(school, session, seats[name])
    cancelled = school.session(group_class, 5 * DAY)
    seat(school, cancelled, user, status="CANCELLED", cancelled_at=school.now)
    missed = school.session(group_class, -5 * DAY)
    ledger(school, missed, seat(school, missed, user, status="NO_SHOW"))
    theirs = school.session(group_class, 6 * DAY)
    ledger(school, theirs, seat(school, theirs, other))
    starts = [one.start_at - school.now for one in feed(school, user)]

    assert starts == [-5 * DAY, 365 * DAY, timedelta(0), -90 * DAY]


def test_the_feed_is_bounded_and_the_newest_come_first(
    school: School,
) -> None:
    group_class, user = school.group_class(capacity=2000), school.person()
    first = school.session(group_class, DAY)
    with school.engine.begin() as db:
        db.execute(
            text(
                "INSERT INTO session (group_class_id, start_at, end_at, capacity_max, seats_taken)"
                " SELECT group_class_id, start_at + n * interval '1 day',"
                " end_at + n * interval '1 day', 1, 1 FROM session, generate_series(1, 1001) n"
            )
        )
        db.execute(
            text(
                "INSERT INTO booking (user_id, session_id, group_class_id, during)"
                " SELECT :user, id,"
                " group_class_id, tstzrange(start_at, end_at) FROM session WHERE id > :first"
                " ORDER BY id"
            ),
            {"user": user, "first": first},
        )
        db.execute(
            text(
                "INSERT INTO seat_ledger (session_id, booking_id, change, cause, at)"
                " SELECT session_id, id, 1, 'BOOK_SEAT', now() FROM booking"
            )
        )
    told = feed(school, user)

    assert len(told) == 1000
    assert told[0].start_at - school.now == 1002 * DAY
    assert told[-1].start_at - school.now == 3 * DAY
