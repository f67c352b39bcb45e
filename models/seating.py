"""The one path by which a seat is taken, and the one by which it is given back.

Whoever asks (a student, staff, the waitlist) and by whatever use case: the session's count, the
booking, the step's progress and the ledger change here, together.
"""

from datetime import datetime
from typing import Any

from models.booking import BookingStatus, BookingType, PaymentStatus
from models.choosing import comes
from models.desk import Deed, Desk, Entry, Held, Promotion, Seats, Step
from models.enrolment import ProgressStatus
from models.policy import at_least_an_hour
from models.waitlist import EndReason, WaitlistStatus


def seat_student(
    desk: Desk,
    deed: Deed,
    step: Step,
    session: Seats,
    *,
    replaces: Held | None = None,
    promoted: bool = False,
) -> Held:
    """Seat the step's student in the session; the seat that `replaces` names was freed before.

    A promoted student may change and cancel for an hour at least.
    """
    held = _new_booking(desk, deed, session, step.user_id)
    held.booking_type = BookingType.COURSE_STEP
    held.payment_status = PaymentStatus.PAID
    held.student_package_id = step.student_package_id
    held.course_step_id = step.course_step_id
    held.step_order = step.step_order
    held.metadata = _metadata(step)
    held.replaces_booking_id = replaces.booking_id if replaces else None
    held.calendar_sequence = _next_sequence(step, replaces)
    held.change_until, held.cancel_until = _windows(desk, step, session, promoted=promoted)
    _take(desk, deed, held, session)
    _book_progress(desk, step, held)
    _end_fulfilled(desk, step, session)
    return held


def seat_person(
    desk: Desk, deed: Deed, user_id: int, session: Seats, booking_type: BookingType
) -> Held:
    """Seat somebody without package and step, as staff do."""
    held = _new_booking(desk, deed, session, user_id)
    held.booking_type = booking_type
    held.change_until, held.cancel_until = (
        desk.policy.change_until(session.start_at, None),
        desk.policy.cancel_until(session.start_at, None),
    )
    _take(desk, deed, held, session)
    return held


def free_seat(desk: Desk, deed: Deed, held: Held, reason: str | None) -> None:
    """Give a seat back: the booking is cancelled, its step unbooked, the waitlist looked at."""
    session = desk.sessions[held.session_id]
    session.seats_taken -= 1
    held.status = BookingStatus.CANCELLED
    held.cancelled_at = desk.now
    held.cancelled_by = deed.actor_id
    held.cancel_reason = reason
    held.calendar_sequence += 1
    desk.held_by(held.user_id).remove(held)
    note_rebooked(desk, held)
    _note_in_ledger(desk, deed, held, -1)
    _unbook_progress(desk, held)
    promise_free_seats(desk, session)


def promise_free_seats(desk: Desk, session: Seats) -> None:
    """Promise the session's free seats to those who wait for them, if anybody does."""
    if session.has_free_seat and comes(desk, session) and desk.is_waited_for(session):
        promise(desk, session)


def promise(desk: Desk, session: Seats, after: int | None = None) -> None:
    """Let a promotion look at the session's line, behind the entry `after`, before any newcomer."""
    desk.promised.add(session.id)
    desk.changes.promotions[session.id] = Promotion(session, after)


def end_entry(
    desk: Desk,
    entry: Entry,
    status: WaitlistStatus,
    reason: EndReason | None = None,
    booking: Held | None = None,
) -> None:
    """Take an entry out of the line, for good."""
    entry.status = status
    entry.ended_at = desk.now
    entry.end_reason = reason
    entry.booking_id = booking.booking_id if booking else None
    desk.changes.entries[entry.id] = entry


def note_rebooked(desk: Desk, held: Held) -> None:
    """Note that a booking says something else now; a new one is written as it stands in the end."""
    if held.booking_id not in desk.changes.booked:
        desk.changes.rebooked[held.booking_id] = held


def seat_in(session: Seats, user_id: int, booking_id: int, now: datetime) -> Held:
    """A seat of the session as somebody holds it from now on; nothing else is known of it yet."""
    return Held(
        booking_id=booking_id,
        user_id=user_id,
        session_id=session.id,
        group_class_id=session.group_class_id,
        group_class_name=session.group_class_name,
        start_at=session.start_at,
        end_at=session.end_at,
        status=BookingStatus.CONFIRMED,
        booking_type=BookingType.DROP_IN,
        payment_status=PaymentStatus.UNPAID,
        created_at=now,
        student_package_id=None,
        course_step_id=None,
        step_order=None,
        metadata=None,
        change_until=None,
        cancel_until=None,
    )


def _new_booking(desk: Desk, deed: Deed, session: Seats, user_id: int) -> Held:
    held = seat_in(session, user_id, next(desk.booking_ids), desk.now)
    # who was promoted asked for it by joining the waitlist
    held.created_by = deed.actor_id if deed.actor_id is not None else user_id
    held.booking_job_id = deed.job_id
    return held


def _metadata(step: Step) -> dict[str, Any]:
    """What the plan keeps on a course booking, under the plan's own names."""
    return {
        "stepOrder": step.step_order,
        "stepLabel": step.step_label,
        "packageName": step.package_name,
    }


def _next_sequence(step: Step, replaces: Held | None) -> int:
    """A step keeps its entry in a calendar through all its seats, so the number only rises.

    A seat that is swapped counts once: its own end goes into no calendar.
    """
    if replaces is not None:
        return replaces.calendar_sequence
    return 0 if step.calendar_sequence is None else step.calendar_sequence + 1


def _windows(
    desk: Desk, step: Step, session: Seats, *, promoted: bool
) -> tuple[datetime, datetime]:
    start_at = session.start_at
    change_until = desk.policy.change_until(start_at, step.change_window_hours)
    cancel_until = desk.policy.cancel_until(start_at, step.cancel_window_hours)
    if not promoted:
        return change_until, cancel_until
    return (
        at_least_an_hour(change_until, start_at, desk.now),
        at_least_an_hour(cancel_until, start_at, desk.now),
    )


def _take(desk: Desk, deed: Deed, held: Held, session: Seats) -> None:
    session.seats_taken += 1
    desk.lay(held)
    desk.changes.booked[held.booking_id] = held
    _note_in_ledger(desk, deed, held, 1)


def _note_in_ledger(desk: Desk, deed: Deed, held: Held, change: int) -> None:
    seats = desk.changes.seats
    seats[held.session_id] = seats.get(held.session_id, 0) + change
    desk.changes.ledger.append(
        {
            "session_id": held.session_id,
            "booking_id": held.booking_id,
            "change": change,
            "cause": deed.cause,
            "actor_id": deed.actor_id,
            "booking_job_id": deed.job_id,
            "at": desk.now,
        }
    )


def _book_progress(desk: Desk, step: Step, held: Held) -> None:
    step.progress_status = ProgressStatus.BOOKED
    step.booking_id = held.booking_id
    step.booked_at = desk.now
    desk.changes.steps[step.progress_id] = step


def _unbook_progress(desk: Desk, held: Held) -> None:
    if held.student_package_id is None or held.course_step_id is None:
        return
    step = desk.steps[held.student_package_id, held.course_step_id]
    if step.booking_id == held.booking_id:
        step.progress_status = ProgressStatus.UNBOOKED
        step.booking_id = None
        step.booked_at = None
        step.calendar_sequence = held.calendar_sequence
        desk.changes.steps[step.progress_id] = step


def _end_fulfilled(desk: Desk, step: Step, session: Seats) -> None:
    """End the entries that waited for a seat such as the step has now."""
    for entry in desk.waiting_for(step):
        if entry.waits_for(session):
            end_entry(desk, entry, WaitlistStatus.ENDED, EndReason.SEATED_ELSEWHERE)
