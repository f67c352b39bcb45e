"""The bytes of every request, made before the clock starts: tokens, paths, bodies."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from app.settings import Settings
from app.tokens import issue_token
from benchmarks.school import School

LIFETIME = timedelta(hours=6)

DECIDED = frozenset({("SUCCEEDED", None)})
DECIDED_OR_FULL = frozenset({("SUCCEEDED", None), ("REFUSED", "session_full")})

Outcome = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class Errand:
    """What one student does: a submit, and the two halves of a poll around the job's id."""

    submit: bytes
    poll_before: bytes
    poll_after: bytes
    allowed: frozenset[Outcome]


class Errands:
    """Makes errands for one installation's settings."""

    def __init__(self, settings: Settings, *, submit_path: str = "/api/students/me") -> None:
        self._settings = settings
        self._prefix = submit_path
        self._now = datetime.now(UTC)

    def book(
        self,
        school: School,
        student: int,
        *,
        option: int = 0,
        allowed: frozenset[Outcome] = DECIDED,
    ) -> Errand:
        """Book the student's first step in an option's session."""
        return self._about_step(school, student, "book-session", option, allowed)

    def change(self, school: School, student: int, *, option: int) -> Errand:
        """Move the student's first step to another option's session."""
        return self._about_step(school, student, "change-session", option, DECIDED)

    def join(self, school: School, student: int) -> Errand:
        """Wait for a seat in the first step's first option."""
        return self._about_step(school, student, "waitlist", 0, DECIDED)

    def cancel(self, school: School, student: int) -> Errand:
        """Give the first step's seat back."""
        path = f"{school.student(student)}/steps/{school.step(student)}/booking"
        return self._errand(school.student(student), "DELETE", path, None, DECIDED)

    def bulk(self, school: School, student: int) -> Errand:
        """Book all steps at once, each in an option chosen by hand."""
        selections = [
            {
                "courseStepId": school.step(student, step),
                "courseStepOptionId": school.option(student, step, (student + step) % 2),
            }
            for step in range(school.steps)
        ]
        path = f"{school.student(student)}/book-sessions"
        body = {"selections": selections}
        return self._errand(school.student(student), "POST", path, body, DECIDED)

    def enrol(self, enrolment: dict[str, Any]) -> Errand:
        """Book what a converted timetable's enrolment says."""
        path = f"{enrolment['packageId']}/steps/{enrolment['courseStepId']}/book-session"
        body = {"courseStepOptionId": enrolment["courseStepOptionId"]}
        return self._errand(enrolment["userId"], "POST", path, body, DECIDED_OR_FULL)

    def _about_step(
        self,
        school: School,
        student: int,
        what: str,
        option: int,
        allowed: frozenset[Outcome],
    ) -> Errand:
        path = f"{school.student(student)}/steps/{school.step(student)}/{what}"
        chosen = school.option(student, 0, option)
        body = {"courseStepOptionId": chosen, "sessionId": chosen}
        return self._errand(school.student(student), "POST", path, body, allowed)

    def _errand(
        self, user: int, method: str, path: str, body: Any, allowed: frozenset[Outcome]
    ) -> Errand:
        token = issue_token(self._settings, user, LIFETIME, self._now)
        login = (b"Host: localhost", f"Authorization: Bearer {token}".encode())
        path = f"{self._prefix}/course-packages/{path}"
        key = f"Idempotency-Key: {uuid4()}".encode()
        submit = request_bytes(method, path, (*login, key), body)
        poll = request_bytes("GET", "/api/jobs/", login)
        before = len(b"GET /api/jobs/")
        return Errand(submit, poll[:before], poll[before:], allowed)


def request_bytes(method: str, path: str, headers: Iterable[bytes], body: Any = None) -> bytes:
    """Return one request as it goes over the wire; a body is sent as JSON."""
    lines = [f"{method} {path} HTTP/1.1".encode(), *headers]
    content = b"" if body is None else json.dumps(body).encode()
    if content:
        lines.append(b"Content-Type: application/json")
        lines.append(f"Content-Length: {len(content)}".encode())
    return b"\r\n".join([*lines, b"", content])
