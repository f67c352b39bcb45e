"""Finds the session that an option means (domain: "Which session does an option mean?").

1. the session that the request names; 2. else the one that the cohort pins to the option, while
it is still to come; 3. else the class's coming sessions, earliest first.
"""

from models.catalog import SessionStatus
from models.desk import Desk, Job, Option, Seats, Step
from models.refusal import Refusal, RefusalCode
from models.wish import Wish


def judge_option(desk: Desk, wish: Wish) -> Option | Refusal:
    """The option that was asked for, if it is an active one of this step."""
    option = desk.options.get(wish.option_id)
    step_id = wish.step.course_step_id
    if option is not None and option.is_active and option.course_step_id == step_id:
        return option
    return Refusal(
        RefusalCode.OPTION_INVALID,
        f"option {wish.option_id} is not an active one of step {step_id}",
    )


def meant_session(desk: Desk, wish: Wish) -> Seats | None:
    """The one session that the wish can mean: named or pinned; None where there is a choice.

    Whether the option itself may be taken is judged later than the session's time.
    """
    option = desk.options.get(wish.option_id)
    if option is None:
        return None
    if wish.session_id is None:
        return _pinned(desk, wish.step, option)
    return _named_of_class(desk, wish.session_id, option)


def candidates(desk: Desk, wish: Wish, option: Option) -> list[Seats] | Refusal:
    """The sessions that may be taken for the option, in the order of preference."""
    if wish.session_id is not None:
        return _named(desk, wish.session_id, option)
    pinned = _pinned(desk, wish.step, option)
    if pinned is not None:
        return [pinned]
    coming = [s for s in desk.sessions_of_class.get(option.group_class_id, []) if comes(desk, s)]
    if not coming:
        return Refusal(
            RefusalCode.NO_UPCOMING_SESSION,
            f"group class {option.group_class_id} has no scheduled session in the future",
        )
    return coming


def comes(desk: Desk, session: Seats) -> bool:
    """Whether the session is planned and hasn't started."""
    return session.status == SessionStatus.SCHEDULED and session.start_at > desk.now


def judge_coming(desk: Desk, session: Seats) -> Refusal | None:
    """Whether a session that somebody named still takes place."""
    if session.status == SessionStatus.CANCELLED:
        return Refusal(RefusalCode.SESSION_CANCELLED, f"session {session.id} was cancelled")
    if session.start_at <= desk.now:
        return Refusal(
            RefusalCode.SESSION_STARTED,
            f"session {session.id} started at {session.start_at.isoformat()}",
        )
    return None


def session_about(desk: Desk, job: Job) -> Seats | Refusal:
    """The session that staff's job is about, if it still takes place."""
    session = desk.sessions.get(job.about_session_id or 0)
    if session is None:
        detail = f"session {job.about_session_id} is not there any more"
        return Refusal(RefusalCode.SESSION_INVALID, detail, "There is no such session.")
    return judge_coming(desk, session) or session


def _named(desk: Desk, session_id: int, option: Option) -> list[Seats] | Refusal:
    session = _named_of_class(desk, session_id, option)
    if session is None:
        return Refusal(
            RefusalCode.SESSION_INVALID,
            f"session {session_id} is not one of option {option.id}'s group class",
        )
    return judge_coming(desk, session) or [session]


def _named_of_class(desk: Desk, session_id: int, option: Option) -> Seats | None:
    session = desk.sessions.get(session_id)
    return session if session and session.group_class_id == option.group_class_id else None


def _pinned(desk: Desk, step: Step, option: Option) -> Seats | None:
    session_id = desk.pins.get((step.course_cohort_id, option.id))
    return desk.sessions.get(session_id) if session_id is not None else None
