"""Bookings, progress and waitlist places as a job's result keeps them.

Taken at the moment of the decision: a later job of the same batch may change the rows again.
"""

from typing import Any

from models.desk import Desk, Entry, Held, Seats, Step
from models.until import until_of


def booking_facts(desk: Desk, held: Held) -> dict[str, Any]:
    """The booking as it stands now."""
    step = desk.steps.get((held.student_package_id or 0, held.course_step_id or 0))
    until = until_of(desk.policy, held, step)
    return {
        "id": held.booking_id,
        "session_id": held.session_id,
        "status": str(held.status),
        "booking_type": str(held.booking_type),
        "created_at": held.created_at.isoformat(),
        "course_step_id": held.course_step_id,
        "student_package_id": held.student_package_id,
        "metadata": held.metadata,
        "payment_status": str(held.payment_status),
        "change_until": until.change.isoformat(),
        "cancel_until": until.cancel.isoformat(),
    }


def progress_facts(step: Step) -> dict[str, Any]:
    """The progress row as it stands now."""
    return {
        "id": step.progress_id,
        "course_step_id": step.course_step_id,
        "status": str(step.progress_status),
        "booking_id": step.booking_id,
        "booked_at": step.booked_at.isoformat() if step.booked_at else None,
    }


def seated_facts(desk: Desk, held: Held, step: Step) -> dict[str, Any]:
    """What booking, changing and cancelling a step result in."""
    return {"booking": booking_facts(desk, held), "progress": progress_facts(step)}


def entry_facts(entry: Entry, position: int) -> dict[str, Any]:
    """The place on the waitlist; `position` 1 is promoted next."""
    return {
        "id": entry.id,
        "course_step_option_id": entry.course_step_option_id,
        "session_id": entry.session_id,
        "position": position,
        "joined_at": entry.joined_at.isoformat(),
    }


def session_facts(session: Seats) -> dict[str, Any]:
    """The session as staff see it in a result."""
    return {
        "id": session.id,
        "group_class_id": session.group_class_id,
        "group_class_name": session.group_class_name,
        "start_at": session.start_at.isoformat(),
        "end_at": session.end_at.isoformat(),
        "capacity_max": session.capacity_max,
        "seats_taken": session.seats_taken,
        "status": str(session.status),
    }
