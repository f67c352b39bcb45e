"""The post office of a test: lets what was asked be decided, and reads the letters that arrive."""

import email
import email.policy
from dataclasses import dataclass
from pathlib import Path

from models.round import Decider
from tasks.mail import send_mail
from tests.deciding import decide_all
from tests.school import School


@dataclass
class Post:
    """Lets everything that was asked be decided and its letters be sent."""

    school: School
    decider: Decider
    maildir: Path

    def letters(self) -> dict[str, list[str]]:
        """What the letters say that arrive now, each on one line, by subject."""
        decide_all(self.decider)
        send_mail()
        bodies: dict[str, list[str]] = {}
        for file in sorted(self.maildir.glob("new/*")):
            message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            body = message.get_body(["plain"])
            assert body is not None
            said = " ".join(body.get_content().split())
            bodies.setdefault(str(message["Subject"]), []).append(said)
            file.unlink()
        return bodies

    def letter(self) -> tuple[str, str]:
        """Subject and body of the one letter that arrives now."""
        [(subject, [body])] = self.letters().items()
        return subject, body
