"""The use case “move a session”: its bookings move along, but for those that now collide."""

from dataclasses import replace
from datetime import datetime

from models.cancelling_session import release
from models.choosing import judge_coming, session_about
from models.desk import Desk, Held, Job, Seats
from models.facts import session_facts
from models.judging import judge_free_time
from models.letter_topics import LetterTopic
from models.refusal import Refusal
from models.seating import note_rebooked, promise_free_seats
from models.telling import announce_session, tell_moved
from models.verdict import Affected, Verdict, affecting, refused


def move_session(desk: Desk, job: Job) -> Verdict:
    """Give the session another time; whom it now overlaps with another seat is released."""
    session = session_about(desk, job)
    if isinstance(session, Refusal):
        return refused(job, session)
    before = replace(session)
    session.start_at = datetime.fromisoformat(job.request["start_at"])
    session.end_at = datetime.fromisoformat(job.request["end_at"])
    refusal = judge_coming(desk, session)
    if refusal is not None:
        return refused(job, refusal)
    desk.changes.sessions[session.id] = session
    seats = desk.seats_in(session)
    affected = [_move_along(desk, job, held, before) for held in seats]
    promise_free_seats(desk, session)
    booking_ids = [held.booking_id for held in seats]
    announce_session(desk, job, session, booking_ids, before)
    return affecting(job, affected, {"session": session_facts(session)})


def _move_along(desk: Desk, job: Job, held: Held, before: Seats) -> Affected:
    session = desk.sessions[held.session_id]
    others = [other for other in desk.held_by(held.user_id) if other is not held]
    if judge_free_time(others, session) is not None:
        return release(desk, job, held, LetterTopic.BOOKING_RELEASED)
    held.start_at, held.end_at = session.start_at, session.end_at
    # whom the new time doesn't suit may leave until the very start
    held.change_until = held.cancel_until = session.start_at
    held.calendar_sequence += 1
    note_rebooked(desk, held)
    desk.changes.moved.append(held)
    tell_moved(desk, job, held, before)
    return Affected(held.user_id, held.booking_id, "MOVED")
