"""Writes letters: what happened, as a mail message."""

from datetime import datetime
from email.charset import QP, Charset
from email.message import EmailMessage
from email.mime.nonmultipart import MIMENonMultipart
from email.utils import format_datetime
from typing import Any
from uuid import UUID

from tasks.calendars.files import write_invitation
from tasks.letterhead import Letterhead
from tasks.letters.addresses import address_of
from tasks.letters.headers import ANY_LETTERS, POLICY
from tasks.letters.invitations import attach_invitation
from tasks.letters.orders import Order
from tasks.letters.rendering import Rendered, render
from tasks.letters.wording import words_of
from tasks.wording.languages import Language, nearest
from tasks.wording.plain_text import plain, shortened

AS_IT_IS = Charset("utf-8")
AS_IT_IS.body_encoding = None  # type: ignore[assignment]  # the library's word for it
"""A letter in the Maildir can be read as it is."""
LONGEST_LINE = 998
"""In bytes (RFC 5322 2.1.1)."""
SEVEN_BIT = Charset("utf-8")
SEVEN_BIT.body_encoding = QP


def write_letter(
    order: Order, message_id: UUID, letterhead: Letterhead, now: datetime
) -> EmailMessage:
    """The mail about what happened, in the reader's language.

    The Message-ID is made of the outbox message's id, so that a repeat after a crash is
    recognised as one. Raises ValueError for an address that can't stand in a header, jinja2's
    TemplateNotFound for a topic that is none.
    """
    language = nearest(order.letter.locale)
    message = _envelope(order, message_id, letterhead, now)
    message["Content-Language"] = language.tag
    _add_unsubscribing(message, order, letterhead)
    put_together(message, render_letter(order, letterhead, language, now))
    if order.entry is not None:
        written = write_invitation(order.entry, letterhead, language, now)
        attach_invitation(message, written.method, written.text)
    return message


def render_letter(
    order: Order, letterhead: Letterhead, language: Language, now: datetime
) -> Rendered:
    """What the letter says in this language, whatever the reader's."""
    return render(order.topic, words_of(order, letterhead, language, now))


def put_together(message: EmailMessage, rendered: Rendered) -> None:
    """Add subject and body to a message that has its other headers.

    Text first, HTML second: a reader takes the last of the two that it can show.
    """
    message["Subject"] = rendered.subject
    message["MIME-Version"] = "1.0"
    message["Content-Type"] = "multipart/alternative"
    # EmailMessage's own way of adding them takes a millisecond more: half of a letter's cost
    message.attach(_part("plain", rendered.text, _encoding(rendered.text)))
    message.attach(_part("html", rendered.html, SEVEN_BIT))


def _encoding(text: str) -> Charset:
    longest = max(len(line) for line in text.encode().splitlines())
    return AS_IT_IS if longest <= LONGEST_LINE else SEVEN_BIT


def _part(subtype: str, content: str, charset: Charset) -> Any:
    part = MIMENonMultipart("text", subtype, charset="utf-8")
    part.set_payload(content, charset)
    return part


def _envelope(
    order: Order, message_id: UUID, letterhead: Letterhead, now: datetime
) -> EmailMessage:
    message = EmailMessage(policy=POLICY if order.letter.email.isascii() else ANY_LETTERS)
    message["From"] = letterhead.sender
    # folding a long name of odd letters takes the library most of a second
    name = shortened(plain(order.letter.name))
    message["To"] = address_of(name, order.letter.email)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{message_id}@{letterhead.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    return message


def _add_unsubscribing(message: EmailMessage, order: Order, letterhead: Letterhead) -> None:
    """Let the reader's mail program end reminders by one click (RFC 8058)."""
    if order.unsubscribe_token is None:
        return
    message["List-Unsubscribe"] = f"<{letterhead.unsubscribe_url(order.unsubscribe_token)}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
