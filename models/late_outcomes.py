"""Told in time: a student who waited long for a decision hears of it by mail, whatever it is.

What succeeds tells of itself; this is for what would end in silence. A job that was decided in
time costs a comparison.
"""

from datetime import datetime, timedelta
from typing import Any

from models.booking_job import JobKind, JobStatus
from models.desk import Desk, Job
from models.letter_topics import LetterTopic
from models.telling import outcome_mail, tell_outcome
from models.verdict import Verdict

PATIENCE = timedelta(seconds=60)
"""How long a student is taken to look at the screen: longer ago is late."""

STUDENTS_OWN = frozenset(
    {
        JobKind.BOOK_STEP,
        JobKind.CHANGE_STEP,
        JobKind.CANCEL_STEP,
        JobKind.BULK_BOOK,
        JobKind.JOIN_WAITLIST,
        JobKind.LEAVE_WAITLIST,
    }
)


def tell_late_outcome(desk: Desk, verdict: Verdict) -> None:
    """Tell the student what became of a request that nothing else tells of, if it took long."""
    if not is_late(verdict.job, desk.now):
        return
    topic = _topic(verdict)
    if topic is not None:
        tell_outcome(desk, verdict.job, topic)


def late_failure(job: Job, now: datetime) -> list[dict[str, Any]]:
    """The row of the outbox that a job owes which is given up, if it took long."""
    return [outcome_mail(job, LetterTopic.REQUEST_REFUSED, now)] if is_late(job, now) else []


def is_late(job: Job, now: datetime) -> bool:
    """Whether a student asked for it, and more than a minute ago."""
    if now - job.submitted_at <= PATIENCE:
        return False
    return job.kind in STUDENTS_OWN and job.submitted_by == job.user_id


def _topic(verdict: Verdict) -> LetterTopic | None:
    if verdict.status == JobStatus.REFUSED:
        return LetterTopic.REQUEST_REFUSED
    if verdict.job.kind == JobKind.LEAVE_WAITLIST:
        return LetterTopic.WAITLIST_LEFT
    if verdict.job.kind == JobKind.BULK_BOOK and _leaves_something_untold(verdict.tell()):
        return LetterTopic.REQUEST_REFUSED
    return None


def _leaves_something_untold(result: dict[str, Any]) -> bool:
    """Whether a step couldn't be booked, or there was none to book."""
    return bool(result["failures"]) or not result["bookings"]
