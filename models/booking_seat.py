"""The use case “book a seat”: staff seat somebody without package and step."""

from models.booking import BookingType
from models.choosing import judge_coming
from models.desk import Desk, Job
from models.facts import booking_facts
from models.judging import judge_free_time, judge_no_seat_there, judge_room
from models.refusal import Refusal, RefusalCode
from models.seating import seat_person
from models.telling import tell_booked
from models.verdict import Verdict, done, refused


def book_seat(desk: Desk, job: Job) -> Verdict:
    """Seat the person in the session as a drop-in or for a workshop, or say why not."""
    session_id = job.session_id
    session = desk.sessions.get(session_id or 0)
    if job.user_id not in desk.people - desk.erased:
        return refused(job, Refusal(RefusalCode.STUDENT_INVALID, f"there is no user {job.user_id}"))
    if session is None:
        detail = f"there is no session {session_id}"
        return refused(job, Refusal(RefusalCode.SESSION_INVALID, detail))
    seats = desk.held_by(job.user_id)
    refusal = (
        judge_coming(desk, session)
        or judge_no_seat_there(seats, session)
        or judge_free_time(seats, session)
        or judge_room(desk, session)
    )
    if refusal is not None:
        return refused(job, refusal)
    held = seat_person(desk, job, job.user_id, session, BookingType(job.request["booking_type"]))
    tell_booked(desk, job, held)
    return done(job, {"booking": booking_facts(desk, held), "progress": None})
