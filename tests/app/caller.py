"""A student whose calls are decided at once, for tests of what they come to."""

from dataclasses import dataclass
from typing import Any

from models.round import Decider
from tests.app.job_shapes import (
    check_wire,
)
from tests.app.students import Student, decide

KINDS = {
    "book": "BOOK_STEP",
    "change": "CHANGE_STEP",
    "cancel": "CANCEL_STEP",
    "bulk": "BULK_BOOK",
    "join": "JOIN_WAITLIST",
    "leave": "LEAVE_WAITLIST",
}


@dataclass
class Caller:
    """A student whose calls are decided at once."""

    student: Student
    decider: Decider

    def __call__(self, name: str, body: Any = None, **options: Any) -> dict[str, Any]:
        """The decided job of a call."""
        answer = self.student.call(name, body, **options)
        assert answer.status_code == 202, answer.text
        decide(self.decider)
        job = self.student.get(answer.headers["Location"]).json
        assert job["kind"] == KINDS[name]
        check_wire(job)
        return job

    def seat(self, session: int | None = None) -> dict[str, Any]:
        """What names the course's option, and perhaps one of its sessions."""
        named = {} if session is None else {"sessionId": session}
        return {"courseStepOptionId": self.student.course.option} | named


def refusal(job: dict[str, Any]) -> tuple[str, str]:
    assert job["result"] is None
    return job["status"], job["error"]["code"]
