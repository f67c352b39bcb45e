"""A job as its client sees it: the row, its place in the queue and when to ask again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.api.collaborators import current_runtime
from app.api.problem import problem_document
from models.booking_job import JobStatus
from models.submitting import AnyJob

SOONEST_MS = 250
LATEST_MS = 5000
REFUSED = 409
FAILED = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewedJob:
    """What `JobSchema` prints."""

    id: UUID
    kind: str
    status: str
    position: int | None
    estimated_seconds: int | None
    poll_after_ms: int | None
    attempts: int
    task_id: str | None
    retry_of: UUID | None
    submitted_at: datetime
    decided_at: datetime | None
    result: dict[str, Any] | None
    error: dict[str, Any] | None


def view_job(job: AnyJob) -> ViewedJob:
    """The job with its place in the queue while it is queued."""
    position = seconds = poll_after = None
    if job.status == JobStatus.QUEUED:
        snapshot = current_runtime().queue.snapshot()
        position = snapshot.position(job.lanes, job.arrival)
        seconds = snapshot.seconds(position)
        poll_after = min(max(seconds * 1000, SOONEST_MS), LATEST_MS)
    return ViewedJob(
        id=job.id,
        kind=job.kind,
        status=job.status,
        position=position,
        estimated_seconds=seconds,
        poll_after_ms=poll_after,
        attempts=job.attempts,
        task_id=job.task_id,
        retry_of=job.retry_of,
        submitted_at=job.submitted_at,
        decided_at=job.decided_at,
        result=job.result,
        error=_problem(job),
    )


def _problem(job: AnyJob) -> dict[str, Any] | None:
    """The job's error as problem details: what it kept, and what HTTP adds to it."""
    if job.error is None:
        return None
    kept = dict(job.error)
    code = kept.pop("code")
    status = FAILED if job.status == JobStatus.FAILED else REFUSED
    title = code.replace("_", " ").capitalize()
    return problem_document(code, status, title, kept.pop("message"), kept.pop("detail")) | kept
