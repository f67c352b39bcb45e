"""The mail and the event that a booking owes, written in the transaction that makes it."""

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, insert
from uuid6 import uuid7

from models.booking_step import Taken
from models.outbox import OutboxKind, OutboxMessage


def write_messages(db: Connection, booked: dict[int, Taken]) -> None:
    """Put a confirmation and an event for each booking into the outbox."""
    db.execute(
        insert(OutboxMessage),
        [
            row
            for booking_id, taken in booked.items()
            for row in (_mail_row(booking_id, taken), _event_row(booking_id, taken))
        ],
    )


def _mail_row(booking_id: int, taken: Taken) -> dict[str, Any]:
    return _outbox_row(taken, OutboxKind.MAIL, "booking_confirmed", {"booking_id": booking_id})


def _event_row(booking_id: int, taken: Taken) -> dict[str, Any]:
    data = {
        "studentId": taken.step.user_id,
        "packageId": taken.step.student_package_id,
        "stepId": taken.step.course_step_id,
        "bookingId": booking_id,
        "sessionId": taken.session.id,
    }
    return _outbox_row(taken, OutboxKind.EVENT, "course.step.booked", data)


def _outbox_row(
    taken: Taken, kind: OutboxKind, topic: str, payload: dict[str, Any]
) -> dict[str, Any]:
    return {
        "id": UUID(int=uuid7().int),
        "kind": kind,
        "topic": topic,
        "user_id": taken.step.user_id,
        "student_package_id": taken.step.student_package_id,
        "course_step_id": taken.step.course_step_id,
        "booking_job_id": taken.job.id,
        "payload": payload,
        "created_at": taken.created_at,
    }
