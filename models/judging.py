"""The rules of taking a seat, in the order in which they apply (domain: "Rules").

Plain functions over what lies on the desk: a judge answers with the session to take or with the
first refusal that applies. Windows, opening and expiry are judged at the time of the submit,
because a queue must not make a punctual student late; whether a session has started, at the
decision.
"""

from collections.abc import Callable
from datetime import datetime

from models.choosing import candidates, judge_option, meant_session
from models.desk import Desk, Held, Job, Seats, Step
from models.enrolment import PackageStatus, ProgressStatus
from models.refusal import Refusal, RefusalCode
from models.until import until_of
from models.wish import Wish

FULL_BUT_OPEN = "This session is full. Please choose another one, or join the waitlist."


def judge_booking(desk: Desk, wish: Wish) -> Seats | Refusal:
    """The session to seat the student in for a step without a seat, or why not."""
    refusal = judge_beforehand(desk, wish) or judge_unbooked(wish.step)
    if refusal is not None:
        return refusal
    choice = judge_choice(desk, wish)
    return choice if isinstance(choice, Refusal) else judge_among(desk, wish, choice)


def judge_change(desk: Desk, wish: Wish) -> Seats | Refusal:
    """The session to move the student to from the seat that they hold, or why not."""
    refusal = judge_beforehand(desk, wish) or judge_booked(wish.step, wish.leaving)
    if refusal is not None:
        return refusal
    choice = judge_choice(desk, wish)
    if isinstance(choice, Refusal):
        return choice
    refusal = judge_change_window(desk, wish)
    return refusal or judge_among(desk, wish, choice)


def judge_cancel_window(desk: Desk, job: Job, held: Held) -> Refusal | None:
    """Whether this seat may still be given back, by the student or by staff who waive nothing."""
    step = desk.steps.get((held.student_package_id or 0, held.course_step_id or 0))
    latest = None if job.override is not None else until_of(desk.policy, held, step).cancel
    return judge_window(RefusalCode.TOO_LATE_TO_CANCEL, step, latest, job.submitted_at)


def judge_beforehand(desk: Desk, wish: Wish) -> Refusal | None:
    """What has to be true of the package and the program, before the step is looked at."""
    return (
        judge_package(wish.step, wish.asked_at)
        or judge_expiry_beforehand(desk, wish)
        or judge_opening(wish.step, wish.asked_at)
    )


def judge_package(step: Step, asked_at: datetime) -> Refusal | None:
    """Whether the package could be used when it was asked."""
    if step.package_status != PackageStatus.ACTIVE:
        return Refusal(
            RefusalCode.PACKAGE_INACTIVE, f"package {step.student_package_id} is not active"
        )
    if step.expires_at is not None and asked_at > step.expires_at:
        return Refusal(
            RefusalCode.PACKAGE_EXPIRED,
            f"package {step.student_package_id} expired at {step.expires_at.isoformat()}",
            message=(
                "This course package has expired. Please ask the school whether it can be extended."
            ),
        )
    return None


def judge_expiry_beforehand(desk: Desk, wish: Wish) -> Refusal | None:
    """Whether the package still runs when the one session that can be meant starts.

    Its place in the order is before the rules about the step; where there is a choice of
    sessions, each is judged in its turn.
    """
    session = meant_session(desk, wish)
    return None if session is None else judge_expiry(desk, wish, session)


def judge_opening(step: Step, asked_at: datetime) -> Refusal | None:
    """Whether the program was open when it was asked."""
    if step.booking_opens_at is None or asked_at >= step.booking_opens_at:
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


def judge_booked(step: Step, held: Held | None) -> Refusal | None:
    """Whether the step has a seat that can be changed or given back."""
    if held is not None:
        return None
    return Refusal(RefusalCode.NOT_BOOKED, f"step {step.course_step_id} has no booking")


def judge_choice(desk: Desk, wish: Wish) -> list[Seats] | Refusal:
    """The sessions that the wish may come true in, but for the one that the student leaves."""
    option = judge_option(desk, wish)
    if isinstance(option, Refusal):
        return option
    choice = candidates(desk, wish, option)
    if isinstance(choice, Refusal):
        return choice
    others = [session for session in choice if not _is_left(wish, session)]
    return others or Refusal(
        RefusalCode.SAME_SESSION, f"the step is booked in session {choice[0].id}"
    )


def judge_change_window(desk: Desk, wish: Wish) -> Refusal | None:
    """Whether the seat that the student holds may still be left for another."""
    held = wish.leaving
    if held is None:
        return None
    latest = None if wish.waived else until_of(desk.policy, held, wish.step).change
    return judge_window(RefusalCode.TOO_LATE_TO_CHANGE, wish.step, latest, wish.asked_at)


def judge_window(
    code: RefusalCode, step: Step | None, until: datetime | None, asked_at: datetime
) -> Refusal | None:
    """Whether a window was open; `until` None when staff waive it. A completed step stays."""
    if step is not None and step.progress_status == ProgressStatus.COMPLETED:
        return Refusal(
            code,
            f"step {step.course_step_id} is completed",
            message="This step is completed, so its booking can't be changed any more.",
        )
    if until is None or asked_at <= until:
        return None
    return Refusal(code, f"the window closed at {until.isoformat()}")


def judge_among(desk: Desk, wish: Wish, choice: list[Seats]) -> Seats | Refusal:
    """Which of these sessions the student gets, or why none.

    A single candidate is refused for the first reason in the rules' order. Of several, the
    first with a free seat that the student can attend is taken; when there is none, the refusal
    is that of the first with a free seat, and `session_full` only if none has one.
    """
    if len(choice) == 1:
        return judge_attendance(desk, wish, choice[0]) or judge_room(desk, choice[0]) or choice[0]
    first_refusal = None
    for session in choice:
        if not session.has_free_seat:
            continue
        refusal = judge_attendance(desk, wish, session)
        if refusal is None:
            return session
        first_refusal = first_refusal or refusal
    return first_refusal or _all_full(desk, choice)


def judge_attendance(desk: Desk, wish: Wish, session: Seats) -> Refusal | None:
    """Whether the student could attend the session, its seats aside."""
    for rule in ATTENDANCE_RULES:
        refusal = rule(desk, wish, session)
        if refusal is not None:
            return refusal
    return None


def judge_expiry(_desk: Desk, wish: Wish, session: Seats) -> Refusal | None:
    """Whether the package still runs when the session starts."""
    expires_at = wish.step.expires_at
    if expires_at is None or session.start_at <= expires_at:
        return None
    return Refusal(
        RefusalCode.PACKAGE_EXPIRED,
        f"session {session.id} starts after the package expires at {expires_at.isoformat()}",
    )


def judge_presence(desk: Desk, wish: Wish, session: Seats) -> Refusal | None:
    """Whether the student holds a seat in this very session already."""
    return judge_no_seat_there(_kept(desk, wish), session)


def judge_no_seat_there(seats: list[Held], session: Seats) -> Refusal | None:
    """Whether none of these seats is one in the session."""
    if all(held.session_id != session.id for held in seats):
        return None
    return Refusal(
        RefusalCode.ALREADY_IN_SESSION, f"the student already holds a seat in session {session.id}"
    )


def judge_overlap(desk: Desk, wish: Wish, session: Seats) -> Refusal | None:
    """Whether the session overlaps another seat that the student holds."""
    return judge_free_time(_kept(desk, wish), session)


def judge_free_time(seats: list[Held], session: Seats) -> Refusal | None:
    """Whether none of these seats overlaps the session."""
    for held in seats:
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


def judge_order(desk: Desk, wish: Wish, session: Seats) -> Refusal | None:
    """In an ordered program: whether the step stays between its neighbours in time."""
    step = wish.step
    if not step.ordered or wish.waived:
        return None
    for held in _kept(desk, wish):
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


def judge_room(desk: Desk, session: Seats) -> Refusal | None:
    """Whether the session has a free seat."""
    if session.has_free_seat:
        return None
    until = _waitlist_until(desk, [session])
    return Refusal(
        RefusalCode.SESSION_FULL,
        f"all {session.capacity_max} seats of session {session.id} are taken",
        FULL_BUT_OPEN if until else "",
        waitlist_until=until,
    )


ATTENDANCE_RULES: list[Callable[[Desk, Wish, Seats], Refusal | None]] = [
    judge_expiry,
    judge_presence,
    judge_overlap,
    judge_order,
]


def _kept(desk: Desk, wish: Wish) -> list[Held]:
    """The seats that the student would hold beside the one that is asked for."""
    return [held for held in desk.held_by(wish.step.user_id) if wish.keeps(held)]


def _is_left(wish: Wish, session: Seats) -> bool:
    return wish.leaving is not None and wish.leaving.session_id == session.id


def _all_full(desk: Desk, choice: list[Seats]) -> Refusal:
    until = _waitlist_until(desk, choice)
    instead = ", or join the waitlist." if until else "."
    return Refusal(
        RefusalCode.SESSION_FULL,
        f"no coming session of group class {choice[0].group_class_id} has a free seat",
        f"All coming sessions of this class are full. Please choose another class{instead}",
        waitlist_until=until,
    )


def _waitlist_until(desk: Desk, choice: list[Seats]) -> datetime | None:
    """Until when one can wait for one of these sessions; None where that is over."""
    last = desk.policy.waitlist_until(max(session.start_at for session in choice))
    return last if desk.now < last else None
