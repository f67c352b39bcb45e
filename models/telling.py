"""What a decision owes to the outside: mails to students, and events.

Written into the outbox in the transaction of the decision, so that nothing is told of work that
was rolled back and nothing decided stays untold.
"""

from datetime import datetime
from typing import Any

from models.desk import Desk, Entry, Held, Job, Seats
from models.event_types import EventType
from models.instants import print_instant
from models.letter_topics import LetterTopic
from models.outbox_rows import About, event_row, mail_row


def tell_booked(desk: Desk, job: Job, held: Held) -> None:
    """A seat was taken."""
    _mail(desk, LetterTopic.BOOKING_CONFIRMED, _of(job, held), {"booking_id": held.booking_id})
    _step_event(desk, job, EventType.STEP_BOOKED, held)


def tell_changed(desk: Desk, job: Job, held: Held, before: Held, *, promoted: bool = False) -> None:
    """A seat was swapped for another, by the student or by a promotion."""
    payload = {"booking_id": held.booking_id, "previous_booking_id": before.booking_id}
    letter = LetterTopic.WAITLIST_PROMOTED if promoted else LetterTopic.BOOKING_CHANGED
    _mail(desk, letter, _of(job, held), payload)
    event = EventType.STEP_PROMOTED if promoted else EventType.STEP_CHANGED
    previous = {
        "previousSessionId": before.session_id,
        "previousBookingId": before.booking_id,
    }
    _step_event(desk, job, event, held, **previous)


def tell_promoted(desk: Desk, job: Job, held: Held) -> None:
    """Somebody who waited without a seat for the step has one."""
    _mail(desk, LetterTopic.WAITLIST_PROMOTED, _of(job, held), {"booking_id": held.booking_id})
    _step_event(desk, job, EventType.STEP_PROMOTED, held)


def tell_cancelled(
    desk: Desk, job: Job, held: Held, topic: LetterTopic = LetterTopic.BOOKING_CANCELLED
) -> dict[str, Any]:
    """A seat was given back; returns the mail's payload, to which alternatives may be added."""
    payload: dict[str, Any] = {"booking_id": held.booking_id}
    _mail(desk, topic, _of(job, held), payload)
    _step_event(desk, job, EventType.STEP_CANCELLED, held)
    return payload


def tell_waitlisted(desk: Desk, job: Job, entry: Entry) -> None:
    """Somebody joined a waitlist."""
    about = _of(job, entry)
    _mail(desk, LetterTopic.WAITLIST_JOINED, about, {"waitlist_entry_id": entry.id})
    data = {
        "studentId": entry.user_id,
        "packageId": entry.student_package_id,
        "stepId": entry.course_step_id,
        "bookingId": None,
        "sessionId": entry.session_id,
    }
    _event(desk, EventType.STEP_WAITLISTED, about, data)


def tell_waited_in_vain(desk: Desk, job: Job, entry: Entry) -> None:
    """What somebody waited for won't take place."""
    about = _of(job, entry)
    _mail(desk, LetterTopic.WAITLIST_ENDED, about, {"waitlist_entry_id": entry.id})


def tell_moved(desk: Desk, job: Job, held: Held, before: Seats) -> None:
    """The session of a seat takes place at another time."""
    payload = {
        "booking_id": held.booking_id,
        "previous_start_at": before.start_at.isoformat(),
        "previous_end_at": before.end_at.isoformat(),
    }
    _mail(desk, LetterTopic.SESSION_MOVED, _of(job, held), payload)


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
        _event(desk, EventType.SESSION_CANCELLED, About(booking_job_id=job.id), data)
        return
    data["previousStartAt"] = print_instant(before.start_at)
    data["previousEndAt"] = print_instant(before.end_at)
    _event(desk, EventType.SESSION_MOVED, About(booking_job_id=job.id), data)


def tell_outcome(desk: Desk, job: Job, topic: LetterTopic) -> None:
    """What became of a request, to whom it is about; the letter reads the job."""
    desk.changes.messages.append(outcome_mail(job, topic, desk.now))


def outcome_mail(job: Job, topic: LetterTopic, now: datetime) -> dict[str, Any]:
    """The same as a row of the outbox, for a job that was decided without a desk."""
    return mail_row(topic, _of(job, job), {"booking_job_id": str(job.id)}, now)


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
    _event(desk, topic, _of(job, held), data)


def _of(job: Job, what: Held | Entry | Job) -> About:
    return About(
        user_id=what.user_id,
        student_package_id=what.student_package_id,
        course_step_id=what.course_step_id,
        booking_job_id=job.id,
    )


def _mail(desk: Desk, topic: LetterTopic, about: About, payload: dict[str, Any]) -> None:
    desk.changes.messages.append(mail_row(topic, about, payload, desk.now))


def _event(desk: Desk, topic: EventType, about: About, data: dict[str, Any]) -> None:
    desk.changes.messages.append(event_row(topic, about, data, desk.now))
