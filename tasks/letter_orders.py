"""Reads what a letter of the outbox has to say."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from models.due_reminders import TOPIC as REMINDER
from models.letters import Letter, booking_letter, entry_letter
from models.reminder_need import why_not_needed
from tasks.letter_writing import Order


class NotNeeded(Exception):  # noqa: N818 - a state of the data
    """What the letter would say isn't so any more; the words say why."""


def read_order(db: Connection, topic: str, payload: dict[str, Any], now: datetime) -> Order | None:
    """The letter that the message asks for, or None when what it is about is gone.

    Raises NotNeeded where it would tell what isn't so any more.
    """
    if topic == REMINDER:
        _check_reminder(db, payload, now)
    letter = _letter(db, payload)
    if letter is None:
        return None
    return Order(topic, letter, _before(db, payload), payload.get("alternatives", ()))


def _check_reminder(db: Connection, payload: dict[str, Any], now: datetime) -> None:
    start_at = datetime.fromisoformat(payload["start_at"])
    why_not = why_not_needed(db, payload["booking_id"], start_at, now)
    if why_not is not None:
        raise NotNeeded(why_not)


def _letter(db: Connection, payload: dict[str, Any]) -> Letter | None:
    if "waitlist_entry_id" in payload:
        return entry_letter(db, payload["waitlist_entry_id"])
    return booking_letter(db, payload["booking_id"])


def _before(db: Connection, payload: dict[str, Any]) -> tuple[datetime, datetime] | None:
    """The time of the seat that was given up, or that the session had before."""
    if "previous_start_at" in payload:
        return (
            datetime.fromisoformat(payload["previous_start_at"]),
            datetime.fromisoformat(payload["previous_end_at"]),
        )
    if "previous_booking_id" not in payload:
        return None
    previous = booking_letter(db, payload["previous_booking_id"])
    if previous is None or previous.start_at is None or previous.end_at is None:
        return None
    return previous.start_at, previous.end_at
