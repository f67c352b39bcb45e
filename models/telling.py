"""What a decision owes to the outside: mails to students, and events.

Written into the outbox in the transaction of the decision, so that nothing is told of work that
was rolled back and nothing decided stays untold.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.desk import Desk, Entry, Held, Job, Seats
from models.event_types import EventType
from models.instants import print_instant
from models.new_id import new_id
from models.outbox import OutboxKind


@dataclass(frozen=True, slots=True)
class _About:
    """Whom and which package step a message is about; messages about one step leave in order."""

    user_id: int | None = None
    package_id: int | None = None
    step_id: int | None = None


def tell_booked(desk: Desk, job: Job, held: Held) -> None:
    """A seat was taken."""
    _mail(desk, job, "booking_confirmed", _of(held), {"booking_id": held.booking_id})
    _step_event(desk, job, EventType.STEP_BOOKED, held)


def tell_changed(desk: Desk, job: Job, held: Held, before: Held, *, promoted: bool = False) -> None:
    """A seat was swapped for another, by the student or by a promotion."""
    payload = {"booking_id": held.booking_id, "previous_booking_id": before.booking_id}
    _mail(desk, job, "waitlist_promoted" if promoted else "booking_changed", _of(held), payload)
    topic = EventType.STEP_PROMOTED if promoted else EventType.STEP_CHANGED
    previous = {
        "previousSessionId": before.session_id,
        "previousBookingId": before.booking_id,
    }
    _step_event(desk, job, topic, held, **previous)


def tell_promoted(desk: Desk, job: Job, held: Held) -> None:
    """Somebody who waited without a seat for the step has one."""
    _mail(desk, job, "waitlist_promoted", _of(held), {"booking_id": held.booking_id})
    _step_event(desk, job, EventType.STEP_PROMOTED, held)


def tell_cancelled(
    desk: Desk, job: Job, held: Held, topic: str = "booking_cancelled"
) -> dict[str, Any]:
    """A seat was given back; returns the mail's payload, to which alternatives may be added."""
    payload: dict[str, Any] = {"booking_id": held.booking_id}
    _mail(desk, job, topic, _of(held), payload)
    _step_event(desk, job, EventType.STEP_CANCELLED, held)
    return payload


def tell_waitlisted(desk: Desk, job: Job, entry: Entry) -> None:
    """Somebody joined a waitlist."""
    about = _About(entry.user_id, entry.student_package_id, entry.course_step_id)
    _mail(desk, job, "waitlist_joined", about, {"waitlist_entry_id": entry.id})
    data = {
        "studentId": entry.user_id,
        "packageId": entry.student_package_id,
        "stepId": entry.course_step_id,
        "bookingId": None,
        "sessionId": entry.session_id,
    }
    _event(desk, job, EventType.STEP_WAITLISTED, about, data)


def tell_waited_in_vain(desk: Desk, job: Job, entry: Entry) -> None:
    """What somebody waited for won't take place."""
    about = _About(entry.user_id, entry.student_package_id, entry.course_step_id)
    _mail(desk, job, "waitlist_ended", about, {"waitlist_entry_id": entry.id})


def tell_moved(desk: Desk, job: Job, held: Held, before: Seats) -> None:
    """The session of a seat takes place at another time."""
    payload = {
        "booking_id": held.booking_id,
        "previous_start_at": before.start_at.isoformat(),
        "previous_end_at": before.end_at.isoformat(),
    }
    _mail(desk, job, "session_moved", _of(held), payload)


def announce_session(
    desk: Desk, job: Job, session: Seats, booking_ids: list[int], before: Seats | None = None
) -> None:
    """A session was cancelled, or moved from where it was `before`: one event for all."""
    data: dict[str, Any] = {
        "sessionId": session.id,
        "startAt": print_instant(session.start_at),
        "endAt": print_instant(session.end_at),
        "reason": job.request["reason"],
        "bookingIds": booking_ids,
    }
    if before is None:
        _event(desk, job, EventType.SESSION_CANCELLED, _About(), data)
        return
    data["previousStartAt"] = print_instant(before.start_at)
    data["previousEndAt"] = print_instant(before.end_at)
    _event(desk, job, EventType.SESSION_MOVED, _About(), data)


def tell_outcome(desk: Desk, job: Job, topic: str) -> None:
    """What became of a request, to whom it is about; the letter reads the job."""
    desk.changes.messages.append(outcome_mail(job, topic, desk.now))


def outcome_mail(job: Job, topic: str, now: datetime) -> dict[str, Any]:
    """The same as a row of the outbox, for a job that was decided without a desk."""
    about = _About(job.user_id, job.student_package_id, job.course_step_id)
    payload = {"booking_job_id": str(job.id)}
    return _row(job, about, now, {"kind": OutboxKind.MAIL, "topic": topic, "payload": payload})


def _of(held: Held) -> _About:
    return _About(held.user_id, held.student_package_id, held.course_step_id)


def _step_event(desk: Desk, job: Job, topic: EventType, held: Held, **previous: int) -> None:
    if held.course_step_id is None:
        # the events are about course steps; a drop-in or workshop is none
        return
    data = {
        "studentId": held.user_id,
        "packageId": held.student_package_id,
        "stepId": held.course_step_id,
        "bookingId": held.booking_id,
        "sessionId": held.session_id,
        **previous,
    }
    _event(desk, job, topic, _of(held), data)


def _mail(desk: Desk, job: Job, topic: str, about: _About, payload: dict[str, Any]) -> None:
    _add(desk, job, about, {"kind": OutboxKind.MAIL, "topic": topic, "payload": payload})


def _event(desk: Desk, job: Job, topic: EventType, about: _About, data: dict[str, Any]) -> None:
    _add(desk, job, about, {"kind": OutboxKind.EVENT, "topic": topic, "payload": data})


def _add(desk: Desk, job: Job, about: _About, message: dict[str, Any]) -> None:
    desk.changes.messages.append(_row(job, about, desk.now, message))


def _row(job: Job, about: _About, now: datetime, message: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": new_id(),
        "user_id": about.user_id,
        "student_package_id": about.package_id,
        "course_step_id": about.step_id,
        "booking_job_id": job.id,
        "created_at": now,
        **message,
    }
