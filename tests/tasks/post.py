"""The post office of a test: lets what was asked be decided, and reads the letters that arrive."""

import email
import email.policy
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from models.round import Decider
from tasks.mail import send_mail
from tests.deciding import decide_all
from tests.tasks.letter_parts import text_of


@dataclass
class Post:
    """Lets everything that was asked be decided and its letters be sent."""

    decider: Decider
    maildir: Path

    def messages(self) -> list[EmailMessage]:
        """The letters that arrive now, in the order in which they were sent."""
        decide_all(self.decider)
        return self.sent()

    def sent(self) -> list[EmailMessage]:
        """The letters that arrive now, when nothing more is decided."""
        send_mail()
        files = list(self.maildir.glob("new/*"))
        arrived = [_read(file) for file in sorted(files, key=lambda file: file.stat().st_mtime_ns)]
        for file in files:
            file.unlink()
        return arrived

    def letters(self) -> dict[str, list[str]]:
        """What the letters say that arrive now, each on one line, by subject."""
        bodies: dict[str, list[str]] = {}
        for message in self.messages():
            bodies.setdefault(str(message["Subject"]), []).append(text_of(message))
        return bodies

    def letter(self) -> tuple[str, str]:
        """Subject and body of the one letter that arrives now."""
        [(subject, [body])] = self.letters().items()
        return subject, body


def _read(file: Path) -> EmailMessage:
    message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message
