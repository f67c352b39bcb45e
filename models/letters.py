"""What a letter about a booking has to say, read when it is written."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.orm import aliased

from models.booking import Booking
from models.catalog import CourseProgram, CourseSession, CourseStep, GroupClass
from models.people import UserAccount


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingLetter:
    """The facts of a confirmation: whom it goes to, and what was booked when and where."""

    booking_id: int
    name: str
    email: str
    locale: str
    time_zone: str
    program_title: str
    step_label: str
    step_title: str
    group_class_name: str
    teacher_name: str
    venue_time_zone: str
    start_at: datetime
    end_at: datetime
    change_until: datetime | None
    cancel_until: datetime | None


def booking_letter(db: Connection, booking_id: int) -> BookingLetter | None:
    """The facts of this booking's letter, or None when there is no such booking."""
    teacher = aliased(UserAccount)
    row = db.execute(
        select(
            Booking.id.label("booking_id"),
            UserAccount.name,
            UserAccount.email,
            UserAccount.locale,
            UserAccount.time_zone,
            CourseProgram.title.label("program_title"),
            CourseStep.label.label("step_label"),
            CourseStep.title.label("step_title"),
            GroupClass.name.label("group_class_name"),
            teacher.name.label("teacher_name"),
            GroupClass.time_zone.label("venue_time_zone"),
            CourseSession.start_at,
            CourseSession.end_at,
            Booking.change_until,
            Booking.cancel_until,
        )
        .join(UserAccount, UserAccount.id == Booking.user_id)
        .join(CourseSession, CourseSession.id == Booking.session_id)
        .join(GroupClass, GroupClass.id == Booking.group_class_id)
        .join(teacher, teacher.id == GroupClass.teacher_id)
        .join(CourseStep, CourseStep.id == Booking.course_step_id)
        .join(CourseProgram, CourseProgram.id == CourseStep.course_program_id)
        .where(Booking.id == booking_id)
    ).one_or_none()
    return BookingLetter(**row._mapping) if row else None  # noqa: SLF001 - SQLAlchemy's public name
