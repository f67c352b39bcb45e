"""The roster of a session: who holds its seats, by name."""

from typing import Any

from sqlalchemy import Connection, Row, select, tuple_

from models.booking import Booking
from models.catalog import CourseStep
from models.enrolment import StudentPackage
from models.people import UserAccount


def read_roster(
    db: Connection,
    session_id: int,
    *,
    after: tuple[str, int] | None = None,
    limit: int | None = None,
) -> list[Row[Any]]:
    """Those with a seat by name and booking, from behind that place; all of them if not limited."""
    query = _ROSTER.where(Booking.session_id == session_id)
    if after is not None:
        query = query.where(tuple_(UserAccount.name, Booking.id) > after)
    return list(db.execute(query.limit(limit)))


def place_in_roster(db: Connection, session_id: int, booking_id: int) -> tuple[str, int] | None:
    """The place of a booking, also of one that holds no seat any more; None if it is elsewhere."""
    row = db.execute(
        select(UserAccount.name, Booking.id)
        .join(UserAccount, UserAccount.id == Booking.user_id)
        .where(Booking.id == booking_id, Booking.session_id == session_id)
    ).one_or_none()
    return None if row is None else (row.name, row.id)


_ROSTER = (
    select(
        Booking.id.label("booking_id"),
        Booking.user_id.label("student_id"),
        UserAccount.name,
        UserAccount.email,
        Booking.status,
        Booking.booking_type,
        Booking.course_step_id,
        CourseStep.label.label("step_label"),
        Booking.student_package_id.label("package_id"),
        StudentPackage.package_name,
        Booking.payment_status,
        Booking.created_at.label("booked_at"),
    )
    .join(UserAccount, UserAccount.id == Booking.user_id)
    .outerjoin(CourseStep, CourseStep.id == Booking.course_step_id)
    .outerjoin(StudentPackage, StudentPackage.id == Booking.student_package_id)
    .where(Booking.holds_seat)
    .order_by(UserAccount.name, Booking.id)
)
