"""A letter as its reader's mail program takes it apart, from the bytes that are sent."""

import email
import email.policy
from datetime import UTC, datetime
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

from tasks.letterhead import Letterhead
from tasks.letters.orders import Order
from tasks.letters.writing import write_letter

LETTERHEAD = Letterhead("School <school@x.example>", "https://booking.x.example")
NOW = datetime(2026, 10, 1, 9, 30, tzinfo=UTC)
MESSAGE_ID = UUID("0190b3a0-0000-7000-8000-00000000abcd")


def write(order: Order, now: datetime = NOW, letterhead: Letterhead = LETTERHEAD) -> EmailMessage:
    """The letter, printed and read again."""
    printed = write_letter(order, MESSAGE_ID, letterhead, now).as_bytes()
    message = email.message_from_bytes(printed, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def text_of(message: EmailMessage) -> str:
    """What the text says, on one line."""
    return " ".join(content(message, "plain").split())


def html_of(message: EmailMessage) -> "Page":
    """What the HTML says."""
    page = Page()
    page.feed(content(message, "html"))
    return page


def content(message: EmailMessage, subtype: str) -> str:
    """The part of this kind, as it is."""
    body = message.get_body([subtype])
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


class Page(HTMLParser):
    """The elements of a page, their attributes, and what is to be read."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, Any]]] = []
        self.said: list[str] = []
        self._unread = ""

    @property
    def words(self) -> str:
        """All that is to be read, on one line."""
        return " ".join(" ".join(self.said).split())

    def addresses(self) -> list[str]:
        """Where its links lead to."""
        return [str(attributes["href"]) for name, attributes in self.elements if name == "a"]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._unread = tag if tag in {"style", "title"} else ""

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - the parser's signature
        self._unread = ""

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self.said.append(data)
