"""The use case “set a session's capacity”; who waits for it gets the seats that are added."""

from models.choosing import session_about
from models.desk import Desk, Job
from models.facts import session_facts
from models.promoting import promote_into
from models.refusal import Refusal, RefusalCode
from models.seating import promise_free_seats
from models.verdict import Affected, Verdict, affecting, refused


def set_capacity(desk: Desk, job: Job) -> Verdict:
    """Set how many seats the session has, never below those taken.

    A dry run promotes at once, so that it can say whom.
    """
    session = session_about(desk, job)
    if isinstance(session, Refusal):
        return refused(job, session)
    if job.request["capacity_max"] < session.seats_taken:
        detail = f"{session.seats_taken} seats of session {session.id} are taken"
        return refused(job, Refusal(RefusalCode.CAPACITY_TOO_LOW, detail))
    session.capacity_max = job.request["capacity_max"]
    desk.changes.sessions[session.id] = session
    promise_free_seats(desk, session)
    affected = []
    if job.is_dry_run and session.id in desk.promised:
        affected = [
            Affected(entry.user_id, held.replaces_booking_id, "PROMOTED")
            for entry, held in promote_into(desk, job, session).seated
        ]
    return affecting(job, affected, {"session": session_facts(session)})
