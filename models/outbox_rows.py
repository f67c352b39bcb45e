"""New messages as rows of the outbox: each names the same columns (`models/set_writing.py`)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from models.event_types import EventType
from models.letter_topics import LetterTopic
from models.new_id import new_id
from models.outbox import OutboxKind


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """Whom and which package step a message is about, and the job that caused it.

    Messages about one step leave in order.
    """

    user_id: int | None = None
    student_package_id: int | None = None
    course_step_id: int | None = None
    booking_job_id: UUID | None = None


def mail_row(
    topic: LetterTopic, about: About, payload: dict[str, Any], now: datetime
) -> dict[str, Any]:
    """A letter to somebody; it is written from the payload's ids when it leaves."""
    return _row(OutboxKind.MAIL, topic, about, payload, now)


def event_row(
    topic: EventType, about: About, data: dict[str, Any], now: datetime
) -> dict[str, Any]:
    """An event, with its data as everybody gets them."""
    return _row(OutboxKind.EVENT, topic, about, data, now)


def _row(
    kind: OutboxKind, topic: str, about: About, payload: dict[str, Any], now: datetime
) -> dict[str, Any]:
    return {
        "id": new_id(),
        "kind": kind,
        "topic": topic,
        "user_id": about.user_id,
        "student_package_id": about.student_package_id,
        "course_step_id": about.course_step_id,
        "booking_job_id": about.booking_job_id,
        "payload": payload,
        "created_at": now,
    }
