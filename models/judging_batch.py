"""Judges a batch at its desk, in the order of the line."""

from dataclasses import dataclass, field
from uuid import UUID

from models.auditing import note_job_of_staff
from models.booking_job import JobKind
from models.choosing import meant_session
from models.desk import Desk, Job
from models.late_outcomes import tell_late_outcome
from models.laying_desk import LaidDesk
from models.refusal import Refusal, RefusalCode
from models.turns import Behind
from models.use_cases import USE_CASES
from models.verdict import Verdict, refused
from models.wish import wish_of

NEWCOMERS = {
    JobKind.BOOK_STEP,
    JobKind.CHANGE_STEP,
    JobKind.BULK_BOOK,
    JobKind.JOIN_WAITLIST,
    JobKind.BOOK_SEAT,
}


@dataclass(slots=True)
class Judged:
    """What judging a batch came to: verdicts, and who couldn't be judged yet.

    `left` need a row that somebody keeps locked. `waiting` turned out to need more than was
    locked, or are newcomers to a session whose seats are promised to the waitlist.
    """

    verdicts: list[Verdict] = field(default_factory=list)
    left: set[UUID] = field(default_factory=set)
    waiting: set[UUID] = field(default_factory=set)


def judge_batch(laid: LaidDesk, batch: list[Job], *, patient: bool) -> Judged:
    """Let each job's use case decide it, but for those that have to wait.

    Who comes behind one that waits, and competes with it, stays in the queue like it.
    """
    able = {job.id: job for job in laid.jobs}
    judged, behind = Judged(), Behind()
    for peeked in batch:
        scope = laid.scopes.of.get(peeked.id)
        job = able.get(peeked.id)
        if scope is None:
            # decided or withdrawn meanwhile, unless its own row is what somebody keeps locked
            if not patient:
                judged.left.add(peeked.id)
                behind.add_left(peeked)
        elif behind.blocks(peeked, scope):
            behind.add(peeked, scope)
        elif behind.leaves(peeked) or (job is None and not patient):
            judged.left.add(peeked.id)
            behind.add_left(peeked)
        elif job is None or _must_wait(laid, job):
            judged.waiting.add(peeked.id)
            behind.add(peeked, scope)
        else:
            judged.verdicts.append(_decide(laid.desk, job))
    return judged


def _decide(desk: Desk, job: Job) -> Verdict:
    verdict = _judge_step_known(desk, job) or USE_CASES[job.kind](desk, job)
    note_job_of_staff(desk, verdict)
    tell_late_outcome(desk, verdict)
    return verdict


def _judge_step_known(desk: Desk, job: Job) -> Verdict | None:
    """Whether the package has the step: staff may name any, and old code may take one out."""
    if job.student_package_id is None or job.course_step_id is None:
        return None
    if (job.student_package_id, job.course_step_id) in desk.steps:
        return None
    detail = f"package {job.student_package_id} has no step {job.course_step_id}"
    message = "This package has no such step."
    return refused(job, Refusal(RefusalCode.OPTION_INVALID, detail, message))


def _must_wait(laid: LaidDesk, job: Job) -> bool:
    """Whether a seat that the newcomer may get is promised to somebody who waits for it."""
    desk = laid.desk
    if not desk.promised or job.kind not in NEWCOMERS:
        return False
    named = _only_session(desk, job)
    if named is not None:
        return named in desk.promised
    classes = {desk.sessions[id_].group_class_id for id_ in desk.promised if id_ in desk.sessions}
    return not classes.isdisjoint(laid.scopes.of[job.id].class_ids)


def _only_session(desk: Desk, job: Job) -> int | None:
    """The one session that the job may take a seat in, where there is no choice."""
    if job.kind == JobKind.BOOK_SEAT:
        return job.session_id
    if job.kind == JobKind.BULK_BOOK or job.course_step_id is None:
        return None
    session = meant_session(desk, wish_of(desk, job))
    return None if session is None else session.id
