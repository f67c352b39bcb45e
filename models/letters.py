"""What a letter about a seat has to say, read when it is written."""

from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from models.booking import Booking, BookingStatus
from models.booking_facts import TEACHER, WHOM_AND_WHAT, Facts, students_until
from models.catalog import CourseProgram, CourseSession, CourseStep, CourseStepOption, GroupClass
from models.people import UserAccount
from models.policy import Policy
from models.until import Until
from models.waitlist import WaitlistEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """The facts of a letter: whom it goes to, and what it is about, when and where.

    The step is None for a seat that staff gave directly, the times for any session of a class,
    `until` where the student can change nothing.
    """

    name: str
    email: str
    locale: str
    time_zone: str
    program_title: str | None
    step_label: str | None
    step_title: str | None
    group_class_name: str
    teacher_name: str
    venue_time_zone: str
    start_at: datetime | None
    end_at: datetime | None
    is_over: bool = False
    """Whether the booking was cancelled, or the wait has ended."""
    until: Until | None = None
    reason: str | None = None


def booking_letter(facts: Facts, policy: Policy) -> Letter:
    """The facts of a letter about a booking, of `read_booking`."""
    return Letter(
        is_over=facts.status == BookingStatus.CANCELLED,
        until=students_until(facts, policy),
        **{name: getattr(facts, name) for name in _AS_READ},
    )


def entry_letter(db: Connection, entry_id: int) -> Letter | None:
    """The facts of a letter about this place on a waitlist, or None when there is none."""
    row = db.execute(_OF_ENTRY, {"id": entry_id}).one_or_none()
    return Letter(**row._mapping) if row else None  # noqa: SLF001 - SQLAlchemy's public name


def session_times(db: Connection, booking_id: int) -> tuple[datetime, datetime] | None:
    """When the session of this booking begins and ends, or None when there is no such booking."""
    row = db.execute(_TIMES, {"id": booking_id}).one_or_none()
    return (row.start_at, row.end_at) if row else None


_AS_READ = [field.name for field in fields(Letter) if field.name not in {"is_over", "until"}]
_OF_ENTRY = (
    select(
        *WHOM_AND_WHAT,
        WaitlistEntry.ended_at.is_not(None).label("is_over"),
    )
    .select_from(WaitlistEntry)
    .join(UserAccount, UserAccount.id == WaitlistEntry.user_id)
    .join(CourseStepOption, CourseStepOption.id == WaitlistEntry.course_step_option_id)
    .outerjoin(CourseSession, CourseSession.id == WaitlistEntry.session_id)
    .join(GroupClass, GroupClass.id == WaitlistEntry.group_class_id)
    .join(TEACHER, TEACHER.id == GroupClass.teacher_id)
    .join(CourseStep, CourseStep.id == WaitlistEntry.course_step_id)
    .join(CourseProgram, CourseProgram.id == CourseStep.course_program_id)
    .where(WaitlistEntry.id == bindparam("id"))
)
_TIMES = (
    select(CourseSession.start_at, CourseSession.end_at)
    .join(Booking, Booking.session_id == CourseSession.id)
    .where(Booking.id == bindparam("id"))
)
