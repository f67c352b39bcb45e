"""The use case “join a waitlist”: for one full session, or for any session of an option."""

from models.booking_job import JobStatus
from models.choosing import meant_session
from models.desk import Desk, Entry, Job, Seats
from models.enrolment import ProgressStatus
from models.facts import entry_facts
from models.judging import (
    judge_attendance,
    judge_beforehand,
    judge_change_window,
    judge_choice,
    judge_unbooked,
)
from models.refusal import Refusal, RefusalCode
from models.telling import tell_waitlisted
from models.verdict import Verdict, refused
from models.waitlist import WaitlistStatus
from models.wish import Wish, wish_of


def join_waitlist(desk: Desk, job: Job) -> Verdict:
    """Give the student the last place in the line, or say why they needn't or can't wait.

    Somebody who holds another seat for the step keeps it until the swap.
    """
    wish = wish_of(desk, job)
    refusal = judge_joining(desk, wish)
    if refusal is not None:
        return refused(job, refusal, wish)
    entry = _stand_in_line(desk, job, wish)
    tell_waitlisted(desk, job, entry)

    def tell() -> dict[str, object]:
        # who left again in the same moment stands in no line any more
        return {"waitlist_entry": entry_facts(entry, desk.changes.positions.get(entry.id, 1))}

    return Verdict(job, JobStatus.SUCCEEDED, tell)


def judge_joining(desk: Desk, wish: Wish) -> Refusal | None:
    """Why the student can't, or needn't, wait for this session or any session of this option."""
    refusal = judge_beforehand(desk, wish) or _judge_incomplete(wish)
    if refusal is not None:
        return refusal
    choice = judge_choice(desk, wish)
    if isinstance(choice, Refusal):
        return choice
    return (
        _judge_other_class(desk, wish)
        or judge_change_window(desk, wish)
        or _judge_line(desk, wish, choice)
    )


def _judge_incomplete(wish: Wish) -> Refusal | None:
    done = wish.step.progress_status == ProgressStatus.COMPLETED
    return judge_unbooked(wish.step) if done else None


def _judge_other_class(desk: Desk, wish: Wish) -> Refusal | None:
    """Whether any session of the option means another class than the student's seat."""
    option = desk.options[wish.option_id]
    held = wish.leaving
    if held is None or held.group_class_id != option.group_class_id or _target(desk, wish):
        return None
    return Refusal(
        RefusalCode.SAME_SESSION,
        f"the step is booked in session {held.session_id} of this class",
        message="You already have a seat in this class. Please choose one of its sessions.",
    )


def _judge_line(desk: Desk, wish: Wish, choice: list[Seats]) -> Refusal | None:
    """Whether there is a line to stand in: full sessions that the student could attend."""
    judged = [(session, judge_attendance(desk, wish, session)) for session in choice]
    fitting = [session for session, refusal in judged if refusal is None]
    if not fitting:
        return judged[0][1]
    free = next((session for session in fitting if session.has_free_seat), None)
    if free is not None:
        return Refusal(RefusalCode.SESSION_NOT_FULL, f"session {free.id} has a free seat")
    if any(_same_line(entry, wish, _target(desk, wish)) for entry in desk.waiting_for(wish.step)):
        return Refusal(RefusalCode.ALREADY_WAITLISTED, "the student waits for this already")
    if not any(desk.policy.waitlist_open(s.start_at, desk.now) for s in fitting):
        return Refusal(RefusalCode.WAITLIST_CLOSED, f"session {fitting[-1].id} starts too soon")
    return None


def _same_line(entry: Entry, wish: Wish, session_id: int | None) -> bool:
    return entry.course_step_option_id == wish.option_id and entry.session_id == session_id


def _target(desk: Desk, wish: Wish) -> int | None:
    """The one session that is waited for, named or pinned; None for any of the option's."""
    session = meant_session(desk, wish)
    return None if session is None else session.id


def _stand_in_line(desk: Desk, job: Job, wish: Wish) -> Entry:
    step = wish.step
    entry = Entry(
        id=next(desk.entry_ids),
        user_id=step.user_id,
        student_package_id=step.student_package_id,
        course_step_id=step.course_step_id,
        course_step_option_id=wish.option_id,
        group_class_id=desk.options[wish.option_id].group_class_id,
        session_id=_target(desk, wish),
        status=WaitlistStatus.WAITING,
        joined_at=desk.now,
        booking_job_id=job.id,
    )
    desk.lay_entry(entry)
    desk.changes.joined.append(entry)
    desk.waited_for.add((entry.group_class_id, entry.session_id))
    return entry
