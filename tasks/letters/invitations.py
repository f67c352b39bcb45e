"""Hangs into a letter about a booking what enters it into the reader's calendar, or takes it out.

Both as an alternative of the text, where Gmail and Outlook look for it, and as a file, which Apple
Mail and all others show (RFC 6047; docs/calendar.md).
"""

from email import encoders
from email.message import EmailMessage
from email.mime.nonmultipart import MIMENonMultipart
from typing import Any


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
