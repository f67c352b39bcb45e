"""Reads what a letter of the outbox has to say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from models.booking_facts import read_booking
from models.calendar_entries import CalendarEntry, booking_entry
from models.couriers import Claimed
from models.job_letters import JobLetter, job_letter
from models.letter_topics import TELLING_THE_SEAT, TELLING_WHAT_GOES_ON, LetterTopic
from models.letters import Letter, booking_letter, entry_letter, session_times
from models.people import WAS_ERASED, erased_email
from models.policy import Policy
from models.reminder_need import why_not_needed
from models.user_token import TokenPurpose
from models.user_tokens import known_token
from models.webhook_letters import WebhookLetter, webhook_letter

Facts = Letter | JobLetter | WebhookLetter
"""What each kind of letter is about; all of them know whom they go to."""


@dataclass(frozen=True, slots=True)
class Order:
    """A letter to write: its topic, its facts, and what the message says beyond them.

    `before` is the time that a booking or session had before, `alternatives` the sessions that
    are offered instead, as the refusal of a job keeps them, `entry` what the reader's calendar is
    told, `unsubscribe_token` what ends their reminders.
    """

    topic: str
    letter: Facts
    before: tuple[datetime, datetime] | None = None
    alternatives: Sequence[Mapping[str, Any]] = ()
    entry: CalendarEntry | None = None
    unsubscribe_token: str | None = None


class NotNeeded(Exception):  # noqa: N818 - a state of the data
    """What the letter would say isn't so any more; the words say why."""


def read_order(db: Connection, message: Claimed, policy: Policy, now: datetime) -> Order | None:
    """The letter that the message asks for; None when what it is about is gone.

    Raises NotNeeded where it would tell what isn't so any more, or is to somebody who was erased.
    """
    order = _about(db, message, policy, now)
    if order is not None and order.letter.email == erased_email(message.user_id or 0):
        raise NotNeeded(WAS_ERASED)
    return order


def _about(db: Connection, message: Claimed, policy: Policy, now: datetime) -> Order | None:
    payload = message.payload
    if "waitlist_entry_id" in payload:
        return _about_waiting(db, message, policy, now)
    if "booking_job_id" in payload:
        return _order(message, job_letter(db, UUID(payload["booking_job_id"])))
    if "webhook_endpoint_id" in payload:
        return _about_webhook(db, message)
    if message.topic == LetterTopic.REMINDER:
        _check_reminder(db, payload, now)
    return _about_booking(db, message, policy)


def _about_waiting(db: Connection, message: Claimed, policy: Policy, now: datetime) -> Order | None:
    letter = entry_letter(db, message.payload["waitlist_entry_id"])
    if letter is not None and message.topic in TELLING_WHAT_GOES_ON:
        _check_goes_on(letter)
        if letter.start_at is not None and not policy.waitlist_open(letter.start_at, now):
            raise NotNeeded("the waitlist of its session is closed by now")
    return _order(message, letter)


def _about_webhook(db: Connection, message: Claimed) -> Order | None:
    letter = webhook_letter(db, message.payload["webhook_endpoint_id"], message.user_id)
    if letter is not None and letter.enabled:
        raise NotNeeded("the webhook is enabled again")
    return _order(message, letter)


def _check_reminder(db: Connection, payload: Mapping[str, Any], now: datetime) -> None:
    start_at = datetime.fromisoformat(payload["start_at"])
    why_not = why_not_needed(db, payload["booking_id"], start_at, now)
    if why_not is not None:
        raise NotNeeded(why_not)


def _about_booking(db: Connection, message: Claimed, policy: Policy) -> Order | None:
    facts = read_booking(db, message.payload["booking_id"])
    if facts is None:
        return None
    letter = booking_letter(facts, policy)
    if message.topic in TELLING_WHAT_GOES_ON:
        _check_goes_on(letter)
    return Order(
        message.topic,
        letter,
        _before(db, message.payload),
        message.payload.get("alternatives", ()),
        booking_entry(facts, policy) if message.topic in TELLING_THE_SEAT else None,
        _unsubscribe_token(db, message),
    )


def _check_goes_on(letter: Letter) -> None:
    if letter.is_over:
        raise NotNeeded("it has ended since")


def _before(db: Connection, payload: Mapping[str, Any]) -> tuple[datetime, datetime] | None:
    """The time of the seat that was given up, or that the session had before."""
    if "previous_start_at" in payload:
        return (
            datetime.fromisoformat(payload["previous_start_at"]),
            datetime.fromisoformat(payload["previous_end_at"]),
        )
    if "previous_booking_id" in payload:
        return session_times(db, payload["previous_booking_id"])
    return None


def _unsubscribe_token(db: Connection, message: Claimed) -> str | None:
    if message.topic != LetterTopic.REMINDER or message.user_id is None:
        return None
    return known_token(db, message.user_id, TokenPurpose.UNSUBSCRIBE)


def _order(message: Claimed, letter: Facts | None) -> Order | None:
    return Order(message.topic, letter) if letter is not None else None
