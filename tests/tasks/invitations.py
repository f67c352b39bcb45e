"""The calendar files that letters carry."""

from email.message import EmailMessage

from tests.calendars import only_event, read_calendar


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
