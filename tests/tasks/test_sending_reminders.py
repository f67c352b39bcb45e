"""Reminders from the look to the mail, and those that aren't needed any more when they leave."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from kombu.exceptions import OperationalError as BrokerError
from sqlalchemy import text

from models.auditing import Actor
from models.resending import send_again as send_mail_again
from models.round import Decider
from tasks import worker_state
from tasks.reminders import write_reminders
from tests.deciding import booked, decide_all
from tests.school import DAY, HOUR, Pupil, School
from tests.tasks.post import Post

SECOND = timedelta(seconds=1)


@dataclass
class Reminding:
    """A student with a seat, and what beat does as time goes on."""

    pupil: Pupil
    decider: Decider
    session: int
    start: datetime
    post: Post
    woken: list[str] = field(default_factory=list)
    message_ids: list[str] = field(default_factory=list)
    """Those of the reminders that have arrived."""
    ways_out: list[tuple[str, str]] = field(default_factory=list)
    """Where each of them says that they can be ended, and how."""

    def write(self, at: datetime) -> int:
        self._turn_clock(at)
        return write_reminders()

    def send(self, at: datetime) -> list[str]:
        """The subjects of the reminders that arrive now."""
        self._turn_clock(at)
        arrived = [
            message
            for message in self.post.sent()
            if str(message["Subject"]).startswith("Coming up")
        ]
        self.message_ids += [str(message["Message-ID"]) for message in arrived]
        self.ways_out += [
            (message["List-Unsubscribe"], message["List-Unsubscribe-Post"]) for message in arrived
        ]
        return [str(message["Subject"]) for message in arrived]

    def decide(self) -> None:
        decide_all(self.decider)

    def messages(self) -> list[tuple[str, str | None]]:
        """How each reminder stands, and why."""
        rows = self.pupil.school.rows(
            "SELECT status, last_error FROM outbox_message WHERE topic = 'reminder'"
            " ORDER BY written"
        )
        return [(status, error) for status, error in rows]

    def _turn_clock(self, at: datetime) -> None:
        state = worker_state.worker_state()
        wakeups = replace(state.wakeups, publish_mail=lambda: self.woken.append("courier"))
        turned = replace(state, clock=lambda: at, wakeups=wakeups)
        worker_state.provide(lambda: turned)


@pytest.fixture
def reminding(school: School, decider: Decider, post: Post) -> Reminding:
    course = school.course(capacity=3, sessions=2)
    pupil = booked(course, decider, course.sessions[0])
    reminding = Reminding(pupil, decider, course.sessions[0], school.now + 3 * DAY, post)
    assert reminding.send(school.now) == []
    return reminding


def test_a_reminder_leaves_once_however_often_beat_comes(reminding: Reminding) -> None:
    due = reminding.start - DAY
    assert [reminding.write(due - SECOND), reminding.write(due), reminding.write(due)] == [0, 1, 0]
    assert reminding.send(due) == ["Coming up: Course, Step 1: The step number 1"]
    assert [reminding.write(due + HOUR), *reminding.send(due + HOUR)] == [0]
    assert reminding.messages() == [("SENT", None)]


def test_each_reminder_says_where_its_reader_ends_them(reminding: Reminding) -> None:
    due = reminding.start - DAY
    reminding.write(due)
    reminding.send(due)

    [(where, how)] = reminding.ways_out
    [(token,)] = reminding.pupil.school.rows(
        "SELECT token FROM user_token WHERE user_id = :id", id=reminding.pupil.id
    )
    assert where == f"<https://booking.x.example/api/unsubscribe/{token}>"
    assert how == "List-Unsubscribe=One-Click"


def test_couriers_are_woken_when_there_is_something_to_send(reminding: Reminding) -> None:
    reminding.write(reminding.start - 2 * DAY)
    assert reminding.woken == []
    reminding.write(reminding.start - DAY)
    assert reminding.woken == ["courier"]


def test_without_a_broker_reminders_are_written_and_leave_later(reminding: Reminding) -> None:
    due = reminding.start - DAY

    def away() -> None:
        raise BrokerError("away")

    state = worker_state.worker_state()
    unable = replace(state, clock=lambda: due, wakeups=replace(state.wakeups, publish_mail=away))
    worker_state.provide(lambda: unable)

    assert write_reminders() == 1
    assert len(reminding.send(due + HOUR)) == 1


def staff_cancel(reminding: Reminding) -> None:
    school = reminding.pupil.school
    school.staff().cancel(reminding.pupil.booking().id, override="Agreed")
    reminding.decide()


def cancel_session(reminding: Reminding) -> None:
    reminding.pupil.school.staff().cancel_session(reminding.session)
    reminding.decide()


def move_session(reminding: Reminding) -> None:
    reminding.pupil.school.staff().move_session(reminding.session, reminding.start + 2 * DAY)
    reminding.decide()


def mark(status: str) -> Callable[[Reminding], None]:
    def marking(reminding: Reminding) -> None:
        booking = reminding.pupil.booking().id
        reminding.pupil.school.change("booking", booking, status=status)

    return marking


def switch_off(reminding: Reminding) -> None:
    reminding.pupil.school.change("user_account", reminding.pupil.id, reminders=False)


@pytest.mark.parametrize(
    ("happens", "why"),
    [
        (staff_cancel, "the booking is CANCELLED"),
        (cancel_session, "the booking is CANCELLED"),
        (mark("ATTENDED"), "the booking is ATTENDED"),
        (mark("NO_SHOW"), "the booking is NO_SHOW"),
        (move_session, "the session was moved to another time"),
        (switch_off, "the student wants no reminders"),
    ],
)
def test_what_isnt_so_any_more_when_it_is_sent_is_superseded(
    reminding: Reminding, happens: Callable[[Reminding], None], why: str
) -> None:
    due = reminding.start - DAY
    assert reminding.write(due) == 1
    happens(reminding)

    assert reminding.send(due + SECOND) == []
    assert reminding.messages() == [("SUPERSEDED", why)]
    assert reminding.write(due + HOUR) == 0


def test_a_cancelled_session_is_reason_enough_by_itself(reminding: Reminding) -> None:
    reminding.write(reminding.start - DAY)
    reminding.pupil.school.change("session", reminding.session, status="CANCELLED")

    assert reminding.send(reminding.start - DAY) == []
    assert reminding.messages() == [("SUPERSEDED", "the session is CANCELLED")]


@pytest.mark.parametrize("late", [timedelta(0), 5 * HOUR])
def test_a_courier_that_was_away_until_the_start_sends_nothing(
    reminding: Reminding, late: timedelta
) -> None:
    reminding.write(reminding.start - DAY)

    assert reminding.send(reminding.start + late) == []
    assert reminding.messages() == [("SUPERSEDED", "the session has started")]


def test_until_the_very_start_a_late_reminder_is_sent(reminding: Reminding) -> None:
    reminding.write(reminding.start - DAY)

    assert len(reminding.send(reminding.start - SECOND)) == 1


def test_whoever_wants_reminders_again_gets_the_one_that_was_superseded(
    reminding: Reminding,
) -> None:
    due = reminding.start - DAY
    reminding.write(due)
    switch_off(reminding)
    reminding.send(due)
    reminding.pupil.school.change("user_account", reminding.pupil.id, reminders=True)

    assert reminding.write(due + HOUR) == 1
    assert len(reminding.send(due + HOUR)) == 1
    assert [status for status, _ in reminding.messages()] == ["SUPERSEDED", "SENT"]


def test_a_session_that_was_moved_away_and_back_before_the_mail_left_reminds_once(
    reminding: Reminding,
) -> None:
    due = reminding.start - DAY
    reminding.write(due)
    move_session(reminding)
    assert reminding.send(due) == []
    reminding.pupil.school.staff().move_session(reminding.session, reminding.start)
    reminding.decide()

    written = [reminding.write(due + timedelta(minutes=minute)) for minute in range(3)]
    assert written == [1, 0, 0]
    assert len(reminding.send(due + HOUR)) == 1


def send_again(reminding: Reminding, topic: str) -> None:
    school = reminding.pupil.school
    [(message,)] = school.rows("SELECT id FROM outbox_message WHERE topic = :topic", topic=topic)
    with reminding.decider.engine.begin() as db:
        send_mail_again(db, message, Actor(school.person("STAFF"), "10.0.0.7", school.now))


def test_a_reminder_that_is_sent_again_though_it_isnt_needed_is_superseded_again(
    reminding: Reminding,
) -> None:
    due = reminding.start - DAY
    reminding.write(due)
    switch_off(reminding)
    reminding.send(due)
    send_again(reminding, "reminder")

    assert reminding.send(due) == []
    assert reminding.messages() == [("SUPERSEDED", "the student wants no reminders")] * 2


def test_a_mail_that_is_sent_again_has_a_message_id_of_its_own(reminding: Reminding) -> None:
    due = reminding.start - DAY
    reminding.write(due)
    assert len(reminding.send(due)) == 1
    send_again(reminding, "reminder")

    assert len(reminding.send(due)) == 1
    assert reminding.messages() == [("SENT", None)] * 2
    assert len(set(reminding.message_ids)) == 2


def test_a_reminder_of_a_booking_that_is_gone_is_dead(reminding: Reminding) -> None:
    due = reminding.start - DAY
    reminding.write(due)
    with reminding.decider.engine.begin() as db:
        db.execute(
            text("UPDATE outbox_message SET payload = jsonb_set(payload, '{booking_id}', '0')")
        )

    assert reminding.send(due) == []
    assert reminding.messages() == [("DEAD", "what it is about is gone")]
