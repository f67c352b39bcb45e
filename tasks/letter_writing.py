"""Writes letters: the facts of a booking as a mail message."""

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from uuid import UUID
from zoneinfo import ZoneInfo

from models.letters import BookingLetter

CONFIRMATION = """\
Hello {name},

your seat is booked.

  {program}
  {step}
  {group_class} with {teacher}
  {when}

You can change it until {change_until}
and cancel it until {cancel_until}.

See you there!
"""


def confirmation(
    letter: BookingLetter, message_id: UUID, sender: str, now: datetime
) -> EmailMessage:
    """The confirmation of a booking.

    The Message-ID is made of the outbox message's id, so that a repeat after a crash is
    recognised as one. Raises ValueError for an address that can't stand in a header.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = Address(_one_line(letter.name), addr_spec=letter.email)
    message["Subject"] = _one_line(f"Booked: {letter.step_label} – {letter.step_title}")
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{message_id}@{_domain(sender)}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(
        CONFIRMATION.format(
            name=_one_line(letter.name),
            program=_one_line(letter.program_title),
            step=_one_line(f"{letter.step_label}: {letter.step_title}"),
            group_class=_one_line(letter.group_class_name),
            teacher=_one_line(letter.teacher_name),
            when=_when(letter),
            change_until=_moment(letter.change_until, letter.time_zone),
            cancel_until=_moment(letter.cancel_until, letter.time_zone),
        )
    )
    return message


def _when(letter: BookingLetter) -> str:
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
