"""Thrive's client for Python: books course steps and follows each request until it is decided.

    from app.client import ThriveClient

    with ThriveClient("https://booking.school.example", token) as thrive:
        made = thrive.book_course_step_session(package_id, step_id, option_id)

How it is used: docs/client.md. It needs httpx and loads nothing else of Thrive.
"""

import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Literal, Self, cast
from uuid import uuid4

from app.calling.answers import (
    BulkCourseStepBookingResponse,
    CancelStepBookingResponse,
    CourseStepBookingResponse,
    CourseStepSessionOption,
    Enrolment,
    Job,
    JoinWaitlistResponse,
    LeaveWaitlistResponse,
    StepSelection,
    UnbookedCourseStep,
)
from app.calling.errors import (
    FailedError,
    NetworkError,
    PatienceError,
    RefusedError,
    RequestError,
    SignInError,
    ThriveError,
    UnavailableError,
    UndecidedError,
    WithdrawnError,
    naming,
    outcome_error,
)
from app.calling.following import follow, job_of, poll
from app.calling.network import Network, Request, Token

__all__ = [
    "FailedError",
    "NetworkError",
    "PatienceError",
    "RefusedError",
    "RequestError",
    "SignInError",
    "ThriveClient",
    "ThriveError",
    "UnavailableError",
    "UndecidedError",
    "WithdrawnError",
]

PATIENCE = timedelta(minutes=1)
_PACKAGES = "/api/students/me/course-packages"


class ThriveClient:
    """The calls of the plan's ThriveClient, for one user. Threads may share it.

    `base_url` is where the server is, `token` a JWT or what returns the present one; that is
    called before each request, by whichever thread makes it. `patience` is how long a call may
    take altogether, tries, pauses and the wait for the decision included.

    Every call returns what came of it or raises a ThriveError. A lost connection, half an
    answer, 429 and 503 are tried again under the call's own idempotency key until patience ends;
    what a submit asks for is done once, however often it was sent. Who gives `idempotency_key`
    can go on after the program itself has ended: the same call with the same key, within a day.
    """

    def __init__(self, base_url: str, token: Token, *, patience: timedelta = PATIENCE) -> None:
        self._network = Network(base_url, token)
        self._patience = patience

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close its connections; `with` does so by itself."""
        self._network.close()

    def get_course_packages(self) -> list[Enrolment]:
        """What the student bought, step by step, with bookings and places on waitlists."""
        packages: list[Enrolment] = self.get(_PACKAGES)
        return packages

    def get_unbooked_course_steps(self, package_id: int) -> list[UnbookedCourseStep]:
        """The steps still to be booked, each with its next 50 sessions at most."""
        steps: list[UnbookedCourseStep] = self.get(f"{_PACKAGES}/{package_id}/unbooked-steps")
        return steps

    def get_course_step_sessions(
        self,
        package_id: int,
        step_id: int,
        *,
        from_: datetime | None = None,
        to: datetime | None = None,
        limit: int | None = None,
    ) -> list[CourseStepSessionOption]:
        """A step's sessions that start in [`from_`, `to`), aware; the earliest first."""
        query = {
            "from": from_ and from_.isoformat(),
            "to": to and to.isoformat(),
            "limit": limit,
        }
        path = f"{_step(package_id, step_id)}/sessions"
        sessions: list[CourseStepSessionOption] = self.get(path, _given(query))
        return sessions

    def book_course_step_session(
        self,
        package_id: int,
        step_id: int,
        course_step_option_id: int,
        *,
        session_id: int | None = None,
        idempotency_key: str | None = None,
    ) -> CourseStepBookingResponse:
        """Book a step: `session_id`, else the session that the option means."""
        path = f"{_step(package_id, step_id)}/book-session"
        choice = _choice(course_step_option_id, session_id)
        made: CourseStepBookingResponse = self._submit("POST", path, choice, idempotency_key)
        return made

    def change_course_step_session(
        self,
        package_id: int,
        step_id: int,
        course_step_option_id: int,
        *,
        session_id: int | None = None,
        idempotency_key: str | None = None,
    ) -> CourseStepBookingResponse:
        """Move a step's booking to another session; the seat is kept where that is refused."""
        path = f"{_step(package_id, step_id)}/change-session"
        choice = _choice(course_step_option_id, session_id)
        made: CourseStepBookingResponse = self._submit("POST", path, choice, idempotency_key)
        return made

    def bulk_book_course_step_sessions(
        self,
        package_id: int,
        selections: Sequence[StepSelection],
        *,
        mode: Literal["ALL_OR_NOTHING", "BEST_EFFORT"] | None = None,
        idempotency_key: str | None = None,
    ) -> BulkCourseStepBookingResponse:
        """Book the steps chosen, and those that leave no choice; all of them unless `mode` says."""
        path = f"{_PACKAGES}/{package_id}/book-sessions"
        body = _given({"selections": list(selections), "mode": mode})
        made: BulkCourseStepBookingResponse = self._submit("POST", path, body, idempotency_key)
        return made

    def cancel_course_step_booking(
        self,
        package_id: int,
        step_id: int,
        reason: str | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> CancelStepBookingResponse:
        """Give a step's seat back."""
        path = f"{_step(package_id, step_id)}/booking"
        body = _given({"reason": reason})
        made: CancelStepBookingResponse = self._submit("DELETE", path, body, idempotency_key)
        return made

    def join_course_step_waitlist(
        self,
        package_id: int,
        step_id: int,
        course_step_option_id: int,
        *,
        session_id: int | None = None,
        idempotency_key: str | None = None,
    ) -> JoinWaitlistResponse:
        """Wait for a seat in `session_id`, else in any session of the option."""
        path = f"{_step(package_id, step_id)}/waitlist"
        choice = _choice(course_step_option_id, session_id)
        made: JoinWaitlistResponse = self._submit("POST", path, choice, idempotency_key)
        return made

    def leave_course_step_waitlist(
        self, package_id: int, step_id: int, *, idempotency_key: str | None = None
    ) -> LeaveWaitlistResponse:
        """Give up the step's places on waitlists."""
        path = f"{_step(package_id, step_id)}/waitlist"
        made: LeaveWaitlistResponse = self._submit("DELETE", path, None, idempotency_key)
        return made

    def submit(
        self,
        method: Literal["POST", "DELETE"],
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> dict[str, Any]:
        """Make any other call that is accepted as a job, and return its result: those of staff."""
        result: dict[str, Any] = self._submit(method, path, body, idempotency_key)
        return result

    def get(self, path: str, query: Mapping[str, str | int] | None = None) -> Any:
        """Read anything else, a list of staff's for one (`/api/admin/bookings`)."""
        return self._network.send(Request("GET", path, query=query), self._deadline()).body

    def get_job(self, job_id: str) -> Job:
        """A job as it stands, with its place in the queue."""
        return job_of(self._network.send(poll(job_id), self._deadline()))

    def follow_job(self, job_id: str) -> dict[str, Any]:
        """The result of a job that somebody submitted, as the call itself would return it."""
        with naming(job_id=job_id):
            return _result(follow(self._network, poll(job_id), self._deadline()))

    def withdraw(self, job_id: str) -> Job:
        """Take back a job that is still queued; RequestError `job_already_decided` if it isn't."""
        request = Request("DELETE", poll(job_id).path)
        return job_of(self._network.send(request, self._deadline()))

    def _submit(
        self, method: str, path: str, body: Mapping[str, Any] | None, idempotency_key: str | None
    ) -> Any:
        key = str(uuid4()) if idempotency_key is None else idempotency_key
        request = Request(method, path, body, headers={"Idempotency-Key": key})
        with naming(idempotency_key=key):
            return _result(follow(self._network, request, self._deadline()))

    def _deadline(self) -> float:
        return time.monotonic() + self._patience.total_seconds()


def _result(job: Job) -> dict[str, Any]:
    """The result of a final job; raises what else came of it."""
    if job["status"] != "SUCCEEDED":
        raise outcome_error(job)
    return cast("dict[str, Any]", job["result"])


def _choice(option_id: int, session_id: int | None) -> dict[str, Any]:
    return _given({"courseStepOptionId": option_id, "sessionId": session_id})


def _given(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _step(package_id: int, step_id: int) -> str:
    return f"{_PACKAGES}/{package_id}/steps/{step_id}"
