"""Until when a seat can be changed and cancelled: rules, letters and calendars say the same."""

from datetime import datetime, timedelta

import pytest

from models.calendar_entries import feed_entries
from models.letter_topics import LetterTopic
from models.outbox import OutboxMessage
from models.outbox_rows import About, mail_row
from models.policy import Policy
from models.round import Decider
from models.set_writing import insert_rows
from tasks.calendars.texts import description
from tasks.wording.languages import nearest
from tasks.wording.moments import moment
from tests.app.rows import course_seat, ledger
from tests.calendars import only_event
from tests.deciding import decide_all
from tests.school import DAY, Course, Pupil, School
from tests.tasks.invitations import invitation
from tests.tasks.letter_parts import text_of
from tests.tasks.post import Post

HOUR = timedelta(hours=1)
INSTANT = timedelta(microseconds=1)
ENGLISH = nearest("en")


@pytest.fixture
def start_at(school: School) -> datetime:
    return school.now.replace(minute=0, second=0, microsecond=0) + 9 * DAY


@pytest.fixture
def course(school: School, start_at: datetime) -> Course:
    """Of a program with windows of its own, 48 hours to change and 3 to cancel."""
    course = school.course(sessions=2)
    school.change("course_program", course.program, change_window_hours=48, cancel_window_hours=3)
    course.sessions[0] = school.session(course.group_class, start_at=start_at, lasts=HOUR)
    return course


def old_seat(course: Course) -> tuple[Pupil, int]:
    """Somebody who was seated by the legacy system, which kept no windows."""
    pupil = course.pupil()
    booking = course_seat(course, course.sessions[0], pupil.id, pupil.package)
    ledger(course.school, course.sessions[0], booking)
    return pupil, booking


def owe(school: School, booking: int, user: int, topic: LetterTopic, **more: str) -> None:
    row = mail_row(topic, About(user_id=user), {"booking_id": booking, **more}, school.now)
    with school.engine.begin() as db:
        insert_rows(db, OutboxMessage, [row])


def told(start_at: datetime) -> str:
    change = moment(start_at - 48 * HOUR, "UTC", ENGLISH)
    cancel = moment(start_at - 3 * HOUR, "UTC", ENGLISH)
    return on_one_line(f"You can change it until {change}, and cancel it until {cancel}.")


def on_one_line(said: str) -> str:
    return " ".join(said.split())


def test_of_an_old_booking_letters_and_calendars_tell_the_windows_of_its_program(
    school: School, course: Course, post: Post, start_at: datetime
) -> None:
    pupil, booking = old_seat(course)
    school.change("user_account", pupil.id, time_zone="UTC")
    start = start_at.isoformat()
    owe(school, booking, pupil.id, LetterTopic.REMINDER, start_at=start)
    owe(school, booking, pupil.id, LetterTopic.BOOKING_CONFIRMED)
    reminder, confirmation = post.sent()
    with school.engine.connect() as db:
        [entry] = feed_entries(db, pupil.id, school.now, Policy())

    assert told(start_at) in text_of(reminder)
    assert told(start_at) in text_of(confirmation)
    assert told(start_at) in on_one_line(only_event(invitation(confirmation)).description)
    assert told(start_at) in on_one_line(description(entry, "https://x.example/", ENGLISH))


@pytest.mark.parametrize(
    ("deed", "before"), [("change", 48 * HOUR), ("cancel", 3 * HOUR)], ids=["change", "cancel"]
)
@pytest.mark.parametrize(
    ("late", "status"), [(INSTANT, "REFUSED"), (timedelta(0), "SUCCEEDED")], ids=["late", "in time"]
)
def test_what_is_told_of_it_is_what_is_judged(
    school: School,
    course: Course,
    decider: Decider,
    start_at: datetime,
    *,
    deed: str,
    before: timedelta,
    late: timedelta,
    status: str,
) -> None:
    pupil, _ = old_seat(course)
    at = start_at - before + late
    job = pupil.change(course.sessions[1], at=at) if deed == "change" else pupil.cancel(at=at)
    decide_all(decider)
    assert school.rows("SELECT status FROM booking_job WHERE id = :id", id=job) == [(status,)]


def test_of_a_seat_without_a_step_neither_the_letter_nor_the_calendar_says_it_can_be_changed(
    school: School, course: Course, post: Post
) -> None:
    user = school.person()
    school.staff().book_seat(user, course.sessions[0], "WORKSHOP")
    [letter] = post.messages()
    with school.engine.connect() as db:
        [entry] = feed_entries(db, user, school.now, Policy())

    assert "If you can't come, please tell the school." in text_of(letter)
    for said in (
        text_of(letter),
        only_event(invitation(letter)).description,
        description(entry, "https://x.example/", ENGLISH),
    ):
        assert "You can" not in said


def test_a_seat_that_was_attended_can_be_changed_no_more(school: School, course: Course) -> None:
    pupil, booking = old_seat(course)
    school.change("booking", booking, status="ATTENDED")
    with school.engine.connect() as db:
        [entry] = feed_entries(db, pupil.id, school.now, Policy())
    assert entry.until is None
