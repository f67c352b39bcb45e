"""Whether a reminder is still needed, asked at the moment of sending."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from models.booking import Booking, BookingStatus
from models.catalog import CourseSession, SessionStatus
from models.people import UserAccount


def why_not_needed(
    db: Connection, booking_id: int, start_at: datetime, now: datetime
) -> str | None:
    """Why nobody needs to be reminded any more of this booking's start, or None if they do.

    Also None where there is no such booking: then there is nothing to write about at all.
    """
    row = db.execute(_AS_IT_STANDS, {"id": booking_id}).one_or_none()
    return None if row is None else _why_not(row, start_at, now)


def _why_not(row: Row[Any], start_at: datetime, now: datetime) -> str | None:
    if row.booking_status != BookingStatus.CONFIRMED:
        return f"the booking is {row.booking_status}"
    if row.session_status != SessionStatus.SCHEDULED:
        return f"the session is {row.session_status}"
    if row.start_at != start_at:
        return "the session was moved to another time"
    if row.start_at <= now:
        return "the session has started"
    return None if row.reminders else "the student wants no reminders"


_AS_IT_STANDS: Any = (
    select(
        Booking.status.label("booking_status"),
        CourseSession.status.label("session_status"),
        CourseSession.start_at,
        UserAccount.reminders,
    )
    .select_from(Booking)
    .join(CourseSession, CourseSession.id == Booking.session_id)
    .join(UserAccount, UserAccount.id == Booking.user_id)
    .where(Booking.id == bindparam("id"))
)
