"""The rules of booking, in the order in which they apply (domain: "Rules").

Plain functions over what lies on the desk: a judge answers with the session to take or with the
first refusal that applies. Opening and expiry are judged at the time of the submit, because a
queue must not make a punctual student late; whether a session has started, at the decision.
"""

from collections.abc import Callable

from models.choosing import candidates, meant_session, valid_option
from models.desk import Desk, Job, Seats, Step
from models.enrolment import PackageStatus, ProgressStatus
from models.refusal import Refusal, RefusalCode


def judge_booking(desk: Desk, job: Job, step: Step) -> Seats | Refusal:
    """The session to seat the student in for this step, or why not."""
    refusal = (
        judge_package(job, step)
        or judge_expiry_beforehand(desk, job, step)
        or judge_opening(job, step)
        or judge_unbooked(step)
    )
    if refusal is not None:
        return refusal
    return judge_seat(desk, job, step)


def judge_package(job: Job, step: Step) -> Refusal | None:
    """Whether the package could be used when the job came in."""
    if step.package_status != PackageStatus.ACTIVE:
        return Refusal(
            RefusalCode.PACKAGE_INACTIVE, f"package {step.student_package_id} is not active"
        )
    if step.expires_at is not None and job.submitted_at > step.expires_at:
        return Refusal(
            RefusalCode.PACKAGE_EXPIRED,
            f"package {step.student_package_id} expired at {step.expires_at.isoformat()}",
            message=(
                "This course package has expired. Please ask the school whether it can be extended."
            ),
        )
    return None


def judge_expiry_beforehand(desk: Desk, job: Job, step: Step) -> Refusal | None:
    """Whether the package still runs when the one session that can be meant starts.

    Its place in the order is before the rules about the step; where there is a choice of
    sessions, each is judged in its turn.
    """
    session = meant_session(desk, job, step)
    return None if session is None else judge_expiry(desk, step, session)


def judge_opening(job: Job, step: Step) -> Refusal | None:
    """Whether the program was open when the job came in."""
    if step.booking_opens_at is None or job.submitted_at >= step.booking_opens_at:
        return None
    return Refusal(
        RefusalCode.NOT_OPEN_YET, f"booking opens at {step.booking_opens_at.isoformat()}"
    )


def judge_unbooked(step: Step) -> Refusal | None:
    """Whether the step still waits for a booking."""
    if step.progress_status == ProgressStatus.UNBOOKED:
        return None
    return Refusal(
        RefusalCode.STEP_ALREADY_BOOKED,
        f"step {step.course_step_id} is {step.progress_status.lower()}",
    )


def judge_seat(desk: Desk, job: Job, step: Step) -> Seats | Refusal:
    """The seat-taking rules: which session of the option the student gets, or why none.

    A single candidate is refused for the first reason in the rules' order. Of several, the
    first with a free seat that the student can attend is taken; when there is none, the refusal
    is that of the first with a free seat, and `session_full` only if none has one.
    """
    option = valid_option(desk, job, step)
    if option is None:
        return Refusal(
            RefusalCode.OPTION_INVALID,
            f"option {job.option_id} is not an active one of step {step.course_step_id}",
        )
    choice = candidates(desk, job, step, option)
    if isinstance(choice, Refusal):
        return choice
    if len(choice) == 1:
        return judge_attendance(desk, step, choice[0]) or judge_room(choice[0]) or choice[0]
    first_refusal = None
    for session in choice:
        if not session.has_free_seat:
            continue
        refusal = judge_attendance(desk, step, session)
        if refusal is None:
            return session
        first_refusal = first_refusal or refusal
    return first_refusal or _all_full(option.group_class_id)


def judge_attendance(desk: Desk, step: Step, session: Seats) -> Refusal | None:
    """Whether the student could attend the session, its seats aside."""
    for rule in ATTENDANCE_RULES:
        refusal = rule(desk, step, session)
        if refusal is not None:
            return refusal
    return None


def judge_expiry(_desk: Desk, step: Step, session: Seats) -> Refusal | None:
    """Whether the package still runs when the session starts."""
    if step.expires_at is None or session.start_at <= step.expires_at:
        return None
    return Refusal(
        RefusalCode.PACKAGE_EXPIRED,
        f"session {session.id} starts after the package expires at {step.expires_at.isoformat()}",
    )


def judge_presence(desk: Desk, step: Step, session: Seats) -> Refusal | None:
    """Whether the student holds a seat in this very session already."""
    if all(held.session_id != session.id for held in desk.held_by(step.user_id)):
        return None
    return Refusal(
        RefusalCode.ALREADY_IN_SESSION, f"the student already holds a seat in session {session.id}"
    )


def judge_overlap(desk: Desk, step: Step, session: Seats) -> Refusal | None:
    """Whether the session overlaps another seat that the student holds."""
    for held in desk.held_by(step.user_id):
        if session.overlaps(held.start_at, held.end_at):
            return Refusal(
                RefusalCode.TIME_CONFLICT,
                f"session {session.id} overlaps session {held.session_id}",
                message=(
                    f"This session overlaps “{held.group_class_name}”, which you have booked for"
                    " that time. Please choose another session."
                ),
            )
    return None


def judge_order(desk: Desk, step: Step, session: Seats) -> Refusal | None:
    """In an ordered program: whether the step stays between its neighbours in time."""
    if not step.ordered:
        return None
    for held in desk.held_by(step.user_id):
        if held.student_package_id != step.student_package_id or held.step_order is None:
            continue
        before_earlier = held.step_order < step.step_order and session.start_at < held.start_at
        after_later = held.step_order > step.step_order and session.start_at > held.start_at
        if before_earlier or after_later:
            return Refusal(
                RefusalCode.OUT_OF_ORDER,
                f"step {step.step_order} would fall"
                f" {'before' if before_earlier else 'after'} step {held.step_order}",
            )
    return None


def judge_room(session: Seats) -> Refusal | None:
    """Whether the session has a free seat."""
    if session.has_free_seat:
        return None
    return Refusal(
        RefusalCode.SESSION_FULL,
        f"all {session.capacity_max} seats of session {session.id} are taken",
    )


ATTENDANCE_RULES: list[Callable[[Desk, Step, Seats], Refusal | None]] = [
    judge_expiry,
    judge_presence,
    judge_overlap,
    judge_order,
]


def _all_full(group_class_id: int) -> Refusal:
    return Refusal(
        RefusalCode.SESSION_FULL,
        f"no coming session of group class {group_class_id} has a free seat",
        message="All coming sessions of this class are full. Please choose another class.",
    )
