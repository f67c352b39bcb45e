"""What can come of a call besides its result, each an exception that a program can tell apart."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, cast

from app.calling.answers import CourseStepSessionOption, Job, JobProblem, StepFailure


class ThriveError(Exception):
    """Any of them: `code` names it for programs, `message` is a sentence for the student.

    `status` is that of the HTTP answer, None for what came of a job and without an answer;
    `problem` is the server's own account (RFC 9457). `job_id` and `idempotency_key` say which
    request it was, as far as they are known.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "",
        status: int | None = None,
        problem: JobProblem | None = None,
        job_id: str | None = None,
    ) -> None:
        super().__init__(problem["message"] if problem else message)
        self.code = problem["code"] if problem else code
        self.status = status
        self.problem = problem
        self.job_id = job_id
        self.idempotency_key: str | None = None
        if problem:
            self.add_note(f"{self.code}: {problem['detail']} {problem.get('errors', '')}".strip())

    @property
    def message(self) -> str:
        """A sentence for the student."""
        return str(self)


class RefusedError(ThriveError):
    """The rules said no: `code` is the refusal's. Nothing was changed."""

    @property
    def alternatives(self) -> list[CourseStepSessionOption]:
        """Sessions that could be taken instead."""
        return self.problem.get("alternatives", []) if self.problem else []

    @property
    def waitlist_open(self) -> bool:
        """Whether one can wait for a seat."""
        return self.problem.get("waitlistOpen", False) if self.problem else False

    @property
    def failures(self) -> list[StepFailure]:
        """Of a bulk booking: every step that was refused."""
        return self.problem.get("failures", []) if self.problem else []


class FailedError(ThriveError):
    """The server tried several times and gave up. Nothing was changed."""


class WithdrawnError(ThriveError):
    """The request was taken back before it was decided."""


class SignInError(ThriveError):
    """The token is missing, wrong or expired. What was accepted before is decided all the same."""


class RequestError(ThriveError):
    """The server doesn't take the request as it is (4xx), or has a defect (500)."""


class PatienceError(ThriveError):
    """Patience ended first. A submit may have arrived, and be decided yet.

    With its `job_id` it is followed on by `follow_job`; without one the same call with its
    `idempotency_key` sends it again, and it is done once. `retry_after` is what the server asked
    for, if it did.
    """

    retry_after: timedelta | None = None


class UndecidedError(PatienceError):
    """The job is still queued."""


class UnavailableError(PatienceError):
    """The server asked to come back later (429, 503)."""


class NetworkError(PatienceError):
    """There was no answer, half of one, or somebody else's; the cause says which."""


def outcome_error(job: Job) -> ThriveError:
    """What a final job that didn't succeed raises."""
    problem = problem_of(job["error"])
    if job["status"] == "REFUSED":
        return RefusedError("This was refused.", problem=problem, job_id=job["id"])
    if job["status"] == "FAILED":
        return FailedError("This didn't work.", problem=problem, job_id=job["id"])
    return WithdrawnError("This was taken back.", code="withdrawn", job_id=job["id"])


def problem_of(body: Any) -> JobProblem | None:
    """The server's account of an error; a balancer's isn't one."""
    if not isinstance(body, dict):
        return None
    told = all(isinstance(body.get(name), str) for name in ("code", "detail", "message"))
    return cast("JobProblem", body) if told else None


@contextmanager
def naming(**request: str) -> Iterator[None]:
    """Let whatever is raised say which request it was about, so that one can go on with it.

    A ThriveError has the names as fields. What a token's function raises, and an interrupt, isn't
    ours, and gets notes.
    """
    try:
        yield
    except BaseException as error:
        for name, value in request.items():
            if isinstance(error, ThriveError):
                setattr(error, name, value)
            elif (note := f"{name}: {value}") not in getattr(error, "__notes__", ()):
                error.add_note(note)
        raise
