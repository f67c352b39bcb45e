"""Writes what a batch changed on the desk, in the transaction that holds its locks.

Bookings that give up their seat go before those that take one, so that no constraint ever sees
a person twice.
"""

from typing import Any

from sqlalchemy import Connection, bindparam, insert, update
from sqlalchemy.dialects.postgresql import Range

from models.audit import AuditEntry
from models.base import Base
from models.booking import Booking
from models.catalog import CourseSession
from models.desk import Desk, Entry, Held, Seats, Step
from models.enrolment import PackageStatus, StudentCourseStepProgress, StudentPackage
from models.outbox import OutboxMessage
from models.seats import SeatLedger
from models.waitlist import WaitlistEntry, WaitlistSkip
from models.waitlist_positions import positions


def write_changes(db: Connection, desk: Desk) -> None:
    """Write all that the batch changed, but for its messages."""
    changes = desk.changes
    _insert(db, CourseSession, [_new_session(session) for session in changes.added_sessions])
    _update(db, _SET_SESSION, [_session(s) for _, s in sorted(changes.sessions.items())])
    seats = [{"row_id": id_, "seats": n} for id_, n in sorted(changes.seats.items()) if n]
    _update(db, _TAKE_SEATS, seats)
    _insert(db, SeatLedger, changes.ledger)
    _update(db, _REBOOK, [_rebooked(held) for _, held in sorted(changes.rebooked.items())])
    _update(db, _MOVE_BOOKING, [_moved(held) for held in changes.moved])
    _insert(db, Booking, [_new_booking(held) for held in changes.booked.values()])
    _update(db, _PROGRESS, [_progress(desk, step) for _, step in sorted(changes.steps.items())])
    _update(db, _CANCEL_PACKAGE, [{"row_id": id_} for id_ in sorted(changes.cancelled_packages)])
    _write_line(db, desk)
    _insert(db, AuditEntry, changes.audit)


def write_messages(db: Connection, desk: Desk) -> None:
    """Put the mails and events into the outbox, in the order in which they came up."""
    _insert(db, OutboxMessage, desk.changes.messages)


def _write_line(db: Connection, desk: Desk) -> None:
    changes = desk.changes
    joined = {entry.id for entry in changes.joined}
    _insert(db, WaitlistEntry, [_entry(entry) for entry in changes.joined])
    ended = [_ended(e) for id_, e in sorted(changes.entries.items()) if id_ not in joined]
    _update(db, _END_ENTRY, ended)
    _insert(db, WaitlistSkip, changes.skips)
    if joined:
        changes.positions = positions(db, joined)


def _insert(db: Connection, table: type[Base], rows: list[dict[str, Any]]) -> None:
    if rows:
        db.execute(insert(table), rows)


def _update(db: Connection, statement: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        db.execute(statement, rows)


def _new_session(session: Seats) -> dict[str, Any]:
    return {
        "id": session.id,
        "group_class_id": session.group_class_id,
        "start_at": session.start_at,
        "end_at": session.end_at,
        "capacity_max": session.capacity_max,
        "status": session.status,
    }


def _session(session: Seats) -> dict[str, Any]:
    return {
        "row_id": session.id,
        "new_start_at": session.start_at,
        "new_end_at": session.end_at,
        "new_capacity_max": session.capacity_max,
        "new_status": session.status,
    }


def _rebooked(held: Held) -> dict[str, Any]:
    return {
        "row_id": held.booking_id,
        "new_status": held.status,
        "new_cancelled_at": held.cancelled_at,
        "new_cancelled_by": held.cancelled_by,
        "new_cancel_reason": held.cancel_reason,
        "new_change_until": held.change_until,
        "new_cancel_until": held.cancel_until,
    }


def _moved(held: Held) -> dict[str, Any]:
    return {"row_id": held.booking_id, "new_during": Range(held.start_at, held.end_at)}


def _new_booking(held: Held) -> dict[str, Any]:
    return {
        "id": held.booking_id,
        "user_id": held.user_id,
        "session_id": held.session_id,
        "group_class_id": held.group_class_id,
        "booking_type": held.booking_type,
        "status": held.status,
        "payment_status": held.payment_status,
        "course_step_id": held.course_step_id,
        "student_package_id": held.student_package_id,
        "metadata": held.metadata,
        "created_by": held.created_by,
        "created_at": held.created_at,
        "cancelled_at": held.cancelled_at,
        "cancelled_by": held.cancelled_by,
        "cancel_reason": held.cancel_reason,
        "booking_job_id": held.booking_job_id,
        "replaces_booking_id": held.replaces_booking_id,
        "change_until": held.change_until,
        "cancel_until": held.cancel_until,
        "during": Range(held.start_at, held.end_at),
    }


def _progress(desk: Desk, step: Step) -> dict[str, Any]:
    held = desk.seat_of(step)
    return {
        "row_id": step.progress_id,
        "new_status": step.progress_status,
        "new_group_class_id": held.group_class_id if held else None,
        "new_booking_id": step.booking_id,
        "new_booked_at": step.booked_at,
    }


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "user_id": entry.user_id,
        "student_package_id": entry.student_package_id,
        "course_step_id": entry.course_step_id,
        "course_step_option_id": entry.course_step_option_id,
        "group_class_id": entry.group_class_id,
        "session_id": entry.session_id,
        "status": entry.status,
        "joined_at": entry.joined_at,
        "booking_job_id": entry.booking_job_id,
        "ended_at": entry.ended_at,
        "end_reason": entry.end_reason,
        "booking_id": entry.booking_id,
    }


def _ended(entry: Entry) -> dict[str, Any]:
    return {
        "row_id": entry.id,
        "new_status": entry.status,
        "new_ended_at": entry.ended_at,
        "new_end_reason": entry.end_reason,
        "new_booking_id": entry.booking_id,
    }


_SET_SESSION = (
    update(CourseSession)
    .where(CourseSession.id == bindparam("row_id"))
    .values(
        start_at=bindparam("new_start_at"),
        end_at=bindparam("new_end_at"),
        capacity_max=bindparam("new_capacity_max"),
        status=bindparam("new_status"),
    )
)
_TAKE_SEATS = (
    update(CourseSession)
    .where(CourseSession.id == bindparam("row_id"))
    .values(seats_taken=CourseSession.seats_taken + bindparam("seats"))
)
_REBOOK = (
    update(Booking)
    .where(Booking.id == bindparam("row_id"))
    .values(
        status=bindparam("new_status"),
        cancelled_at=bindparam("new_cancelled_at"),
        cancelled_by=bindparam("new_cancelled_by"),
        cancel_reason=bindparam("new_cancel_reason"),
        change_until=bindparam("new_change_until"),
        cancel_until=bindparam("new_cancel_until"),
    )
)
_MOVE_BOOKING = (
    update(Booking).where(Booking.id == bindparam("row_id")).values(during=bindparam("new_during"))
)
_PROGRESS = (
    update(StudentCourseStepProgress)
    .where(StudentCourseStepProgress.id == bindparam("row_id"))
    .values(
        status=bindparam("new_status"),
        group_class_id=bindparam("new_group_class_id"),
        booking_id=bindparam("new_booking_id"),
        booked_at=bindparam("new_booked_at"),
    )
)
_CANCEL_PACKAGE = (
    update(StudentPackage)
    .where(StudentPackage.id == bindparam("row_id"))
    .values(status=PackageStatus.CANCELLED)
)
_END_ENTRY = (
    update(WaitlistEntry)
    .where(WaitlistEntry.id == bindparam("row_id"))
    .values(
        status=bindparam("new_status"),
        ended_at=bindparam("new_ended_at"),
        end_reason=bindparam("new_end_reason"),
        booking_id=bindparam("new_booking_id"),
    )
)
