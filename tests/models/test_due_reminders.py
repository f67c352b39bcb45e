"""Which reminders are due, and that each is written once."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, text

from models.due_reminders import first_place, write_due_reminders
from models.round import Decider
from models.user_token import TokenPurpose
from models.user_tokens import token_of
from tests.deciding import booked, decide_all
from tests.school import DAY, HOUR, Pupil, School

SECOND = timedelta(seconds=1)
ALL = 500


def remind(school: School, at: datetime, *, lead: timedelta = DAY, limit: int = ALL) -> int:
    """Look for all that is due, page by page; returns how many reminders were written."""
    total, place = 0, first_place(at)
    while place is not None:
        with school.engine.begin() as db:
            written = write_due_reminders(db, at, lead, limit, place)
        total, place = total + written.count, written.place
    return total


def told(school: School) -> list[tuple[Any, ...]]:
    """The booking and start of each message that reminds, in the order of writing."""
    return school.rows(
        "SELECT CAST(payload->>'booking_id' AS bigint),"
        " CAST(payload->>'start_at' AS timestamptz)"
        " FROM outbox_message WHERE topic = 'reminder' ORDER BY written"
    )


def finish(school: School, status: str) -> None:
    """What a courier notes of all reminders."""
    with school.engine.begin() as db:
        db.execute(
            text(
                "UPDATE outbox_message SET status = :status, finished_at = now()"
                " WHERE topic = 'reminder'"
            ),
            {"status": status},
        )


@pytest.fixture
def seat(school: School, decider: Decider) -> tuple[Pupil, int, datetime]:
    """A student with a booked step, its session and when that starts."""
    course = school.course(capacity=3)
    return booked(course, decider), course.sessions[0], school.now + 3 * DAY


Seat = tuple[Pupil, int, datetime]


def move(school: School, decider: Decider, session: int, start_at: datetime) -> None:
    job = school.staff().move_session(session, start_at)
    decide_all(decider)
    school.result(job)


def test_a_reminder_is_due_at_exactly_a_day_before_the_start(school: School, seat: Seat) -> None:
    pupil, _, start = seat

    assert remind(school, start - DAY - SECOND) == 0
    assert remind(school, start - DAY) == 1
    assert told(school) == [(pupil.booking().id, start)]


def test_however_often_is_looked_one_reminder_is_written(school: School, seat: Seat) -> None:
    _, _, start = seat
    looks = [start - DAY + minutes * timedelta(minutes=10) for minutes in range(144)]

    assert [remind(school, at) for at in looks] == [1] + [0] * 143


def test_a_look_that_comes_late_finds_what_hasnt_started(school: School, seat: Seat) -> None:
    _, _, start = seat

    assert remind(school, start) == 0
    assert remind(school, start - SECOND) == 1


def test_the_message_belongs_to_its_step_and_says_when_it_was_due(
    school: School, seat: Seat
) -> None:
    pupil, _, start = seat
    remind(school, start - HOUR)

    [message] = school.rows(
        "SELECT kind, status, user_id, student_package_id, course_step_id, created_at"
        " FROM outbox_message WHERE topic = 'reminder'"
    )
    assert message == ("MAIL", "PENDING", pupil.id, pupil.package, pupil.step, start - HOUR)
    [reminder] = school.rows(
        "SELECT reminder.booking_id, reminder.kind, start_at, due_at, reminder.created_at, topic"
        " FROM reminder JOIN outbox_message ON outbox_message.id = outbox_message_id"
    )
    booking, due = pupil.booking().id, start - DAY
    assert reminder == (booking, "BEFORE_START", start, due, start - HOUR, "reminder")


@pytest.mark.parametrize(
    ("before_due", "reminded"), [(SECOND, 1), (timedelta(0), 0), (-21 * HOUR, 0)]
)
def test_who_booked_when_it_was_due_or_later_has_just_been_told(
    school: School, seat: Seat, before_due: timedelta, reminded: int
) -> None:
    pupil, _, start = seat
    school.change("booking", pupil.booking().id, created_at=start - DAY - before_due)

    assert remind(school, start - HOUR) == reminded


def test_another_lead_makes_it_due_at_another_time_and_never_a_second_time(
    school: School, seat: Seat
) -> None:
    _, _, start = seat

    assert remind(school, start - 2 * DAY - SECOND, lead=2 * DAY) == 0
    assert remind(school, start - 2 * DAY, lead=2 * DAY) == 1
    assert remind(school, start - DAY) == 0
    assert remind(school, start - HOUR, lead=HOUR) == 0


def test_with_no_lead_nobody_is_reminded(school: School, seat: Seat) -> None:
    _, _, start = seat
    looks = (start - DAY, start - SECOND, start)

    assert [remind(school, at, lead=timedelta(0)) for at in looks] == [0, 0, 0]


def test_who_wants_no_reminders_gets_none_until_they_do(school: School, seat: Seat) -> None:
    pupil, _, start = seat
    school.change("user_account", pupil.id, reminders=False)
    assert remind(school, start - DAY) == 0

    school.change("user_account", pupil.id, reminders=True)
    assert remind(school, start - HOUR) == 1


@pytest.mark.parametrize("status", ["CANCELLED", "ATTENDED", "NO_SHOW"])
def test_only_who_is_still_expected_is_reminded(school: School, status: str) -> None:
    session = school.session(school.group_class())
    with school.engine.begin() as db:
        db.execute(
            text(
                "INSERT INTO booking (user_id, session_id, group_class_id, status, created_at)"
                " SELECT :user, id, group_class_id, :status, :now FROM session"
            ),
            {"user": school.person(), "status": status, "now": school.now},
        )
    start = school.now + 3 * DAY

    assert remind(school, start - DAY) == 0
    school.change("booking", 1, status="CONFIRMED")
    assert remind(school, start - DAY) == 1
    assert school.rows("SELECT session_id FROM booking") == [(session,)]


def test_a_session_that_was_cancelled_reminds_nobody(
    school: School, decider: Decider, seat: Seat
) -> None:
    _, session, start = seat
    school.staff().cancel_session(session)
    decide_all(decider)

    assert remind(school, start - DAY) == 0


def test_nothing_is_written_of_a_cancelled_session_whose_bookings_arent_cancelled_yet(
    school: School, seat: Seat
) -> None:
    _, session, start = seat
    school.change("session", session, status="CANCELLED")

    assert remind(school, start - DAY) == 0


def test_a_session_that_was_moved_later_reminds_before_its_new_start(
    school: School, decider: Decider, seat: Seat
) -> None:
    pupil, session, start = seat
    move(school, decider, session, start + DAY)

    assert remind(school, start - DAY) == 0
    assert remind(school, start) == 1
    assert told(school) == [(pupil.booking().id, start + DAY)]


def test_a_session_that_is_moved_at_the_due_moment_reminds_once_for_each_start(
    school: School, decider: Decider, seat: Seat
) -> None:
    pupil, session, start = seat
    assert remind(school, start - DAY) == 1
    move(school, decider, session, start + 2 * HOUR)

    assert remind(school, start - DAY) == 0
    assert remind(school, start - DAY + 2 * HOUR) == 1
    assert remind(school, start - HOUR) == 0
    booking = pupil.booking().id
    assert told(school) == [(booking, start), (booking, start + 2 * HOUR)]


def test_a_session_that_was_moved_earlier_reminds_at_once_if_the_new_moment_has_passed(
    school: School, decider: Decider, seat: Seat
) -> None:
    pupil, session, start = seat
    earlier = start - 30 * HOUR
    move(school, decider, session, earlier)

    assert remind(school, earlier - 20 * HOUR) == 1
    assert told(school) == [(pupil.booking().id, earlier)]


def test_a_session_that_was_moved_away_and_back_reminds_once(
    school: School, decider: Decider, seat: Seat
) -> None:
    _, session, start = seat
    assert remind(school, start - DAY) == 1
    finish(school, "SENT")
    move(school, decider, session, start + 2 * DAY)
    assert remind(school, start - DAY) == 0
    move(school, decider, session, start)

    assert remind(school, start - HOUR) == 0
    assert len(told(school)) == 1


def test_a_reminder_that_was_superseded_unsent_doesnt_count_once_it_is_needed_again(
    school: School, decider: Decider, seat: Seat
) -> None:
    pupil, _, start = seat
    assert remind(school, start - DAY) == 1
    finish(school, "SUPERSEDED")

    assert remind(school, start - HOUR) == 1
    assert remind(school, start - HOUR) == 0
    assert told(school) == [(pupil.booking().id, start)] * 2
    assert school.rows("SELECT count(*) FROM reminder") == [(1,)]


@pytest.mark.parametrize("status", ["PENDING", "SENT", "DEAD"])
def test_whatever_else_became_of_a_reminder_there_is_no_second(
    school: School, seat: Seat, status: str
) -> None:
    _, _, start = seat
    remind(school, start - DAY)
    finish(school, status)

    assert remind(school, start - HOUR) == 0


def test_a_message_that_was_purged_meanwhile_isnt_written_again(
    school: School, engine: Engine, seat: Seat
) -> None:
    _, _, start = seat
    remind(school, start - DAY)
    with engine.begin() as db:
        db.execute(text("DELETE FROM outbox_message"))

    assert remind(school, start - HOUR) == 0


def test_a_seat_without_a_step_is_reminded_of_too(school: School, decider: Decider) -> None:
    course = school.course()
    for kind in ("DROP_IN", "WORKSHOP"):
        school.staff().book_seat(school.person(), course.sessions[0], kind)
    decide_all(decider)

    assert remind(school, school.now + 2 * DAY) == 2


def test_who_changed_to_another_session_is_reminded_of_that_one(
    school: School, decider: Decider
) -> None:
    course = school.course(sessions=2)
    pupil = booked(course, decider, course.sessions[0])
    pupil.change(course.sessions[1])
    decide_all(decider)
    start = school.now + 4 * DAY

    assert remind(school, start - 2 * DAY) == 0
    assert remind(school, start - DAY) == 1
    assert told(school) == [(pupil.booking().id, start)]


@pytest.mark.parametrize(
    "day", [datetime(2030, 3, 31, tzinfo=UTC), datetime(2030, 10, 27, tzinfo=UTC)]
)
def test_a_switch_of_the_clocks_in_between_changes_nothing(
    engine: Engine, decider: Decider, day: datetime
) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    start = day.replace(hour=10)
    assert start.astimezone(berlin).utcoffset() != (start - DAY).astimezone(berlin).utcoffset()
    school = School(engine, start - 5 * DAY)
    course = school.course(sessions=0)
    session = school.session(course.group_class, start_at=start)
    pupil = course.pupil()
    pupil.book(session)
    decide_all(decider, at=school.now)

    assert remind(school, start - DAY - SECOND) == 0
    assert remind(school, start - DAY) == 1


def test_many_are_written_page_by_page_in_the_order_of_their_starts(
    school: School, decider: Decider
) -> None:
    course = school.course(sessions=0)
    sessions = [school.session(course.group_class, 3 * DAY + n * HOUR) for n in (0, 0, 1)]
    pupils = [course.pupil() for _ in range(7)]
    for number, pupil in enumerate(pupils):
        pupil.book(sessions[number % 3])
    decide_all(decider)

    assert remind(school, school.now + 2 * DAY, limit=2) == 5
    assert remind(school, school.now + 2 * DAY + HOUR, limit=2) == 2
    starts = [start for _, start in told(school)]
    assert starts == sorted(starts)
    assert len({booking for booking, _ in told(school)}) == 7


def test_what_a_decision_holds_is_left_for_the_next_look(
    school: School, engine: Engine, decider: Decider, seat: Seat
) -> None:
    _, _, start = seat
    with engine.begin() as busy:
        busy.execute(text("SELECT FROM booking FOR UPDATE"))
        assert remind(school, start - DAY) == 0
    assert remind(school, start - DAY) == 1


def test_whoever_is_reminded_has_a_token_to_end_that(school: School, decider: Decider) -> None:
    course = school.course()
    first, second = (booked(course, decider) for _ in range(2))
    with school.engine.begin() as db:
        token = token_of(db, first.id, TokenPurpose.UNSUBSCRIBE, school.now)
    remind(school, school.now + 2 * DAY)

    tokens = dict(school.rows("SELECT user_id, token FROM user_token"))
    assert tokens.keys() == {first.id, second.id}
    assert tokens[first.id] == token != tokens[second.id]
