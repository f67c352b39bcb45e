"""The use case “cancel a session”: seats are freed, everybody is told and offered others."""

from models.catalog import SessionStatus
from models.choosing import session_about
from models.desk import Desk, Held, Job, Seats
from models.facts import session_facts
from models.letter_topics import LetterTopic
from models.refusal import Refusal
from models.seating import end_entry, free_seat
from models.telling import announce_session, tell_cancelled, tell_waited_in_vain
from models.verdict import Affected, Verdict, affecting, refused
from models.waitlist import EndReason, WaitlistStatus
from models.wish import wish_for_another


def cancel_session(desk: Desk, job: Job) -> Verdict:
    """Cancel the session with all that holds a seat of it or waits for one."""
    session = session_about(desk, job)
    if isinstance(session, Refusal):
        return refused(job, session)
    session.status = SessionStatus.CANCELLED
    desk.changes.sessions[session.id] = session
    seats = desk.seats_in(session)
    affected = [release(desk, job, held, LetterTopic.SESSION_CANCELLED) for held in seats]
    _end_line(desk, job, session)
    booking_ids = [held.booking_id for held in seats]
    announce_session(desk, job, session, booking_ids)
    return affecting(job, affected, {"session": session_facts(session)})


def release(desk: Desk, job: Job, held: Held, topic: LetterTopic) -> Affected:
    """Free somebody's seat because of what staff did, tell them, and look for other sessions."""
    free_seat(desk, job, held, job.request["reason"])
    affected = Affected(
        held.user_id, held.booking_id, "CANCELLED", wish_for_another(desk, held, job.submitted_at)
    )
    # filled in when the alternatives are known, before the message is written
    tell_cancelled(desk, job, held, topic)["alternatives"] = affected.alternatives
    return affected


def _end_line(desk: Desk, job: Job, session: Seats) -> None:
    for entry in list(desk.entries.values()):
        if entry.session_id == session.id and entry.ended_at is None:
            end_entry(desk, entry, WaitlistStatus.ENDED, EndReason.SESSION_CANCELLED)
            tell_waited_in_vain(desk, job, entry)
