"""Reads what a letter of the outbox has to say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from models.calendar_entries import CalendarEntry
from models.job_letters import JobLetter, job_letter
from models.letter_topics import TELLING_WHAT_GOES_ON, LetterTopic
from models.letters import Letter, booking_letter, entry_letter
from models.reminder_need import why_not_needed
from models.webhook_letters import WebhookLetter, webhook_letter
from tasks.letters.invitations import entry_to_tell

Facts = Letter | JobLetter | WebhookLetter
"""What each kind of letter is about; all of them know whom they go to."""


@dataclass(frozen=True, slots=True)
class Order:
    """A letter to write: its topic, its facts, and what the message says beyond them.

    `before` is the time that a booking or session had before, `alternatives` the sessions that
    are offered instead, as the refusal of a job keeps them, `entry` what the reader's calendar is
    told.
    """

    topic: str
    letter: Facts
    before: tuple[datetime, datetime] | None = None
    alternatives: Sequence[Mapping[str, Any]] = ()
    entry: CalendarEntry | None = None


class NotNeeded(Exception):  # noqa: N818 - a state of the data
    """What the letter would say isn't so any more; the words say why."""


def read_order(
    db: Connection, topic: str, payload: Mapping[str, Any], user_id: int | None, now: datetime
) -> Order | None:
    """The letter to this person that the message asks for; None when what it is about is gone.

    Raises NotNeeded where it would tell what isn't so any more.
    """
    if topic == LetterTopic.REMINDER:
        _check_reminder(db, payload, now)
    letter = _letter(db, payload, user_id)
    if letter is None:
        return None
    if topic in TELLING_WHAT_GOES_ON and isinstance(letter, Letter) and letter.is_over:
        raise NotNeeded("it has ended since")
    return Order(
        topic,
        letter,
        _before(db, payload),
        payload.get("alternatives", ()),
        entry_to_tell(db, topic, payload),
    )


def _check_reminder(db: Connection, payload: Mapping[str, Any], now: datetime) -> None:
    start_at = datetime.fromisoformat(payload["start_at"])
    why_not = why_not_needed(db, payload["booking_id"], start_at, now)
    if why_not is not None:
        raise NotNeeded(why_not)


def _letter(db: Connection, payload: Mapping[str, Any], user_id: int | None) -> Facts | None:
    if "waitlist_entry_id" in payload:
        return entry_letter(db, payload["waitlist_entry_id"])
    if "booking_job_id" in payload:
        return job_letter(db, UUID(payload["booking_job_id"]))
    if "webhook_endpoint_id" in payload:
        return _disabled(webhook_letter(db, payload["webhook_endpoint_id"], user_id))
    return booking_letter(db, payload["booking_id"])


def _disabled(letter: WebhookLetter | None) -> WebhookLetter | None:
    if letter is not None and letter.enabled:
        raise NotNeeded("the webhook is enabled again")
    return letter


def _before(db: Connection, payload: Mapping[str, Any]) -> tuple[datetime, datetime] | None:
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
