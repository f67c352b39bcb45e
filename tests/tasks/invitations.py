"""The letters that arrive, and the calendar files that they carry."""

import email
import email.policy
from email.message import EmailMessage
from pathlib import Path

from models.round import Decider
from tasks.mail import send_mail
from tests.calendars import only_event, read_calendar
from tests.deciding import decide_all


class Post:
    """Lets what was asked be decided, and its letters leave."""

    def __init__(self, decider: Decider, maildir: Path) -> None:
        self.decider, self.maildir = decider, maildir

    def letters(self) -> list[EmailMessage]:
        """The letters that arrive now, in the order in which they were sent."""
        decide_all(self.decider)
        return self.sent()

    def sent(self) -> list[EmailMessage]:
        send_mail()
        files = list((self.maildir / "new").iterdir())
        arrived = [
            email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            for file in sorted(files, key=lambda file: file.stat().st_mtime_ns)
        ]
        for file in files:
            file.unlink()
        return arrived  # type: ignore[return-value]  # of this policy


def invitation(message: EmailMessage) -> bytes:
    """The file that the letter carries; it has to be the same in both places."""
    assert message.get_content_type() == "multipart/mixed"
    body, file = message.iter_parts()
    assert body.get_content_type() == "multipart/alternative"
    *texts, calendar = body.iter_parts()
    assert texts[0].get_content_type() == "text/plain"
    assert calendar.get_content_type() == "text/calendar"
    assert (file.get_content_type(), file.get_filename()) == ("application/ics", "invite.ics")
    assert file.get_content_disposition() == "attachment"
    content = calendar.get_payload(decode=True)
    assert isinstance(content, bytes)
    assert file.get_payload(decode=True) == content
    assert calendar["Content-Type"].params["charset"] == "utf-8"
    assert calendar["Content-Type"].params["method"] == read_calendar(content).method
    return content


def carries(message: EmailMessage) -> tuple[str | None, int | None]:
    """What the letter does in the calendar: method and sequence; None where it does nothing."""
    if not any(part.get_content_type() == "text/calendar" for part in message.walk()):
        return None, None
    content = invitation(message)
    return read_calendar(content).method, only_event(content).sequence
