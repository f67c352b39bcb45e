"""Which session an old booking is given, or why none: nothing is guessed.

The cohort's pin, else the first planned session of the class after the run's `now` (plan,
“Backfill Data”), and no other where that one can't be.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from models.choosing import comes
from models.desk import Desk, Seats, Step
from models.judging import judge_attendance, judge_package, judge_room
from models.refusal import Refusal, RefusalCode
from models.wish import Wish

CLASS_UNKNOWN = "group_class_unknown"


class Left(NamedTuple):
    """Why a step is left without a booking: a refusal's code or one of the backfill's own."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class OldStep:
    """A step that the old code booked, and the option that stands for its class, if one does."""

    step: Step
    group_class_id: int | None
    option_id: int | None


def place(desk: Desk, old: OldStep, at: datetime) -> Seats | Left:
    """The session that the student is seated in, or why there is none.

    The rules of any booking hold; only the order of a program's steps and the moment at which it
    opened were the old code's to look at. A run that goes on takes sessions after its own `now`,
    and none that has begun by `at`.
    """
    session = _meant(desk, old)
    if isinstance(session, Left):
        return session
    wish = Wish(
        step=old.step,
        option_id=old.option_id or 0,
        session_id=session.id,
        asked_at=desk.now,
        waived=True,
    )
    refusal = (
        _judge_started(session, at)
        or judge_package(old.step, desk.now)
        or _judge_seat_of_step(desk, old.step)
        or judge_attendance(desk, wish, session)
        or judge_room(desk, session)
        or _judge_promised(desk, session)
    )
    return session if refusal is None else Left(refusal.code, refusal.detail)


def _meant(desk: Desk, old: OldStep) -> Seats | Left:
    if old.group_class_id not in desk.classes:
        return Left(CLASS_UNKNOWN, _no_class(old.group_class_id))
    pinned = desk.pins.get((old.step.course_cohort_id, old.option_id or 0))
    if pinned is not None and pinned in desk.sessions:
        return desk.sessions[pinned]
    of_class = desk.sessions_of_class.get(old.group_class_id, [])
    first = next((session for session in of_class if comes(desk, session)), None)
    return first or Left(
        RefusalCode.NO_UPCOMING_SESSION,
        f"group class {old.group_class_id} has no scheduled session after {desk.now.isoformat()}",
    )


def _no_class(group_class_id: int | None) -> str:
    if group_class_id is None:
        return "the step names no group class"
    return f"there is no group class {group_class_id}"


def _judge_started(session: Seats, at: datetime) -> Refusal | None:
    """Whether the session is still to come."""
    if session.start_at > at:
        return None
    return Refusal(
        RefusalCode.SESSION_STARTED,
        f"session {session.id} started at {session.start_at.isoformat()}",
    )


def _judge_seat_of_step(desk: Desk, step: Step) -> Refusal | None:
    """Whether the step has no seat yet that its progress doesn't point at."""
    for held in desk.held_by(step.user_id):
        if (held.student_package_id, held.course_step_id) == (
            step.student_package_id,
            step.course_step_id,
        ):
            return Refusal(
                RefusalCode.STEP_ALREADY_BOOKED,
                f"booking {held.booking_id} holds a seat for this step",
            )
    return None


def _judge_promised(desk: Desk, session: Seats) -> Refusal | None:
    """Whether the free seats aren't promised to those who wait for them."""
    if session.id not in desk.promised:
        return None
    return Refusal(
        RefusalCode.SESSION_FULL,
        f"the free seats of session {session.id} are promised to its waitlist",
    )
