"""Bookings for staff, the newest first."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from models.booking import Booking
from models.catalog import CourseProgram, CourseSession, CourseStep
from models.enrolment import StudentPackage
from models.people import UserAccount
from models.policy import Policy
from models.until import until_of


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingFilter:
    """Which bookings are wanted."""

    student_id: int | None = None
    package_id: int | None = None
    session_id: int | None = None
    status: str | None = None
    booking_type: str | None = None


def list_bookings(
    db: Connection, wanted: BookingFilter, policy: Policy, *, before_id: int | None, limit: int
) -> list[dict[str, Any]]:
    """The bookings from the newest to the oldest, from before that id."""
    query = _BOOKINGS.where(*_conditions(wanted))
    if before_id is not None:
        query = query.where(Booking.id < before_id)
    return [_booking(row, policy) for row in db.execute(query.limit(limit))]


def find_booking(db: Connection, booking_id: int, policy: Policy) -> dict[str, Any] | None:
    """The booking with this id, or None."""
    row = db.execute(_BOOKINGS.where(Booking.id == booking_id)).one_or_none()
    return None if row is None else _booking(row, policy)


def _booking(row: Any, policy: Policy) -> dict[str, Any]:
    until = until_of(policy, row, row)
    booking: dict[str, Any] = row._asdict()
    return booking | {"change_until": until.change, "cancel_until": until.cancel}


def _conditions(wanted: BookingFilter) -> list[Any]:
    asked = (
        (Booking.user_id, wanted.student_id),
        (Booking.student_package_id, wanted.package_id),
        (Booking.session_id, wanted.session_id),
        (Booking.status, wanted.status),
        (Booking.booking_type, wanted.booking_type),
    )
    conditions: list[Any] = [column == value for column, value in asked if value is not None]
    if wanted.package_id is not None:
        # bookings have an index by user, and a package has one user
        owner = select(StudentPackage.user_id).where(StudentPackage.id == wanted.package_id)
        conditions.append(Booking.user_id == owner.scalar_subquery())
    return conditions


_BOOKINGS = (
    select(
        Booking.id,
        Booking.session_id,
        Booking.status,
        Booking.booking_type,
        Booking.created_at,
        Booking.course_step_id,
        Booking.student_package_id,
        Booking.booking_metadata.label("metadata"),
        Booking.payment_status,
        Booking.change_until,
        Booking.cancel_until,
        # one after the other: a join may read all sessions there are
        select(CourseSession.start_at)
        .where(CourseSession.id == Booking.session_id)
        .scalar_subquery()
        .label("start_at"),
        CourseProgram.change_window_hours,
        CourseProgram.cancel_window_hours,
        Booking.user_id,
        UserAccount.name.label("student_name"),
        Booking.cancelled_at,
        Booking.cancel_reason,
        Booking.created_by,
        Booking.booking_job_id,
        Booking.replaces_booking_id,
        CourseStep.label.label("step_label"),
        CourseStep.title.label("step_title"),
    )
    .join(UserAccount, UserAccount.id == Booking.user_id)
    .outerjoin(CourseStep, CourseStep.id == Booking.course_step_id)
    .outerjoin(CourseProgram, CourseProgram.id == CourseStep.course_program_id)
    .order_by(Booking.id.desc())
)
