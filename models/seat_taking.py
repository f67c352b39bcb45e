"""Writes seats that were taken: the session's count, the ledger, the booking and its progress."""

from collections import Counter
from typing import Any

from sqlalchemy import Connection, Integer, bindparam, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import Range

from models.booking import Booking, BookingStatus, BookingType, PaymentStatus
from models.booking_step import Taken
from models.catalog import CourseSession
from models.enrolment import ProgressStatus, StudentCourseStepProgress
from models.seats import SeatLedger


def draw_booking_ids(db: Connection, count: int) -> list[int]:
    """Draw ids for this many bookings, before they are written, for those who refer to them."""
    if count == 0:
        return []
    series = func.generate_series(1, literal(count, Integer)).table_valued("n")
    sequence = func.pg_get_serial_sequence("booking", "id")
    return list(db.scalars(select(func.nextval(sequence)).select_from(series)))


def write_bookings(db: Connection, booked: dict[int, Taken]) -> None:
    """Write these seats, by the ids drawn for their bookings."""
    _write_seats(db, booked)
    _write_ledger(db, booked)
    db.execute(insert(Booking), [_booking_row(id_, taken) for id_, taken in booked.items()])
    _write_progress(db, booked)


def _write_seats(db: Connection, booked: dict[int, Taken]) -> None:
    taken_of = Counter(taken.session.id for taken in booked.values())
    db.execute(_TAKE_SEATS, [{"taken_id": id_, "seats": n} for id_, n in sorted(taken_of.items())])


def _write_ledger(db: Connection, booked: dict[int, Taken]) -> None:
    db.execute(
        insert(SeatLedger),
        [
            {
                "session_id": taken.session.id,
                "booking_id": booking_id,
                "change": 1,
                "cause": taken.job.kind.value,
                "actor_id": taken.job.submitted_by,
                "booking_job_id": taken.job.id,
                "at": taken.created_at,
            }
            for booking_id, taken in booked.items()
        ],
    )


def _booking_row(booking_id: int, taken: Taken) -> dict[str, Any]:
    return {
        "id": booking_id,
        "user_id": taken.step.user_id,
        "session_id": taken.session.id,
        "group_class_id": taken.session.group_class_id,
        "booking_type": BookingType.COURSE_STEP,
        "status": BookingStatus.CONFIRMED,
        "payment_status": PaymentStatus.PAID,
        "course_step_id": taken.step.course_step_id,
        "student_package_id": taken.step.student_package_id,
        "metadata": taken.metadata,
        "created_by": taken.job.submitted_by,
        "created_at": taken.created_at,
        "booking_job_id": taken.job.id,
        "change_until": taken.change_until,
        "cancel_until": taken.cancel_until,
        "during": Range(taken.session.start_at, taken.session.end_at),
    }


def _write_progress(db: Connection, booked: dict[int, Taken]) -> None:
    db.execute(
        _BOOK_PROGRESS,
        [
            {
                "progress_id": taken.step.progress_id,
                "status": ProgressStatus.BOOKED,
                "group_class_id": taken.session.group_class_id,
                "booking_id": booking_id,
                "booked_at": taken.created_at,
            }
            for booking_id, taken in booked.items()
        ],
    )


_TAKE_SEATS = (
    update(CourseSession)
    .where(CourseSession.id == bindparam("taken_id"))
    .values(seats_taken=CourseSession.seats_taken + bindparam("seats"))
)
_BOOK_PROGRESS = (
    update(StudentCourseStepProgress)
    .where(StudentCourseStepProgress.id == bindparam("progress_id"))
    .values(
        status=bindparam("status"),
        group_class_id=bindparam("group_class_id"),
        booking_id=bindparam("booking_id"),
        booked_at=bindparam("booked_at"),
    )
)
