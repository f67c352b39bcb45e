"""What a student's calendar says of a booking, read when it is written.

A package step keeps one entry through all its seats: the same UID for ever, and a SEQUENCE that
every seat taken, swapped, given back or moved counts up (`models.seating`). A seat without a step
has an entry of its own. Another installation has other UIDs for the same rows.
"""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from sqlalchemy import Connection, RowMapping, and_, bindparam, select
from sqlalchemy.orm import aliased

from models.booking import Booking, BookingStatus
from models.catalog import CourseProgram, CourseSession, CourseStep, GroupClass
from models.enrolment import StudentCourseStepProgress
from models.installation import Installation
from models.people import UserAccount

FEED_REACHES_BACK = timedelta(days=90)
FEED_HOLDS = 1000
"""The newest bookings of so many: an address that anybody may ask for has a bounded cost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEntry:
    """One entry: what is taken, when, where in the world, and until when that can be changed.

    The step is None for a seat that staff gave directly. `changed_at` is the same at each reading.
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
    change_until: datetime | None
    cancel_until: datetime | None
    name: str
    email: str
    time_zone: str
    locale: str


def booking_entry(db: Connection, booking_id: int) -> CalendarEntry | None:
    """The entry that this booking is or was; None when there is no such booking.

    None, too, for a booking that was given up and whose step has another seat by now: the entry is
    that seat's, and what is told of the old one must not end it.
    """
    row = db.execute(_OF_BOOKING, {"id": booking_id}).mappings().one_or_none()
    return None if row is None or row["is_replaced"] else _entry(row)


def feed_entries(db: Connection, user_id: int, now: datetime) -> list[CalendarEntry]:
    """The entries of all seats that this person holds, from 90 days ago on, in a stable order.

    What was cancelled isn't among them: a calendar that reads a feed takes out what is gone.
    """
    since = now - FEED_REACHES_BACK
    rows = db.execute(_OF_USER, {"of_user": user_id, "since": since})
    return [_entry(row) for row in rows.mappings()]


def _entry(row: RowMapping) -> CalendarEntry:
    return CalendarEntry(
        uid=_uid(row),
        is_cancelled=row["status"] == BookingStatus.CANCELLED,
        changed_at=row["cancelled_at"] or row["created_at"],
        **{name: row[name] for name in _AS_READ},
    )


def _uid(row: RowMapping) -> UUID:
    """Made of what never changes (RFC 7986 5.3): the installation, and the package step or seat."""
    if row["course_step_id"] is None:
        return uuid5(row["installation_id"], f"booking {row['id']}")
    return uuid5(
        row["installation_id"], f"step {row['student_package_id']} {row['course_step_id']}"
    )


_AS_READ = [
    field.name
    for field in fields(CalendarEntry)
    if field.name not in {"uid", "is_cancelled", "changed_at"}
]
_teacher = aliased(UserAccount)
_FACTS = (
    select(
        select(Installation.id).scalar_subquery().label("installation_id"),
        Booking.id,
        Booking.student_package_id,
        Booking.course_step_id,
        Booking.status,
        Booking.calendar_sequence.label("sequence"),
        Booking.created_at,
        Booking.cancelled_at,
        Booking.change_until,
        Booking.cancel_until,
        CourseProgram.title.label("program_title"),
        CourseStep.label.label("step_label"),
        CourseStep.title.label("step_title"),
        GroupClass.name.label("group_class_name"),
        _teacher.name.label("teacher_name"),
        GroupClass.time_zone.label("venue_time_zone"),
        CourseSession.start_at,
        CourseSession.end_at,
        UserAccount.name,
        UserAccount.email,
        UserAccount.time_zone,
        UserAccount.locale,
    )
    .select_from(Booking)
    .join(UserAccount, UserAccount.id == Booking.user_id)
    .join(CourseSession, CourseSession.id == Booking.session_id)
    .join(GroupClass, GroupClass.id == Booking.group_class_id)
    .join(_teacher, _teacher.id == GroupClass.teacher_id)
    .outerjoin(CourseStep, CourseStep.id == Booking.course_step_id)
    .outerjoin(CourseProgram, CourseProgram.id == CourseStep.course_program_id)
)
_OF_BOOKING = (
    _FACTS.add_columns(
        and_(~Booking.holds_seat, StudentCourseStepProgress.booking_id.is_not(None)).label(
            "is_replaced"
        )
    )
    .outerjoin(
        StudentCourseStepProgress,
        and_(
            StudentCourseStepProgress.student_package_id == Booking.student_package_id,
            StudentCourseStepProgress.course_step_id == Booking.course_step_id,
        ),
    )
    .where(Booking.id == bindparam("id"))
)
_OF_USER = (
    _FACTS.where(
        Booking.user_id == bindparam("of_user"),
        Booking.holds_seat,
        CourseSession.end_at >= bindparam("since"),
    )
    .order_by(Booking.id.desc())
    .limit(FEED_HOLDS)
)
