"""Writes what a batch changed on the desk, in the transaction that holds its locks.

Bookings that give up their seat go before those that take one, so that no constraint ever sees
a person twice.
"""

from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import Range

from models.audit import AuditEntry
from models.booking import Booking
from models.catalog import CourseSession
from models.desk import Desk, Entry, Held, Seats, Step
from models.enrolment import PackageStatus, StudentCourseStepProgress, StudentPackage
from models.outbox import OutboxMessage
from models.seats import SeatLedger
from models.set_writing import insert_rows, update_rows
from models.waitlist import WaitlistEntry, WaitlistSkip
from models.waitlist_positions import positions

SEATS_TAKEN = frozenset({"seats_taken"})


def write_changes(db: Connection, desk: Desk) -> None:
    """Write all that the batch changed, but for its messages."""
    changes = desk.changes
    insert_rows(db, CourseSession, [_new_session(session) for session in changes.added_sessions])
    update_rows(db, CourseSession, [_session(s) for _, s in sorted(changes.sessions.items())])
    seats = [{"id": id_, "seats_taken": n} for id_, n in sorted(changes.seats.items()) if n]
    update_rows(db, CourseSession, seats, add=SEATS_TAKEN)
    insert_rows(db, SeatLedger, changes.ledger)
    update_rows(db, Booking, [_rebooked(held) for _, held in sorted(changes.rebooked.items())])
    update_rows(db, Booking, [_moved(held) for held in changes.moved])
    insert_rows(db, Booking, [_new_booking(held) for held in changes.booked.values()])
    steps = [_progress(desk, step) for _, step in sorted(changes.steps.items())]
    update_rows(db, StudentCourseStepProgress, steps)
    update_rows(db, StudentPackage, [_cancelled(id_) for id_ in sorted(changes.cancelled_packages)])
    _write_line(db, desk)
    insert_rows(db, AuditEntry, changes.audit)


def write_messages(db: Connection, desk: Desk) -> None:
    """Put the mails and events into the outbox, in the order in which they came up."""
    insert_rows(db, OutboxMessage, desk.changes.messages)


def _write_line(db: Connection, desk: Desk) -> None:
    changes = desk.changes
    joined = {entry.id for entry in changes.joined}
    insert_rows(db, WaitlistEntry, [_entry(entry) for entry in changes.joined])
    ended = [_ended(e) for id_, e in sorted(changes.entries.items()) if id_ not in joined]
    update_rows(db, WaitlistEntry, ended)
    insert_rows(db, WaitlistSkip, changes.skips)
    if joined:
        changes.positions = positions(db, joined)


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
        "id": session.id,
        "start_at": session.start_at,
        "end_at": session.end_at,
        "capacity_max": session.capacity_max,
        "status": session.status,
    }


def _rebooked(held: Held) -> dict[str, Any]:
    return {
        "id": held.booking_id,
        "status": held.status,
        "cancelled_at": held.cancelled_at,
        "cancelled_by": held.cancelled_by,
        "cancel_reason": held.cancel_reason,
        "change_until": held.change_until,
        "cancel_until": held.cancel_until,
        "calendar_sequence": held.calendar_sequence,
    }


def _moved(held: Held) -> dict[str, Any]:
    return {"id": held.booking_id, "during": Range(held.start_at, held.end_at)}


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
        "calendar_sequence": held.calendar_sequence,
        "during": Range(held.start_at, held.end_at),
    }


def _progress(desk: Desk, step: Step) -> dict[str, Any]:
    held = desk.seat_of(step)
    return {
        "id": step.progress_id,
        "status": step.progress_status,
        "group_class_id": held.group_class_id if held else None,
        "booking_id": step.booking_id,
        "booked_at": step.booked_at,
        "calendar_sequence": step.calendar_sequence,
    }


def _cancelled(package_id: int) -> dict[str, Any]:
    return {"id": package_id, "status": PackageStatus.CANCELLED}


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
        "id": entry.id,
        "status": entry.status,
        "ended_at": entry.ended_at,
        "end_reason": entry.end_reason,
        "booking_id": entry.booking_id,
    }
