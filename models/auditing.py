"""The audit log: every deed of staff, with its reason and where it came from."""

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


def note_deed(desk: Desk, verdict: Verdict) -> None:
    """Note what a member of staff did, if it was one; what was refused did nothing."""
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
