"""What a student's calendar says of a booking, read when it is written.

A package step keeps one entry through all its seats: the same UID for ever, and a SEQUENCE that
every seat taken, swapped, given back or moved counts up (`models.seating`). A seat without a step
has an entry of its own. Another installation has other UIDs for the same rows.
"""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from sqlalchemy import Connection, bindparam

from models.booking import Booking, BookingStatus
from models.booking_facts import BOOKING_FACTS, Facts, students_until
from models.catalog import CourseSession
from models.policy import Policy
from models.until import Until

FEED_REACHES_BACK = timedelta(days=90)
FEED_HOLDS = 1000
"""The newest bookings of so many: an address that anybody may ask for has a bounded cost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEntry:
    """One entry: what is taken, when, where in the world, and until when it can be changed.

    The step is None for a seat that staff gave directly, `until` for one that the student can't
    change. `changed_at` is the same at each reading.
    """

    uid: UUID
    sequence: int
    is_cancelled: bool
    changed_at: datetime
    program_title: str | None
    step_label: str | None
    step_title: str | None
    group_class_name: str
    teacher_name: str
    venue_time_zone: str
    start_at: datetime
    end_at: datetime
    until: Until | None
    name: str
    email: str
    time_zone: str
    locale: str


def booking_entry(facts: Facts, policy: Policy) -> CalendarEntry | None:
    """The entry that this booking is or was, of `read_booking`.

    None for one that was given up and whose step has another seat by now: the entry is that seat's,
    and what is told of the old one must not end it.
    """
    return None if facts.is_replaced else _entry(facts, policy)


def feed_entries(
    db: Connection, user_id: int, now: datetime, policy: Policy
) -> list[CalendarEntry]:
    """The entries of all seats that this person holds, from 90 days ago on, in a stable order.

    What was cancelled isn't among them: a calendar that reads a feed takes out what is gone.
    """
    since = now - FEED_REACHES_BACK
    rows = db.execute(_OF_USER, {"of_user": user_id, "since": since})
    return [_entry(row, policy) for row in rows]


def _entry(facts: Facts, policy: Policy) -> CalendarEntry:
    return CalendarEntry(
        uid=_uid(facts),
        is_cancelled=facts.status == BookingStatus.CANCELLED,
        changed_at=facts.cancelled_at or facts.created_at,
        until=students_until(facts, policy),
        **{name: getattr(facts, name) for name in _AS_READ},
    )


def _uid(facts: Facts) -> UUID:
    """Made of what never changes (RFC 7986 5.3): the installation, and the package step or seat."""
    if facts.course_step_id is None:
        return uuid5(facts.installation_id, f"booking {facts.id}")
    return uuid5(facts.installation_id, f"step {facts.student_package_id} {facts.course_step_id}")


_AS_READ = [
    field.name
    for field in fields(CalendarEntry)
    if field.name not in {"uid", "is_cancelled", "changed_at", "until"}
]
_OF_USER = (
    BOOKING_FACTS.where(
        Booking.user_id == bindparam("of_user"),
        Booking.holds_seat,
        CourseSession.end_at >= bindparam("since"),
    )
    .order_by(Booking.id.desc())
    .limit(FEED_HOLDS)
)
