"""Finds the reminders that are due, and writes them: one for each booking and start.

However many look at the same time, or again after a crash: the unique key of a reminder decides
whose message is written. What somebody holds locked, as a cancellation does, is left for the next
look, so that nobody who looks ever waits for a decision.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    Interval,
    Row,
    any_,
    bindparam,
    literal_column,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert

from models.booking import Booking, BookingStatus
from models.catalog import CourseSession
from models.letter_topics import LetterTopic
from models.new_id import new_id
from models.outbox import OutboxMessage, OutboxStatus
from models.outbox_rows import About, mail_row
from models.people import UserAccount
from models.reminder import Reminder, ReminderKind
from models.set_writing import as_parameter, given_rows, insert_rows
from models.user_token import TokenPurpose
from models.user_tokens import provide_tokens

BEHIND_ALL = 2**63 - 1

Place = tuple[datetime, int, int]
"""Where a look stands: at this start and session, behind this booking."""


@dataclass(frozen=True, slots=True)
class Written:
    """How many messages one look wrote, and where to look on; None when all was looked at."""

    count: int
    place: Place | None


def first_place(now: datetime) -> Place:
    """Where to begin to look: nothing that has started by `now` is due."""
    return now, 0, 0


def write_due_reminders(
    db: Connection, now: datetime, lead: timedelta, limit: int, place: Place
) -> Written:
    """Look through the next `limit` sessions from that place on, and write what is due.

    At most `limit` reminders; commit afterwards. Due are the confirmed bookings of scheduled
    sessions that start within `lead` from `now`, made before that moment came (who books later has
    just been told), of people who want reminders. A reminder that was superseded unsent, because
    the session was moved away, doesn't count when it is moved back.
    """
    coming = {"now": now, "until": now + lead, "start": place[0], "session": place[1]}
    sessions: Sequence[Row[Any]] = db.execute(_SESSIONS, coming | {"limit": limit}).all()
    due = _due(db, sessions, lead, limit, place) if sessions else []
    if not due:
        return Written(0, _next_place(sessions, due, limit))
    count = _write(db, _free(db, due), now, lead)
    return Written(count, _next_place(sessions, due, limit))


def _due(
    db: Connection, sessions: Sequence[Row[Any]], lead: timedelta, limit: int, place: Place
) -> Sequence[Row[Any]]:
    start, session, booking = place
    given = as_parameter([{"id": each.id, "start_at": each.start_at} for each in sessions])
    behind = {"start": start, "session": session, "booking": booking}
    return db.execute(_DUE, behind | {"rows": given, "lead": lead, "limit": limit}).all()


def _free(db: Connection, due: Sequence[Row[Any]]) -> list[Row[Any]]:
    """Those whose booking nobody holds; it is held from now on, as what refers to it has to."""
    free = set(db.scalars(_FREE, {"bookings": [row.booking_id for row in due]}))
    return [row for row in due if row.booking_id in free]


def _write(db: Connection, due: Sequence[Row[Any]], now: datetime, lead: timedelta) -> int:
    reminders = [_reminder(row, now, lead) for row in due]
    ours = set(db.scalars(_REMINDED, {"rows": as_parameter(reminders)}))
    messages = [
        _message(row, reminder["outbox_message_id"], now)
        for row, reminder in zip(due, reminders, strict=True)
        if reminder["outbox_message_id"] in ours
    ]
    provide_tokens(db, (row.user_id for row in due), TokenPurpose.UNSUBSCRIBE, now)
    insert_rows(db, OutboxMessage, messages)
    return len(messages)


def _reminder(row: Row[Any], now: datetime, lead: timedelta) -> dict[str, Any]:
    return {
        "booking_id": row.booking_id,
        "kind": ReminderKind.BEFORE_START,
        "start_at": row.start_at,
        "due_at": row.start_at - lead,
        "outbox_message_id": new_id(),
        "created_at": now,
    }


def _message(row: Row[Any], message_id: UUID, now: datetime) -> dict[str, Any]:
    about = About(
        user_id=row.user_id,
        student_package_id=row.student_package_id,
        course_step_id=row.course_step_id,
    )
    payload = {
        "booking_id": row.booking_id,
        "start_at": row.start_at.astimezone(UTC).isoformat(),
    }
    return mail_row(LetterTopic.REMINDER, about, payload, now) | {"id": message_id}


def _next_place(sessions: Sequence[Row[Any]], due: Sequence[Row[Any]], limit: int) -> Place | None:
    if len(due) == limit:
        return due[-1].start_at, due[-1].session_id, due[-1].booking_id
    if len(sessions) == limit:
        return sessions[-1].start_at, sessions[-1].id, BEHIND_ALL
    return None


def _superseded(message_id: Any) -> ColumnElement[bool]:
    status = select(OutboxMessage.status).where(OutboxMessage.id == message_id)
    return status.correlate(Reminder).scalar_subquery() == OutboxStatus.SUPERSEDED


def _reminder_that_counts(given: Any) -> Any:
    """The reminder of a booking and its session's start, unless its message was superseded.

    A subquery that returns a value, which is asked of one booking after the other: for `EXISTS`
    the planner may read all reminders that there ever were.
    """
    return (
        select(Reminder.id)
        .where(
            Reminder.booking_id == Booking.id,
            Reminder.kind == ReminderKind.BEFORE_START,
            Reminder.start_at == given.c.start_at,
            _superseded(Reminder.outbox_message_id).is_not(True),
        )
        .correlate(Booking, given)
        .scalar_subquery()
    )


def _finding() -> Any:
    """The bookings that are due in the sessions given.

    With `OFFSET 0` it is looked into one session after the other, by the index of a session's
    bookings: as a join, the planner may read all bookings there are.
    """
    given = given_rows(CourseSession, ("id", "start_at"))
    wants = select(UserAccount.reminders).where(UserAccount.id == Booking.user_id)
    due = (
        select(Booking.id, Booking.user_id, Booking.student_package_id, Booking.course_step_id)
        .where(
            Booking.session_id == given.c.id,
            # in words that no index of seats answers: the planner would read all of that, too
            Booking.status.concat("") == BookingStatus.CONFIRMED,
            Booking.created_at < given.c.start_at - bindparam("lead", type_=Interval),
            _reminder_that_counts(given).is_(None),
            wants.scalar_subquery(),
        )
        .offset(literal_column("0"))
        .lateral("due")
    )
    columns = (given.c.start_at, given.c.id.label("session_id"), due.c.id.label("booking_id"))
    return (
        select(*columns, due.c.user_id, due.c.student_package_id, due.c.course_step_id)
        .join(due, true())
        .where(
            tuple_(given.c.start_at, given.c.id, due.c.id) > _place("start", "session", "booking")
        )
        .order_by(*columns)
        .limit(bindparam("limit", type_=Integer))
    )


def _place(start: str, *ids: str) -> Any:
    return tuple_(bindparam(start), *(bindparam(name, type_=BigInteger) for name in ids))


_SESSIONS: Any = (
    select(CourseSession.id, CourseSession.start_at)
    .where(
        bindparam("now") < CourseSession.start_at,
        bindparam("until") >= CourseSession.start_at,
        tuple_(CourseSession.start_at, CourseSession.id) >= _place("start", "session"),
        CourseSession.status == literal_column("'SCHEDULED'"),
    )
    .order_by(CourseSession.start_at, CourseSession.id)
    .limit(bindparam("limit", type_=Integer))
)
_DUE = _finding()
_FREE = (
    select(Booking.id)
    .where(
        Booking.id == any_(bindparam("bookings", type_=ARRAY(BigInteger))),
        Booking.status.concat("") == BookingStatus.CONFIRMED,
    )
    .with_for_update(read=True, key_share=True, skip_locked=True)
)
_COLUMNS = ("booking_id", "kind", "start_at", "due_at", "outbox_message_id", "created_at")
_NEW = insert(Reminder).from_select(list(_COLUMNS), select(*given_rows(Reminder, _COLUMNS).c))
_REMINDED = _NEW.on_conflict_do_update(
    index_elements=[Reminder.booking_id, Reminder.kind, Reminder.start_at],
    set_={name: _NEW.excluded[name] for name in ("due_at", "outbox_message_id", "created_at")},
    # of two at once the second finds a message here that it can't see yet, and leaves it
    where=_superseded(literal_column("reminder.outbox_message_id")),
).returning(Reminder.outbox_message_id)
