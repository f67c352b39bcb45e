"""Hangs into a letter about a booking what enters it into the reader's calendar, or takes it out.

Both as an alternative of the text, where Gmail and Outlook look for it, and as a file, which Apple
Mail and all others show (RFC 6047; docs/calendar.md).
"""

from collections.abc import Mapping
from email import encoders
from email.message import EmailMessage
from email.mime.nonmultipart import MIMENonMultipart
from typing import Any

from sqlalchemy import Connection

from models.calendar_entries import CalendarEntry, booking_entry
from models.letter_topics import TELLING_A_SEAT_GONE, TELLING_THE_SEAT


def entry_to_tell(db: Connection, topic: str, payload: Mapping[str, Any]) -> CalendarEntry | None:
    """The calendar entry that belongs into the letter, as it stands now; None where none does.

    A letter that comes late must not bring an entry back that ended since, nor end one that goes
    on: where what it tells isn't so any more, a later letter has the entry.
    """
    if topic not in TELLING_THE_SEAT:
        return None
    entry = booking_entry(db, payload["booking_id"])
    if entry is None or entry.is_cancelled != (topic in TELLING_A_SEAT_GONE):
        return None
    return entry


def attach_invitation(message: EmailMessage, method: str, content: bytes) -> None:
    """Add the file to a message that has its text; `method` is what it asks of the calendar."""
    if message.get_content_type() != "multipart/alternative":
        message.make_alternative()
    message.attach(_part(content, "text", "calendar", charset="utf-8", method=method))
    message.make_mixed()
    file = _part(content, "application", "ics", name="invite.ics")
    file["Content-Disposition"] = 'attachment; filename="invite.ics"'
    message.attach(file)


def _part(content: bytes, kind: str, subtype: str, **parameters: Any) -> Any:
    """A part in base64: its lines end as they do in the file, whatever it passes through."""
    part = MIMENonMultipart(kind, subtype, **parameters)
    part.set_payload(content)
    encoders.encode_base64(part)
    return part
