"""Writes the audit log: every deed of staff, with its reason and where it came from.

What a job does is noted on the desk, what staff do at once in the deed's own transaction.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert

from models.audit import AuditEntry
from models.booking_job import JobKind, JobStatus
from models.desk import Desk, Job
from models.verdict import Verdict

_SUBJECTS = {
    JobKind.ADD_SESSION: "group_class",
    JobKind.CANCEL_SESSION: "session",
    JobKind.MOVE_SESSION: "session",
    JobKind.SET_CAPACITY: "session",
    JobKind.MARK_ATTENDANCE: "session",
    JobKind.BOOK_SEAT: "session",
    JobKind.PROMOTE: "session",
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something (None: the operator), from which network address, and when."""

    user_id: int | None
    source: str
    now: datetime


def note_job_of_staff(desk: Desk, verdict: Verdict) -> None:
    """Note what a member of staff did by a job, if it was one; what was refused did nothing."""
    job = verdict.job
    if job.submitted_from is None or verdict.status != JobStatus.SUCCEEDED:
        return
    desk.changes.audit.append(
        {
            "at": desk.now,
            "actor_id": job.actor_id,
            "action": job.kind.lower(),
            "subject": _SUBJECTS.get(job.kind, "student_package"),
            "subject_id": _subject_id(job),
            "reason": job.override or job.request.get("reason"),
            "detail": job.request,
            "source": job.submitted_from,
            "booking_job_id": job.id,
        }
    )


def _subject_id(job: Job) -> int | None:
    if job.kind == JobKind.ADD_SESSION:
        return int(job.request["group_class_id"])
    return job.about_session_id if job.kind in _SUBJECTS else job.student_package_id


def note_deed(
    db: Connection,
    actor: Actor,
    action: str,
    *,
    subject: str,
    subject_id: int | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    """Note what `actor` did at once, to which row; one whose id is no number is in `detail`."""
    db.execute(
        insert(AuditEntry).values(
            at=actor.now,
            actor_id=actor.user_id,
            action=action,
            subject=subject,
            subject_id=subject_id,
            detail=detail or {},
            source=actor.source,
        )
    )
