"""What a use case answers: the job's final state, and what is still to be looked up for it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from models.booking_job import JobStatus
from models.desk import Desk, Job
from models.refusal import Refusal
from models.wish import Wish


@dataclass(slots=True)
class Affected:
    """A student whom a deed of staff concerns, and what they could take instead.

    `wish` is None where nothing is offered: the seat was for no step.
    """

    student_id: int
    booking_id: int | None
    outcome: str
    wish: Wish | None = None
    alternatives: list[dict[str, Any]] = field(default_factory=list)

    def facts(self) -> dict[str, Any]:
        """The student as the job's result keeps them."""
        return {
            "student_id": self.student_id,
            "booking_id": self.booking_id,
            "outcome": self.outcome,
            "alternatives": self.alternatives,
        }


@dataclass(slots=True)
class Verdict:
    """A job's outcome; `tell` gives its result or error once alternatives are known."""

    job: Job
    status: JobStatus
    tell: Callable[[], dict[str, Any]]
    offering: list[Refusal | Affected] = field(default_factory=list)


UseCase = Callable[[Desk, Job], Verdict]


def done(job: Job, result: dict[str, Any]) -> Verdict:
    """The job succeeded, with this result."""
    return Verdict(job, JobStatus.SUCCEEDED, lambda: result)


def refused(job: Job, refusal: Refusal, wish: Wish | None = None) -> Verdict:
    """The job is refused; alternatives to the wish are looked for where they would help."""
    refusal.wish = wish
    return Verdict(job, JobStatus.REFUSED, refusal.facts, helped([refusal]))


def helped(refusals: list[Refusal]) -> list[Refusal | Affected]:
    """Those of the refusals against which another session would help."""
    return [
        refusal
        for refusal in refusals
        if refusal.wish is not None and refusal.code.another_session_helps
    ]


def affecting(job: Job, affected: list[Affected], result: dict[str, Any]) -> Verdict:
    """The job succeeded and concerns these students; a dry run says so and nothing else."""

    def tell() -> dict[str, Any]:
        listed = {"affected": [concerned.facts() for concerned in affected]}
        return {"dry_run": True, **listed} if job.is_dry_run else {**result, **listed}

    offering = [concerned for concerned in affected if concerned.wish is not None]
    return Verdict(job, JobStatus.SUCCEEDED, tell, list(offering))
