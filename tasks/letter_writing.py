"""Writes letters: what happened, as a mail message."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from models.letters import Letter
from tasks.letter_texts import TEXTS


@dataclass(frozen=True, slots=True)
class Order:
    """A letter to write: its kind, its facts, and what the message says beyond them.

    `before` is the time that a booking or session had before, `alternatives` the sessions that
    are offered instead, as the refusal of a job keeps them.
    """

    topic: str
    letter: Letter
    before: tuple[datetime, datetime] | None = None
    alternatives: Sequence[Mapping[str, Any]] = ()


def write_letter(order: Order, message_id: UUID, sender: str, now: datetime) -> EmailMessage:
    """The mail about what happened.

    The Message-ID is made of the outbox message's id, so that a repeat after a crash is
    recognised as one. Raises ValueError for an address that can't stand in a header, KeyError for
    a topic without a text.
    """
    text, letter = TEXTS[order.topic], order.letter
    words = _words(order)
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = Address(_one_line(letter.name), addr_spec=letter.email)
    message["Subject"] = text.subject.format(**words)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{message_id}@{_domain(sender)}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text.body.format(**words))
    return message


def _words(order: Order) -> dict[str, str]:
    letter = order.letter
    before = _span(*order.before, letter.venue_time_zone) if order.before else "another day"
    return {
        "name": _one_line(letter.name),
        "what": _what(letter),
        "group_class": _one_line(letter.group_class_name),
        "teacher": _one_line(letter.teacher_name),
        "when": _when(letter),
        "change_until": _moment(letter.change_until, letter.time_zone),
        "cancel_until": _moment(letter.cancel_until, letter.time_zone),
        "before": before,
        "instead": f"\nYour seat on {before} is free again.\n" if order.before else "",
        "because": f"\nThe reason: {_one_line(letter.reason)}\n" if letter.reason else "",
        "alternatives": _alternatives(order.alternatives),
    }


def _what(letter: Letter) -> str:
    if letter.step_label is None:
        return _one_line(letter.group_class_name)
    return _one_line(f"{letter.program_title}, {letter.step_label}: {letter.step_title}")


def _alternatives(offers: Sequence[Mapping[str, Any]]) -> str:
    if not offers:
        return ""
    lines = [
        f"  {_one_line(offer['group_class_name'])},"
        f" {_span(*_times(offer), str(offer['time_zone']))}\n"
        for offer in offers
    ]
    return "\nThese sessions have free seats:\n\n" + "".join(lines)


def _times(offer: Mapping[str, Any]) -> tuple[datetime, datetime]:
    return datetime.fromisoformat(offer["start_at"]), datetime.fromisoformat(offer["end_at"])


def _when(letter: Letter) -> str:
    if letter.start_at is None or letter.end_at is None:
        return "any of its coming sessions"
    at_venue = _span(letter.start_at, letter.end_at, letter.venue_time_zone)
    at_home = _span(letter.start_at, letter.end_at, letter.time_zone)
    venue, home = _zone(letter.venue_time_zone), _zone(letter.time_zone)
    if (
        letter.start_at.astimezone(venue).utcoffset()
        == letter.start_at.astimezone(home).utcoffset()
    ):
        return at_venue
    return f"{at_venue}\n  (that is {at_home} for you)"


def _span(start_at: datetime, end_at: datetime, zone: str) -> str:
    known = _zone(zone)
    end = end_at.astimezone(known)
    return f"{start_at.astimezone(known):%A, %d %B %Y, %H:%M}–{end:%H:%M} ({known.key})"


def _moment(moment: datetime | None, zone: str) -> str:
    if moment is None:
        return "the start"
    known = _zone(zone)
    return f"{moment.astimezone(known):%A, %d %B %Y, %H:%M} ({known.key})"


def _zone(name: str) -> ZoneInfo:
    """Find a time zone; old data may name one that nobody knows, and UTC is always true."""
    try:
        return ZoneInfo(name)
    except (LookupError, OSError, ValueError):
        return ZoneInfo("UTC")


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _domain(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2] or "localhost"
