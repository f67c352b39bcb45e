"""What a letter has to say, read when it is written."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, literal_column, select
from sqlalchemy.orm import aliased

from models.booking import Booking, BookingStatus
from models.catalog import CourseProgram, CourseSession, CourseStep, CourseStepOption, GroupClass
from models.people import UserAccount
from models.user_token import UserToken
from models.waitlist import WaitlistEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """The facts of a letter: whom it goes to, and what it is about, when and where.

    The step is None for a seat that staff gave directly, the times for any session of a class, the
    token for whoever was never reminded.
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
    change_until: datetime | None = None
    cancel_until: datetime | None = None
    reason: str | None = None
    unsubscribe_token: str | None = None


def booking_letter(db: Connection, booking_id: int) -> Letter | None:
    """The facts of a letter about this booking, or None when there is no such booking."""
    row = db.execute(_OF_BOOKING, {"id": booking_id}).one_or_none()
    return Letter(**row._mapping) if row else None  # noqa: SLF001 - SQLAlchemy's public name


def entry_letter(db: Connection, entry_id: int) -> Letter | None:
    """The facts of a letter about this place on a waitlist, or None when there is none."""
    row = db.execute(_OF_ENTRY, {"id": entry_id}).one_or_none()
    return Letter(**row._mapping) if row else None  # noqa: SLF001 - as above


_teacher = aliased(UserAccount)
_WHOM_AND_WHAT = (
    UserAccount.name,
    UserAccount.email,
    UserAccount.locale,
    UserAccount.time_zone,
    CourseProgram.title.label("program_title"),
    CourseStep.label.label("step_label"),
    CourseStep.title.label("step_title"),
    GroupClass.name.label("group_class_name"),
    _teacher.name.label("teacher_name"),
    GroupClass.time_zone.label("venue_time_zone"),
)
_OF_BOOKING = (
    select(
        *_WHOM_AND_WHAT,
        CourseSession.start_at,
        CourseSession.end_at,
        Booking.change_until,
        Booking.cancel_until,
        Booking.cancel_reason.label("reason"),
        (Booking.status == BookingStatus.CANCELLED).label("is_over"),
        UserToken.token.label("unsubscribe_token"),
    )
    .select_from(Booking)
    .join(UserAccount, UserAccount.id == Booking.user_id)
    .join(CourseSession, CourseSession.id == Booking.session_id)
    .join(GroupClass, GroupClass.id == Booking.group_class_id)
    .join(_teacher, _teacher.id == GroupClass.teacher_id)
    .outerjoin(CourseStep, CourseStep.id == Booking.course_step_id)
    .outerjoin(CourseProgram, CourseProgram.id == CourseStep.course_program_id)
    .outerjoin(
        UserToken,
        and_(
            UserToken.user_id == Booking.user_id,
            UserToken.purpose == literal_column("'UNSUBSCRIBE'"),
        ),
    )
    .where(Booking.id == bindparam("id"))
)
_OF_ENTRY = (
    select(
        *_WHOM_AND_WHAT,
        CourseSession.start_at,
        CourseSession.end_at,
        WaitlistEntry.ended_at.is_not(None).label("is_over"),
    )
    .select_from(WaitlistEntry)
    .join(UserAccount, UserAccount.id == WaitlistEntry.user_id)
    .join(CourseStepOption, CourseStepOption.id == WaitlistEntry.course_step_option_id)
    .outerjoin(CourseSession, CourseSession.id == WaitlistEntry.session_id)
    .join(GroupClass, GroupClass.id == WaitlistEntry.group_class_id)
    .join(_teacher, _teacher.id == GroupClass.teacher_id)
    .join(CourseStep, CourseStep.id == WaitlistEntry.course_step_id)
    .join(CourseProgram, CourseProgram.id == CourseStep.course_program_id)
    .where(WaitlistEntry.id == bindparam("id"))
)
