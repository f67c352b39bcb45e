"""What staff do to sessions: add, cancel, move, and set the capacity."""

from datetime import datetime
from typing import Any

import pytest

from models.round import Decider
from tests.deciding import booked, decide_all, waiting
from tests.school import DAY, HOUR, School, Staff

pytestmark = pytest.mark.usefixtures("sound")


@pytest.fixture
def staff(school: School) -> Staff:
    return school.staff()


def start_of(school: School, session: int) -> datetime:
    [(start,)] = school.rows("SELECT start_at FROM session WHERE id = :id", id=session)
    assert isinstance(start, datetime)
    return start


def mails(school: School, user: int) -> list[Any]:
    """The topics of the mails that somebody is owed since the first, of their booking."""
    query = "SELECT topic FROM outbox_message WHERE kind = 'MAIL' AND user_id = :id"
    topics = [topic for (topic,) in school.rows(f"{query} ORDER BY created_at, id", id=user)]
    assert topics[0] in {"booking_confirmed", "waitlist_joined"}
    return topics[1:]


def outcomes(result: dict[str, Any]) -> list[tuple[int, str]]:
    return [(one["student_id"], one["outcome"]) for one in result["affected"]]


# adding


def test_an_added_session_has_the_classs_capacity_unless_told(
    school: School, decider: Decider, staff: Staff
) -> None:
    course = school.course(capacity=7, sessions=0)
    start = school.now + 5 * DAY
    jobs = [
        staff.add_session(course.group_class, start),
        staff.add_session(course.group_class, start + DAY, capacity=3),
    ]
    decide_all(decider)

    made = [school.result(job)["session"] for job in jobs]
    assert [one["capacity_max"] for one in made] == [7, 3]
    assert [(one["seats_taken"], one["status"]) for one in made] == [(0, "SCHEDULED")] * 2
    assert start_of(school, made[0]["id"]) == start
    assert booked(course, decider).sits_in() == made[0]["id"]


def test_no_session_is_added_in_the_past(school: School, decider: Decider, staff: Staff) -> None:
    course = school.course(sessions=0)
    job = staff.add_session(course.group_class, school.now - DAY)
    decide_all(decider)
    assert school.refusal(job) == "session_started"
    assert school.rows("SELECT id FROM session") == []


# cancelling


def test_everybody_loses_their_seat_and_is_told_and_offered_others(
    school: School, decider: Decider, staff: Staff
) -> None:
    course = school.course(sessions=2)
    pupils = [booked(course, decider, course.sessions[0]) for _ in range(2)]
    guest = school.person()
    staff.book_seat(guest, course.sessions[0])
    decide_all(decider)
    job = staff.cancel_session(course.sessions[0], "Teacher is ill")
    decide_all(decider)

    result = school.result(job)
    assert result["session"]["status"] == "CANCELLED"
    people = [*(pupil.id for pupil in pupils), guest]
    assert outcomes(result) == [(person, "CANCELLED") for person in people]
    offered = [[o["session_id"] for o in one["alternatives"]] for one in result["affected"]]
    assert offered == [[course.sessions[1]], [course.sessions[1]], []]
    assert [pupil.sits_in() for pupil in pupils] == [None, None]
    assert school.seats_taken(course.sessions[0]) == 0
    assert school.rows("SELECT DISTINCT status, cancel_reason, cancelled_by FROM booking") == [
        ("CANCELLED", "Teacher is ill", staff.id)
    ]
    assert [mails(school, person) for person in people] == [["session_cancelled"]] * 3
    payloads = school.rows(
        "SELECT payload FROM outbox_message WHERE topic = 'session_cancelled' ORDER BY id"
    )
    assert [o["session_id"] for o in payloads[0][0]["alternatives"]] == [course.sessions[1]]


def test_who_waited_for_a_cancelled_session_is_told_that_it_is_over(
    school: School, decider: Decider, staff: Staff
) -> None:
    course = school.course(capacity=1)
    booked(course, decider)
    named, any_session = waiting(course, decider, course.sessions[0]), waiting(course, decider)
    staff.cancel_session(course.sessions[0])
    decide_all(decider)

    assert school.rows("SELECT status, end_reason FROM waitlist_entry ORDER BY id") == [
        ("ENDED", "SESSION_CANCELLED"),
        ("WAITING", None),
    ]
    assert mails(school, named.id) == ["waitlist_ended"]
    assert mails(school, any_session.id) == []
    assert school.rows("SELECT id FROM booking_job WHERE kind = 'PROMOTE'") == []


def test_a_cancelled_session_can_be_booked_no_more(
    school: School, decider: Decider, staff: Staff
) -> None:
    course = school.course()
    staff.cancel_session(course.sessions[0])
    decide_all(decider)
    jobs = [course.pupil().book(course.sessions[0]), course.pupil().book()]
    decide_all(decider)
    assert [school.refusal(job) for job in jobs] == ["session_cancelled", "no_upcoming_session"]


def ask_each(school: School, staff: Staff, session: int) -> list[Any]:
    return [
        staff.cancel_session(session),
        staff.move_session(session, school.now + 9 * DAY),
        staff.set_capacity(session, 20),
    ]


def test_session_cancelled_when_it_was_cancelled_before(
    school: School, decider: Decider, staff: Staff
) -> None:
    session = school.session(school.group_class(), status="CANCELLED")
    jobs = ask_each(school, staff, session)
    decide_all(decider)
    assert [school.refusal(job) for job in jobs] == ["session_cancelled"] * 3


def test_session_started_when_it_began(school: School, decider: Decider, staff: Staff) -> None:
    session = school.session(school.group_class(), -HOUR)
    jobs = ask_each(school, staff, session)
    decide_all(decider)
    assert [school.refusal(job) for job in jobs] == ["session_started"] * 3


# moving


def test_bookings_move_along_with_their_session_and_are_told(
    school: School, decider: Decider, staff: Staff
) -> None:
    course = school.course()
    pupil = booked(course, decider)
    old, new = start_of(school, course.sessions[0]), school.now + 10 * DAY
    booking = pupil.booking()
    job = staff.move_session(course.sessions[0], new, "Room is taken")
    decide_all(decider)

    result = school.result(job)
    assert outcomes(result) == [(pupil.id, "MOVED")]
    assert datetime.fromisoformat(result["session"]["start_at"]) == new
    moved = pupil.booking()
    assert (moved.id, moved.status) == (booking.id, "CONFIRMED")
    assert (moved.during.lower, moved.during.upper) == (new, new + HOUR)
    assert mails(school, pupil.id) == ["session_moved"]
    [(payload,)] = school.rows("SELECT payload FROM outbox_message WHERE topic = 'session_moved'")
    assert datetime.fromisoformat(payload["previous_start_at"]) == old


@pytest.mark.parametrize("what", ["change", "cancel"])
def test_after_a_move_both_windows_are_open_until_the_new_start(
    school: School, decider: Decider, staff: Staff, what: str
) -> None:
    course = school.course(sessions=2)
    pupil = booked(course, decider, course.sessions[0])
    new = school.now + HOUR
    staff.move_session(course.sessions[0], new)
    decide_all(decider)

    booking = pupil.booking()
    assert (booking.change_until, booking.cancel_until) == (new, new)
    job = pupil.cancel(at=new) if what == "cancel" else pupil.change(at=new)
    decide_all(decider)
    school.result(job)


def test_whom_a_move_makes_overlap_another_seat_is_released_and_told(
    school: School, decider: Decider, staff: Staff
) -> None:
    course, other = school.course(sessions=2), school.course(sessions=0)
    elsewhere = school.session(other.group_class, 8 * DAY)
    stays, goes = (booked(course, decider, course.sessions[0]) for _ in range(2))
    goes.of(other).book(elsewhere)
    decide_all(decider)
    job = staff.move_session(course.sessions[0], school.now + 8 * DAY + HOUR / 2)
    decide_all(decider)

    result = school.result(job)
    assert outcomes(result) == [(stays.id, "MOVED"), (goes.id, "CANCELLED")]
    assert [o["session_id"] for o in result["affected"][1]["alternatives"]] == [course.sessions[1]]
    assert (stays.sits_in(), goes.sits_in()) == (course.sessions[0], None)
    assert school.seats_taken(course.sessions[0]) == 1
    assert school.seats_taken(elsewhere) == 1
    assert mails(school, goes.id)[-1] == "booking_released"
    assert mails(school, stays.id) == ["session_moved"]


def test_a_session_cannot_be_moved_into_the_past(
    school: School, decider: Decider, staff: Staff
) -> None:
    course = school.course()
    before = school.rows("SELECT * FROM session")
    job = staff.move_session(course.sessions[0], school.now - HOUR)
    decide_all(decider)
    assert school.refusal(job) == "session_started"
    assert school.rows("SELECT * FROM session") == before


def test_a_session_can_be_moved_by_less_than_its_length(
    school: School, decider: Decider, staff: Staff
) -> None:
    course = school.course()
    pupil = booked(course, decider)
    start = start_of(school, course.sessions[0]) + HOUR / 4
    job = staff.move_session(course.sessions[0], start)
    decide_all(decider)
    assert outcomes(school.result(job)) == [(pupil.id, "MOVED")]


# capacity


def test_capacity_is_raised_and_lowered_down_to_the_seats_taken(
    school: School, decider: Decider, staff: Staff
) -> None:
    course = school.course(capacity=5)
    for _ in range(2):
        booked(course, decider)
    capacities = []
    for wanted in (9, 2):
        job = staff.set_capacity(course.sessions[0], wanted)
        decide_all(decider)
        capacities.append(school.result(job)["session"]["capacity_max"])
    assert capacities == [9, 2]
    assert school.rows("SELECT capacity_max FROM session") == [(2,)]


def test_capacity_too_low_when_more_seats_are_taken(
    school: School, decider: Decider, staff: Staff
) -> None:
    course = school.course(capacity=5)
    for _ in range(2):
        booked(course, decider)
    job = staff.set_capacity(course.sessions[0], 1)
    decide_all(decider)
    assert school.refusal(job) == "capacity_too_low"
    assert school.rows("SELECT capacity_max FROM session") == [(5,)]
